"""Which end of an edge is the upper one, what is redundant, and what hangs on what. Pure.

A neighbour is above a device unless it is reached through that device alone: dominators from the entry. In a ring both
neighbours are above, and neither alone makes the device dark.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

from inventory.topology.facts import Draft

_ENTRY = "entry"


@dataclass(frozen=True, slots=True)
class Directed:
    """`distance` from the entry in edges (nodes of islands from their own top); `above`: immediate dominators;
    `redundant`: positions of edges without which both ends are still reached; `tops`: where islands begin."""

    distance: Mapping[str, int]
    above: Mapping[str, str]
    redundant: frozenset[int]
    tops: tuple[str, ...]

    def is_above(self, upper: str, lower: str) -> bool:
        """True when `upper` is reached without `lower`."""
        one = upper
        while one not in (_ENTRY, lower):
            one = self.above.get(one, _ENTRY)
        return one != lower

    def ends(self, edge: Draft) -> tuple[tuple[str, str], tuple[str, str]]:
        """(upper end, lower end)."""
        a, b = edge.a, edge.b
        if not self.is_above(a[0], b[0]):
            return b, a
        if not self.is_above(b[0], a[0]):
            return a, b
        far = len(self.distance)
        rank_a, rank_b = (self.distance.get(end[0], far) for end in (a, b))
        return (b, a) if (rank_b, b[0]) < (rank_a, a[0]) else (a, b)


def direct(edges: Sequence[Draft], entries: Iterable[str]) -> Directed:
    """Directions by what is connected now; what is lost meanwhile is connected by what was."""
    graph = nx.Graph()
    tops = list(entries)
    graph.add_edges_from((_ENTRY, one) for one in tops)
    graph.add_node(_ENTRY)
    count: dict[frozenset[str], int] = defaultdict(int)
    for edge in edges:
        if edge.is_current:
            graph.add_edge(edge.a[0], edge.b[0])
            count[frozenset((edge.a[0], edge.b[0]))] += 1
    reached = nx.node_connected_component(graph, _ENTRY)
    for edge in edges:
        if not edge.is_current and not (edge.a[0] in reached and edge.b[0] in reached):
            graph.add_edge(edge.a[0], edge.b[0])
            count[frozenset((edge.a[0], edge.b[0]))] += 1
    for island in list(nx.connected_components(graph)):
        if _ENTRY not in island:
            top = min(island, key=lambda one: (not one.startswith("device:"), -graph.degree(one), one))
            graph.add_edge(_ENTRY, top)
            tops.append(top)
    both_ways = graph.to_directed()
    bridges = {frozenset(pair) for pair in nx.bridges(graph)}
    redundant = frozenset(
        number for number, edge in enumerate(edges)
        if edge.is_current and (pair := frozenset((edge.a[0], edge.b[0]))) and (pair not in bridges or count[pair] > 1)
    )
    return Directed(
        nx.single_source_shortest_path_length(graph, _ENTRY), nx.immediate_dominators(both_ways, _ENTRY), redundant,
        tuple(tops),
    )


def devices_above(edges: Sequence[Draft], directed: Directed) -> dict[int, tuple[int, ...]]:
    """Device to the devices above it, seen through whatever unmanaged stands between."""
    near: dict[str, set[str]] = defaultdict(set)
    reached = _by_current(edges, directed)
    for edge in edges:
        if edge.is_current or not (edge.a[0] in reached and edge.b[0] in reached):
            near[edge.a[0]].add(edge.b[0])
            near[edge.b[0]].add(edge.a[0])
    found: dict[int, tuple[int, ...]] = {}
    for key in near:
        if key.startswith("device:") and key not in directed.tops:
            above = _climb(key, near, directed)
            if above:
                found[_device(key)] = tuple(sorted(above))
    return found


def _by_current(edges: Sequence[Draft], directed: Directed) -> set[str]:
    graph = nx.Graph((edge.a[0], edge.b[0]) for edge in edges if edge.is_current)
    reached: set[str] = set(directed.tops)
    for top in directed.tops:
        if top in graph:
            reached |= nx.node_connected_component(graph, top)
    return reached


def _climb(key: str, near: Mapping[str, set[str]], directed: Directed) -> set[int]:
    found: set[int] = set()
    seen, todo = {key}, [key]
    while todo:
        one = todo.pop()
        for other in near[one]:
            if other in seen or not directed.is_above(other, one) or not directed.is_above(other, key):
                continue
            seen.add(other)
            if other.startswith("device:"):
                found.add(_device(other))
            else:
                todo.append(other)
    return found


def _device(key: str) -> int:
    return int(key.removeprefix("device:"))
