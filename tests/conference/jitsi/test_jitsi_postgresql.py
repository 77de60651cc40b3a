"""Room events and openings on a real PostgreSQL: two that drain at once keep each once, hostile text included."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from conference.jitsi import RoomEvent, RoomReservation, keep_events, make_snapshot
from conference.jitsi.answering import OpenRoom, read_event
from conference.jitsi.store import keep_rooms
from conference.schedule import Meeting
from core import Database
from tests.conference.jitsi.conftest import ROOM
from tests.core.postgresql import running_postgresql


@pytest.fixture
def database() -> Iterator[Database]:
    """Instead of the shared fixture."""
    with running_postgresql() as url, closing(Database(url)) as database:
        database.create_all()
        yield database


def test_two_that_drain_at_once_keep_everything_once(database, world, now) -> None:
    facts = [(read_event(world.system.id, "muc-occupant-joined", {
        "room_jid": f"{ROOM}@muc.x", "occupant": {"joined_at": now.timestamp() + number, "id": f"ep-{number}",
                                                  "occupant_jid": f"{number:08x}-0@x/y", "name": "\x00\ud800 THCS"},
    }), now) for number in range(50)]
    rooms = [OpenRoom(f"mtg-{number}", world.system.id, world.meeting.id, ROOM, ROOM, "a@b", now.timestamp())
             for number in range(5)]
    gate = Barrier(2)

    def drain(turn: int) -> None:
        with database.session() as session:
            gate.wait(10)
            keep_rooms(session, rooms)
            keep_events(session, facts if turn else facts[::-1])

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(drain, range(2)))
    with database.reading() as session:
        events = list(session.scalars(select(RoomEvent)))
        assert (len(events), len(list(session.scalars(select(RoomReservation))))) == (50, 5)
        assert json.loads(events[0].raw)["occupant"]["name"] == "\x00\ud800 THCS"
        meeting = session.get(Meeting, world.meeting.id)
        assert (meeting.state, meeting.began_at) == ("running", now)
        (booking,) = make_snapshot(session, now + timedelta(minutes=1)).bookings.values()
    assert (booking.room, booking.state) == (ROOM, "scheduled")
