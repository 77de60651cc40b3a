"""Puts together what is known of a device's ports: who hangs on each, who names itself there, how many are behind."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from core import Scope, Session
from core import gettext as _
from dashboards.cabling.store import edges_at, mac_counts, neighbours_at, others_named, vlans_at
from dashboards.status import Board
from dashboards.template_tools import seen
from inventory import SavedNode

LABEL_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Fellow:
    """Somebody at the other end: `device_id` None for what is not in the inventory; `port` is the other end's."""

    label: str
    device_id: int | None
    port: str
    is_above: bool


@dataclass(slots=True)
class PortUse:
    """What is known of one port. `macs` counts the addresses behind it."""

    fellows: list[Fellow] = field(default_factory=list)
    macs: int = 0


@dataclass(frozen=True, slots=True)
class Cabling:
    """By part of the device; part "" is what is not known to be on a certain port."""

    ports: Mapping[str, PortUse]
    vlans: Sequence[tuple[int, str]]

    @property
    def is_known(self) -> bool:
        """True when anything is known at all."""
        return bool(self.ports or self.vlans)

    @property
    def joined(self) -> list[tuple[str, Fellow]]:
        """(port, who is there) for all ports with somebody known, upwards first."""
        pairs = [(port_name(part), one) for part, use in self.ports.items() for one in use.fellows]
        return sorted(pairs, key=lambda pair: (not pair[1].is_above, _natural(pair[0]), pair[1].label.lower()))

    @property
    def mac_total(self) -> int:
        """Addresses behind all ports together; one behind the way up counts like any other."""
        return sum(use.macs for use in self.ports.values())

    def of(self, part: str) -> PortUse:
        """The use of a port."""
        return self.ports.get(part, _UNUSED)


_UNUSED = PortUse()


def port_name(part: str) -> str:
    """A port as its device calls it."""
    return seen(part.partition(":")[2] or part, LABEL_LENGTH)


def _natural(text: str) -> list[tuple[int, str]]:
    digits = "".join(char if char.isdecimal() else " " for char in text).split()
    return [(int(one[:9]), "") for one in digits] or [(-1, text)]


def seen_devices(board: Board, scope: Scope, device_ids: Collection[int]) -> frozenset[int]:
    """Those of the devices that whoever looks may see: a neighbour can belong to another unit."""
    if scope.is_everything:
        return frozenset(device_ids)
    ids = np.array(sorted(device_ids), np.int64)
    rows = board.fleet.rows_of(ids)
    return frozenset(ids[(rows >= 0) & board.fleet.in_scope(scope.unit_path)[rows]].tolist())


def cabling_of(session: Session, scope: Scope, board: Board, device_id: int) -> Cabling:
    """Read it: the lines of the site's map, completed by neighbours that the map does not show yet."""
    ports: dict[str, PortUse] = {}
    edges = edges_at(session, device_id)
    ends = {one for edge, *_names in edges for one in (edge.upper_device_id, edge.lower_device_id) if one is not None}
    visible = seen_devices(board, scope, ends)
    others = others_named(session, [key for edge, *_names in edges for key in (edge.upper_key, edge.lower_key)])
    for edge, upper_name, lower_name in edges:
        is_upper = edge.upper_device_id == device_id
        part, other = (edge.upper_part, edge.lower_part) if is_upper else (edge.lower_part, edge.upper_part)
        key, name, number = (
            (edge.lower_key, lower_name, edge.lower_device_id) if is_upper
            else (edge.upper_key, upper_name, edge.upper_device_id)
        )
        if number is not None and number not in visible:
            name, number = _("A device of another unit"), None
        ports.setdefault(part, PortUse()).fellows.append(
            Fellow(_label(name, others.get(key)), number, port_name(other), not is_upper)
        )
    for one in neighbours_at(session, device_id):
        use = ports.setdefault(one.part, PortUse())
        label = seen(one.remote_name or one.remote_address or one.remote_description, LABEL_LENGTH)
        if label and not use.fellows:
            use.fellows.append(Fellow(label, None, port_name(one.remote_part), False))
    for part, count in mac_counts(session, device_id).items():
        ports.setdefault(part, PortUse()).macs = count
    return Cabling(ports, vlans_at(session, device_id))


def _label(name: str | None, other: SavedNode | None) -> str:
    if name is not None:
        return seen(name, LABEL_LENGTH)
    if other is not None and other.kind == "hub":
        return _("Unmanaged switch")
    known = (other.name or other.address) if other is not None else ""
    return seen(known, LABEL_LENGTH) or _("Neighbour without a name")
