"""Takes in what a device told of the network around it: writes only what changed, and tells what people want to know.

What is present in a table was last seen when the table was last read: an unchanged report writes one row.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from inventory.models import AddressSighting, Device, DeviceVlan, OwnMac, TableReading
from inventory.parsing import tamed
from inventory.topology.macs import mac_number
from inventory.topology.report import Layer2Report
from inventory.topology.shapes import Layer2Change
from inventory.topology.store.marking import mark_changed
from inventory.topology.store.neighbours import record_neighbours
from inventory.topology.store.news import mac_news
from inventory.topology.store.sightings import record_sightings

MOST_ROWS, MOST_NEIGHBOURS = 50_000, 2_000  # of one device


def record_layer2(session: Session, device_id: int, report: Layer2Report, now: datetime) -> list[Layer2Change]:
    """Keep a reading of a device's slow tables; gives back new and moved MACs, neighbours that came and went.

    The first reading of a table is silent. A table named in `missing` stays as it was.
    """
    site_id = session.scalar(select(Device.site_id).where(Device.id == device_id))
    if site_id is None:
        return []
    reading = session.get(TableReading, device_id)
    if reading is None:
        reading = TableReading(device_id=device_id)
        session.add(reading)
        session.flush()
    with session.no_autoflush:  # nothing that is written here is read again before the end
        changes, is_urgent, has_changed = _record_tables(session, (site_id, device_id), report, (reading, now))
    if is_urgent or has_changed:
        mark_changed(session, site_id, now, is_urgent)
    session.flush()
    return changes


def _record_tables(
    session: Session, place: tuple[int, int], report: Layer2Report, moment: tuple[TableReading, datetime]
) -> tuple[list[Layer2Change], bool, bool]:
    """(what is news, whether a neighbour or the device itself changed, whether anything else did)."""
    (site_id, device_id), (reading, now) = place, moment
    changes: list[Layer2Change] = []
    is_urgent = _record_own_macs(session, device_id, report)
    has_changed = False
    is_urgent |= _keep_traits(reading, report)
    if "neighbours" not in report.missing:
        news, is_different = record_neighbours(
            session, device_id, report.neighbours[:MOST_NEIGHBOURS], (reading.neighbours_at, now)
        )
        changes += news
        is_urgent |= is_different
        reading.neighbours_at = now
    for table, source, seen in _mac_tables(report):
        if table in report.missing:
            continue
        before = reading.fdb_at if source == "fdb" else reading.stations_at
        found = record_sightings(session, (device_id, source), seen, (before, now))
        has_changed |= found.is_different
        if before is not None:
            changes += mac_news(session, (site_id, device_id, source), found, now)
        setattr(reading, f"{table}_at", now)
    if "arp" not in report.missing:
        has_changed |= _record_addresses(session, device_id, report, (reading.arp_at, now))
        reading.arp_at = now
    if "vlans" not in report.missing:
        _record_vlans(session, device_id, report)
        reading.vlans_at = now
    return changes, is_urgent, has_changed


def _mac_tables(report: Layer2Report) -> Iterable[tuple[str, str, dict[tuple[int, int, str], tuple[str, str]]]]:
    """(table, source, (mac, vlan, part) -> (ssid, access point)) of the two tables that say where a MAC is."""
    own = {mac_number(mac) for mac in (*report.own_macs, report.chassis_mac)}
    fdb: dict[tuple[int, int, str], tuple[str, str]] = {}
    for row in report.fdb[:MOST_ROWS]:
        mac = mac_number(row.mac)
        if mac is not None and mac not in own and row.part:
            fdb[mac, row.vlan, row.part[:255]] = ("", "")
    yield "fdb", "fdb", fdb
    stations: dict[tuple[int, int, str], tuple[str, str]] = {}
    for station in report.stations[:MOST_ROWS]:
        mac = mac_number(station.mac)
        if mac is not None:
            stations[mac, 0, station.part[:255]] = (tamed(station.ssid, 64), tamed(station.access_point, 255))
    yield "stations", "wifi", stations


def _keep_traits(reading: TableReading, report: Layer2Report) -> bool:
    addresses = ",".join(sorted(set(report.own_addresses)))[:1024] or reading.own_addresses
    root_part = report.root_part[:255]
    is_different = (reading.own_addresses, reading.root_part) != (addresses, root_part)
    reading.own_addresses, reading.root_part = addresses, root_part
    return is_different


def _record_own_macs(session: Session, device_id: int, report: Layer2Report) -> bool:
    chassis = mac_number(report.chassis_mac)
    told = {mac: mac == chassis for text in report.own_macs if (mac := mac_number(text)) is not None}
    if chassis is not None:
        told[chassis] = True
    if not told:
        return False  # a device that tells none of them still has them
    query = select(OwnMac.mac, OwnMac.is_chassis).where(OwnMac.device_id == device_id)
    known = dict(session.execute(query).all())
    if told == known:
        return False
    session.execute(delete(OwnMac).where(OwnMac.device_id == device_id))
    session.execute(insert(OwnMac), [
        {"device_id": device_id, "mac": mac, "is_chassis": is_chassis} for mac, is_chassis in told.items()
    ])
    return True


def _record_addresses(
    session: Session, device_id: int, report: Layer2Report, moments: tuple[datetime | None, datetime]
) -> bool:
    before, now = moments
    told: dict[tuple[str, int], str] = {}
    for row in report.arp[:MOST_ROWS]:
        mac = mac_number(row.mac)
        if mac is not None and row.address:
            told[row.address[:64], mac] = row.part[:255]
    columns = (AddressSighting.id, AddressSighting.address, AddressSighting.mac, AddressSighting.is_present)
    live = select(*columns).where(AddressSighting.device_id == device_id, AddressSighting.ended_at.is_(None))
    taken = {address for address, _mac in told}
    edits: list[dict[str, object]] = []
    known = set()
    for row_id, address, mac, is_present in session.execute(live):
        known.add((address, mac))
        is_told = (address, mac) in told
        if is_told and not is_present:
            edits.append({"id": row_id, "is_present": True})
        elif not is_told and (is_present or address in taken):
            edit: dict[str, object] = {"id": row_id, "is_present": False}
            if is_present and before is not None:
                edit["last_seen"] = before
            edits.append(edit | ({"ended_at": now} if address in taken else {}))
    for edit in edits:
        session.execute(update(AddressSighting).where(AddressSighting.id == edit.pop("id")).values(**edit))
    fresh = [
        {"device_id": device_id, "address": address, "mac": mac, "part": part, "first_seen": now, "last_seen": now,
         "is_present": True}
        for (address, mac), part in told.items() if (address, mac) not in known
    ]
    if fresh:
        session.execute(insert(AddressSighting), fresh)
    return bool(fresh or edits)


def _record_vlans(session: Session, device_id: int, report: Layer2Report) -> None:
    told = {vlan.id: tamed(vlan.name, 255) for vlan in report.vlans if 0 <= vlan.id <= 4095}
    query = select(DeviceVlan.vlan, DeviceVlan.name).where(DeviceVlan.device_id == device_id)
    if dict(session.execute(query).all()) == told:
        return
    session.execute(delete(DeviceVlan).where(DeviceVlan.device_id == device_id))
    if told:
        session.execute(insert(DeviceVlan), [
            {"device_id": device_id, "vlan": vlan, "name": name} for vlan, name in told.items()
        ])
