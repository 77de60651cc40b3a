"""Reads what the graph of one site follows from."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import case, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from core import UTCDateTime
from inventory.models import (
    AddressSighting,
    Device,
    Fact,
    Link,
    MacSighting,
    Neighbour,
    OwnMac,
    Part,
    TableReading,
)
from inventory.topology.facts import AddressFact, DeviceFact, MacFact, NeighbourFact, PortName, SiteFacts
from inventory.topology.macs import mac_number

Readings = dict[int, TableReading]


def load_site(session: Session, site_id: int, now: datetime, keep: timedelta) -> SiteFacts:
    """The site's devices and what they told; of what is gone only what is not older than `keep`."""
    readings = {row.device_id: row for row in session.scalars(
        select(TableReading).join(Device, Device.id == TableReading.device_id).where(Device.site_id == site_id)
    )}
    devices = _devices(session, site_id, readings)
    oldest = now - keep
    fdb, stations = _macs(session, devices.values(), readings, oldest)
    parents = {one.parent_id for one in devices.values() if one.parent_id is not None} - devices.keys()
    elsewhere = dict(session.execute(select(Device.id, Device.name).where(Device.id.in_(parents))).all())
    return SiteFacts(
        devices, _neighbours(session, site_id, readings, oldest), fdb, stations,
        _addresses(session, site_id, readings, oldest), now, elsewhere,
    )


def _devices(session: Session, site_id: int, readings: Readings) -> dict[int, DeviceFact]:
    own: dict[int, set[int]] = defaultdict(set)
    rows = select(OwnMac.device_id, OwnMac.mac).join(Device, Device.id == OwnMac.device_id)
    for device_id, mac in session.execute(rows.where(Device.site_id == site_id)):
        own[device_id].add(mac)
    ports: dict[int, list[PortName]] = defaultdict(list)
    columns = (Part.device_id, Part.key, Part.name, Part.description, Part.alias, Part.mac, Part.index)
    wired = select(*columns).join(Device, Device.id == Part.device_id).where(
        Device.site_id == site_id, Part.kind == "if", Part.vanished_at.is_(None)
    )
    for device_id, key, name, description, alias, mac, index in session.execute(wired):
        number = mac_number(mac) if mac else None
        if number is not None:
            own[device_id].add(number)
        bare = key.removeprefix("if:")
        ports[device_id].append(PortName(f"if:{bare}", (bare, name, description, alias), number, index))
    called = dict(session.execute(
        select(Fact.device_id, Fact.value).join(Device, Device.id == Fact.device_id)
        .where(Device.site_id == site_id, Fact.name == "sysname")
    ).all())
    lines = set(session.scalars(select(Link.device_id).where(Link.site_id == site_id, Link.device_id.is_not(None))))
    found = {}
    chosen = select(Device.id, Device.kind, Device.name, Device.mac, Device.address, Device.parent_device_id)
    for device_id, kind, name, mac, address, parent_id in session.execute(chosen.where(Device.site_id == site_id)):
        entered = mac_number(mac) if mac else None
        reading = readings.get(device_id)
        addresses = {address, *(reading.own_addresses.split(",") if reading is not None else ())} - {""}
        found[device_id] = DeviceFact(
            device_id, kind, tuple(dict.fromkeys(filter(None, (name, called.get(device_id, ""))))),
            frozenset(own[device_id] | ({entered} if entered is not None else set())), entered, frozenset(addresses),
            tuple(ports[device_id]), parent_id if parent_id != device_id else None,
            reading.root_part if reading is not None else "", device_id in lines,
            reading is not None and reading.fdb_at is not None,
        )
    return found


def _neighbours(session: Session, site_id: int, readings: Readings, oldest: datetime) -> tuple[NeighbourFact, ...]:
    rows = select(Neighbour).join(Device, Device.id == Neighbour.device_id).where(
        Device.site_id == site_id, or_(Neighbour.gone_at.is_(None), Neighbour.last_seen >= oldest)
    ).order_by(Neighbour.id)
    return tuple(
        NeighbourFact(
            row.device_id, row.protocol, row.part, row.remote_name, row.remote_part, row.remote_label, row.remote_mac,
            row.remote_address, row.remote_description, tuple(filter(None, row.capabilities.split(","))),
            row.first_seen, row.last_seen if row.gone_at is not None else _read_at(readings, row.device_id,
                                                                                   "neighbours_at", row.last_seen),
            row.gone_at,
        ) for row in session.scalars(rows)
    )


def _read_at(readings: Readings, device_id: int, table: str, otherwise: datetime) -> datetime:
    reading = readings.get(device_id)
    return (getattr(reading, table) if reading is not None else None) or otherwise


def _macs(
    session: Session, devices: Collection[DeviceFact], readings: Readings, oldest: datetime
) -> tuple[tuple[MacFact, ...], tuple[MacFact, ...]]:
    """(forwarding tables, Wi-Fi clients). When each of thousands of strangers came is of no use to a graph, and reading
    it would take most of the time: theirs is when the first of them came to the port."""
    live = MacSighting.device_id.in_([one.id for one in devices]) & MacSighting.ended_at.is_(None) & or_(
        MacSighting.is_present, MacSighting.last_seen >= oldest
    )
    first = {(device_id, part): seen for device_id, part, seen in session.execute(
        select(MacSighting.device_id, MacSighting.part, func.min(MacSighting.first_seen)).where(live)
        .group_by(MacSighting.device_id, MacSighting.part)
    )}
    known = {mac for one in devices for mac in one.macs}
    came = {(device_id, part, mac): seen for device_id, part, mac, seen in session.execute(
        select(MacSighting.device_id, MacSighting.part, MacSighting.mac, MacSighting.first_seen)
        .where(live, MacSighting.mac.in_(known))
    )} if known else {}
    gone = case((MacSighting.is_present, None), else_=MacSighting.last_seen)
    columns = (MacSighting.device_id, MacSighting.part, MacSighting.mac, type_coerce(gone, UTCDateTime),
               MacSighting.access_point, MacSighting.source)
    found: dict[str, list[MacFact]] = {"fdb": [], "wifi": []}
    tables = {"fdb": "fdb_at", "wifi": "stations_at"}
    for device_id, part, mac, last_seen, access_point, source in session.execute(select(*columns).where(live)):
        first_seen = came.get((device_id, part, mac)) or first[device_id, part]
        seen = last_seen or _read_at(readings, device_id, tables[source], first_seen)
        found[source].append(MacFact(device_id, part, mac, first_seen, seen, last_seen is None, access_point))
    return tuple(found["fdb"]), tuple(found["wifi"])


def _addresses(session: Session, site_id: int, readings: Readings, oldest: datetime) -> tuple[AddressFact, ...]:
    rows = select(AddressSighting).join(Device, Device.id == AddressSighting.device_id).where(
        Device.site_id == site_id, AddressSighting.ended_at.is_(None),
        or_(AddressSighting.is_present, AddressSighting.last_seen >= oldest),
    )
    return tuple(
        AddressFact(
            row.device_id, row.part, row.address, row.mac, row.first_seen,
            _read_at(readings, row.device_id, "arp_at", row.last_seen) if row.is_present else row.last_seen,
            row.is_present,
        ) for row in session.scalars(rows)
    )


def fingerprints(session: Session, site_id: int | None = None) -> dict[int, int]:
    """Site to a number that changes when its devices do, as far as the graph cares. One site, or all."""
    columns = (Device.site_id, Device.id, Device.name, Device.kind, Device.mac, Device.address,
               Device.parent_device_id)
    query = select(*columns).order_by(Device.site_id, Device.id)
    lines = select(Link.site_id, Link.device_id).where(Link.device_id.is_not(None)).order_by(Link.site_id, Link.id)
    if site_id is not None:
        query, lines = query.where(Device.site_id == site_id), lines.where(Link.site_id == site_id)
    found: dict[int, int] = {}
    for site, *values in (*session.execute(query), *session.execute(lines)):
        found[site] = zlib.crc32(repr(values).encode(), found.get(site, 0))
    return found
