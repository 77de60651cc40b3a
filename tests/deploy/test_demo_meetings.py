"""The demonstration's meetings: endpoints, a day of meetings, and heartbeats with every kind of trouble."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from conference import KioskSpell, KioskState, Meeting, MeetingMinutes, MeetingTask, Participant, attendance
from core import Scope
from deploy.demo import meetings, past
from inventory import Endpoint, MeetingServer, Site, Unit


@pytest.fixture
def province(database, now):
    with database.session() as session:
        session.add(Unit(name="Sở", kind="department", code="SO", path="/1/"))
        session.flush()
        session.add_all([Site(unit_id=1, name=f"Trường số {n} – điểm chính", code=f"TR-{n}") for n in range(1, 101)])
        session.flush()
        meetings.fill(session, now)
    return database


def test_endpoints_and_a_day_of_meetings_are_made_once(province, now):
    with province.session() as session:
        meetings.fill(session, now)
        assert session.query(Endpoint).count() == 200
        assert session.query(MeetingServer).count() == 8
        assert session.query(Meeting).count() == len(meetings.PLAYS)
        big = session.query(Meeting).order_by(Meeting.id).first()
        assert session.query(Participant).filter(Participant.meeting_id == big.id).count() == 200
        meetings.fill(session, now + timedelta(days=3))  # the next start, days later: a new day
        assert session.query(Meeting).count() == 2 * len(meetings.PLAYS)


def test_rooms_beat_with_their_troubles(province, now):
    with province.session() as session:
        values = meetings.beat(session, now)
        states = {state.endpoint_id: state for state in session.query(KioskState)}
        joined = session.query(KioskSpell).count()
    assert 37 not in states                                     # this one was never paired
    assert now - states[41].at == timedelta(minutes=90)         # this one fell silent
    assert json.loads(states[43].payload)["devices"]["camera"] == "missing"
    assert 100 < joined < len(states)
    assert 41 not in values
    assert values[29]["endpoint_mos"] < 3.8 < 4.2 < values[30]["endpoint_mos"]  # a bad line is heard
    with province.session() as session:
        meetings.beat(session, now + timedelta(seconds=10))
        assert session.query(KioskSpell).count() == joined      # a spell goes on


def test_two_months_of_meetings_are_counted_once_and_sealed(province, now):
    with province.session() as session:
        past.fill(session, now)
        held = session.query(Meeting).filter(Meeting.state == "ended").all()
        past.fill(session, now + timedelta(hours=1))
        assert session.query(Meeting).filter(Meeting.state == "ended").count() == len(held) > 90
        assert {one.kind for one in held} == {"meeting", "conference", "training", "observation"}
        assert all(now - timedelta(days=61) < one.starts_at and one.ends_at < now for one in held)
        largest = max(held, key=lambda one: session.query(Participant).filter_by(meeting_id=one.id).count())
        assert attendance.verify(session, largest.id).is_intact
        rows = session.query(attendance.Attendance).filter_by(meeting_id=largest.id).all()
        found = attendance.counts_by_meeting(session, [one.id for one in held])
        assert len(found) == len(held) and found[largest.id].endpoints == 200
        assert {row.reason for row in rows} >= {"", "no_client"}          # who was never paired came by another browser
        heard = [row.quality for row in rows if row.quality]
        assert min(heard) < 3.9 < 4.2 < max(heard)
        assert any(one.is_streamed for one in found.values())
        assert session.query(MeetingMinutes).filter(MeetingMinutes.signed_at.is_not(None)).count() > 5
        assert {task.is_done for task in session.query(MeetingTask)} == {True, False}
        lines = attendance.ranked(session, Scope.everything(), ("2000-01", "2999-12"), now.date(),
                                  attendance.weights_now(session))  # fmt: skip
        assert lines[0].rank.score > 3 * lines[100].rank.score
        assert any(one.rank.points["quality"] > 0 for one in lines[:20])


def test_the_past_follows_from_the_day_alone(now):
    assert past.plan(now, 700) == past.plan(now, 700)
    assert past.plan(now, 0) == []
