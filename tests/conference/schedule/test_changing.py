"""Meetings changed, cancelled, restored, approved; series cut and moved; what the clock does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from collectors import WatchedRoom
from conference.schedule import (
    Change,
    MeetingSeries,
    ParticipantDraft,
    ScheduleProblem,
    approve,
    cancel_meeting,
    change_meeting,
    draft_content,
    draft_from,
    draft_of,
    effect_of,
    endpoints_of,
    excuse,
    mark_left,
    moments,
    occurrences_of,
    participants_of,
    refuse,
    restore,
    submit,
)
from conference.schedule.store.series import excluded_of
from conference.schedule.store.turning import (
    end_meetings,
    hold_running_rooms,
    note_sightings,
    open_meetings,
    write_ahead,
)
from core import AuditEntry
from inventory import RoomUse
from playbooks import MeetingOrder
from tests.conference.world import (
    MONDAY,
    NEVER_APPROVED,
    a_meeting,
    a_person,
    a_system,
    an_endpoint,
    an_item,
    endpoints,
)

WEEK = timedelta(days=7)
NOW = MONDAY - timedelta(days=1)


@pytest.fixture
def session(database):
    with database.session() as session:
        yield session


def weekly(session, count: int = 5, rooms=()):
    return a_meeting(session, rooms, rule=f"FREQ=WEEKLY;BYDAY=MO;COUNT={count}")


def change(draft, span: str = "one", limit: int = NEVER_APPROVED) -> Change:
    return Change(draft, limit, span)


# -- one meeting -----------------------------------------------------------------------------------------------------


def test_a_moved_meeting_asks_everybody_again(session):
    rooms = endpoints(session, 2)
    meeting = a_meeting(session, rooms, people=(a_person("Kế toán", "ke@example.edu.vn"),),
                        agenda=(an_item("Một", 10, rooms[1]),))
    before = {one.subject: one.invite_code for one in participants_of(session, meeting.id)}
    participants_of(session, meeting.id)[0].reply = "accepted"
    draft = draft_of(session, meeting)
    moved = replace(draft, starts_at=MONDAY + timedelta(hours=1), ends_at=MONDAY + timedelta(hours=3))
    told = effect_of(session, meeting, change(moved), NOW)
    assert (told.fields, told.updates, told.invitations, told.cancellations) == (("starts_at", "ends_at"), 3, 0, 0)
    change_meeting(session, meeting, change(moved), "tester", NOW)
    after = participants_of(session, meeting.id)
    assert {one.subject: one.invite_code for one in after} == before
    assert (meeting.sequence, after[0].reply) == (1, "needs-action")
    use = session.query(RoomUse).filter_by(source=f"meeting:{meeting.id}").first()
    assert (use.starts_at, use.ends_at) == (MONDAY + timedelta(minutes=30), MONDAY + timedelta(hours=3))


def test_who_is_new_and_who_is_gone(session):
    rooms = endpoints(session, 3)
    meeting = a_meeting(session, rooms[:2])
    draft = draft_of(session, meeting)
    people = (draft.participants[0], ParticipantDraft("endpoint", endpoint_id=rooms[2].id))
    told = effect_of(session, meeting, change(replace(draft, participants=people)), NOW)
    assert (told.fields, told.added, told.removed, told.invitations, told.cancellations) == ((), 1, 1, 1, 1)
    change_meeting(session, meeting, change(replace(draft, participants=people)), "tester", NOW)
    assert [one.endpoint_id for one in endpoints_of(session, meeting.id)] == [rooms[0].id, rooms[2].id]
    assert meeting.sequence == 0
    assert draft_of(session, meeting).participants[1].endpoint_id == rooms[2].id


def test_a_draft_that_is_read_back_changes_nothing(session):
    rooms = endpoints(session, 2)
    meeting = a_meeting(session, rooms, agenda=(an_item("Một", 10, rooms[1]), an_item("Hai", 5)))
    assert effect_of(session, meeting, change(draft_of(session, meeting)), NOW).is_nothing
    kept = draft_from(draft_content(draft_of(session, meeting)), MONDAY + WEEK)
    assert replace(kept, starts_at=MONDAY, ends_at=MONDAY + timedelta(hours=2)) == draft_of(session, meeting)


def test_a_cancelled_meeting_gives_its_rooms_back_and_comes_back(session):
    meeting = a_meeting(session, endpoints(session, 2))
    with pytest.raises(ScheduleProblem):
        cancel_meeting(session, meeting, "tester", NOW, " ")
    cancel_meeting(session, meeting, "tester", NOW, "Bão số 9")
    assert (meeting.state, meeting.sequence) == ("cancelled", 1)
    assert session.query(RoomUse).count() == 0
    assert restore(session, meeting, "tester", NOW, NEVER_APPROVED) == "scheduled"
    assert (meeting.sequence, meeting.cancel_reason, session.query(RoomUse).count()) == (2, "", 2)
    with pytest.raises(ScheduleProblem):
        restore(session, meeting, "tester", NOW, NEVER_APPROVED)
    deeds = [one.action for one in session.query(AuditEntry).order_by(AuditEntry.id) if one.target_kind == "meeting"]
    assert deeds == ["meeting.create", "meeting.submit", "meeting.cancel", "meeting.restore"]


def test_an_excused_endpoint_takes_no_room(session):
    meeting = a_meeting(session, endpoints(session, 2))
    someone = participants_of(session, meeting.id)[1]
    excuse(session, someone, "tester", NOW, "Mất điện theo lịch")
    assert someone.excused_at == NOW and endpoints_of(session, meeting.id)[1].is_excused
    excuse(session, someone, "tester", NOW, "")
    assert someone.excused_at is None


# -- approval --------------------------------------------------------------------------------------------------------


def test_nobody_approves_their_own(session):
    meeting = a_meeting(session, endpoints(session, 3), state="draft")
    submit(session, meeting, "tester", NOW, 3)
    with pytest.raises(ScheduleProblem, match="người khác"):
        approve(session, meeting, "tester", NOW)
    with pytest.raises(ScheduleProblem):
        refuse(session, meeting, "leader", NOW, "")
    refuse(session, meeting, "leader", NOW, "Trùng lịch thi")
    assert (meeting.state, meeting.decided_by, meeting.decision_note) == ("refused", "leader", "Trùng lịch thi")
    submit(session, meeting, "tester", NOW, 3)
    approve(session, meeting, "leader", NOW)
    assert (meeting.state, meeting.approved_count) == ("scheduled", 3)


def test_what_grew_or_moved_needs_a_new_yes(session):
    meeting = a_meeting(session, endpoints(session, 3), state="draft")
    submit(session, meeting, "tester", NOW, 3)
    approve(session, meeting, "leader", NOW)
    draft = draft_of(session, meeting)
    change_meeting(session, meeting, change(replace(draft, title="Giao ban tháng"), limit=3), "tester", NOW)
    assert meeting.state == "scheduled"
    more = replace(draft, participants=(*draft.participants,
                                        ParticipantDraft("endpoint", endpoint_id=an_endpoint(session).id)))
    assert effect_of(session, meeting, change(more, limit=3), NOW).will_wait
    change_meeting(session, meeting, change(more, limit=3), "tester", NOW)
    assert meeting.state == "pending"
    approve(session, meeting, "leader", NOW)
    later = replace(more, ends_at=more.ends_at + timedelta(hours=1))
    change_meeting(session, meeting, change(later, limit=3), "tester", NOW)
    assert meeting.state == "pending"


# -- series ----------------------------------------------------------------------------------------------------------


def test_one_meeting_of_a_series_is_moved_alone(session):
    first = weekly(session)
    third = occurrences_of(session, first.series_id)[2]
    draft = draft_of(session, third)
    moved = replace(draft, starts_at=draft.starts_at + timedelta(days=1), ends_at=draft.ends_at + timedelta(days=1))
    assert change_meeting(session, third, change(moved), "tester", NOW) == [third]
    assert third.is_exception and third.occurrence_at == MONDAY + 2 * WEEK
    assert third.starts_at == MONDAY + 2 * WEEK + timedelta(days=1)
    assert [one.sequence for one in occurrences_of(session, first.series_id)] == [0, 0, 1, 0, 0]


def test_this_and_the_following_become_a_series_of_their_own(session):
    first = weekly(session, 5, endpoints(session, 2))
    old = session.get(MeetingSeries, first.series_id)
    third = occurrences_of(session, first.series_id)[2]
    draft = draft_of(session, third)
    by = timedelta(days=1, hours=1)
    moved = replace(draft, title="Giao ban mới", starts_at=draft.starts_at + by, ends_at=draft.ends_at + by)
    changed = change_meeting(session, third, change(moved, "following"), "tester", NOW)
    new = session.get(MeetingSeries, third.series_id)
    assert new.id != old.id and new.uid != old.uid and {one.uid for one in changed} == {new.uid}
    assert "UNTIL=" in old.rule and "COUNT" not in old.rule
    assert "BYDAY=TU" in new.rule and "COUNT=3" in new.rule
    assert [one.starts_at for one in occurrences_of(session, old.id)] == [MONDAY, MONDAY + WEEK]
    assert [one.starts_at for one in occurrences_of(session, new.id)] == [MONDAY + n * WEEK + by for n in (2, 3, 4)]
    assert {one.title for one in occurrences_of(session, new.id)} == {"Giao ban mới"}
    assert [len(endpoints_of(session, one.id)) for one in changed] == [2, 2, 2]


def test_all_coming_meetings_get_other_people(session):
    rooms = endpoints(session, 3)
    first = weekly(session, 4, rooms[:2])
    draft = draft_of(session, first)
    fewer = replace(draft, participants=(ParticipantDraft("endpoint", endpoint_id=rooms[2].id),))
    second = occurrences_of(session, first.series_id)[1]
    own = replace(fewer, starts_at=second.starts_at, ends_at=second.ends_at)
    change_meeting(session, second, change(own, "all"), "tester", MONDAY + timedelta(hours=5))
    assert first.series_id != second.series_id, "the first has begun already: it stays as it was"
    assert len(endpoints_of(session, first.id)) == 2
    found = occurrences_of(session, second.series_id)
    assert [[one.endpoint_id for one in endpoints_of(session, each.id)] for each in found] == [[rooms[2].id]] * 3


def test_another_rule_cancels_what_has_no_place(session):
    first = weekly(session, 4)
    draft = replace(draft_of(session, first), rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;COUNT=2")
    change_meeting(session, first, change(draft, "all"), "tester", NOW)
    found = occurrences_of(session, first.series_id)
    booked = [one.starts_at for one in found if one.state == "scheduled"]
    assert booked == [MONDAY, MONDAY + 2 * WEEK]
    assert [one.state for one in found].count("cancelled") == 2
    longer = replace(draft_of(session, first), rule="FREQ=WEEKLY;BYDAY=MO;COUNT=6")
    change_meeting(session, first, change(longer, "all"), "tester", NOW)
    booked = [one.starts_at for one in occurrences_of(session, first.series_id) if one.state == "scheduled"]
    assert booked == [MONDAY + n * WEEK for n in range(6)]


def test_a_cancelled_meeting_is_left_out_of_its_series(session):
    first = weekly(session)
    second = occurrences_of(session, first.series_id)[1]
    cancel_meeting(session, second, "tester", NOW, "Nghỉ lễ")
    series = session.get(MeetingSeries, first.series_id)
    assert excluded_of(series) == [MONDAY + WEEK]
    restore(session, second, "tester", NOW, NEVER_APPROVED)
    assert excluded_of(series) == []
    third = occurrences_of(session, first.series_id)[2]
    assert len(cancel_meeting(session, third, "tester", NOW, "Nghỉ hè", "following")) == 3


@pytest.mark.parametrize(("held", "span", "left"), [(2, "all", 2), (0, "following", 3), (0, "all", 0)])
def test_a_series_that_is_called_off_never_writes_another_meeting(session, held, span, left):
    first = a_meeting(session, endpoints(session, 1), rule="FREQ=WEEKLY")
    series = session.get(MeetingSeries, first.series_id)
    rows = occurrences_of(session, series.id)
    for one in rows[:held]:
        one.state = "ended"
    now = NOW + held * WEEK
    # The loop has not written all of it yet; a year and a half later it would have
    asked = rows[held] if span == "all" else rows[left]
    cancel_meeting(session, asked, "tester", now, "Nghỉ hẳn", span)
    for later in (0, 200, 600):
        for _turn in range(3):
            write_ahead(session, now + timedelta(days=later))
    found = occurrences_of(session, series.id)
    assert len(found) == len(rows)
    assert [one.state for one in found if one.state != "cancelled"] == (["ended"] * held or ["scheduled"] * left)
    assert moments(series.rule, series.starts_at, series.timezone, MONDAY + timedelta(days=399))[left:] in (
        [], [MONDAY]), "calendars show none either"
    # Put back, a meeting is one of the series again, and draws no other after it
    again = found[left + 2]
    restore(session, again, "tester", now, NEVER_APPROVED)
    write_ahead(session, now + timedelta(days=600))
    assert len(occurrences_of(session, series.id)) == len(rows)
    coming = moments(series.rule, series.starts_at, series.timezone, MONDAY + timedelta(days=399), excluded_of(series))
    assert coming == [MONDAY + n * WEEK for n in (*range(left), left + 2)]


def test_a_long_series_is_written_by_the_loop(session):
    first = a_meeting(session, endpoints(session, 1), rule="FREQ=DAILY")
    assert len(occurrences_of(session, first.series_id)) == 63
    for _turn in range(20):
        write_ahead(session, NOW)
    found = occurrences_of(session, first.series_id)
    assert len(found) == 400 and found[-1].starts_at == MONDAY + timedelta(days=399)
    assert len({one.room for one in found}) == 400


# -- the clock -------------------------------------------------------------------------------------------------------


def test_a_room_is_watched_while_it_is_open(session):
    system = a_system(session)
    meeting = a_meeting(session, system=system, opens_minutes=30, overrun_minutes=60)
    open_meetings(session, MONDAY - timedelta(minutes=31))
    assert session.query(WatchedRoom).count() == 0
    open_meetings(session, MONDAY - timedelta(minutes=30))
    watched = session.query(WatchedRoom).one()
    assert (watched.room, watched.until) == (meeting.room, MONDAY + timedelta(hours=3))
    watched.asked_at, watched.main_count = MONDAY - timedelta(minutes=5), 2
    note_sightings(session, MONDAY)
    session.refresh(meeting)
    assert (meeting.state, meeting.began_at) == ("running", MONDAY - timedelta(minutes=5))
    end_meetings(session, MONDAY + timedelta(hours=3, seconds=1))
    session.refresh(watched)
    assert meeting.state == "ended" and watched.until == MONDAY + timedelta(hours=3)


def test_a_meeting_ends_when_its_room_is_left_after_the_end(session):
    meeting = a_meeting(session, endpoints(session, 1), state="running")
    mark_left(session, meeting.id, MONDAY + timedelta(hours=1))
    session.refresh(meeting)
    end_meetings(session, MONDAY + timedelta(hours=1, minutes=30))
    assert meeting.state == "running", "people may come back before the planned end"
    end_meetings(session, MONDAY + timedelta(hours=2, seconds=1))
    assert (meeting.state, meeting.ended_at) == ("ended", MONDAY + timedelta(hours=1))
    assert session.query(RoomUse).one().ends_at == MONDAY + timedelta(hours=1)


def test_a_meeting_that_was_ended_for_all_is_over_at_once(session):
    """But not when its room was only emptied before the start, and not by an order that failed."""
    meeting = a_meeting(session, endpoints(session, 1), state="running")
    def ended(state: str, at: timedelta) -> None:
        moment = MONDAY + at
        session.add(MeetingOrder(system_id=meeting.system_id, meeting_id=meeting.id, verb="end_meeting", state=state,
                                 ordered_by="ky-thuat", ordered_at=moment, not_before=moment, done_at=moment))
        session.flush()

    ended("done", -timedelta(minutes=10))
    ended("failed", timedelta(minutes=5))
    end_meetings(session, MONDAY + timedelta(minutes=6))
    assert meeting.state == "running"
    ended("done", timedelta(minutes=40))
    end_meetings(session, MONDAY + timedelta(minutes=41))
    session.refresh(meeting)
    assert (meeting.state, meeting.ended_at) == ("ended", MONDAY + timedelta(minutes=40))
    assert session.query(RoomUse).one().ends_at == MONDAY + timedelta(minutes=40)


def test_a_meeting_that_runs_on_keeps_its_rooms(session):
    a_meeting(session, endpoints(session, 1), state="running", overrun_minutes=45)
    hold_running_rooms(session, MONDAY + timedelta(hours=2, minutes=1))
    assert session.query(RoomUse).one().ends_at == MONDAY + timedelta(hours=2, minutes=45)


def test_the_same_rule_in_other_words_changes_nothing(session):
    first = a_meeting(session, endpoints(session, 1), rule="FREQ=WEEKLY;COUNT=4")
    second = occurrences_of(session, first.series_id)[1]
    draft = replace(draft_of(session, second), rule="FREQ=WEEKLY;BYDAY=MO;COUNT=4")
    for span in ("one", "following", "all"):
        assert effect_of(session, second, change(draft, span), NOW).is_nothing
    other = replace(draft, rule="FREQ=DAILY;COUNT=4")
    assert effect_of(session, second, change(other), NOW).is_nothing, "one meeting keeps its series' rule"
    assert effect_of(session, second, change(other, "all"), NOW).fields == ("rule",)
    series = session.get(MeetingSeries, first.series_id)
    series.excluded = "[]"
    change_meeting(session, first, change(replace(draft_of(session, first), title="Mới"), "all"), "tester", NOW)
    assert [one.starts_at for one in occurrences_of(session, first.series_id)] == [MONDAY + n * WEEK for n in range(4)]
