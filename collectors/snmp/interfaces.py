"""The ports of a device as people and the JSON see them (IF-MIB, RFC 2863)."""

from __future__ import annotations

from dataclasses import dataclass

from collectors.profiles import Table
from collectors.snmp.collect import Collected
from collectors.snmp.ports import PortFacts, port_keys
from collectors.snmp.text import clean_line, mac_of
from collectors.snmp.wire import Value

_NO_SPEED = 4_294_967_295  # ifSpeed: more than 32 bits can say
_UP, _UNKNOWN = 1, 4
_PRESENT = ("description", "type", "admin", "oper", "in32", "name", "in64")  # a row of one of these is a port

# IANAifType, the ones found in schools and offices
TYPES = {
    1: "other", 6: "ethernetCsmacd", 23: "ppp", 24: "softwareLoopback", 26: "ethernet3Mbit", 32: "frameRelay",
    53: "propVirtual", 62: "fastEther", 69: "fastEtherFX", 71: "ieee80211", 94: "adsl", 97: "vdsl",
    108: "pppMultilinkBundle", 117: "gigabitEthernet", 131: "tunnel", 135: "l2vlan", 136: "l3ipvlan", 142: "ipForward",
    150: "mplsTunnel",
    161: "ieee8023adLag", 166: "mpls", 169: "shdsl", 188: "radioMAC", 209: "bridge", 230: "adsl2", 238: "adsl2plus",
    243: "wwanPP", 244: "wwanPP2", 250: "gpon", 251: "vdsl2",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Interface:
    """One port. None and "" mean that the device does not say. `key` names it in series and stays when ifIndex moves.

    Octets are the raw counters, 64-bit where the row has them. `type` is IANA's name, else the number as text.
    """

    index: int
    name: str
    description: str
    alias: str
    type: str
    admin_up: bool | None
    oper_up: bool | None
    speed_bps: int | None
    in_octets: int | None
    out_octets: int | None
    mac: str
    key: str


def interfaces_of(table: Table, known: Collected) -> list[Interface]:
    """Ports in the order of ifIndex."""
    columns = {name: known.column(table.oid(name)) for name in table.columns}
    indexes = sorted({i for name in _PRESENT for i in columns[name] if i.isdigit()}, key=int)
    rows = [{name: column.get(i) for name, column in columns.items()} for i in indexes]
    facts = [
        PortFacts(int(i), clean_line(row["name"]), clean_line(row["description"]), mac_of(row["mac"]))
        for i, row in zip(indexes, rows, strict=True)
    ]
    keys = port_keys(facts)
    return [_interface(fact, row, key) for fact, row, key in zip(facts, rows, keys, strict=True)]


def _interface(fact: PortFacts, row: dict[str, Value | None], key: str) -> Interface:
    number = _int(row["type"])
    return Interface(
        index=fact.index,
        name=fact.name or fact.description,
        description=fact.description,
        alias=clean_line(row["alias"]),
        type="" if number is None else TYPES.get(number, str(number)),
        admin_up=_state(row["admin"]),
        oper_up=_state(row["oper"]),
        speed_bps=_speed(_int(row["high_speed"]), _int(row["speed"])),
        in_octets=_first(row["in64"], row["in32"]),
        out_octets=_first(row["out64"], row["out32"]),
        mac=fact.mac,
        key=key,
    )


def _int(value: Value | None) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _first(wide: Value | None, narrow: Value | None) -> int | None:
    found = _int(wide)
    return found if found is not None else _int(narrow)


def _state(value: Value | None) -> bool | None:
    code = _int(value)
    return None if code is None or code == _UNKNOWN or not 1 <= code <= 7 else code == _UP


def _speed(high: int | None, speed: int | None) -> int | None:
    """bit/s. ifHighSpeed is in Mbit/s and 0 on some devices where ifSpeed is right."""
    if high is not None and high > 0:
        return high * 1_000_000
    if speed is None or speed == _NO_SPEED:
        return None if high is None else 0 if speed is None else None
    return max(speed, 0)
