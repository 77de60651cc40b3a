"""The counting of attendance: pure, against meetings whose truth is known to the minute."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conference.attendance.counting import Evidence, Happening, Occupant, Spell, count
from conference.attendance.counting.intervals import Stretch, clip, length, presence, union
from conference.attendance.counting.server import server_connections, server_skew
from tests.conference.attendance.evidence_of import (
    Witnessed,
    at,
    created,
    destroyed,
    evidence,
    meeting,
    site,
)

A, B = site(1), site(2)


def minutes(lines, participant=A) -> int:
    """Minutes of one participant, rounded as lists show them."""
    return round(next(line.seconds for line in lines if line.participant_id == participant.id) / 60)


def only(lines, participant=A):
    """The line of one participant."""
    return next(line for line in lines if line.participant_id == participant.id)


# -- event orders (acceptance case 4) --------------------------------------------------------------------------------

FIRST, SECOND = Witnessed(1, "14f01c40", 5, 40), Witnessed(1, "aa00aa00", 50, 88)
OTHER = Witnessed(2, "bb00bb00", 0, 90)
EVENTS = [created(-30), *FIRST.events(), *SECOND.events(), *OTHER.events(), destroyed(95, FIRST, SECOND, OTHER)]


def without(*dropped: int) -> list[Happening]:
    """The events with some of them lost."""
    return [one for number, one in enumerate(EVENTS) if number not in dropped]


ORDERS = {
    "as they happened": EVENTS,
    "backwards": EVENTS[::-1],
    "left before joined": [EVENTS[i] for i in (0, 2, 1, 4, 3, 6, 5, 7)],
    "each twice": EVENTS + EVENTS,
    "destroyed first": EVENTS[-1:] + EVENTS[:-1],
    "joined lost": without(1, 3),
    "left lost, the record of the room tells": without(2, 4, 6),
    "only the record of the room": EVENTS[-1:],
}


@pytest.mark.parametrize("order", ORDERS)
def test_eight_event_orders_give_the_same_minutes(order: str) -> None:
    lines = count(evidence(ORDERS[order]), meeting(), [A, B])
    assert [(line.seconds, line.connections, line.linked_by) for line in lines] == [
        (73 * 60, 2, "subject"), (90 * 60, 1, "subject")
    ]


@given(order=st.permutations(EVENTS), repeats=st.lists(st.sampled_from(EVENTS), max_size=6))
@settings(max_examples=60)
def test_any_order_and_repetition(order, repeats) -> None:
    assert count(evidence([*order, *repeats]), meeting(), [A, B]) == count(evidence(EVENTS), meeting(), [A, B])


@given(
    stays=st.lists(st.tuples(st.integers(-30, 120), st.integers(1, 90)), min_size=1, max_size=6),
    lost=st.sets(st.integers(0, 40), max_size=8), with_spells=st.booleans(), with_looks=st.booleans(),
    seed=st.integers(0, 99),
)
@settings(max_examples=120)
def test_never_more_than_scheduled_and_idempotent(stays, lost, with_spells, with_looks, seed) -> None:
    own = [Witnessed(1 + n % 2, f"{n:08x}", start, start + long) for n, (start, long) in enumerate(stays)]
    events = [event for one in own for event in one.events()] + [created(-30), destroyed(220, *own[:3])]
    events = [event for number, event in enumerate(events) if number not in lost]
    random.Random(seed).shuffle(events)
    known = evidence(
        events, [one.sighting() for one in own if with_looks and one.left - one.joined > 1],
        [one.spell() for one in own if with_spells], until=230,
    )
    lines = count(known, meeting(), [A, B])
    assert lines == count(known, meeting(), [A, B])
    for line in lines:
        assert 0 <= line.seconds <= line.scheduled_seconds == 5400
        assert max(line.server_seconds, line.client_seconds) <= line.seconds
        drawn = sum(end - start for start, end, _source in line.intervals)
        assert drawn == pytest.approx(line.seconds, abs=len(line.intervals) + 1)


# -- what gets lost --------------------------------------------------------------------------------------------------


def test_a_lost_left_ends_at_the_last_look() -> None:
    gone = Witnessed(1, "14f01c40", 0, 30)
    stays = Witnessed(2, "bb00bb00", 0, 90)
    known = evidence(
        [*gone.events(lost=("muc-occupant-left",)), *stays.events()], [gone.sighting(), stays.sighting()], looked_at=90
    )
    assert minutes(count(known, meeting(), [A, B])) == 30


def test_a_lost_left_ends_when_the_same_one_comes_again() -> None:
    gone, again = Witnessed(1, "14f01c40", 0, 30), Witnessed(1, "aa00aa00", 45, 90)
    known = evidence([*gone.events(lost=("muc-occupant-left",)), *again.events()])
    assert minutes(count(known, meeting(), [A])) == 90  # nobody saw it go: it is believed until it comes again


@pytest.mark.parametrize("phase", [0.0, 7.0, 15.0, 29.0])
def test_a_restart_of_prosody_loses_no_minute_and_gives_none(phase: float) -> None:
    before, after = Witnessed(1, "14f01c40", 0, 40), Witnessed(1, "aa00aa00", 43, 90)
    away = Witnessed(2, "bb00bb00", 0, 40)  # does not come back
    known = evidence(
        [created(-20), *before.events(lost=("muc-occupant-left",)), *away.events(lost=("muc-occupant-left",)),
         created(42.5), *after.events(), destroyed(92, after)],
        [before.sighting(phase), after.sighting(phase), away.sighting(phase)], looked_at=92,
    )
    lines = count(known, meeting(), [A, B])
    assert (minutes(lines), minutes(lines, B)) == (87, 40)


def test_a_restart_nobody_looked_at_ends_at_the_last_event() -> None:
    before, other = Witnessed(1, "14f01c40", 0, 40), Witnessed(2, "bb00bb00", 0, 38)
    known = evidence([created(-20), *before.events(lost=("muc-occupant-left",)), *other.events(), created(60)])
    assert minutes(count(known, meeting(), [A, B])) == 38


def test_looks_that_stop_end_nobody() -> None:
    running = Witnessed(1, "14f01c40", 0, 20)
    known = evidence(running.events(lost=("muc-occupant-left",)), [running.sighting()], until=35)
    assert minutes(count(known, meeting(), [A])) == 35


def test_a_left_that_tells_no_beginning_closes_the_newest_open_stay() -> None:
    one = Witnessed(1, "14f01c40", 10, 50)
    joined, left = one.events()
    bare = replace(left, occupants=(one.occupant(with_joined=False),))
    for order in ([joined, bare], [bare, joined], [bare, joined, bare]):
        assert minutes(count(evidence(order), meeting(), [A])) == 40
    assert minutes(count(evidence([bare], [one.sighting()]), meeting(), [A])) == 40


def test_breakouts_are_presence() -> None:
    main, group, back = (Witnessed(1, "14f01c40", 0, 30), Witnessed(1, "14f01c40", 30, 60, breakout="g1"),
                         Witnessed(1, "14f01c40", 60, 90))  # fmt: skip
    events = [*main.events(), *group.events(lost=("muc-occupant-left",)), *back.events(),
              destroyed(60, group, breakout="g1"), destroyed(60, breakout="g2")]  # fmt: skip
    line = only(count(evidence(events), meeting(), [A]))
    assert (line.seconds, line.connections) == (5400, 1)


def test_the_end_of_a_breakout_ends_nobody_of_the_main_room() -> None:
    main = Witnessed(1, "14f01c40", 0, 80)
    events = [*main.events(lost=("muc-occupant-left",)), destroyed(30, breakout="g1"), destroyed(80, main)]
    assert minutes(count(evidence(events), meeting(), [A])) == 80


# -- the grid and the heartbeats -------------------------------------------------------------------------------------


@given(joined=st.integers(0, 40), lasted=st.integers(2, 50), phase=st.floats(0, 29.9))
@settings(max_examples=80)
def test_looks_alone_give_whole_minutes(joined: int, lasted: int, phase: float) -> None:
    one = Witnessed(1, "14f01c40", joined, joined + lasted)
    spell = Spell(501, "14f01c40", at(joined + 1), at(joined + 1))
    known = evidence([], [one.sighting(phase, is_visitor=True)], [spell])
    line = only(count(known, meeting(), [A]))
    assert abs(line.server_seconds - lasted * 60) <= 30 and line.linked_by == "connection"


@given(joined=st.integers(0, 40), lasted=st.integers(2, 50), phase=st.floats(0.1, 9.9), look=st.floats(0, 29.9))
@settings(max_examples=80)
def test_finer_evidence_wins_over_the_grid(joined: int, lasted: int, phase: float, look: float) -> None:
    one = Witnessed(1, "14f01c40", joined, joined + lasted)
    by_events = count(evidence(one.events(), [one.sighting(look)], [one.spell(phase)]), meeting(), [A])
    assert only(by_events).seconds == lasted * 60
    by_heartbeats = count(evidence([], [one.sighting(look)], [one.spell(phase)]), meeting(), [A])
    assert abs(only(by_heartbeats).seconds - lasted * 60) <= 10


def test_short_gaps_are_bridged_long_ones_are_not() -> None:
    short = [Witnessed(1, "a0000000", 0, 20), Witnessed(1, "a0000001", 21, 40)]
    long = [Witnessed(2, "b0000000", 0, 20), Witnessed(2, "b0000001", 21.5, 40)]
    lines = count(evidence([event for one in short + long for event in one.events()]), meeting(), [A, B])
    assert (only(lines).seconds, only(lines, B).seconds) == (2400, 2310)


def test_time_outside_the_plan_does_not_count() -> None:
    line = only(count(evidence(Witnessed(1, "14f01c40", -25, 130).events()), meeting(), [A]))
    assert line.seconds == 5400 and line.first_joined == at(-25) and line.last_left == at(130)
    early = only(count(evidence(Witnessed(1, "14f01c40", -25, -5).events()), meeting(), [A]))
    assert early.seconds == 0 and early.first_joined == at(-25)


def test_running_meeting_counts_until_now() -> None:
    known = evidence(Witnessed(1, "14f01c40", 10, 90).events(lost=("muc-occupant-left",)), until=30)
    assert minutes(count(known, meeting(), [A])) == 20


# -- two sources -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("server", "client", "want"), [
    ((0, 90), (0, 90), ""), ((0, 90), None, "no_client"), (None, (0, 90), "no_server"),
    ((0, 90), (0, 60), "server_longer"), ((0, 60), (0, 90), "client_longer"), ((0, 90), (0, 88.5), ""),
    (None, None, ""),
])
def test_disagreement_has_a_reason(server, client, want: str) -> None:
    known = evidence(
        Witnessed(1, "14f01c40", *server).events() if server else [], [],
        [Witnessed(1, "14f01c40", *client).spell()] if client else [],
    )
    line = only(count(known, meeting(), [A]))
    assert line.reason == want
    assert minutes([line]) == round(max([b - a for a, b in (server, client) if server or client] if server and client
                                        else [0, *[b - a for a, b in filter(None, (server, client))]]))


def test_a_person_without_a_kiosk_disagrees_with_nobody() -> None:
    person = site(1, kind="person", endpoint_id=None, expects_client=False)
    assert only(count(evidence(Witnessed(1, "14f01c40", 0, 90).events()), meeting(), [person])).reason == ""


def test_intervals_name_their_source() -> None:
    known = evidence(Witnessed(1, "14f01c40", 0, 40).events(), [], [Witnessed(1, "14f01c40", 20, 70).spell(phase=5)])
    line = only(count(known, meeting(), [A]))
    assert [(round(a - at(0)), round(b - at(0)), source) for a, b, source in line.intervals] == [
        (0, 1200, "server"), (1200, 2400, "both"), (2400, 4200, "client")
    ]


# -- whose connection ------------------------------------------------------------------------------------------------


def test_links_from_the_surest_to_the_weakest() -> None:
    by_kiosk = Witnessed(1, "a0000000", 0, 90, subject="nobody", name="Khách")
    by_subject = Witnessed(2, "b0000000", 0, 90, name="Tên khác")
    by_name = Witnessed(3, "c0000000", 0, 90, subject="", name="  trường thcs  SỐ 3 ")
    events = [event for one in (by_kiosk, by_subject, by_name) for event in one.events()]
    known = evidence(events, [], [by_kiosk.spell()])
    lines = count(known, meeting(), [A, B, site(3)])
    assert [(line.participant_id, line.linked_by, line.seconds) for line in lines] == [
        (1, "connection", 5400), (2, "subject", 5400), (3, "name", 5400)
    ]


def test_a_name_that_two_share_links_nobody() -> None:
    one = Witnessed(9, "c0000000", 0, 90, subject="", name="Trường THCS Kim Đồng")
    parties = [site(1, name="Trường THCS Kim Đồng"), site(2, name="trường thcs kim đồng")]
    lines = count(evidence(one.events()), meeting(), parties)
    assert [line.seconds for line in lines] == [0, 0, 5400] and lines[2].participant_id is None


def test_a_kiosk_long_before_says_nothing_about_a_connection() -> None:
    one = Witnessed(2, "c0000000", 30, 90)
    lines = count(evidence(one.events(), [], [Spell(501, "c0000000", at(0), at(20))]), meeting(), [A, B])
    assert (only(lines).server_seconds, only(lines, B).linked_by) == (0, "subject")


def test_a_promoted_visitor_is_one_participant() -> None:
    visitor, main = Witnessed(1, "a0000000", 0, 40), Witnessed(1, "b0000000", 40.5, 90)
    known = evidence(main.events(), [visitor.sighting(is_visitor=True), main.sighting()],
                     [visitor.spell(), main.spell()])  # fmt: skip
    line = only(count(known, meeting(), [A]))
    assert (round(line.seconds / 60), line.connections, line.linked_by) == (90, 2, "connection")


def test_somebody_not_invited_is_listed_apart() -> None:
    guest = Witnessed(77, "d0000000", 0, 30, name="<b>Khách lạ</b>")
    nameless = Witnessed(78, "e0000000", 0, 30)
    lines = count(evidence(guest.events(), [nameless.sighting(is_visitor=True)]), meeting(), [A])
    assert [(line.participant_id, line.name, line.linked_by) for line in lines] == [
        (1, "Trường THCS số 1", ""), (None, "<b>Khách lạ</b>", "subject"), (None, "e0000000", "unnamed")
    ]


def test_an_endpoint_of_an_invited_unit_stands_for_it() -> None:
    unit = site(1, kind="unit", endpoint_id=None, endpoint_ids=frozenset({501, 502}))
    line = only(count(evidence([], [], [Witnessed(2, "a0000000", 0, 60).spell(phase=5)]), meeting(), [unit]))
    assert (round(line.seconds / 60), line.endpoint_id) == (60, 502)


def test_recorders_are_nobodys_presence() -> None:
    jibri = Witnessed(5, "f0000000", 0, 90, name="Ghi hình")
    told = Occupant("r@recorder.meet.example.edu.vn/x", "f1000000", joined_at=at(0), left_at=at(90), is_recorder=True)
    events = [*jibri.events(), replace(jibri.events()[1], occupants=(told,))]
    lines = count(evidence(events, [jibri.sighting(is_recorder=True)]), meeting(), [A])
    assert [line.participant_id for line in lines] == [1]


def test_participants_mirrored_to_a_visitor_node_count_once() -> None:
    main = Witnessed(1, "14f01c40", 0, 60)
    mirrored = [
        replace(one, at=one.at + 1, occupants=(replace(one.occupants[0], joined_at=at(0) + 1),))
        for one in main.events()
    ]
    line = only(count(evidence([*main.events(), *mirrored]), meeting(), [A]))
    assert (round(line.seconds / 60), line.connections) == (60, 1)


def test_speaking_is_summed_over_stays() -> None:
    stays = Witnessed(1, "a0000000", 0, 20, spoke_seconds=61.25), Witnessed(1, "b0000000", 30, 90, spoke_seconds=30.0)
    events = [event for one in stays for event in one.events()]
    assert only(count(evidence(events + events + [destroyed(95, *stays)]), meeting(), [A])).spoke_seconds == 91


# -- clocks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("skew", [-900.0, -45.0, 75.0, 3600.0])
def test_a_wrong_server_clock_is_seen_by_the_kiosks(skew: float) -> None:
    own = [Witnessed(n, f"{n:08x}", n, 60 + n) for n in range(1, 5)]
    events = [shifted(event, skew) for one in own for event in one.events()]
    known = evidence(events, [], [one.spell() for one in own])
    assert server_skew(known) == pytest.approx(skew, abs=5)
    lines = count(known, meeting(), [site(n) for n in range(1, 5)])
    assert [round(line.seconds / 60) for line in lines] == [60] * 4


def test_events_from_the_future_betray_a_clock_ahead() -> None:
    one = Witnessed(1, "a0000000", 10, 60)
    events = [replace(shifted(event, 300), received_at=event.at + 1) for event in one.events()]
    assert minutes(count(evidence(events), meeting(), [A])) == 50
    assert server_skew(evidence(one.events())) == 0.0


def shifted(event: Happening, skew: float) -> Happening:
    """An event as a clock that is `skew` seconds ahead tells it."""
    occupants = tuple(
        replace(one, joined_at=one.joined_at + skew, left_at=None if one.left_at is None else one.left_at + skew)
        for one in event.occupants
    )
    return replace(event, at=event.at + skew, received_at=event.received_at + max(skew, 0), occupants=occupants)


# -- intervals and size ----------------------------------------------------------------------------------------------


def test_intervals() -> None:
    assert union([(5, 7), (0, 2), (1, 3), (9, 8)]) == [(0, 3), (5, 7)]
    assert union([(0, 2), (3, 4)], bridge=1) == [(0, 4)]
    assert clip([(0, 3), (5, 7)], 2, 5) == [(2, 3)] and length([(0, 3), (5, 7)]) == 5
    assert presence([Stretch(100, 200, "server"), Stretch(105, 190, "client", 5, 5)]) == [(100, 200)]
    assert presence([Stretch(100, 200, "client", 5, 5)]) == [(95, 205)]
    assert server_connections(Evidence(0.0)) == []


def test_six_hundred_endpoints_are_counted_at_once() -> None:
    own = [Witnessed(n, f"{n:08x}", 0, 90) for n in range(600)]
    known = evidence([event for one in own for event in one.events()] + [destroyed(95, *own)],
                     [one.sighting() for one in own], [one.spell() for one in own])  # fmt: skip
    lines = count(known, meeting(), [site(n) for n in range(600)])
    assert len(lines) == 600 and {line.seconds for line in lines} == {5400}
