"""Any site: from whole tables the graph is the cabling; whatever is told, directions and uplinks make sense."""

from __future__ import annotations

from collections import defaultdict

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory import SiteTopology
from tests.inventory.topology.site import Site, mac_of

KINDS = ("switch", "switch", "switch", "computer", "camera", "server")


@st.composite
def cablings(draw) -> tuple[list[int], list[str], list[bool]]:
    """A tree: for node n its parent among the switches before it (0 = the router), its kind, whether it speaks LLDP."""
    size = draw(st.integers(2, 9))
    parents, kinds = [0], ["switch"]
    for number in range(2, size + 1):
        bridges = [one for one in range(1, number) if kinds[one - 1] == "switch"]
        parents.append(draw(st.sampled_from(bridges)))
        kinds.append(draw(st.sampled_from(KINDS)))
    return parents, kinds, draw(st.lists(st.booleans(), min_size=size, max_size=size))


def site_of(parents: list[int], kinds: list[str], speaks: list[bool]) -> Site:
    """The facts that such a cabling gives: MAC tables whole, neighbours where both ends speak."""
    site = Site().add(100, "router")
    tree = nx.Graph()
    port: dict[tuple[int, int], int] = {}
    used: dict[int, int] = defaultdict(int)
    for number, (parent, kind) in enumerate(zip(parents, kinds, strict=True), 1):
        site.add(number, kind, tells_macs=kind == "switch")
        upper = parent or 100
        tree.add_edge(upper, number)
        for near, far in ((upper, number), (number, upper)):
            used[near] += 1
            port[near, far] = used[near]
        both = (upper == 100 or speaks[upper - 1]) and speaks[number - 1]
        if both and kind == "switch":
            site.cable(upper, port[upper, number], number, port[number, upper])
    for number, kind in enumerate(kinds, 1):
        if kind != "switch":
            continue
        for neighbour in tree.neighbors(number):
            cut = tree.copy()
            cut.remove_edge(number, neighbour)
            behind = nx.node_connected_component(cut, neighbour)
            site.sees(number, port[number, neighbour], *(mac_of(one) for one in sorted(behind)))
    return site


@settings(max_examples=150)
@given(cablings())
def test_whole_tables_give_the_cabling(cabling) -> None:
    parents, kinds, speaks = cabling
    graph = site_of(parents, kinds, speaks).build()
    assert graph.above == {number: (parent or 100,) for number, parent in enumerate(parents, 1)}
    assert not graph.nodes and not any(edge.is_redundant for edge in graph.edges)


ANY_PORT, ANY_DEVICE = st.integers(1, 4), st.integers(1, 6)
NEIGHBOURS = st.lists(st.tuples(ANY_DEVICE, ANY_PORT, st.one_of(st.none(), ANY_DEVICE),
                                st.one_of(ANY_PORT, st.text(max_size=5)), st.booleans()), max_size=14)
MACS = st.lists(st.tuples(ANY_DEVICE, ANY_PORT, st.integers(1, 12), st.booleans()), max_size=30)
ROWS = st.lists(st.one_of(st.none(), ANY_DEVICE), min_size=6, max_size=6)
ALL_KINDS = st.lists(st.sampled_from((*KINDS, "router", "ap")), min_size=6, max_size=6)


@settings(max_examples=300)
@given(NEIGHBOURS, MACS, ROWS, ALL_KINDS)
def test_whatever_is_told_directions_make_sense(neighbours, macs, parents, kinds) -> None:
    site = Site()
    for number, (parent, kind) in enumerate(zip(parents, kinds, strict=True), 1):
        site.add(number, kind, parent_id=parent if parent != number else None, tells_macs=True)
    for near, port, far, far_port, is_gone in neighbours:
        gone = {"gone_at": site.facts().now} if is_gone else {}
        name = {} if far is not None else {"remote_name": str(far_port)}
        site.hears(near, port, far, far_port, **gone, **name)
    for device, port, mac, is_present in macs:
        site.sees(device, port, mac_of(mac), is_present=is_present)
    graph = site.build()
    again = site.build()
    assert graph == again
    keys = {f"device:{number}" for number in site.devices} | {node.key for node in graph.nodes}
    for edge in graph.edges:
        assert edge.upper != edge.lower and {edge.upper, edge.lower} <= keys and edge.how and edge.evidence
    for number, parent in enumerate(parents, 1):
        if parent is not None and parent != number:
            assert graph.above is not None and graph.above[number] == (parent,)
    whole = SiteTopology(1, edges=graph.edges, entries=graph.entries)
    dark = {number: whole.dark_if(number) for number in site.devices}
    for number, behind in dark.items():
        assert number not in behind
        for other in behind:  # no ring of blame, and what is behind the one behind is behind this one, too
            assert number not in dark[other] and dark[other] < behind
    for one in graph.entries:
        assert not any(one in behind for behind in dark.values())
    joined = nx.Graph((edge.upper, edge.lower) for edge in graph.edges if "manual" not in edge.how)
    for number in site.devices:  # what is joined to an entry has somebody above it
        key = f"device:{number}"
        if number in graph.entries or key not in joined:
            continue
        if any(f"device:{one}" in joined and nx.has_path(joined, key, f"device:{one}") for one in graph.entries):
            assert graph.above is not None and graph.above.get(number)
