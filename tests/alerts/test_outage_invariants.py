"""Folding under any order of verdicts: no child before its parent, one outage a cause, nothing down forgotten."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts import reach
from alerts.graph import build_graph
from alerts.labels import DeviceLabel, Labels, SiteLabel
from alerts.outage import DOWN, SUSPECT, UNKNOWN, UP, OutagePolicy, Reach, find_outages, settle
from collectors.ping import core as plane

POLICY = OutagePolicy()


@st.composite
def networks(draw):
    """A few sites; each device hangs on an earlier one of its site, or on nothing named."""
    devices, sites = {}, {}
    for site in range(1, draw(st.integers(1, 5)) + 1):
        sites[site] = SiteLabel(site, f"s{site}", f"/1/{1 + site % 2}/{site + 10}/", isps=(f"isp{site % 2}",))
        own = []
        for _ in range(draw(st.integers(1, 6))):
            number = len(devices) + 1
            parent = draw(st.sampled_from([None, *own]))
            kind = draw(st.sampled_from(["switch", "router", "ap", "computer", "server"]))
            devices[number] = DeviceLabel(number, f"d{number}", kind, site, parent_id=parent)
            own.append(number)
    return Labels(devices=devices, sites=sites)


@st.composite
def stories(draw):
    """A network and what the plane says of each device, second by second."""
    labels = draw(networks())
    count = len(labels.devices)
    changes = draw(st.lists(
        st.tuples(st.integers(1, 20), st.integers(0, count - 1), st.sampled_from([UNKNOWN, UP, SUSPECT, DOWN])),
        max_size=40,
    ))
    return labels, changes


@settings(max_examples=150, deadline=None)
@given(stories())
def test_folding_holds_its_promises(story):
    labels, changes = story
    graph = build_graph(labels)
    state = np.full(len(graph.device), UP, np.int8)
    since = np.zeros(len(graph.device))
    standing, now = (), 1000.0
    for pause, row, verdict in [*changes, (40, 0, None)]:
        for _ in range(pause):
            now += 1
            fresh = find_outages(graph, Reach(state, since, np.zeros(len(state), bool)), now, POLICY)
            held = [one for one in fresh if one.is_ready]
            _check_fresh(graph, state, fresh)
            for one in held:
                _check_parent(graph, state, one, now, since)
            down = frozenset(graph.device[(state == DOWN) | (state == UNKNOWN)].tolist())
            settled = settle(standing, fresh, down, now, POLICY)
            _check_settled(standing, settled)
            standing = settled.standing
        if verdict is not None and state[row] != verdict:
            state[row], since[row] = verdict, now
    # after all the waiting nothing that is down is without an outage
    taken = frozenset().union(*(one.members for one in standing))
    assert set(graph.device[state == DOWN].tolist()) <= taken


def _check_fresh(graph, state, fresh):
    """Every device that is down stands in exactly one outage, and nothing else does."""
    everyone = [member for one in fresh for member in one.members]
    assert sorted(everyone) == graph.device[state == DOWN].tolist()
    assert len({one.cause for one in fresh}) == len(fresh)


def _check_parent(graph, state, outage, now, since):
    """A device outage is told only when nothing above is down; while that is undecided, only after the hold."""
    if outage.kind != "device":
        return
    row = int(np.searchsorted(graph.device, outage.device_id))
    above = int(graph.above[row])
    while above >= 0 and state[above] == UNKNOWN:
        above = int(graph.above[above])
    if above >= 0:
        assert state[above] != DOWN
        if state[above] == SUSPECT:
            assert now - outage.since >= POLICY.hold_max


def _check_settled(before, settled):
    """One standing outage a cause; what stood before stands on or ended once, for a reason."""
    causes = [one.cause for one in settled.standing]
    assert len(causes) == len(set(causes))
    ended = [one.outage.cause for one in settled.ended]
    assert sorted(ended) == sorted({one.cause for one in before} - set(causes))
    for one in settled.ended:
        assert one.reason in ("returned", "folded", "partly_returned")
        assert (one.into in causes) == (one.reason == "folded")


@given(networks())
@settings(max_examples=60, deadline=None)
def test_dominators_are_a_tree_without_rings(labels):
    graph = build_graph(labels)
    for row in range(len(graph.device)):
        steps, above = 0, int(graph.above[row])
        while above >= 0:
            steps, above = steps + 1, int(graph.above[above])
            assert steps <= len(graph.device)
        assert steps == graph.depth[row]


def test_parents_that_form_a_ring_are_cut():
    ring = {1: DeviceLabel(1, "a", "switch", 1, parent_id=3), 2: DeviceLabel(2, "b", "switch", 1, parent_id=1),
            3: DeviceLabel(3, "c", "switch", 1, parent_id=2)}
    graph = build_graph(Labels(devices=ring, sites={1: SiteLabel(1, "s", "/1/")}))
    assert graph.above.tolist() == [-1, 0, 1]


def test_two_routers_carry_a_switch_together():
    devices = {
        1: DeviceLabel(1, "r1", "router", 1), 2: DeviceLabel(2, "r2", "router", 1),
        3: DeviceLabel(3, "sw", "switch", 1),
    }
    graph = build_graph(Labels(devices=devices, sites={1: SiteLabel(1, "s", "/1/")}))
    assert graph.above.tolist() == [-1, -1, -1], "neither router alone takes the switch down"


def test_the_verdicts_are_those_of_the_ping_plane():
    assert (plane.UNKNOWN, plane.UP, plane.SUSPECT, plane.DOWN) == (UNKNOWN, UP, SUSPECT, DOWN)
    assert plane.REASONS[reach.CUT_OFF] == "collector_cut_off"
