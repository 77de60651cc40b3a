"""Planning a meeting among others: lines, trunk, bridges, visitors, recorders, joining."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.capacity import Line, MeetingLoad, Quality, Seat, SystemLimits, plan_capacity, shipped_figures
from conference.capacity.bandwidth import PlannedQuality, down_bps, up_bps, with_overhead
from conference.capacity.joining import plan_joining
from conference.capacity.load import Weighed, Weight, peak, weigh
from tests.conference.world import MONDAY

FIGURES = shipped_figures()
GIGA = 1_000_000_000
ENOUGH = SystemLimits(
    "Sở", main_limit=60, vnode_count=3, vnode_limit=250, bridge_limit=200, joins_per_second=30, trunk_bps=10 * GIGA,
    bridges=(None,) * 4, recorders=2,
)


def seats(count: int, speaking: int = 1, first: int = 1) -> tuple[Seat, ...]:
    return tuple(Seat(f"Trường {i}", i, i, i < first + speaking, f"isp{i % 3}") for i in range(first, first + count))


def meeting(people, hours: float = 0.0, **values) -> MeetingLoad:
    start = MONDAY + timedelta(hours=hours)
    times = (start - timedelta(minutes=30), start, start + timedelta(hours=2))
    return MeetingLoad(**{"title": "Giao ban", "seats": people, "meeting_id": 1,
                          **dict(zip(("opens_at", "starts_at", "closes_at"), times, strict=True)), **values})


def lines(count: int, down: int | None = 100_000_000, up: int | None = 100_000_000, **values) -> dict[int, Line]:
    return {i: Line(i, f"Trường {i}", down, up, **values) for i in range(1, count + 1)}


def plan(own=None, others=(), limits=ENOUGH, at=None):
    own = own or meeting(seats(600))
    return plan_capacity(own, others, limits, lines(len(own.seats)) if at is None else at, FIGURES)


def kinds(found, severity=None):
    return {one.kind for one in found.findings if severity in (None, one.severity)}


def test_six_hundred_sites_that_fit():
    found = plan()
    assert kinds(found) == {"visitors"}  # only what to know: no lobby
    assert found.severity == "info"
    assert (found.visitors.main, found.visitors.visitors, found.visitors.vnodes_needed) == (60, 540, 3)
    assert (found.bridges.needed, found.bridges.recommended, found.bridges.available) == (3, 4, 4)
    assert found.trunk.out_bps == 600 * 1_892_000
    assert found.trunk.in_bps == with_overhead(1_240_000, FIGURES)
    assert not found.classes


def test_bridges_too_few_with_the_default_of_jicofo_and_none_to_spare():
    few = plan(limits=replace(ENOUGH, bridge_limit=None))
    assert few.bridges.needed == 8
    assert kinds(few, "critical") == {"bridge"}
    texts = [one.text for one in few.findings if one.kind == "bridge"]
    assert "600" in texts[0] and "8" in texts[0]
    assert "80" in texts[1] and "3" in texts[1]  # a higher limit would do with three
    spare = plan(limits=replace(ENOUGH, bridges=(None,) * 3))
    assert kinds(spare, "warning") == {"bridge"}


def test_network_cards_may_ask_for_more_bridges_than_heads():
    small = plan(limits=replace(ENOUGH, bridges=(100_000_000,) * 4))
    assert small.bridges.needed == 15  # 1.135 Gbit/s at 80 Mbit/s each
    assert kinds(small, "critical") == {"bridge"}


def test_unknown_servers_are_told_as_unknown():
    found = plan(own=replace(meeting(seats(10)), recorders=1), limits=SystemLimits())
    assert kinds(found) == {"bridge", "recorder"}
    assert found.severity == "info"


def test_speakers_beyond_the_main_room_and_no_visitors_mode():
    assert kinds(plan(own=meeting(seats(100, speaking=61))), "critical") == {"visitors"}
    one_room = plan(limits=replace(ENOUGH, has_visitors=False))
    assert (one_room.visitors.main, one_room.visitors.visitors) == (600, 0)
    assert kinds(one_room, "critical") == {"visitors"}
    smaller = plan(own=meeting(seats(100)), limits=replace(ENOUGH, has_visitors=False))
    assert kinds(smaller, "warning") == {"visitors"}


@pytest.mark.parametrize(("vnodes", "each", "is_enough"), [(3, 250, True), (2, 250, False), (None, 250, True),
                                                           (2, 500, True), (16, 30, False)])
def test_visitor_nodes(vnodes, each, is_enough):
    found = plan(limits=replace(ENOUGH, vnode_count=vnodes, vnode_limit=each))
    assert ("visitors" in kinds(found, "critical")) is not is_enough


def test_meetings_of_the_same_time_count_and_others_do_not():
    beside = meeting(seats(200, first=1001), meeting_id=2, recorders=2)
    own = replace(meeting(seats(600)), recorders=1)
    assert plan(own, [beside]).bridges.receivers == 803
    assert kinds(plan(own, [beside]), "critical") == {"bridge", "recorder"}
    later = meeting(seats(200, first=1001), hours=4, meeting_id=2, recorders=2)
    assert plan(own, [later]).bridges.receivers == 601
    assert "recorder" not in kinds(plan(own, [later]))
    # Two that follow one another inside ours are not there at once
    half = timedelta(minutes=30)
    morning, noon = (replace(beside, opens_at=at, closes_at=at + half) for at in (MONDAY, MONDAY + half))
    assert plan(own, [morning, noon]).bridges.receivers == 803


def test_the_trunk():
    need = 600 * 1_892_000
    assert kinds(plan(limits=replace(ENOUGH, trunk_bps=GIGA)), "critical") == {"trunk"}
    assert kinds(plan(limits=replace(ENOUGH, trunk_bps=int(need * 1.2))), "warning") == {"trunk"}
    assert "trunk" not in kinds(plan(limits=replace(ENOUGH, trunk_bps=None)))


def test_lines_short_tight_and_unknown_are_three_findings_not_six_hundred():
    at = lines(600)
    at |= {i: Line(i, f"Trường {i}", 1_000_000, 10_000_000) for i in range(10, 30)}        # short
    at |= {i: Line(i, f"Trường {i}", 2_000_000, 10_000_000) for i in range(30, 40)}        # tight
    at |= {i: Line(i, f"Trường {i}") for i in range(40, 45)}                               # nobody entered it
    at |= {45: Line(45, "Trường 45", 100_000_000, 10_000_000, used_down_bps=99_000_000.0)}  # full at that hour
    found = plan(at=at)
    assert [(one.severity, len(one.endpoint_ids)) for one in found.findings if one.kind == "line"] == [
        ("critical", 21), ("warning", 10), ("info", 5)]
    assert "1,89 Mbit/s" in found.findings[0].text and "18" in found.findings[0].text  # three named, 18 more
    assert [need.state for need in found.lines[:32]] == ["short"] * 21 + ["tight"] * 10 + ["unknown"]


def test_a_speaking_site_needs_its_way_up_and_a_listener_does_not():
    at = lines(2, up=1_000_000)
    found = plan(own=meeting(seats(2, speaking=1)), at=at)
    assert [(one.severity, one.endpoint_ids) for one in found.findings if one.kind == "line"] == [("critical", (1,))]
    assert "1,36 Mbit/s" in found.findings[0].text


def test_lower_quality_is_proposed_by_class_of_site():
    at = lines(600)
    at |= {i: Line(i, f"Trường {i}", 1_000_000, 10_000_000) for i in range(10, 20)}
    at |= {i: Line(i, f"Trường {i}", 2_000_000, 10_000_000) for i in range(20, 30)}
    at |= {30: Line(30, "Trường 30", 100_000, 100_000)}
    found = plan(at=at)
    offered = {one.quality: one.endpoint_ids for one in found.classes}
    assert offered == {
        Quality("vp9", "360p", 5): tuple(range(20, 30)),   # 0.9 Mbit/s with half as much again free of 2
        Quality("vp9", "360p", 2): tuple(range(10, 20)),
        None: (30,),                                       # not even the lowest
    }
    # Taking the proposal over makes the lines good
    by_endpoint = {i: quality for quality, ids in offered.items() if quality for i in ids}
    again = plan(own=meeting(seats(600), quality=PlannedQuality(by_endpoint=by_endpoint)), at=at)
    assert [one.endpoint_ids for one in again.findings if one.kind == "line"] == [(30,)]


def test_two_endpoints_share_a_line():
    people = (Seat("Phòng 1", 1, 7, True), Seat("Phòng 2", 2, 7))
    found = plan(own=meeting(people), at={7: Line(7, "Trường", 3_000_000, 3_000_000)})
    assert found.lines[0].need_down == 2 * 1_892_000
    assert found.findings[0].endpoint_ids == (1, 2)
    other = meeting((Seat("Phòng 3", 3, 7),), meeting_id=2)
    three = plan(own=meeting(people), others=[other], at={7: Line(7, "T", 3_000_000)})
    assert three.lines[0].need_down == 3 * 1_892_000


def test_joining_is_spread_speakers_first_and_neighbours_apart():
    own = meeting(seats(600, speaking=5))
    found = plan(own)
    joins = found.joining
    assert (joins.rate, joins.limit) == (5, "planner")
    assert joins.begins_at == MONDAY - timedelta(minutes=20)
    assert joins.ends_at == joins.begins_at + timedelta(seconds=599 / 5)
    first = sorted(joins.joins_at, key=joins.joins_at.__getitem__)
    assert set(first[:5]) == {1, 2, 3, 4, 5}
    assert all(a % 3 != b % 3 for a, b in pairwise(first[5:500]))
    assert sum(len(wave.endpoint_ids) for wave in joins.waves) == 600
    assert [wave.begins_at for wave in joins.waves] == [joins.begins_at, joins.begins_at + timedelta(minutes=1)]


def test_joining_that_does_not_fit_before_the_start_is_told():
    slow = replace(ENOUGH, joins_per_second=0.2)
    assert kinds(plan(limits=slow), "warning") == {"joining"}
    assert plan(limits=slow).joining.begins_at == MONDAY - timedelta(minutes=30)


@given(st.integers(0, 700), st.integers(0, 20), st.floats(0.1, 60), st.floats(0, 1.2), st.integers(1, 8))
def test_no_bridge_is_pushed_over_its_limit_by_joining(count, speaking, allowed, stress, bridges):
    limits = replace(ENOUGH, joins_per_second=allowed, stress=stress, bridges=(None,) * bridges)
    made = plan_joining(seats(count, speaking), MONDAY, MONDAY - timedelta(minutes=30), limits, FIGURES)
    moments = sorted(made.joins_at.values())
    assert len(moments) == count
    assert made.rate <= min(5, allowed) + 1e-9
    window = timedelta(seconds=FIGURES.burst_seconds)
    most = max((sum(m <= other < m + window for other in moments) for m in moments[:3]), default=0)
    if stress < FIGURES.stress_limit - FIGURES.stress_per_join:
        assert stress + (most - 1) * FIGURES.stress_per_join / bridges <= FIGURES.stress_limit + 1e-6


@given(st.lists(st.tuples(st.integers(-180, 180), st.integers(1, 120), st.integers(1, 50)), max_size=12))
def test_the_peak_is_that_of_every_minute(drawn):
    own, minute = meeting(seats(1)), timedelta(minutes=1)
    others = [
        Weighed(replace(own, opens_at=MONDAY + begin * minute, closes_at=MONDAY + (begin + n) * minute),
                Weight(amount, 0, 0, 0, 0))
        for begin, n, amount in drawn
    ]
    mine = Weighed(own, weigh(own, FIGURES))
    each = [own.opens_at + n * minute for n in range(int((own.closes_at - own.opens_at) / minute))]
    truth = 1 + max(
        sum(o.weight.receivers for o in others if o.meeting.opens_at <= m < o.meeting.closes_at) for m in each)
    assert peak(mine, others, lambda one: one.weight.receivers) == truth


@given(st.sampled_from(sorted(FIGURES.max_bps)), st.sampled_from(["180p", "360p", "720p", "1080p"]), st.integers(1, 20))
def test_more_pictures_never_ask_for_less(codec, stage, last_n):
    quality = Quality(codec, stage, last_n)
    assert down_bps(quality, FIGURES) < down_bps(replace(quality, last_n=last_n + 1), FIGURES)
    assert 0 < up_bps(quality, FIGURES) <= FIGURES.uplink_cap_bps + FIGURES.audio_bps
