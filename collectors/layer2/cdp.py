"""Neighbours by CDP (CISCO-CDP-MIB) and in MikroTik's neighbour table (MIKROTIK-MIB). Pure; never raises."""

from __future__ import annotations

import re
from collections.abc import Mapping

from collectors.layer2.identity import address_in, mac_in, text_in
from collectors.layer2.lldp import Heard
from collectors.layer2.ports import Ports
from collectors.layer2.walk import Column
from collectors.snmp.text import clean_line, mac_of
from collectors.snmp.wire import Value
from inventory import NeighbourSeen

_CDP = "1.3.6.1.4.1.9.9.23.1.2.1.1"
CDP = {
    "address_type": f"{_CDP}.3", "address": f"{_CDP}.4", "version": f"{_CDP}.5", "device": f"{_CDP}.6",
    "port": f"{_CDP}.7", "platform": f"{_CDP}.8", "capabilities": f"{_CDP}.9", "name": f"{_CDP}.17",
}  # fmt: skip
_MNDP = "1.3.6.1.4.1.14988.1.1.11.1.1"
MNDP = {
    "address": f"{_MNDP}.2", "mac": f"{_MNDP}.3", "version": f"{_MNDP}.4", "platform": f"{_MNDP}.5",
    "name": f"{_MNDP}.6", "interface": f"{_MNDP}.8",
}  # fmt: skip
_IP_ADDRESS = 1  # CiscoNetworkProtocol ip(1); HPE says 65535 where it has none
# cdpCacheCapabilities: bits of a 32-bit number
_CAPABILITIES = {0x01: "router", 0x02: "bridge", 0x04: "bridge", 0x08: "bridge", 0x10: "station", 0x40: "repeater",
                 0x80: "telephone"}  # fmt: skip
_SERIAL = re.compile(r"\([^()]*\)$")  # NX-OS writes name(serial)


def cdp_neighbours(columns: Mapping[str, Column], ports: Ports) -> list[Heard]:
    """Every row of the CDP cache; its index is our ifIndex and a running number."""
    rows = {name: columns.get(oid, {}) for name, oid in CDP.items()}
    heard = []
    for index in sorted({*rows["device"], *rows["port"]}):
        if len(index) != 2:
            continue
        row = {name: column.get(index) for name, column in rows.items()}
        seen = _cdp_neighbour(index[0], row, ports)
        if seen.remote_id or seen.remote_part:
            heard.append(Heard(seen, index[0]))
    return heard


def _cdp_neighbour(local: int, row: Mapping[str, Value | None], ports: Ports) -> NeighbourSeen:
    mac = mac_in(row["device"])  # HPE puts an address where the name belongs
    port_mac = mac_in(row["port"])
    identity = mac or text_in(row["device"])
    platform, version = clean_line(row["platform"]), clean_line(row["version"])
    return NeighbourSeen(
        protocol="cdp",
        local_part=ports.part(local),
        local_index=local if local in ports.by_index else None,
        remote_name=clean_line(row["name"]) or ("" if mac else _SERIAL.sub("", identity).strip()),
        remote_part=port_mac or text_in(row["port"]),
        remote_mac=mac or port_mac,
        remote_address=address_in(row["address"]) if row["address_type"] in (_IP_ADDRESS, None) else "",
        remote_description=version if platform in version else f"{platform} {version}".strip(),
        capabilities=_capabilities(row["capabilities"]),
        remote_id=identity,
    )


def _capabilities(value: Value | None) -> tuple[str, ...]:
    """Four bytes, or the number as text (HPE)."""
    if not isinstance(value, bytes) or not value or len(value) > 10:
        return ()
    number = int(value) if value.isdigit() else int.from_bytes(value, "big")
    return tuple(dict.fromkeys(word for bit, word in _CAPABILITIES.items() if number & bit))


def mndp_neighbours(columns: Mapping[str, Column], ports: Ports) -> list[Heard]:
    """MikroTik's neighbours, which hold what it heard by MNDP, CDP and LLDP alike."""
    rows = {name: columns.get(oid, {}) for name, oid in MNDP.items()}
    heard = []
    for index in sorted({*rows["mac"], *rows["name"]}):
        row = {name: column.get(index) for name, column in rows.items()}
        interface = row["interface"]
        local = interface if isinstance(interface, int) else 0
        mac, name = mac_of(row["mac"]), clean_line(row["name"])
        seen = NeighbourSeen(
            protocol="mndp",
            local_part=ports.part(local),
            local_index=local if local in ports.by_index else None,
            remote_name=name,
            remote_mac=mac,
            remote_address=address_in(row["address"]),
            remote_description=f"{clean_line(row['platform'])} {clean_line(row['version'])}".strip(),
            remote_id=mac or name,
        )
        if seen.remote_id:
            heard.append(Heard(seen, local))
    return heard
