"""What the map shows of a site's graph: nodes with their state and place, lines between them, who goes dark with whom.

Pure: the graph, the states and the places come in, the drawing goes out. Texts of devices are made safe here, once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from core import gettext as _
from core import ngettext as _n
from dashboards.pages.devices.figures import brief_bits, speed_text
from dashboards.pages.devices.listing import STATE_LABELS
from dashboards.pages.devices.ports import natural
from dashboards.pages.sites.health import count_words, group_state
from dashboards.pages.topology.folding import Folded, Group, fold_nodes, uppers_of
from dashboards.pages.topology.layout import Hanging, Spot, arrange
from dashboards.pages.topology.measuring import PortFigures, figures_of
from dashboards.template_tools import seen
from inventory import DEVICE_KINDS, HOW_WORDS, SiteTopology, TopologyEdge, TopologyNode

KIND_ORDER = (
    "router", "firewall", "wlan_controller", "switch", "hub", "found", "server", "nas", "ups", "ap", "nvr", "codec",
)
KIND_ICONS = {
    "router": "router", "firewall": "wall", "switch": "stack-2", "ap": "access-point", "wlan_controller": "wifi",
    "server": "server", "computer": "device-desktop", "ups": "battery", "printer": "printer",
    "projector": "device-projector", "camera": "camera", "nvr": "device-cctv", "nas": "database",
    "sensor": "temperature", "codec": "video", "other": "server-2", "hub": "stack-2", "found": "help-hexagon",
}
LABEL_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Dot:
    """One node as it is drawn. `what` is device, hub, found or group; `dark_with` is the node without which it is not
    reached, "" for an entry or where nothing is known; `is_put`: somebody moved it there."""

    key: str
    what: str
    kind: str
    label: str
    sub: str
    state: str
    spot: Spot
    dark_with: str = ""
    is_put: bool = False
    size: int = 1

    def as_json(self) -> dict[str, Any]:
        """What the script draws."""
        word = STATE_LABELS[self.state]
        tone = "unwatched" if self.state == "unwatched" else word.tone
        return {
            "key": self.key, "what": self.what, "icon": KIND_ICONS.get(self.kind, "server-2"), "label": self.label,
            "sub": self.sub, "tone": tone, "stateIcon": word.icon, "state": str(word.label),
            "x": round(self.spot.x, 1), "y": round(self.spot.y, 1), "form": self.spot.form,
            "darkWith": self.dark_with, "isPut": self.is_put, "size": self.size,
        }


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it is drawn. `form` is stem, leaf or cross (not the line by which the lower node was placed)."""

    key: str
    upper: str
    lower: str
    label: str
    title: str
    form: str
    is_inferred: bool
    is_current: bool
    is_redundant: bool
    used: float | None
    trunk: float | None = None

    def as_json(self) -> dict[str, Any]:
        """What the script draws."""
        return {
            "key": self.key, "upper": self.upper, "lower": self.lower, "label": self.label, "title": self.title,
            "form": self.form, "isInferred": self.is_inferred, "isCurrent": self.is_current,
            "isRedundant": self.is_redundant, "trunk": self.trunk,
            "used": None if self.used is None else round(self.used, 3),
        }


@dataclass(frozen=True, slots=True)
class Scene:
    """The whole drawing."""

    dots: tuple[Dot, ...]
    lines: tuple[Line, ...]

    def as_json(self) -> dict[str, Any]:
        """What the script draws."""
        return {"nodes": [dot.as_json() for dot in self.dots], "edges": [line.as_json() for line in self.lines]}


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What the drawing is made of. `states` are words of STATES by device id."""

    topology: SiteTopology
    states: Mapping[int, str]
    measured: Mapping[tuple[int, str], PortFigures]
    places: Mapping[str, tuple[float, float]]
    language: str


def veiled(topology: SiteTopology, visible: Collection[int]) -> SiteTopology:
    """The graph without names and addresses of devices that whoever looks may not see: another unit's, above this
    site's."""
    hidden = _("A device of another unit")
    nodes = tuple(
        node if node.device_id is None or node.device_id in visible
        else replace(node, name=hidden, address="", mac="", site_id=node.site_id or 0)
        for node in topology.nodes
    )
    hidden_keys = {node.key for node in topology.nodes if node.device_id is not None and node.device_id not in visible}
    if not hidden_keys:
        return topology
    edges = tuple(
        replace(edge, evidence=()) if {edge.upper, edge.lower} & hidden_keys else edge for edge in topology.edges
    )
    return replace(topology, nodes=nodes, edges=edges)


def port_name(part: str) -> str:
    """A port as its device calls it: "if:Gi1/0/3" -> "Gi1/0/3"; radios and access points likewise."""
    return seen(part.partition(":")[2] or part, LABEL_LENGTH)


def node_label(node: TopologyNode) -> str:
    """What a node is called."""
    if node.kind == "hub":
        return _("Unmanaged switch")
    return seen(node.name or node.address or node.mac, LABEL_LENGTH) or _("Neighbour without a name")


def kind_of(node: TopologyNode) -> str:
    """The word by which a node gets its icon: a device's kind, else hub or found."""
    return node.device_kind if node.kind == "device" else node.kind


def draw(knowledge: Knowledge, opened: Collection[str] = ()) -> Scene:
    """The drawing: where people put nodes they stand, the others where the layout has room for them."""
    topology = knowledge.topology
    folded = fold_nodes(topology, opened)
    by_key = {node.key: node for node in topology.nodes}
    arranged = arrange(_hangings(topology, folded, by_key))
    spots = {
        key: replace(spot, x=knowledge.places[key][0], y=knowledge.places[key][1]) if key in knowledge.places else spot
        for key, spot in arranged.items()
    }
    dark_with = nearest_dominators(topology)
    dots = [_dot(node, knowledge, spots, dark_with) for node in folded.shown]
    dots += [_group_dot(group, knowledge, spots, by_key) for group in folded.groups]
    return Scene(tuple(dots), _lines(knowledge, folded, spots))


def names_on_map(topology: SiteTopology) -> frozenset[str]:
    """The keys of everything that can be put somewhere: nodes and groups."""
    groups = (group.key for group in fold_nodes(topology).groups)
    return frozenset((*(node.key for node in topology.nodes), *groups))


def nearest_dominators(topology: SiteTopology) -> dict[str, str]:
    """Node to the nearest node without which it is not reached, for all that lie on a way to a device; a neighbour or
    unmanaged switch that leads to no device goes dark with the only thing it hangs on."""
    found: dict[str, str] = {}
    for node in topology.nodes:
        path = topology.path_of(node.device_id) if node.device_id is not None else ()
        for above, below in pairwise(path):
            found[below] = above
    for lower, edges in uppers_of(topology).items():
        if lower not in found and not lower.startswith("device:") and len({edge.upper for edge in edges}) == 1:
            found[lower] = edges[0].upper
    return found


def _hangings(topology: SiteTopology, folded: Folded, by_key: Mapping[str, TopologyNode]) -> list[Hanging]:
    uppers = uppers_of(topology)
    entries = {f"device:{one}": number for number, one in enumerate(topology.entries)}
    found = []
    for node in folded.shown:
        above = () if node.key in entries else tuple(edge.upper for edge in uppers.get(node.key, ()))
        order = (entries.get(node.key, len(entries)), _rank(kind_of(node)), natural(node_label(node)))
        found.append(Hanging(node.key, above, order))
    for group in folded.groups:
        order = (len(entries), _rank(group.kind), natural(group.kind))
        found.append(Hanging(group.key, (group.upper,) if group.upper in by_key else (), order))
    return found


def _rank(kind: str) -> int:
    return KIND_ORDER.index(kind) if kind in KIND_ORDER else len(KIND_ORDER)


def _dot(
    node: TopologyNode, knowledge: Knowledge, spots: Mapping[str, Spot], dark_with: Mapping[str, str]
) -> Dot:
    spot = spots[node.key]
    state = knowledge.states.get(node.device_id, "unknown") if node.device_id is not None else "unwatched"
    return Dot(
        node.key, node.kind, kind_of(node), node_label(node), _sub(node, knowledge, spot, state), state, spot,
        dark_with.get(node.key, ""), node.key in knowledge.places,
    )


def _sub(node: TopologyNode, knowledge: Knowledge, spot: Spot, state: str) -> str:
    """The second line of a node: what is wrong with it, and where it is plugged in."""
    if node.kind == "hub":
        return _n("inferred · %(num)d machine", "inferred · %(num)d machines", node.mac_count)
    words = [_("not in the inventory")] if node.kind == "found" else []
    if node.kind == "device" and state not in ("good", "unwatched"):
        words.append(str(STATE_LABELS[state].label))
    port = _port_above(knowledge.topology, node.key, spot.parent)
    if port and spot.form == "leaf":
        words.append(port)
    elif not words and node.kind == "device":
        kind = _(DEVICE_KINDS.get(node.device_kind, node.device_kind))
        words.append(node.address if node.name.startswith(kind) and node.address else kind)
    return " · ".join(words)


def _port_above(topology: SiteTopology, lower: str, upper: str) -> str:
    parts = (edge.upper_part for edge in topology.edges if edge.lower == lower and edge.upper == upper)
    return port_name(next(parts, ""))


def _group_dot(
    group: Group, knowledge: Knowledge, spots: Mapping[str, Spot], by_key: Mapping[str, TopologyNode]
) -> Dot:
    ids = [by_key[member].device_id or 0 for member in group.members]
    counts = count_words([knowledge.states.get(one, "unknown") for one in ids])
    is_watched = counts["unwatched"] < len(ids)
    label = f"{len(group.members)} × {_(DEVICE_KINDS.get(group.kind, group.kind))}"
    trouble = [
        f"{counts[word]} {STATE_LABELS[word].label}" for word in ("down", "attention", "unknown") if counts[word]
    ]
    state = group_state(counts) if is_watched else "unwatched"
    sub = " · ".join(trouble) or str(STATE_LABELS[state].label)
    return Dot(
        group.key, "group", group.kind, label, sub, state, spots[group.key], group.upper,
        group.key in knowledge.places, len(group.members),
    )


def _lines(knowledge: Knowledge, folded: Folded, spots: Mapping[str, Spot]) -> tuple[Line, ...]:
    groups = {group.key for group in folded.groups}
    found: dict[str, Line] = {}
    joined: set[tuple[str, str]] = set()
    for edge in knowledge.topology.edges:
        upper, lower = folded.stands_for(edge.upper), folded.stands_for(edge.lower)
        if upper not in spots or lower not in spots or upper == lower:
            continue
        if lower in groups:
            found.setdefault(f"{upper}|{lower}", _group_line(upper, lower, edge))
            continue
        is_first = spots[lower].parent == upper and (upper, lower) not in joined
        joined.add((upper, lower))
        key = f"{upper}|{lower}|{edge.upper_part}|{edge.lower_part}"
        spot = spots[lower]
        line = _line(key, edge, spot.form if is_first else "cross", knowledge)
        found.setdefault(key, replace(line, trunk=spot.trunk if is_first else None))
    return tuple(found.values())


def _group_line(upper: str, lower: str, edge: TopologyEdge) -> Line:
    return Line(f"{upper}|{lower}", upper, lower, "", "", "leaf", is_inferred(edge), edge.is_current, False, None)


def how_text(edge: TopologyEdge) -> str:
    """How an edge is known, in words."""
    return ", ".join(_(HOW_WORDS.get(word, word)) for word in edge.how)


def is_inferred(edge: TopologyEdge) -> bool:
    """True when no device named the other and nobody entered it: drawn with dashes."""
    return not set(edge.how) & {"manual", "lldp", "cdp", "wifi"}


def _line(key: str, edge: TopologyEdge, form: str, knowledge: Knowledge) -> Line:
    figures = figures_of(edge, knowledge.measured)
    ports = [port_name(part) for part in (edge.upper_part, edge.lower_part) if part]
    details = [" – ".join(ports)] if ports else []
    if figures.speed:
        details.append(speed_text(figures.speed, knowledge.language))
    if figures.rate_in is not None or figures.rate_out is not None:
        rates = (brief_bits(figures.rate_in, knowledge.language), brief_bits(figures.rate_out, knowledge.language))
        details.append(_("in %(in_rate)s, out %(out_rate)s", in_rate=rates[0], out_rate=rates[1]))
    details.append(how_text(edge))
    if not edge.is_current:
        details.append(_("not seen any more"))
    label = port_name(edge.upper_part) if edge.upper_part and form != "leaf" else ""
    return Line(
        key, edge.upper, edge.lower, label, " · ".join(details), form, is_inferred(edge), edge.is_current,
        edge.is_redundant, figures.used,
    )
