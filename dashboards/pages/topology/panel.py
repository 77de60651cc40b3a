"""What the panel beside the map says of the node that was chosen. Pure, but for the words of the language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.pages.devices.ports import natural
from dashboards.pages.sites.health import count_words, group_state
from dashboards.pages.topology.edges import EdgeRow
from dashboards.pages.topology.folding import fold_nodes
from dashboards.pages.topology.measuring import figures_of
from dashboards.pages.topology.scene import Knowledge, kind_of, nearest_dominators, node_label
from inventory import TopologyNode, say_evidence

SHOWN = 40  # lines of one list; the rest is counted
# Capabilities of LLDP and CDP to the kind that a new device's form begins with
_KINDS = (
    ("router", "router"), ("wlan_access_point", "ap"), ("bridge", "switch"), ("switch", "switch"),
)


@dataclass(frozen=True, slots=True)
class Fellow:
    """A node named in the panel."""

    label: str
    device_id: int | None
    state: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form of a new device begins with."""

    name: str
    kind: str
    address: str
    mac: str
    parent_device_id: int | None


@dataclass(frozen=True, slots=True)
class PanelView:
    """Everything the panel says. `dark` are those who go dark with the node, `dark_count` all of them."""

    key: str
    what: str
    label: str
    kind: str
    state: str
    node: TopologyNode | None
    above: Sequence[EdgeRow]
    below: Sequence[EdgeRow]
    below_count: int
    dark: Sequence[Fellow]
    dark_count: int
    members: Sequence[Fellow]
    member_count: int
    draft: Draft | None
    is_entry: bool = False

    def evidence(self, row: EdgeRow) -> list[str]:
        """Why the line is drawn, and what speaks against it."""
        return [say_evidence(one) for one in row.edge.evidence]


def panel_of(knowledge: Knowledge, key: str) -> PanelView | None:
    """The panel of a node or of a group; None when there is no such node any more."""
    topology = knowledge.topology
    nodes = {node.key: node for node in topology.nodes}
    node = nodes.get(key)
    if node is None:
        return _group_panel(knowledge, key)
    rows = [
        EdgeRow(edge, nodes[edge.upper], nodes[edge.lower], figures_of(edge, knowledge.measured))
        for edge in topology.edges if key in (edge.upper, edge.lower)
    ]
    below = sorted((row for row in rows if row.edge.upper == key), key=_by_port)
    above = sorted((row for row in rows if row.edge.lower == key), key=lambda row: not row.edge.is_current)
    dark = dark_with(knowledge, key)
    fellows = [_fellow(nodes[one], knowledge) for one in dark if one in nodes]
    fellows.sort(key=lambda one: natural(one.label))
    state = knowledge.states.get(node.device_id, "unknown") if node.device_id is not None else "unwatched"
    return PanelView(
        key, node.kind, node_label(node), kind_of(node), state, node, above, below[:SHOWN], len(below),
        fellows[:SHOWN], len(fellows), (), 0, _draft(node, above), node.device_id in topology.entries,
    )


def dark_with(knowledge: Knowledge, key: str) -> list[str]:
    """The nodes that cannot be reached any more when this one dies, itself not among them."""
    below: dict[str, list[str]] = {}
    for lower, upper in nearest_dominators(knowledge.topology).items():
        below.setdefault(upper, []).append(lower)
    found: list[str] = []
    todo = list(below.get(key, ()))
    for one in todo:
        found.append(one)
        todo.extend(below.get(one, ()))
    return found


def _by_port(row: EdgeRow) -> tuple[object, ...]:
    return (not row.edge.is_current, natural(row.upper_port), natural(row.lower_label))


def _fellow(node: TopologyNode, knowledge: Knowledge) -> Fellow:
    state = knowledge.states.get(node.device_id, "unknown") if node.device_id is not None else "unwatched"
    return Fellow(node_label(node), node.device_id, state)


def _draft(node: TopologyNode, above: Sequence[EdgeRow]) -> Draft | None:
    if node.kind == "device":
        return None
    parent = next((row.edge.upper_device_id for row in above if row.edge.upper_device_id is not None), None)
    if node.kind == "hub":
        return Draft("", "switch", "", "", parent)
    kind = next((kind for word, kind in _KINDS if word in node.capabilities), "other")
    return Draft(node.name, kind, node.address, node.mac, parent)


def _group_panel(knowledge: Knowledge, key: str) -> PanelView | None:
    group = next((one for one in fold_nodes(knowledge.topology).groups if one.key == key), None)
    if group is None:
        return None
    nodes = {node.key: node for node in knowledge.topology.nodes}
    members = [_fellow(nodes[one], knowledge) for one in group.members]
    members.sort(key=lambda one: (one.state == "good", natural(one.label)))
    state = group_state(count_words([one.state for one in members]))
    return PanelView(
        key, "group", "", group.kind, state, None, (), (), 0, (), 0, members[:SHOWN], len(members), None
    )
