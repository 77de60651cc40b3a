"""Builds the graph of one site from what is known of it. Pure: the same facts give the same graph."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import networkx as nx

from inventory.topology.bridging import Placing, heard_at, read_tables, table_edges, wifi_edges
from inventory.topology.direction import Directed, devices_above, direct
from inventory.topology.facts import BRIDGING, ENTRY_KINDS, STEADY, Draft, FoundNode, SiteFacts
from inventory.topology.matching import Finder
from inventory.topology.segments import neighbour_edges
from inventory.topology.shapes import HOW, Evidence, TopologyEdge

_NETWORK_WORDS = {"bridge", "router", "wlan_access_point", "repeater"}


@dataclass(frozen=True, slots=True)
class BuiltGraph:
    """What is saved of a site: edges, the nodes that are no devices, the entries, and device to devices above it."""

    edges: tuple[TopologyEdge, ...] = ()
    nodes: tuple[FoundNode, ...] = ()
    entries: tuple[int, ...] = ()
    above: Mapping[int, tuple[int, ...]] | None = None


def build_topology(facts: SiteFacts) -> BuiltGraph:
    """Neighbours first, then Wi-Fi, MAC tables and ARP for whom nobody names, and what people entered over all."""
    finder = Finder(facts.devices, facts.addresses)
    drafts, nodes = neighbour_edges(facts, finder)
    named = {end[0] for edge in drafts if edge.is_current for end in (edge.a, edge.b)}
    drafts += [edge for edge in wifi_edges(facts, finder) if edge.b[0] not in named]
    entries = choose_entries(facts, drafts)
    drafts = _with_tables(facts, finder, drafts, (entries, nodes))
    _name_entered_hubs(facts, drafts, nodes)
    drafts = _with_parents(facts, drafts, entries)
    directed = direct(drafts, [f"device:{one}" for one in entries])
    above = devices_above(drafts, directed)
    above = {one: uppers for one, uppers in above.items() if one in facts.devices}
    for device in facts.devices.values():
        if device.parent_id is not None:
            above[device.id] = (device.parent_id,)
    used = {end[0] for edge in drafts for end in (edge.a, edge.b)}
    return BuiltGraph(
        tuple(_finished(edge, number, facts, (nodes, directed)) for number, edge in enumerate(drafts)),
        tuple(nodes[key] for key in sorted(nodes.keys() & used)), entries, above,
    )


def choose_entries(facts: SiteFacts, drafts: list[Draft]) -> tuple[int, ...]:
    """Where the site is reached: the devices on which a line is measured; else its routers and firewalls; else who
    knows the most IP addresses; else the switch with the most neighbours or MAC addresses."""
    free = [one for one in facts.devices.values() if one.parent_id is None]
    lines = [one.id for one in free if one.has_line]
    if lines:
        return tuple(sorted(lines))
    routers = [one.id for one in free if one.kind in ENTRY_KINDS]
    if routers:
        degree = Counter(end[0] for edge in drafts for end in (edge.a, edge.b))
        return tuple(sorted(routers, key=lambda one: (-degree[f"device:{one}"], one)))
    bridges = {one.id for one in free if one.kind in BRIDGING}
    for tellers in (
        Counter(row.device_id for row in facts.addresses if row.device_id in bridges),
        Counter(int(end[0].removeprefix("device:")) for edge in drafts for end in (edge.a, edge.b)
                if end[0].startswith("device:") and int(end[0].removeprefix("device:")) in bridges),
        Counter(row.device_id for row in facts.fdb if row.device_id in bridges),
    ):
        if tellers:
            return (min(tellers, key=lambda one: (-tellers[one], one)),)
    return ()


def _with_tables(
    facts: SiteFacts, finder: Finder, drafts: list[Draft], site: tuple[tuple[int, ...], dict[str, FoundNode]]
) -> list[Draft]:
    entries, nodes = site
    _fill_parts(facts, finder, drafts)
    graph = nx.Graph()
    graph.add_nodes_from(f"device:{one}" for one in entries)
    for edge in drafts:
        if edge.is_current:
            graph.add_edge(edge.a[0], edge.b[0])
    distance = nx.multi_source_dijkstra_path_length(graph, {f"device:{one}" for one in entries}) if entries else {}
    entry_macs = frozenset(mac for mac, owner in finder.macs.items() if owner in entries)
    tables = read_tables(facts, entry_macs, _leading_up(drafts, distance))
    placing = Placing(facts, finder, tables, entries, nodes, _joined(graph))
    taken = _hanging(facts, drafts, graph, distance) | _islanders(facts, graph, distance, (drafts, tables.up))
    found = table_edges(placing, drafts, taken)
    return _merged(drafts, found)


def _joined(graph: nx.Graph) -> dict[int, frozenset[int]]:
    found: dict[int, frozenset[int]] = {}
    for island in nx.connected_components(graph):
        members = frozenset(one for one in map(_device_id, island) if one is not None)
        found.update(dict.fromkeys(members, members))
    return found


def _fill_parts(facts: SiteFacts, finder: Finder, drafts: list[Draft]) -> None:
    """Where only the other end told of a cable, the port is the one that sees the other end's MAC, if it is one."""
    seen: dict[tuple[int, int], set[str]] = defaultdict(set)
    for row in facts.fdb:
        owner = finder.of_mac(row.mac)
        if owner is not None and row.is_present:
            seen[row.device_id, owner].add(row.part)
    for edge in drafts:
        a, b = _device_id(edge.a[0]), _device_id(edge.b[0])
        if a is None or b is None or not edge.is_current:
            continue
        if not edge.a[1] and len(seen[a, b]) == 1:
            edge.a = (edge.a[0], next(iter(seen[a, b])))
        if not edge.b[1] and len(seen[b, a]) == 1:
            edge.b = (edge.b[0], next(iter(seen[b, a])))


def _leading_up(drafts: list[Draft], distance: Mapping[str, float]) -> set[tuple[int, str]]:
    """Ports whose cable leads to somebody who is not farther from the entry."""
    found = set()
    for edge in drafts:
        for near, far in ((edge.a, edge.b), (edge.b, edge.a)):
            is_known = near[0] in distance and far[0] in distance and edge.is_current
            if is_known and near[0].startswith("device:") and near[1] and distance[far[0]] <= distance[near[0]]:
                found.add((int(near[0].removeprefix("device:")), near[1]))
    return found


def _hanging(facts: SiteFacts, drafts: list[Draft], graph: nx.Graph, distance: Mapping[str, float]) -> set[int]:
    """Devices that hang on the entry already."""
    return {one for one in facts.devices if f"device:{one}" in distance}


def _islanders(
    facts: SiteFacts, graph: nx.Graph, distance: Mapping[str, float], site: tuple[list[Draft], set[tuple[int, str]]]
) -> set[int]:
    """Of devices that are joined with one another but not with the entry, all but the one that leads out."""
    drafts, up = site
    heard, _beside = heard_at(drafts)
    found: set[int] = set()
    for island in nx.connected_components(graph):
        if any(key in distance for key in island):
            continue
        members = [int(key.removeprefix("device:")) for key in island if key.startswith("device:")]
        members = [one for one in members if one in facts.devices]
        leading = [one for one, part in up if one in members and (one, part) not in heard]
        top = min(leading or members, default=None, key=lambda one: (
            facts.devices[one].kind not in BRIDGING, -graph.degree(f"device:{one}"), one))
        found.update(one for one in members if one != top)
    return found


def _merged(drafts: list[Draft], found: list[Draft]) -> list[Draft]:
    """What neighbours said once and tables say now is one edge; what tables contradict is gone."""
    placed = {edge.b[0]: edge for edge in found if edge.is_current}
    kept: list[Draft] = []
    for edge in drafts:
        now = placed.get(edge.a[0]) or placed.get(edge.b[0])
        if edge.is_current or now is None:
            kept.append(edge)
        elif {now.a[0], now.b[0]} == {edge.a[0], edge.b[0]}:
            now.how |= edge.how
            now.first_seen = min(now.first_seen, edge.first_seen)
    lost = {end[0] for edge in kept if not edge.is_current for end in (edge.a, edge.b)}
    return kept + [edge for edge in found if edge.is_current or edge.b[0] not in lost]


def _name_entered_hubs(facts: SiteFacts, drafts: list[Draft], nodes: Mapping[str, FoundNode]) -> None:
    """An unmanaged switch that somebody has entered, with what hangs on it, is that device: it is not drawn twice."""
    for key in [one for one, node in nodes.items() if node.kind == "hub"]:
        behind = (facts.devices.get(_device_id(edge.b[0]) or 0) for edge in drafts if edge.a[0] == key)
        parents = {one.parent_id for one in behind if one is not None}
        entered = facts.devices.get(next(iter(parents)) or 0) if len(parents) == 1 else None
        above = {edge.a[0] for edge in drafts if edge.b[0] == key}
        if entered is None or entered.kind not in BRIDGING or entered.macs or above != {f"device:{entered.parent_id}"}:
            continue
        for edge in drafts:
            edge.a = (entered.key, edge.a[1]) if edge.a[0] == key else edge.a
            edge.b = (entered.key, edge.b[1]) if edge.b[0] == key else edge.b


def _with_parents(facts: SiteFacts, drafts: list[Draft], entries: tuple[int, ...]) -> list[Draft]:
    """What people entered is a word more on the edge that was found, through a hub too, or else an edge of its own."""
    if all(device.parent_id is None for device in facts.devices.values()):
        return drafts
    before = devices_above(drafts, direct(drafts, [f"device:{one}" for one in entries]))
    for device in facts.devices.values():
        if device.parent_id is None or facts.now is None:
            continue
        parent = f"device:{device.parent_id}"
        upper = facts.name_of(parent)
        why = Evidence("manual", {"lower": device.name, "upper": upper})
        mine = [edge for edge in drafts if device.key in (edge.a[0], edge.b[0])]
        same = [edge for edge in mine if edge.other(device.key) == parent]
        if not same and device.parent_id in before.get(device.id, ()):
            same = [edge for edge in mine if edge.b[0] == device.key and not edge.a[0].startswith("device:")]
        for edge in same:
            edge.how.add("manual")
            edge.evidence.insert(0, why)
        if same:
            continue
        edge = Draft((parent, ""), (device.key, ""), {"manual"}, facts.now, facts.now, evidence=[why])
        others = [facts.name_of(f"device:{one}") for one in before.get(device.id, ()) if one != device.parent_id]
        if others:
            edge.is_disputed = True
            edge.evidence.append(Evidence("hand_differs", {"upper": upper, "found": ", ".join(others)}))
        drafts = [one for one in drafts if not (one.b[0] == device.key and not one.how & {"lldp", "cdp"})]
        drafts.append(edge)
    return drafts


def _finished(
    edge: Draft, number: int, facts: SiteFacts, site: tuple[Mapping[str, FoundNode], Directed]
) -> TopologyEdge:
    nodes, directed = site
    upper, lower = directed.ends(edge)
    if "manual" in edge.how and _parent_of(upper[0], facts) == lower[0]:
        upper, lower = lower, upper
    return TopologyEdge(
        upper[0], lower[0], upper[1], lower[1], tuple(sorted(edge.how, key=HOW.index)), edge.first_seen,
        edge.last_seen, edge.is_current, _is_uplink(lower[0], facts, nodes), number in directed.redundant,
        edge.is_disputed, _device_id(upper[0]), _device_id(lower[0]), tuple(edge.evidence),
    )


def _parent_of(key: str, facts: SiteFacts) -> str:
    device_id = _device_id(key)
    device = facts.devices.get(device_id) if device_id is not None else None
    return f"device:{device.parent_id}" if device is not None else ""


def _is_uplink(lower: str, facts: SiteFacts, nodes: Mapping[str, FoundNode]) -> bool:
    """True when what hangs below is meant to run day and night. Behind a hub are desks: people switch them off."""
    device_id = _device_id(lower)
    if device_id is not None:
        return device_id in facts.devices and facts.devices[device_id].kind in STEADY
    node = nodes.get(lower)
    return node is not None and node.kind == "found" and bool(_NETWORK_WORDS & set(node.capabilities))


def _device_id(key: str) -> int | None:
    return int(key.removeprefix("device:")) if key.startswith("device:") else None
