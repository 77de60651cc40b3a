"""Which nodes of a map stand for many: a switch's twelve computers are one box that opens. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from inventory import SiteTopology, TopologyEdge, TopologyNode

FOLD_ENDS, FOLD_OTHERS = 5, 13  # from so many on they become one box
_ENDS = frozenset({"computer", "projector", "printer", "camera", "codec", "sensor", "other", ""})


@dataclass(frozen=True, slots=True)
class Group:
    """Nodes of one kind that hang on the same node (`upper`, "" for none that is known) and carry nothing."""

    key: str
    upper: str
    kind: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Folded:
    """`shown` are the nodes that stand for themselves; `group_of` leads from a folded node to its group."""

    shown: tuple[TopologyNode, ...]
    groups: tuple[Group, ...]
    group_of: Mapping[str, str]

    def stands_for(self, key: str) -> str:
        """The key under which a node is drawn."""
        return self.group_of.get(key, key)


def uppers_of(topology: SiteTopology) -> dict[str, list[TopologyEdge]]:
    """Node to the edges that lead upwards from it: those that are there now first, spare ones last."""
    found: dict[str, list[TopologyEdge]] = {}
    for edge in topology.edges:
        found.setdefault(edge.lower, []).append(edge)
    for edges in found.values():
        edges.sort(key=lambda edge: (not edge.is_current, edge.is_redundant, edge.upper))
    return found


def fold_nodes(topology: SiteTopology, opened: Collection[str] = ()) -> Folded:
    """Put like nodes together, except for the groups that somebody opened. Found neighbours are never folded away:
    each of them asks for a decision."""
    carrying = {edge.upper for edge in topology.edges}
    uppers = uppers_of(topology)
    bundles: dict[tuple[str, str], list[str]] = {}
    for node in topology.nodes:
        above = {edge.upper for edge in uppers.get(node.key, ())}
        if node.kind == "device" and node.key not in carrying and len(above) <= 1:
            bundles.setdefault((next(iter(above), ""), node.device_kind), []).append(node.key)
    groups = [
        Group(f"group:{upper}:{kind}", upper, kind, tuple(members))
        for (upper, kind), members in sorted(bundles.items())
        if len(members) >= (FOLD_ENDS if kind in _ENDS else FOLD_OTHERS)
    ]
    kept = tuple(group for group in groups if group.key not in opened)
    group_of = {member: group.key for group in kept for member in group.members}
    return Folded(tuple(node for node in topology.nodes if node.key not in group_of), kept, group_of)
