"""The live board, its loop, timeline and the queue of orders on one real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import pytest

from alerts import IncidentFilter, disturbing_meetings, list_incidents
from conference import LiveSpell, Meeting, live
from conference.live.work import LiveWork
from core import Database, Scope
from playbooks import meetings
from playbooks.meetings.store import claim_orders
from tests.conference.live.conftest import build
from tests.core.postgresql import running_postgresql


@pytest.fixture
def database() -> Iterator[Database]:
    """Instead of the shared fixture."""
    with running_postgresql() as url, closing(Database(url)) as database:
        database.create_all()
        yield database


def test_a_running_meeting_on_postgresql(database, vault, tmp_path):
    hall = build(database, vault, 14)
    hall.beat(range(14))
    hall.was_in(range(14))
    hall.sight(range(14))
    hall.event("joined", "ep-nobody", "aaaaaaaa", 300, "Khách lạ")
    work, bench = LiveWork(), hall.bench(tmp_path)
    work.step(bench, hall.now)
    hall.now += timedelta(seconds=300)
    hall.beat([13])
    work.step(bench, hall.now)
    with database.session() as session:
        assert session.query(LiveSpell).filter(LiveSpell.ended_at.is_(None)).count() == 13
        meeting = session.get(Meeting, hall.meeting_id)
        kinds = {line.kind for line in live.timeline(session, meeting)}
        assert {"began", "joined", "lost", "mass_loss", "security"} <= kinds
        assert list_incidents(session, Scope.everything(), IncidentFilter(now=hall.now)).total == 0
        assert disturbing_meetings(session, [1], hall.now) == frozenset()
        row = live.live_board(session, live.Sources(view=hall.view), meeting, hall.now).rows[0]
        assert live.offers_for(session, meeting, row, hall.now)
        for _one in range(20):
            meetings.order(session, meetings.Command("end_meeting", hall.system_id, "thử", meeting.id, meeting.room),
                           "ky-thuat", hall.now)  # fmt: skip
    with ThreadPoolExecutor(4) as workers:
        claimed = [one for found in workers.map(lambda _one: _claim(database, hall.now), range(4)) for one in found]
    assert len(claimed) == len(set(claimed)) == 20


def _claim(database: Database, now) -> list[int]:
    with database.session() as session:
        return claim_orders(session, now, 20)
