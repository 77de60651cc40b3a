"""Events: appended, searched, paged, limited to a school's devices, forgotten when old."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from core import Database
from telemetry import EventFilter, NewEvent, count_events, events, prune_events, record_event, record_events


@pytest.fixture
def session(database: Database, now: datetime):
    with database.session() as session:
        for i in range(20):
            source, happened_at = ("syslog", "trap")[i % 2], now + timedelta(minutes=i)
            record_events(session, [NewEvent(happened_at, source, f"kind{i % 3}", f"text {i}", i % 4 or None)])
        yield session


def test_newest_first_and_paged(session):
    first = events(session, limit=8)
    second = events(session, limit=8, before_id=first[-1].id)
    assert [event.text for event in first] == [f"text {i}" for i in range(19, 11, -1)]
    assert [event.text for event in second] == [f"text {i}" for i in range(11, 3, -1)]
    assert count_events(session) == 20


def test_search(session, now):
    def found(**wanted):
        return [event.text for event in events(session, EventFilter(**wanted))]

    assert found(source="trap", kind="kind1") == ["text 19", "text 13", "text 7", "text 1"]
    assert found(text="TEXT 1")[-1] == "text 1" and len(found(text="text 1")) == 11
    assert found(text="%") == [] and found(text="_ext") == []
    assert found(since=now + timedelta(minutes=18)) == ["text 19", "text 18"]
    assert found(until=now + timedelta(minutes=1)) == ["text 0"]


def test_a_school_sees_its_own_devices_only(session):
    mine = events(session, EventFilter(device_ids={1, 3}))
    assert {event.device_id for event in mine} == {1, 3} and len(mine) == 10
    assert events(session, EventFilter(device_ids=set())) == []
    assert count_events(session, EventFilter(device_ids=set(range(1, 100_000)))) == 15


def test_hostile_text_is_kept_harmless(session, now):
    text = "<script>\x00\x1b[31m" + "é" * 20_000 + "\ud800"
    number = record_event(session, NewEvent(now, "s" * 100, "k" * 100, text, 1, {"a": text, "b": [1, None, object]}))
    event = events(session, limit=1)[0]
    assert event.id == number and len(event.text) == 8000 and "\x00" not in event.text
    assert len(event.source) == len(event.kind) == 64 and event.raw.startswith("{")
    record_event(session, NewEvent(now, "syslog", "big", raw={"a": "x" * 1_000_000}))
    assert len(events(session, limit=1)[0].raw) < 70_000


def test_old_events_go(session, now):
    assert prune_events(session, now + timedelta(minutes=5)) == 5
    assert prune_events(session, now + timedelta(minutes=15), limit=4) == 4
    assert count_events(session) == 11


def test_recording_nothing_is_no_error(session):
    assert record_events(session, []) == 0
