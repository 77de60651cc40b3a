"""Reads the inventory as alerts need it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import select

from alerts.labels import ENDPOINT_KIND, SERVICE_KIND_OF, DeviceLabel, Labels, ServiceLabel, SiteLabel
from alerts.wifi import devices_of_points
from collectors import service_part
from core import Session
from inventory import (
    Check,
    Device,
    Endpoint,
    Link,
    MeetingServer,
    MeetingSystem,
    Part,
    Service,
    Site,
    Unit,
    endpoint_number,
    inventory_version,
    meeting_server_number,
    needed_devices,
    service_number,
    uplink_peers,
    uplinks,
)

# What people write on a port that carries a line or another device
_UPLINK_WORDS = re.compile(
    r"up-?link|\bwan\d*\b|trunk|internet|backbone|\bcore\b|router|gateway|đường truyền|cáp quang|trục|\bto[ _-]", re.I
)
# On these every wired port that works was plugged in on purpose; on switches most lead to machines people switch off
_PURPOSEFUL_KINDS = ("router", "firewall", "server", "nas", "nvr", "wlan_controller")
_WIRED = "ethernetCsmacd"
_MADE_BY_SOFTWARE = re.compile(
    r"(veth|docker|br-|virbr|vnet|tap|tun|cali|flannel|lxc|fwbr|fwln|fwpr|vmbr|bond\d+\.)", re.I
)


def load_labels(session: Session) -> Labels:
    """The inventory's names, kinds, places and hanging-on, as of now."""
    version = inventory_version(session)
    units = {unit_id: (path, name) for unit_id, path, name in session.execute(select(Unit.id, Unit.path, Unit.name))}
    isps: dict[int, list[str]] = defaultdict(list)
    line_ports: list[tuple[int, str]] = []
    for site_id, isp, device_id, key in session.execute(select(Link.site_id, Link.isp, Link.device_id, Link.part_key)):
        isps[site_id].append(isp)
        if device_id is not None and key:
            line_ports.append((device_id, key))
    sites = {}
    for site_id, name, code, unit_id in session.execute(select(Site.id, Site.name, Site.code, Site.unit_id)):
        path, unit_name = units.get(unit_id, ("/", ""))
        sites[site_id] = SiteLabel(site_id, name, path, code, unit_name, tuple(isps.get(site_id, ())))
    devices, peers = _devices(session), uplink_peers(session)
    ports, part_names = _uplinks(session, line_ports)
    for (device_id, series_part), peer in peers.items():
        port = series_part.removeprefix("if:")
        part_names.setdefault((device_id, series_part), f"{port} → {devices[peer].name}" if peer in devices else port)
    return Labels(
        devices=devices, sites=sites, units=dict(units.values()), unwatched=_unwatched(session),
        uplinks=ports | peers.keys(), part_names=part_names | _check_names(session), version=version,
        found_above=uplinks(session), peers=peers, points=devices_of_points(session),
        services=_services(session, units) | _meeting_servers(session) | _endpoints(session, sites),
    )


def _services(session: Session, units: Mapping[int, tuple[str, str]]) -> dict[int, ServiceLabel]:
    needs = needed_devices(session)
    found: dict[int, ServiceLabel] = {}
    for service_id, name, importance, unit_id in session.execute(
        select(Service.id, Service.name, Service.importance, Service.unit_id)
    ):
        number = service_number(service_id)
        devices, services = needs.get(service_id, (frozenset(), frozenset()))
        found[number] = ServiceLabel(
            number, name, SERVICE_KIND_OF.get(importance, "service"), 0, unit_path=units.get(unit_id, ("/", ""))[0],
            devices=devices, services=frozenset(service_number(one) for one in services),
        )
    return found


def _meeting_servers(session: Session) -> dict[int, ServiceLabel]:
    """Servers of meeting systems: they are the whole department's, and down with the machine they run on."""
    columns = (MeetingServer.id, MeetingServer.name, MeetingServer.kind, MeetingServer.device_id, MeetingSystem.name,
               MeetingServer.is_enabled, MeetingSystem.is_enabled)
    rows = session.execute(select(*columns).join(MeetingSystem, MeetingSystem.id == MeetingServer.system_id))
    found: dict[int, ServiceLabel] = {}
    for server_id, name, kind, device_id, system, is_on, is_system_on in rows:
        number = meeting_server_number(server_id)
        devices = frozenset() if device_id is None else frozenset({device_id})
        found[number] = ServiceLabel(
            number, f"{name} ({system})", kind, 0, interval_s=30.0, is_monitored=is_on and is_system_on, devices=devices
        )
    return found


def _endpoints(session: Session, sites: Mapping[int, SiteLabel]) -> dict[int, ServiceLabel]:
    """Rooms made ready to meet: they stand at their site, and are down with their computer or codec."""
    columns = (Endpoint.id, Endpoint.name, Endpoint.site_id, Endpoint.is_active, Endpoint.computer_id,
               Endpoint.codec_id)
    found: dict[int, ServiceLabel] = {}
    for endpoint_id, name, site_id, is_active, *needed in session.execute(select(*columns)):
        number = endpoint_number(endpoint_id)
        path = sites[site_id].unit_path if site_id in sites else "/"
        devices = frozenset(one for one in needed if one is not None)
        found[number] = ServiceLabel(
            number, name, ENDPOINT_KIND, site_id, is_monitored=is_active, unit_path=path, devices=devices
        )
    return found


def _check_names(session: Session) -> dict[tuple[int, str], str]:
    """What people call the checks of services: their names, else where they lead."""
    columns = (Check.id, Check.service_id, Check.vantage, Check.name, Check.kind, Check.target)
    rows = session.execute(select(*columns).where(Check.service_id.is_not(None)))
    return {
        (service_number(service_id), service_part(check_id, vantage)):
            name or (target if kind == "http" else f"{kind.upper()} {target}")
        for check_id, service_id, vantage, name, kind, target in rows
    }


def _devices(session: Session) -> dict[int, DeviceLabel]:
    columns = (Device.id, Device.name, Device.kind, Device.site_id, Device.vendor, Device.address, Device.interval_s,
               Device.parent_device_id, Device.is_monitored)
    return {row[0]: DeviceLabel(*row[:6], float(row[6]), *row[7:]) for row in session.execute(select(*columns))}


def _unwatched(session: Session) -> frozenset[tuple[int, str]]:
    chosen = select(Part.device_id, Part.kind, Part.key).where(Part.is_watched.is_(False))
    rows = session.execute(chosen)
    return frozenset((device_id, name) for device_id, kind, key in rows for name in _names(kind, key))


def _uplinks(
    session: Session, line_ports: Iterable[tuple[int, str]]
) -> tuple[frozenset[tuple[int, str]], dict[tuple[int, str], str]]:
    """Ports that carry a line by the books, whose label says that they carry more than one machine, or that are wired
    ports of a device on which no port is plugged in by chance."""
    found = {(device_id, name): key for device_id, key in line_ports for name in _names("if", key)}
    columns = (Part.device_id, Part.kind, Part.key, Part.name, Part.alias, Part.description)
    chosen = select(*columns).where(Part.alias != "")
    for device_id, kind, key, name, alias, description in session.execute(chosen):
        if _UPLINK_WORDS.search(f"{alias} {description}"):
            shown = f"{name or key} ({alias})"
            found.update({(device_id, series_part): shown for series_part in _names(kind, key)})
    for device_id, kind, key, name in _purposeful(session):
        for series_part in _names(kind, key):
            found.setdefault((device_id, series_part), name or key)
    return frozenset(found), found


def _purposeful(session: Session) -> Iterable[tuple[int, str, str, str]]:
    chosen = (
        select(Part.device_id, Part.kind, Part.key, Part.name).join(Device, Device.id == Part.device_id)
        .where(Device.kind.in_(_PURPOSEFUL_KINDS), Part.type == _WIRED)
    )
    return [row for row in session.execute(chosen) if not _MADE_BY_SOFTWARE.match(row[3] or row[2])]


def _names(kind: str, key: str) -> tuple[str, ...]:
    """What the series of a part may be called: its key alone or behind its kind."""
    return (key,) if key.startswith(f"{kind}:") else (f"{kind}:{key}", f"if:{key}", key)
