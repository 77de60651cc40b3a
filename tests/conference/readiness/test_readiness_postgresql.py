"""Readiness, calls, messages and a rehearsal on one real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from conference import Meeting
from conference.readiness import (
    Instruments,
    RehearsalPlan,
    assess,
    calls_of,
    entries_of,
    milestones_of,
    note_calls,
    paths_of,
    plan_rehearsal,
    readiness_of,
    rehearsals_of,
    save_verdicts,
    send_message,
    settle_rehearsals,
)
from conference.readiness.store.roll import keep_paths
from core import Database, Scope
from tests.conference.world import a_meeting, an_endpoint
from tests.core.postgresql import running_postgresql


@pytest.fixture
def database() -> Iterator[Database]:
    """Instead of the shared fixture."""
    with running_postgresql() as url, closing(Database(url)) as database:
        database.create_all()
        yield database


def test_a_meeting_is_made_ready_on_postgresql(database, now):
    with database.session() as session:
        rooms = [an_endpoint(session, phone="0900") for _ in range(3)]
        meeting_id = a_meeting(session, rooms, now + timedelta(days=3), now=now - timedelta(days=1)).id
        ids = [one.id for one in rooms]
    with database.session() as session:
        meeting = session.get(Meeting, meeting_id)
        plan = RehearsalPlan(now + timedelta(hours=1), 2, 10)
        made = plan_rehearsal(session, meeting, plan, "an", now, Scope.everything()).id
        settle_rehearsals(session, None, None, now + timedelta(hours=2))
        assert rehearsals_of(session, meeting_id)[0][1] == {"absent": 3}
        assert len(entries_of(session, made)) == 3
    at = now + timedelta(days=2)
    for turn in range(2):
        with database.session() as session:
            meeting = session.get(Meeting, meeting_id)
            verdicts = assess(session, Instruments(), meeting, at)
            assert save_verdicts(session, meeting, verdicts, at) == (3 if turn == 0 else 0)
            key = f"system:{meeting.system_id}@department/udp"
            keep_paths(session, {key: ("udp", "ok", "", 2.0)}, "department", at)
    with database.session() as session:
        meeting = session.get(Meeting, meeting_id)
        assert set(readiness_of(session, meeting_id)) == set(ids)
        assert milestones_of(session, meeting_id) == {"t24h": {"unknown": 3}}
        assert paths_of(session, meeting.system_id, at) == {"department": {"udp": "ok"}}
        note_calls(session, meeting_id, ids[:1], ("reached", ""), "an", at)
        assert send_message(session, meeting, ids[1:], ("Chuẩn bị", "Bật máy."), "an", at) == 2
        assert {one.outcome for one in calls_of(session, meeting_id).values()} == {"reached", "message"}
