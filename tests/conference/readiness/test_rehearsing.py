"""Rehearsals: waves, what measurements make of an endpoint, a person's word, and what readiness hears of it."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest

from conference import KioskSpell, Meeting, RehearsalEntry
from conference.readiness import (
    Instruments,
    Measured,
    RehearsalPlan,
    assess,
    decide,
    entries_of,
    judge_rehearsal,
    plan_rehearsal,
    plan_waves,
    rehearsals_of,
    settle_rehearsals,
)
from conference.schedule import ScheduleProblem
from core import Scope
from inventory import endpoint_number
from telemetry import Ingest, LiveTable, SeriesKey, SeriesRegistry, TelemetrySettings, open_store
from tests.conference.world import a_meeting, an_endpoint

EVERYTHING = Scope.everything()
IN = {"seconds": 600.0}


@pytest.mark.parametrize(("seen", "state", "reason"), [
    (Measured(), "absent", "absent"),
    (Measured(10.0), "failed", "too_short"),
    (Measured(**IN), "passed", ""),
    (Measured(**IN, loss=0.05), "failed", "line_loss"),
    (Measured(**IN, loss=0.01, rtt_s=0.05, loudest_dbfs=-30, brightest=0.4, devices_ok=1.0), "passed", ""),
    (Measured(**IN, rtt_s=0.5), "failed", "line_slow"),
    (Measured(**IN, loudest_dbfs=-75), "passed", ""),
    (Measured(**IN, loudest_dbfs=-75, is_speaker=True), "failed", "no_sound"),
    (Measured(**IN, brightest=0.01), "failed", "black"),
    (Measured(**IN, devices_ok=0.0), "failed", "device"),
])  # fmt: skip
def test_a_wave_is_judged_by_what_was_measured(seen, state, reason):
    assert judge_rehearsal(seen) == (state, reason)


def test_waves_follow_each_other_and_leave_nobody_out(now):
    waves = plan_waves(range(1, 106), now, 50, timedelta(minutes=15))
    assert [(wave.number, len(wave.endpoint_ids)) for wave in waves] == [(1, 50), (2, 50), (3, 5)]
    assert all(one.ends_at == two.starts_at for one, two in pairwise(waves))
    assert sorted(one for wave in waves for one in wave.endpoint_ids) == list(range(1, 106))


@pytest.fixture
def booked(database, now):
    """A meeting in three days of five endpoints; ids."""
    with database.session() as session:
        rooms = [an_endpoint(session, phone="0900") for _ in range(5)]
        meeting = a_meeting(session, rooms, now + timedelta(days=3), now=now - timedelta(days=1))
        return meeting.id, [one.id for one in rooms]


def plan(database, meeting_id, now, **values) -> int:
    with database.session() as session:
        wanted = RehearsalPlan(now + timedelta(hours=1), **{"size": 2, "minutes": 10, **values})
        return plan_rehearsal(session, session.get(Meeting, meeting_id), wanted, "an", now, EVERYTHING).id


def test_a_rehearsal_is_a_meeting_of_its_own_in_waves(database, booked, now):
    meeting_id, rooms = booked
    made = plan(database, meeting_id, now)
    with database.reading() as session:
        rehearsal = session.get(Meeting, made)
        assert (rehearsal.rehearses_id, rehearsal.state) == (meeting_id, "scheduled")
        assert rehearsal.ends_at - rehearsal.starts_at == timedelta(minutes=30)
        assert rehearsal.room != session.get(Meeting, meeting_id).room
        waves = {entry.endpoint_id: entry.wave for entry, _called, _joined in entries_of(session, made)}
        assert sorted(waves.values()) == [1, 1, 2, 2, 3]
        assert waves[rooms[0]] == 1  # who speaks comes first
        assert [(one.id, counts) for one, counts in rehearsals_of(session, meeting_id)] == [(made, {"waiting": 5})]


@pytest.mark.parametrize(("values", "field"), [
    ({"size": 0}, "size"), ({"minutes": 0}, "minutes"), ({"size": 1, "minutes": 240, "late": 70}, "starts_at"),
    ({"endpoint_ids": frozenset({999})}, "participants"),
])
def test_plans_that_cannot_be(database, booked, now, values, field):
    meeting_id, _rooms = booked
    late = timedelta(hours=values.pop("late", 1))
    wanted = RehearsalPlan(now + late, **{"size": 2, "minutes": 10, **values})
    with database.session() as session, pytest.raises(ScheduleProblem) as problem:
        plan_rehearsal(session, session.get(Meeting, meeting_id), wanted, "an", now, EVERYTHING)
    assert problem.value.field == field


def test_each_entry_is_decided_when_its_wave_is_over(database, booked, now, tmp_path):
    meeting_id, rooms = booked
    made = plan(database, meeting_id, now, size=5)
    begin = now + timedelta(hours=1)
    registry, live = SeriesRegistry(database), LiveTable()
    registry.load()
    store = open_store(TelemetrySettings(), tmp_path, registry)
    metrics = ("endpoint_loss_down_ratio", "endpoint_sound_dbfs", "endpoint_rtt_seconds")
    try:
        with database.session() as session:
            for room, minutes in ((rooms[0], 9), (rooms[1], 9), (rooms[2], 0.2)):
                session.add(KioskSpell(meeting_id=made, endpoint_id=room, connection="14f01c40", first_at=begin,
                                       last_at=begin + timedelta(minutes=minutes)))
        series = registry.resolve_many({
            endpoint_number(room): [SeriesKey("", name) for name in metrics] for room in rooms[:2]})
        Ingest(live, registry, store).flush(now.timestamp())
        at = int((begin + timedelta(minutes=2)).timestamp() * 1000)
        for room, values in ((rooms[0], (0.001, -30.0, 0.04)), (rooms[1], (0.09, -30.0, 0.04))):
            store.append(series[endpoint_number(room)], np.full(3, at, np.int64), np.array(values))
        store.flush()
        with database.session() as session:
            assert settle_rehearsals(session, store, registry, begin + timedelta(minutes=10)) == 0  # late beats count
            assert settle_rehearsals(session, store, registry, begin + timedelta(minutes=11)) == 5
            found = {one.endpoint_id: (one.state, one.reason) for one in session.query(RehearsalEntry)}
    finally:
        store.close()
    assert found == {
        rooms[0]: ("passed", ""), rooms[1]: ("failed", "line_loss"), rooms[2]: ("failed", "too_short"),
        rooms[3]: ("absent", "absent"), rooms[4]: ("absent", "absent"),
    }  # fmt: skip


def test_a_persons_word_stands_and_readiness_hears_of_it(database, booked, now):
    meeting_id, rooms = booked
    made = plan(database, meeting_id, now)
    later = now + timedelta(hours=3)
    with database.session() as session:
        assert decide(session, made, rooms[:1], "failed", "an", later) == 1
        settle_rehearsals(session, None, None, later)
        entry = session.query(RehearsalEntry).filter_by(endpoint_id=rooms[0]).one()
        assert (entry.state, entry.reason, entry.decided_by) == ("failed", "person", "an")
        verdicts = assess(session, Instruments(), session.get(Meeting, meeting_id), later)
        words = {one.endpoint_id: [finding.word for finding in one.findings] for one in verdicts}
        assert "rehearsal_failed" in words[rooms[0]]
        assert "rehearsal_absent" in words[rooms[1]]
        assert decide(session, made, rooms[:1], "waiting", "an", later) == 1
        assert settle_rehearsals(session, None, None, later) == 1
        with pytest.raises(ValueError, match="maybe"):
            decide(session, made, rooms, "maybe", "an", later)
