"""Addresses and their MACs: the old ARP table (RFC 1213), the new one with IPv6 (RFC 4293), merged. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from collectors.layer2.identity import address_in, address_in_index, address_of, is_group
from collectors.layer2.ports import Ports
from collectors.layer2.walk import Column, Index
from collectors.snmp.text import mac_of
from collectors.snmp.wire import Value
from inventory import AddressSeen

OLD_MAC, OLD_TYPE = "1.3.6.1.2.1.4.22.1.2", "1.3.6.1.2.1.4.22.1.4"
NEW_MAC, NEW_TYPE, NEW_STATE = "1.3.6.1.2.1.4.35.1.4", "1.3.6.1.2.1.4.35.1.6", "1.3.6.1.2.1.4.35.1.7"
OWN_OLD = "1.3.6.1.2.1.4.20.1.2"
_INVALID_TYPE = 2
_INVALID_STATES = (5, 7)  # ipNetToPhysicalState invalid, incomplete


def old_rows(rows: Iterable[tuple[Index, Value]], kinds: Column) -> list[tuple[int, str, str]]:
    """(ifIndex, address, MAC) of ipNetToMediaTable: index ifIndex.a.b.c.d."""
    found = []
    for index, value in rows:
        mac = mac_of(value)
        if len(index) == 5 and max(index[1:]) < 256 and mac and kinds.get(index) != _INVALID_TYPE:
            found.append((index[0], address_of(bytes(index[1:])), mac))
    return found


def new_rows(rows: Iterable[tuple[Index, Value]], kinds: Column, states: Column) -> list[tuple[int, str, str]]:
    """(ifIndex, address, MAC) of ipNetToPhysicalTable: index ifIndex, address type, length, bytes."""
    found = []
    for index, value in rows:
        mac = mac_of(value)
        is_wrong = kinds.get(index) == _INVALID_TYPE or states.get(index) in _INVALID_STATES
        if len(index) > 3 and mac and not is_wrong:
            found.append((index[0], address_in_index(index[1], index[2:]), mac))
    return found


def add_rows(found: dict[tuple[str, int], AddressSeen], rows: Iterable[tuple[int, str, str]], ports: Ports) -> None:
    """Add each (address, port) once, the first row winning; multicast and broadcast are left out."""
    for number, address, mac in rows:
        if address and not is_group(mac) and (address, number) not in found:
            index = number if number in ports.by_index else None
            found[address, number] = AddressSeen(address, mac, ports.part(index), index)


def own_addresses(column: Column) -> tuple[str, ...]:
    """The device's own IPv4 addresses (ipAddrTable), loopback left out."""
    found = [address_in(".".join(map(str, index))) for index in column if len(index) == 4]
    return tuple(dict.fromkeys(one for one in found if one and not one.startswith("127.")))
