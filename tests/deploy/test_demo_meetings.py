"""The demonstration's meetings: endpoints, a day of meetings, and heartbeats with every kind of trouble."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from conference import KioskSpell, KioskState, Meeting, Participant
from deploy.demo import meetings
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
    with province.session() as session:
        meetings.beat(session, now + timedelta(seconds=10))
        assert session.query(KioskSpell).count() == joined      # a spell goes on
