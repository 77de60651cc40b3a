"""How devices are judged: every sign and what it makes of a device; unknown is never good."""

from __future__ import annotations

import numpy as np
import pytest

from dashboards.status import STATES, Board
from dashboards.status.fleet import FleetRow, SiteRow, make_fleet
from dashboards.status.judge import Signs, judge_states

NAN = float("nan")


def judged(ping: int, snmp: float = NAN, incident: bool = False, works: bool = False, watched: bool = True) -> str:
    def one(value, kind):
        return np.array([value], kind)

    signs = Signs(one(ping, np.int8), one(snmp, float), one(incident, bool), one(works, bool), one(watched, bool))
    return STATES[judge_states(signs)[0]]


@pytest.mark.parametrize(
    ("signs", "state"),
    [
        ({"ping": 0}, "unknown"),
        ({"ping": 0, "snmp": 1}, "good"),  # ping is filtered, but the device is read
        ({"ping": 0, "snmp": 0}, "unknown"),  # neither answers: nothing says that it is down
        ({"ping": 1}, "good"),
        ({"ping": 1, "snmp": 1}, "good"),
        ({"ping": 1, "snmp": 0}, "attention"),
        ({"ping": 1, "incident": True}, "attention"),
        ({"ping": 2, "snmp": 1}, "attention"),
        ({"ping": 3, "snmp": 1}, "down"),
        ({"ping": 3, "works": True}, "maintenance"),
        ({"ping": 0, "incident": True}, "unknown"),
        ({"ping": 1, "watched": False}, "unwatched"),
    ],
)
def test_signs_make_a_state(signs: dict, state: str) -> None:
    assert judged(**signs) == state


def test_a_fleet_is_sorted_by_id_and_keeps_the_order_of_names() -> None:
    sites = [SiteRow(7, 2, "/1/2/"), SiteRow(5, 3, "/1/3/")]
    devices = [FleetRow(9, 5, "switch", "B", "y", 60, True), FleetRow(4, 7, "ap", "", "", 60, False)]
    fleet = make_fleet(devices, sites)
    assert fleet.device.tolist() == [4, 9]
    assert fleet.name_order.tolist() == [1, 0]
    assert fleet.site_order.tolist() == [0, 1]
    assert fleet.in_scope("/1/3/").tolist() == [False, True]
    assert fleet.in_scope(None).all()
    assert fleet.rows_of(np.array([9, 1])).tolist() == [1, -1]
    assert fleet.vendor.is_text("B").tolist() == [False, True]
    assert fleet.vendor.order.argmax() == 0  # no vendor stands last


def test_an_empty_fleet_answers_too() -> None:
    fleet = make_fleet([], [])
    assert not len(fleet)
    assert fleet.in_scope("/1/").tolist() == []
    assert fleet.rows_of(np.array([3])).tolist() == [-1]


def test_branches_count_their_whole_subtree() -> None:
    sites = [SiteRow(1, 2, "/1/2/"), SiteRow(2, 3, "/1/3/"), SiteRow(3, 31, "/1/3/31/"), SiteRow(4, 9, "/9/")]
    devices = [FleetRow(n, site, "ap", "", "", 60, True) for n, site in enumerate((1, 1, 2, 3, 3, 3), start=1)]
    fleet = make_fleet(devices, sites)
    state = np.array([0, 2, 2, 0, 0, 5], np.int8)
    counts = Board(fleet, state).counts_by_branch()
    for path in ("/1/", "/1/2/", "/1/3/", "/1/3/31/"):
        alone = np.bincount(state[fleet.in_scope(path)], minlength=len(STATES))
        assert counts[path].tolist() == alone.tolist(), path
    assert counts["/1/"].sum() == 6
    assert not counts["/9/"].any()
    assert Board(make_fleet([], []), np.empty(0, np.int8)).counts_by_branch() == {}
