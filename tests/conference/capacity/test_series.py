"""Conflicts of a series: the first meeting and the next eight are looked at together, and the day is told."""

from dataclasses import replace
from datetime import timedelta

import pytest

from conference.capacity import conflicts, propose
from conference.schedule import draft_of, find_meeting, occurrences_of
from inventory import RoomUse
from tests.conference import world
from tests.conference.world import EVERYTHING, MONDAY, ParticipantDraft
from tests.dashboards.watched_world import counted as questions_of

WEEK = timedelta(days=7)


@pytest.fixture
def session(database):
    with database.session() as session:
        yield session


def weekly(session, rooms, rule="FREQ=WEEKLY", **values):
    people = tuple(ParticipantDraft("endpoint", endpoint_id=one.id, role="participant", mode="listen") for one in rooms)
    unit = world.a_unit(session, "Phòng", kind="department")
    return world.a_draft(unit, rule=rule, participants=people, **values)


def test_a_later_day_that_collides_is_named(session):
    rooms = world.endpoints(session, 3)
    world.a_meeting(session, rooms[:2], MONDAY + 3 * WEEK, title="Tập huấn")
    world.a_meeting(session, rooms[:2], MONDAY + 9 * WEEK, title="Xa quá")
    use = RoomUse(site_id=rooms[2].site_id, room_id=rooms[2].room_id, name="Thi nghề", purpose="exam",
                  starts_at=MONDAY + 8 * WEEK, ends_at=MONDAY + 8 * WEEK + timedelta(hours=1), source="tay")
    session.add(use)
    session.flush()
    found = conflicts(session, propose(session, EVERYTHING, weekly(session, rooms)))
    assert [(one.kind, one.severity) for one in found] == [("endpoint", "critical"), ("exam", "critical")]
    assert "14/12/2026" in found[0].text and "Tập huấn" in found[0].text
    assert "18/01/2027" in found[1].text and "Thi nghề" in found[1].text


def test_the_first_day_is_told_without_a_date_before_it(session):
    rooms = world.endpoints(session, 1)
    world.a_meeting(session, rooms, MONDAY, title="Tập huấn")
    found = conflicts(session, propose(session, EVERYTHING, weekly(session, rooms)))
    assert [one.kind for one in found] == ["endpoint"] and "23/11/2026" not in found[0].text


def test_a_series_is_not_in_its_own_way(session):
    rooms = world.endpoints(session, 2)
    meeting = world.a_meeting(session, rooms, rule="FREQ=DAILY;COUNT=6")
    second = occurrences_of(session, meeting.series_id)[1]
    world.a_meeting(session, rooms[:1], MONDAY + timedelta(days=4, hours=3), title="Tập huấn")
    draft = draft_of(session, find_meeting(session, EVERYTHING, second.id))
    late = replace(draft, starts_at=draft.starts_at + timedelta(hours=3), ends_at=draft.ends_at + timedelta(hours=3))

    def told(draft, span):
        proposal = propose(session, EVERYTHING, draft, second.id, span=span)
        return len(proposal.later), [one.text for one in conflicts(session, proposal)]

    assert told(draft, "following") == (4, [])
    assert told(draft, "one") == (0, [])
    days, texts = told(late, "all")
    assert days == 4 and len(texts) == 1 and "27/11/2026" in texts[0]
    # Alone it can be moved onto another one of its series
    onto = replace(draft, starts_at=draft.starts_at + timedelta(days=1), ends_at=draft.ends_at + timedelta(days=1))
    assert len(told(onto, "one")[1]) == 1


def test_a_rule_that_cannot_be_read_repeats_nothing(session):
    assert propose(session, EVERYTHING, weekly(session, [], rule="FREQ=NEVER")).later == ()


def test_nine_meetings_cost_no_more_questions_than_one(session, database):
    rooms = world.endpoints(session, 30)
    for number in range(9):
        world.a_meeting(session, rooms, MONDAY + number * WEEK)
    counts = []
    for rule in ("", "FREQ=WEEKLY"):
        proposal = propose(session, EVERYTHING, weekly(session, rooms, rule))
        session.flush()
        session.expire_all()
        with questions_of(database) as questions:
            found = conflicts(session, proposal)
        counts.append((len(found), len(questions)))
    assert [count for count, _questions in counts] == [1, 9]
    assert counts[0][1] == counts[1][1]
