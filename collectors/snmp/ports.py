"""Stable names for ports: ifIndex moves after restarts and upgrades, so a port's series hangs on its name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from collectors.snmp.plan import Ports
from collectors.snmp.text import clean_line
from collectors.snmp.wire import Value


class PortFacts(NamedTuple):
    """What a key is made of."""

    index: int
    name: str  # ifName
    description: str  # ifDescr
    mac: str


def port_keys(ports: Sequence[PortFacts]) -> list[str]:
    """One key for each port, unique in the device and the same after renumbering as far as the device's names allow.

    ifName, else ifDescr; where several ports share it the description, then the MAC, then the order among equals is
    added, never the ifIndex unless there is nothing else.
    """
    keys = [port.name or port.description or f"#{port.index}" for port in ports]
    for extra in ("description", "mac"):
        counts = Counter(keys)
        pairs = zip(keys, ports, strict=True)
        keys = [_more(key, getattr(port, extra)) if counts[key] > 1 else key for key, port in pairs]
    counts, seen = Counter(keys), Counter[str]()
    order = sorted(range(len(ports)), key=lambda i: ports[i].index)
    for i in order:
        if counts[keys[i]] > 1:
            seen[keys[i]] += 1
            if seen[keys[i]] > 1:
                keys[i] = _free(f"{keys[i]}~{seen[keys[i]]}", counts)
    return keys


def _more(key: str, extra: str) -> str:
    return f"{key} {extra}" if extra and extra != key else key


def _free(key: str, taken: Counter[str]) -> str:
    while taken[key]:
        key += "~"
    taken[key] += 1
    return key


def moved_ports(ports: Ports, found: Mapping[str, Value]) -> str:
    """Which port now stands where another stood, in a few words; "" when all are where they were.

    A port that is gone has not moved: its values are simply missing. When all are gone, the device counts anew.
    """
    if not found:
        return f"{len(ports.oids)}: {', '.join(f'{name} -> -' for name in ports.names[:3])}" if ports.oids else ""
    moved = [
        f"{before} -> {now}"
        for oid, before in zip(ports.oids, ports.names, strict=True)
        if oid in found and (now := clean_line(found[oid])) != before
    ]
    return f"{len(moved)}: {', '.join(moved[:3])}" if moved else ""
