"""Reads the layer-2 tables of one device and says what they mean; `Layer2Reading.as_json` is part of the poll contract.

Tables follow each other, one question at a time. Long ones are turned into rows in slices, so that the loop serves
other devices between them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from collectors.layer2.bridge import Forwarding
from collectors.layer2.lldp import Heard
from collectors.layer2.ports import Ports
from collectors.layer2.walk import TOO_MANY
from inventory import AddressSeen, Layer2Report, MacSeen, StationSeen, VlanSeen

SLICE = 500  # rows; about two milliseconds of work
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Layer2Reading:
    """The report for inventory, and beside it what only the JSON and the reader's own tests show.

    `forwarding` has every row of the forwarding table, the device's own addresses included; `heard` the neighbours with
    the number by which the protocol's table calls our port.
    """

    report: Layer2Report
    ports: Ports
    heard: tuple[Heard, ...] = ()
    forwarding: tuple[Forwarding, ...] = ()
    troubles: tuple[tuple[str, str], ...] = ()  # (table or "", reason and detail)
    requests: int = 0
    timeouts: int = 0
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """neighbours, fdb and vlans of `app.py poll --topology --json`.

        `local_part` is the port's name as people know it (ifName, else ifDescr), where no port was found the
        protocol's own number. `part` is the ifIndex, null for the device's own addresses (bridge port 0); `vlan` is
        null where the device does not tell it.
        """
        return {
            "neighbours": [
                {
                    "protocol": one.seen.protocol,
                    "local_part": self.ports.label(one.seen.local_index) or str(one.local_number),
                    "remote_name": one.seen.remote_name,
                    "remote_part": one.seen.remote_part,
                    "remote_mac": one.seen.remote_mac,
                }
                for one in self.heard
            ],
            "fdb": [{"vlan": row.vlan or None, "mac": row.mac, "part": row.index} for row in self.forwarding],
            "vlans": [{"id": vlan.id, "name": vlan.name} for vlan in self.report.vlans],
        }


@dataclass(slots=True)
class Gathered:
    """What has come so far of a reading; `missing` holds the report's table names that were not read to their end, with
    the reason; `limits` what is left out each time (a limit, something this version cannot ask)."""

    ports: Ports
    heard: list[Heard] = field(default_factory=list)
    forwarding: list[Forwarding] = field(default_factory=list)
    vlans: list[VlanSeen] = field(default_factory=list)
    vtp: list[VlanSeen] = field(default_factory=list)  # the same, where Cisco keeps a forwarding table for each
    fid_vlans: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    places: dict[tuple[str, int, int], MacSeen] = field(default_factory=dict)
    arp: dict[tuple[str, int], AddressSeen] = field(default_factory=dict)
    stations: list[StationSeen] = field(default_factory=list)
    own: set[str] = field(default_factory=set)  # the device's own MACs
    chassis_mac: str = ""
    own_addresses: tuple[str, ...] = ()
    missing: dict[str, str] = field(default_factory=dict)
    limits: list[str] = field(default_factory=list)

    def lacks(self, name: str, reason: str, detail: str = "") -> None:
        """A table was cut short: the first reason counts."""
        if reason == TOO_MANY:  # the same rows come each time, in the order of the table
            self.limits.append(f"{reason} {detail}".strip())
        else:
            self.missing.setdefault(name, f"{reason} {detail}".strip())


async def slices(rows: Iterable[T]) -> AsyncIterator[list[T]]:
    """The rows in pieces of SLICE; between two pieces the loop serves others."""
    rest = iter(rows)
    while piece := list(islice(rest, SLICE)):
        yield piece
        if len(piece) == SLICE:
            await asyncio.sleep(0)
