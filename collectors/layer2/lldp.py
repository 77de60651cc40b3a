"""LLDP's neighbours (IEEE 802.1AB-2005 LLDP-MIB, 802.1AB-2009 LLDP-V2-MIB) from their tables. Pure; never raises."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from collectors.layer2.identity import address_in_index, mac_in, network_address, text_in
from collectors.layer2.ports import Ports
from collectors.layer2.walk import Column, Index
from collectors.snmp.text import clean_line, mac_of
from collectors.snmp.wire import Value
from inventory import NeighbourSeen

_V1, _V2 = "1.0.8802.1.1.2.1", "1.3.111.2.802.1.1.13.1"
CHASSIS_SUBTYPE, CHASSIS_ID = "chassis_subtype", "chassis_id"


@dataclass(frozen=True, slots=True)
class LldpMib:
    """Where the two generations keep the same things; `local_arcs` tells where a remote row's index holds the port."""

    name: str
    chassis_subtype: str
    chassis_id: str
    remote: Mapping[str, str]
    local: Mapping[str, str]
    addresses: str
    index_size: int
    numbers_are_indexes: bool


_REMOTE = (CHASSIS_SUBTYPE, CHASSIS_ID, "port_subtype", "port_id", "port_label", "name", "description", "supported",
           "enabled")  # fmt: skip
LLDP = LldpMib(
    "lldp", f"{_V1}.3.1.0", f"{_V1}.3.2.0", {name: f"{_V1}.4.1.1.{arc}" for arc, name in enumerate(_REMOTE, 4)},
    {"subtype": f"{_V1}.3.7.1.2", "id": f"{_V1}.3.7.1.3", "label": f"{_V1}.3.7.1.4"}, f"{_V1}.4.2.1.4", 3, False,
)  # fmt: skip
LLDP_V2 = LldpMib(
    "lldp", f"{_V2}.3.1.0", f"{_V2}.3.2.0", {name: f"{_V2}.4.1.1.{arc}" for arc, name in enumerate(_REMOTE, 5)},
    {"subtype": f"{_V2}.3.7.1.2", "id": f"{_V2}.3.7.1.3", "label": f"{_V2}.3.7.1.4"}, f"{_V2}.4.2.1.3", 4, True,
)  # fmt: skip

# LldpPortIdSubtype and LldpChassisIdSubtype
_ALIAS, _PORT_MAC, _PORT_ADDRESS, _IF_NAME = 1, 3, 4, 5
_CHASSIS_MAC, _CHASSIS_ADDRESS = 4, 5
_CAPABILITIES = ("other", "repeater", "bridge", "wlan_access_point", "router", "telephone", "docsis", "station")


@dataclass(frozen=True, slots=True)
class Heard:
    """A neighbour, and the number by which the protocol's table calls our port (LLDP port number or ifIndex)."""

    seen: NeighbourSeen
    local_number: int


def lldp_neighbours(mib: LldpMib, columns: Mapping[str, Column], ports: Ports) -> list[Heard]:
    """Every neighbour of one generation's remote table, in its order; rows without any identity are left out."""
    remote = {name: columns.get(oid, {}) for name, oid in mib.remote.items()}
    indexes = [index for index in _indexes(remote) if len(index) == mib.index_size]
    numbers = sorted({index[1] for index in indexes})
    places = {number: number for number in numbers} if mib.numbers_are_indexes else {}
    if not mib.numbers_are_indexes:
        places = local_indexes(numbers, {name: columns.get(oid, {}) for name, oid in mib.local.items()}, ports)
    addresses = _addresses(mib, columns.get(mib.addresses, {}))
    heard = []
    for index in indexes:
        row = {name: column.get(index) for name, column in remote.items()}
        seen = _neighbour(mib, row, places.get(index[1]), ports, addresses.get(index, ""))
        if seen.remote_id or seen.remote_part or seen.remote_name:
            heard.append(Heard(seen, index[1]))
    return heard


def _indexes(remote: Mapping[str, Column]) -> Iterator[Index]:
    known: dict[Index, None] = {}
    for column in remote.values():
        known.update(dict.fromkeys(column))
    return iter(sorted(known))


def _neighbour(
    mib: LldpMib, row: Mapping[str, Value | None], local: int | None, ports: Ports, address: str
) -> NeighbourSeen:
    chassis_mac = mac_of(row[CHASSIS_ID]) if row[CHASSIS_SUBTYPE] == _CHASSIS_MAC else mac_in(row[CHASSIS_ID])
    port_mac = mac_of(row["port_id"]) if row["port_subtype"] == _PORT_MAC else mac_in(row["port_id"])
    remote_id = chassis_mac or (
        network_address(row[CHASSIS_ID]) if row[CHASSIS_SUBTYPE] == _CHASSIS_ADDRESS else ""
    ) or text_in(row[CHASSIS_ID])  # fmt: skip
    port_address = network_address(row["port_id"]) if row["port_subtype"] == _PORT_ADDRESS else ""
    return NeighbourSeen(
        protocol=mib.name,
        local_part=ports.part(local),
        local_index=local if local in ports.by_index else None,
        remote_name=clean_line(row["name"]),
        remote_part=port_mac or port_address or text_in(row["port_id"]),
        remote_mac=chassis_mac or port_mac,
        remote_address=address or (remote_id if row[CHASSIS_SUBTYPE] == _CHASSIS_ADDRESS else ""),
        remote_description=clean_line(row["description"]),
        capabilities=capabilities_of(row["enabled"]) or capabilities_of(row["supported"]),
        remote_id=remote_id,
        remote_label=clean_line(row["port_label"]),
    )


def capabilities_of(value: Value | None) -> tuple[str, ...]:
    """Words of LldpSystemCapabilitiesMap; bit 0 is the highest of the first byte."""
    if not isinstance(value, bytes) or not value:
        return ()
    return tuple(word for bit, word in enumerate(_CAPABILITIES) if value[0] & 0x80 >> bit)


def _addresses(mib: LldpMib, column: Column) -> dict[Index, str]:
    """The first usable management address of each remote row; IPv4 before IPv6."""
    found: dict[Index, str] = {}
    for index in sorted(column):
        if len(index) > mib.index_size + 1:
            address = address_in_index(index[mib.index_size], index[mib.index_size + 1 :])
            if address:
                found.setdefault(index[: mib.index_size], address)
    return found


def local_indexes(numbers: list[int], local: Mapping[str, Column], ports: Ports) -> dict[int, int]:
    """LLDP port number -> ifIndex.

    The number may be an ifIndex, a bridge port or neither: the local port table's names and addresses decide. Where
    they do not, it is what it was for the ports that they did decide, else what the standard says (bridge port on a
    bridge, ifIndex otherwise).
    """
    found: dict[int, int] = {}
    votes: Counter[str] = Counter()
    for number in {*numbers, *(index[0] for index in local["id"] if len(index) == 1)}:
        place = _by_identity(number, local, ports)
        if place is not None:
            found[number] = place
            votes["index"] += place == number
            votes["bridge"] += ports.bridge.get(number) == place
    is_index = votes["index"] > votes["bridge"] or (votes["index"] == votes["bridge"] and not ports.bridge)
    for number in numbers:
        if number not in found:
            ways = (number, ports.bridge.get(number))
            place = next((one for one in (ways if is_index else ways[::-1]) if one in ports.by_index), None)
            if place is not None:
                found[number] = place
    return found


def _by_identity(number: int, local: Mapping[str, Column], ports: Ports) -> int | None:
    index = (number,)
    subtype, value = local["subtype"].get(index), local["id"].get(index)
    likely = [one for one in (number, ports.bridge.get(number)) if one is not None]
    if subtype == _PORT_MAC:
        place = ports.with_mac(mac_of(value), likely)
        if place is not None:
            return place
    else:
        text = clean_line(value)
        place = ports.named(text, likely, is_alias=subtype == _ALIAS) if text else None
        # "7" as a port's local identity is a name if a port is called so, and no ifIndex to rely upon
        if place is not None:
            return place
    label = clean_line(local["label"].get(index))
    return ports.named(label, likely) if label else None
