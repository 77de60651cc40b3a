"""Edges from what devices say of their neighbours (LLDP, CDP): ports that hear each other lie on one segment. Pure.

Two ports are a cable. More than two devices on one segment: something unmanaged passes the announcements on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import networkx as nx

from inventory.topology.facts import Draft, FoundNode, NeighbourFact, SiteFacts, node_key
from inventory.topology.macs import mac_text
from inventory.topology.matching import Finder
from inventory.topology.shapes import Evidence

End = tuple[str, str]  # node key, part


@dataclass(slots=True)
class _Half:
    """One end's account: `near` hears `far`, whose port it calls `far_part` ("" when that is no port we know)."""

    near: End
    far: str
    far_part: str
    told: NeighbourFact
    evidence: list[Evidence] = field(default_factory=list)
    is_current: bool = True
    is_disputed: bool = False


def neighbour_edges(facts: SiteFacts, finder: Finder) -> tuple[list[Draft], dict[str, FoundNode]]:
    """(edges, nodes found beside the inventory), first what is heard now, then what was heard and left no trace."""
    nodes: dict[str, FoundNode] = {}
    halves = list(_halves(facts, finder, nodes))
    _contradict(halves)
    heard = [half for half in halves if half.is_current]
    edges = _edges_of(heard, facts, nodes)
    taken = {end for edge in edges for end in (edge.a, edge.b) if end[1]}
    lost: dict[frozenset[End], Draft] = {}
    for half in halves:
        far = _far_end(half, halves)
        if half.is_current or half.near in taken or far in taken:
            continue
        edge = lost.setdefault(frozenset((half.near, far)), _draft(half.near, far, [half], facts))
        edge.is_current = False
    edges += lost.values()
    used = {end[0] for edge in edges for end in (edge.a, edge.b)}
    return edges, {key: node for key, node in nodes.items() if key in used}


def _halves(facts: SiteFacts, finder: Finder, nodes: dict[str, FoundNode]) -> Iterable[_Half]:
    for told in facts.neighbours:
        teller = facts.devices.get(told.device_id)
        if teller is None:
            continue
        device_id, against = finder.device_of(told)
        if device_id == teller.id:
            continue  # it hears itself: no edge
        if device_id is not None:
            far, far_part = f"device:{device_id}", finder.part_of(device_id, told.remote_part, told.remote_label)
        else:
            node = _found(told)
            if node is None:
                continue
            known = nodes.setdefault(node.key, node)
            if not known.capabilities and node.capabilities:
                nodes[node.key] = node
            far, far_part = node.key, told.remote_part
        half = _Half((teller.key, told.part), far, far_part, told, is_current=told.gone_at is None)
        if against is not None:
            half.evidence.append(against)
            half.is_disputed = True
        yield half


def _found(told: NeighbourFact) -> FoundNode | None:
    mark = mac_text(told.remote_mac) if told.remote_mac is not None else told.remote_name or told.remote_address
    if not mark:
        return None
    return FoundNode(
        node_key("found", mark), "found", told.remote_name or mark, told.remote_mac, told.remote_address,
        told.description, told.capabilities,
    )


def _contradict(halves: list[_Half]) -> None:
    """A dead device still says what it heard last; who outlived it and no longer hears it is right."""
    gone: dict[tuple[str, str], datetime] = {}
    heard = {(half.near[0], half.far) for half in halves if half.is_current}
    for half in halves:
        if half.told.gone_at is not None and (half.near[0], half.far) not in heard:
            pair = (half.far, half.near[0])
            gone[pair] = max(half.told.gone_at, gone.get(pair, half.told.gone_at))
    for half in halves:
        gone_at = gone.get((half.near[0], half.far))
        if half.is_current and gone_at is not None and half.told.last_seen < gone_at:
            half.is_current = False


def _far_end(half: _Half, halves: Iterable[_Half]) -> End:
    """The far port: the one on which the far device hears the near one; else the one that the near one names."""
    back = [one for one in halves if one.near[0] == half.far and one.far == half.near[0]]
    if any(one.near[1] == half.far_part for one in back):
        return half.far, half.far_part
    answering = {one.near for one in back if one.far_part == half.near[1]}
    own = {one.near for one in halves if one.near[0] == half.near[0] and one.far == half.far}
    if not answering and len({one.near for one in back}) == 1 and len(own) == 1:
        answering = {one.near for one in back}
    if len(answering) == 1:
        found = next(iter(answering))
        if half.far_part:
            half.is_disputed = True
            half.evidence.append(Evidence("port_differs", {"said": half.far_part, "heard": found[1]}))
        return found
    return half.far, half.far_part


def _edges_of(heard: list[_Half], facts: SiteFacts, nodes: dict[str, FoundNode]) -> list[Draft]:
    graph = nx.Graph()
    by_pair: dict[tuple[str, str], list[_Half]] = defaultdict(list)
    for half in heard:
        by_pair[half.near[0], half.far].append(half)
    links: dict[frozenset[End], list[_Half]] = defaultdict(list)
    for half in heard:
        pair = by_pair[half.near[0], half.far] + by_pair[half.far, half.near[0]]
        far = _far_end(half, pair)
        # An end without a port is an end of its own: two cables to one device are not one segment
        mark = far if far[1] else (far[0], f"\0{half.near}")
        near = half.near if half.near[1] else (half.near[0], f"\0{half.far}:{half.far_part}")
        graph.add_edge(near, mark)
        links[frozenset((near, mark))].append(half)
    edges: list[Draft] = []
    for segment in nx.connected_components(graph):
        if len({end[0] for end in segment}) <= 2:
            pairs = {frozenset(pair) for pair in graph.subgraph(segment).edges}
            edges += [_between(pair, links[pair], facts) for pair in pairs]
        else:
            edges += _shared(sorted(segment), graph, links, (facts, nodes))
    return edges


def _between(pair: frozenset[End], halves: list[_Half], facts: SiteFacts) -> Draft:
    a, b = sorted((node, "" if part.startswith("\0") else part) for node, part in pair)
    return _draft(a, b, halves, facts)


def _draft(a: End, b: End, halves: list[_Half], facts: SiteFacts) -> Draft:
    protocols = {half.told.protocol if half.told.protocol in ("lldp", "cdp") else "lldp" for half in halves}
    shown = ", ".join(sorted({half.told.protocol.upper() for half in halves}))
    edge = Draft(
        a, b, protocols, min(half.told.first_seen for half in halves), max(half.told.last_seen for half in halves),
        is_disputed=any(half.is_disputed for half in halves),
    )
    if len({half.near[0] for half in halves}) > 1:
        edge.evidence.append(Evidence("named_by_both", {"protocol": shown}))
    else:
        half = halves[0]
        other = facts.name_of(half.far) or half.told.remote_name or half.far.partition(":")[2]
        edge.evidence.append(Evidence("named_by_one", {
            "teller": facts.name_of(half.near[0]), "other": other, "part": half.near[1].removeprefix("if:"),
            "protocol": shown,
        }))
    for half in halves:
        edge.evidence += [one for one in half.evidence if one not in edge.evidence]
    return edge


def _shared(
    segment: list[End], graph: nx.Graph, links: dict[frozenset[End], list[_Half]],
    site: tuple[SiteFacts, dict[str, FoundNode]],
) -> list[Draft]:
    """A hub in the middle, an edge from it to every end."""
    facts, nodes = site
    teller = min((end for end in segment if end[0].startswith("device:")), key=lambda end: (len(end[0]), end))
    hub = FoundNode(node_key("hub", teller[0].removeprefix("device:"), teller[1]), "hub",
                    mac_count=len({end[0] for end in segment}))
    nodes[hub.key] = hub
    why = Evidence("several_neighbours", {"part": teller[1].removeprefix("if:")})
    edges = []
    seen: set[str] = set()
    for end in segment:
        halves = [half for other in graph.neighbors(end) for half in links[frozenset((end, other))]]
        part = "" if end[1].startswith("\0") else end[1]
        if end[0] in seen and not part:
            continue
        seen.add(end[0])
        edge = _draft((hub.key, ""), (end[0], part), halves, facts)
        edge.evidence = [why, *(one for one in edge.evidence if one.code == "name_differs")]
        edge.how.add("inferred")
        edges.append(edge)
    return edges
