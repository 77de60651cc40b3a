"""What hangs on what at a site: the tree of devices by the way through which each is reached. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dashboards.pages.sites.health import count_words
from dashboards.status import STATES, WORST_FIRST
from inventory import Device

ALONE = 6        # more leaves of one kind on one device are drawn as one line with their number
LEVELS = 12      # deeper ones are listed on their device's page
_WORST = {STATES[number]: place for place, number in enumerate(WORST_FIRST)}


@dataclass(frozen=True, slots=True)
class Bundle:
    """Many devices of one kind that hang on the same device, with nothing on them."""

    kind: str
    counts: Mapping[str, int]
    total: int
    first: Sequence[Device]


@dataclass(frozen=True, slots=True)
class Node:
    """A device with what hangs on it."""

    device: Device
    state: str
    children: Sequence[Node]
    bundles: Sequence[Bundle]
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class Tree:
    """The tops; `loose` hang on nothing that is known. `is_known` is False when no device hangs on another."""

    tops: Sequence[Node]
    loose: Sequence[Bundle]
    is_known: bool


def tree_of(devices: Sequence[Device], state: Mapping[int, str], found: Mapping[int, int] | None = None) -> Tree:
    """The tree; `found` is device to the one above it as the network tells, for those of whom nobody entered it.
    A circle, should one stand in the tables, is cut where it is met first."""
    inside = {device.id: device for device in devices}
    above = {device.id: device.parent_device_id or (found or {}).get(device.id) for device in devices}
    below: defaultdict[int, list[Device]] = defaultdict(list)
    for device in devices:
        upper = above[device.id]
        if upper in inside and upper != device.id:
            below[upper].append(device)
    tops = [device for device in devices if above[device.id] not in inside]
    seen: set[int] = set()
    nodes = [_node(device, below, state, seen, 1) for device in tops if device.id in below]
    reached = seen | {device.id for device in tops}
    for device in devices:  # only a circle is left now
        if device.id not in reached and device.id not in seen:
            nodes.append(_node(device, below, state, seen, 1))
    loose = _bundles((device for device in tops if device.id not in below), state)
    return Tree(sorted(nodes, key=_badness), loose, bool(below))


def _node(
    device: Device, below: Mapping[int, Sequence[Device]], state: Mapping[int, str], seen: set[int], level: int
) -> Node:
    seen.add(device.id)
    own = [child for child in below.get(device.id, ()) if child.id not in seen]
    seen.update(child.id for child in own)
    if level >= LEVELS:
        return Node(device, state.get(device.id, "unknown"), (), _bundles(own, state), any(c.id in below for c in own))
    branches = [child for child in own if child.id in below]
    leaves = [child for child in own if child.id not in below]
    many = {kind for kind in {leaf.kind for leaf in leaves} if sum(leaf.kind == kind for leaf in leaves) > ALONE}
    nodes = [_node(child, below, state, seen, level + 1) for child in branches]
    nodes += [Node(leaf, state.get(leaf.id, "unknown"), (), ()) for leaf in leaves if leaf.kind not in many]
    return Node(
        device, state.get(device.id, "unknown"), sorted(nodes, key=_badness),
        _bundles((leaf for leaf in leaves if leaf.kind in many), state),
    )


def _bundles(devices: Iterable[Device], state: Mapping[int, str]) -> list[Bundle]:
    kinds: defaultdict[str, list[Device]] = defaultdict(list)
    for device in devices:
        kinds[device.kind].append(device)
    found = []
    for kind, members in kinds.items():
        members.sort(key=lambda one: _WORST[state.get(one.id, "unknown")])
        counts = count_words([state.get(one.id, "unknown") for one in members])
        found.append(Bundle(kind, counts, len(members), members[:ALONE]))
    return found


def _badness(node: Node) -> tuple[bool, int, str]:
    return (not node.children and not node.bundles, _WORST[node.state], node.device.name_key)
