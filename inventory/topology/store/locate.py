"""Where is this MAC address, this IP address, this machine: port, since when, and where it was before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from ipaddress import ip_address

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from core import Scope
from inventory.folding import sort_key
from inventory.models import AddressSighting, Device, MacSighting, OwnMac, Part, SavedEdge, Site, TableReading
from inventory.store.lists import text_condition
from inventory.store.visibility import within
from inventory.topology.macs import is_made_up, mac_ending, mac_number, mac_range, mac_text
from inventory.topology.shapes import Location

MOST_MACS = 50


def locate(session: Session, scope: Scope, text: str, limit: int = MOST_MACS) -> list[Location]:
    """Where the machines are that the text means: a MAC address in any writing, its beginning or end (six digits, or
    four with their marks), an IP address, or the name of a device.

    The nearest known place of each; those that are there now come first.
    """
    macs = _meant(session, scope, text.strip()[:100], limit)
    return _places(session, scope, macs)[:limit] if macs else []


def mac_history(session: Session, scope: Scope, mac: str, limit: int = 100) -> list[Location]:
    """All places at which one MAC address is or was, the newest first; the way to it is left out where it is known."""
    number = mac_number(mac)
    if number is None:
        return []
    found = _sightings(session, scope, [number], is_past_wanted=True)
    nearest = [one for one in found if one.is_nearest] or found
    nearest.sort(key=lambda one: (one.is_current, one.last_seen, one.since), reverse=True)  # type: ignore[arg-type]
    return nearest[:limit]


def _meant(session: Session, scope: Scope, text: str, limit: int) -> list[int]:
    if not text:
        return []
    exact = mac_number(text)
    if exact is not None:
        return [exact]
    try:
        address = str(ip_address(text))
    except ValueError:
        pass
    else:
        return _of_address(session, scope, address, limit)
    found: list[int] = []
    span, ending = mac_range(text), mac_ending(text)
    if span is not None:
        found = _seen_macs(session, scope, lambda mac: mac.between(*span), limit)
    if not found and ending is not None:
        found = _seen_macs(session, scope, lambda mac: mac % ending[1] == ending[0], limit)
    return found or _of_name(session, scope, text, limit)


def _seen_macs(session: Session, scope: Scope, where, limit: int) -> list[int]:
    found: set[int] = set()
    for model in (MacSighting, AddressSighting, OwnMac):
        query = select(model.mac).where(where(model.mac), within(model, scope)).distinct().limit(limit)
        found.update(session.scalars(query))
    return sorted(found)[:limit]


def _of_address(session: Session, scope: Scope, address: str, limit: int) -> list[int]:
    query = select(AddressSighting.mac).where(AddressSighting.address == address, within(AddressSighting, scope))
    found = list(session.scalars(query.order_by(AddressSighting.last_seen.desc()).limit(limit)))
    devices = select(Device.id).where(Device.address == address, within(Device, scope))
    return list(dict.fromkeys(found + _macs_of_devices(session, session.scalars(devices.limit(limit)).all())))[:limit]


def _of_name(session: Session, scope: Scope, text: str, limit: int) -> list[int]:
    for where in (Device.name_key == sort_key(text), text_condition(Device, text)):
        ids = session.scalars(select(Device.id).where(where, within(Device, scope)).order_by(Device.id).limit(limit))
        found = _macs_of_devices(session, ids.all())
        if found:
            return found[:limit]
    return []


def _macs_of_devices(session: Session, ids: Iterable[int]) -> list[int]:
    """The addresses by which devices are known, one device's together; a chassis has many, few are ever seen."""
    ids = list(ids)
    entered = session.execute(select(Device.id, Device.mac).where(Device.id.in_(ids), Device.mac.is_not(None)))
    found = [number for _id, mac in entered if (number := mac_number(mac or "")) is not None]
    query = select(OwnMac.mac).where(OwnMac.device_id.in_(ids)).order_by(OwnMac.is_chassis.desc(), OwnMac.mac)
    return list(dict.fromkeys([*found, *session.scalars(query)]))


def _places(session: Session, scope: Scope, macs: list[int]) -> list[Location]:
    """One place a MAC and site: the nearest of those that are current, or else of the newest."""
    best: dict[tuple[str, int], Location] = {}
    for one in _sightings(session, scope, macs):
        known = best.get((one.mac, one.site_id))
        if known is None or _rank(one) < _rank(known):
            best[one.mac, one.site_id] = one
    return sorted(best.values(), key=lambda one: (not one.is_current, _age(one), one.mac))


def _rank(one: Location) -> tuple:
    return not one.is_current, not one.is_nearest, one.source == "arp", one.source != "wifi", _age(one)


def _age(one: Location) -> float:
    return -one.last_seen.timestamp() if one.last_seen else 0.0


def _sightings(session: Session, scope: Scope, macs: list[int], is_past_wanted: bool = False) -> list[Location]:
    columns = (MacSighting, Device.name, Device.site_id, Site.name, TableReading)
    query = (
        select(*columns).join(Device, Device.id == MacSighting.device_id).join(Site, Site.id == Device.site_id)
        .outerjoin(TableReading, TableReading.device_id == MacSighting.device_id)
        .where(MacSighting.mac.in_(macs), within(MacSighting, scope))
    )
    if not is_past_wanted:
        query = query.where(MacSighting.ended_at.is_(None))
    rows = session.execute(query).all()
    owners, addresses = _owners(session, scope, macs), _addresses(session, scope, macs)
    nearest = _nearest_of(session, [row[0] for row in rows], {row[0].id: row[2] for row in rows})
    found = []
    for sighting, device_name, site_id, site_name, reading in rows:
        is_current = sighting.is_present and sighting.ended_at is None
        read_at = None if reading is None else reading.fdb_at if sighting.source == "fdb" else reading.stations_at
        owner = owners.get(sighting.mac, (None, "", 0))
        found.append(Location(
            mac_text(sighting.mac), site_id, site_name, sighting.source, sighting.first_seen,
            read_at if is_current and read_at is not None else sighting.last_seen, is_current,
            sighting.id in nearest, sighting.device_id, device_name, sighting.part, sighting.vlan, sighting.ssid,
            sighting.access_point, addresses.get(sighting.mac, ()), owner[0], owner[1], is_made_up(sighting.mac),
        ))
    return found + _only_by_address(session, scope, set(macs) - {row[0].mac for row in rows}, owners, addresses)


def _only_by_address(session: Session, scope: Scope, macs: set[int], owners: dict, addresses: dict) -> list[Location]:
    """Machines that no switch tells of, but a router's ARP table or the inventory itself."""
    if not macs:
        return []
    query = (
        select(AddressSighting, Device.name, Device.site_id, Site.name, TableReading.arp_at)
        .join(Device, Device.id == AddressSighting.device_id).join(Site, Site.id == Device.site_id)
        .outerjoin(TableReading, TableReading.device_id == AddressSighting.device_id)
        .where(AddressSighting.mac.in_(macs), AddressSighting.ended_at.is_(None), within(AddressSighting, scope))
    )
    found = []
    for seen, device_name, site_id, site_name, read_at in session.execute(query):
        owner = owners.get(seen.mac, (None, "", 0))
        last_seen = read_at if seen.is_present and read_at is not None else seen.last_seen
        found.append(Location(
            mac_text(seen.mac), site_id, site_name, "arp", seen.first_seen, last_seen, seen.is_present, False,
            seen.device_id, device_name, seen.part, addresses=addresses.get(seen.mac, ()), owner_id=owner[0],
            owner_name=owner[1], is_made_up=is_made_up(seen.mac),
        ))
    named = {mac_number(one.mac) for one in found}
    sites = {owners[mac][2] for mac in macs - named if mac in owners}
    names = dict(session.execute(select(Site.id, Site.name).where(Site.id.in_(sites))).all()) if sites else {}
    found += [
        Location(mac_text(mac), owners[mac][2], names.get(owners[mac][2], ""), "inventory", None, None, False, False,
                 owner_id=owners[mac][0], owner_name=owners[mac][1])
        for mac in sorted(macs - named) if mac in owners
    ]
    return found


def _nearest_of(session: Session, sightings: list[MacSighting], sites: dict[int, int]) -> set[int]:
    """Ids of the sightings that are not merely on the way: not on a port that leads on to another switch, and of those
    the port with the fewest addresses. What has ended is compared with what ended."""
    devices = {one.device_id for one in sightings}
    if not devices:
        return set()
    leading = _ports_between_switches(session, devices)
    counted = (
        select(MacSighting.device_id, MacSighting.part, func.count(MacSighting.mac.distinct()))
        .where(MacSighting.device_id.in_(devices), MacSighting.part.in_({one.part for one in sightings}),
               MacSighting.is_present, MacSighting.ended_at.is_(None))
        .group_by(MacSighting.device_id, MacSighting.part)
    )
    counts = {(device, part): number for device, part, number in session.execute(counted)}
    groups: dict[tuple, list[MacSighting]] = defaultdict(list)
    for one in sightings:
        groups[one.mac, sites[one.id], one.ended_at is None, one.is_present].append(one)
    nearest: set[int] = set()
    for group in groups.values():
        at_port = [one for one in group if one.source == "wifi" or (one.device_id, one.part) not in leading]
        if not at_port:
            continue
        if group[0].ended_at is not None:
            nearest.update(one.id for one in at_port)
            continue
        least = min(at_port, key=lambda one: (one.source != "wifi", counts.get((one.device_id, one.part), 0), one.id))
        nearest.update(one.id for one in at_port if (one.device_id, one.part) == (least.device_id, least.part))
    return nearest


def _ports_between_switches(session: Session, devices: set[int]) -> set[tuple[int, str]]:
    """Ports of these devices at whose other end is a device that tells its own MAC table."""
    edges = session.execute(
        select(SavedEdge.upper_device_id, SavedEdge.upper_part, SavedEdge.lower_device_id, SavedEdge.lower_part,
               TableReading.fdb_at)
        .outerjoin(TableReading, TableReading.device_id == SavedEdge.lower_device_id)
        .where(or_(SavedEdge.upper_device_id.in_(devices), SavedEdge.lower_device_id.in_(devices)))
    )
    found: set[tuple[int, str]] = set()
    for upper, upper_part, lower, lower_part, fdb_at in edges:
        if fdb_at is not None and upper is not None:
            found.add((upper, upper_part))
        if lower is not None:
            found.add((lower, lower_part))  # the way up
    return found


def _owners(session: Session, scope: Scope, macs: list[int]) -> dict[int, tuple[int, str, int]]:
    """MAC to (device, its name, its site) of the inventory's devices."""
    own = select(OwnMac.mac, Device.id, Device.name, Device.site_id).join(Device, Device.id == OwnMac.device_id)
    found = {mac: (one, name, site) for mac, one, name, site in session.execute(
        own.where(OwnMac.mac.in_(macs), within(Device, scope)).order_by(OwnMac.is_chassis, Device.id.desc())
    )}
    # A device entered by its IP address alone: whoever answers for it, at the same site
    teller = aliased(Device)
    answering = (
        select(AddressSighting.mac, Device.id, Device.name, Device.site_id)
        .join(teller, teller.id == AddressSighting.device_id)
        .join(Device, (Device.address == AddressSighting.address) & (Device.site_id == teller.site_id))
        .where(AddressSighting.mac.in_(macs), AddressSighting.ended_at.is_(None), within(Device, scope))
    )
    for mac, one, name, site in session.execute(answering):
        found.setdefault(mac, (one, name, site))
    texts = [mac_text(mac) for mac in macs]
    ports = select(Part.mac, Device.id, Device.name, Device.site_id).join(Device, Device.id == Part.device_id)
    entered = select(Device.mac, Device.id, Device.name, Device.site_id)
    for query, column in ((ports, Part.mac), (entered, Device.mac)):
        for mac, one, name, site in session.execute(query.where(column.in_(texts), within(Device, scope))):
            number = mac_number(mac)
            if number is not None:
                found[number] = (one, name, site)
    return found


def _addresses(session: Session, scope: Scope, macs: list[int]) -> dict[int, tuple[str, ...]]:
    where: ColumnElement[bool] = AddressSighting.mac.in_(macs) & AddressSighting.ended_at.is_(None)
    found: dict[int, dict[str, None]] = defaultdict(dict)
    query = select(AddressSighting.mac, AddressSighting.address).where(where, within(AddressSighting, scope))
    for mac, address in session.execute(query.order_by(AddressSighting.last_seen.desc())):
        found[mac][address] = None
    return {mac: tuple(addresses) for mac, addresses in found.items()}
