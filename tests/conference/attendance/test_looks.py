"""Servers that do not answer for minutes: nobody loses a minute by it, and none is counted twice."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from collectors import RoomSighting, WatchedRoom
from collectors.jitsi import RoomLook, save_failed_look, save_look
from collectors.jitsi.answers.room import Connection
from conference.attendance import attendance_now
from tests.conference import world
from tests.conference.attendance.rows_of import a_spell, a_stay, minute, participants
from tests.conference.world import MONDAY

HELD, LATE, GONE = "a1a1a1a1", "b2b2b2b2", "c3c3c3c3"


@pytest.fixture
def session(database):
    with database.session() as session:
        yield session


@pytest.fixture
def meeting(session):
    """An hour of three endpoints; Jicofo did not answer from minute 20 to 26. The first was there all the time, the
    second left in the gap and came back with another connection, the third was looked for and away from 30 to 40."""
    rooms = world.endpoints(session, 3)
    meeting = world.a_meeting(session, rooms, minutes=60)
    watched = WatchedRoom(system_id=meeting.system_id, room=meeting.room, since=MONDAY - timedelta(minutes=30),
                          until=MONDAY + timedelta(hours=2))
    session.add(watched)
    session.flush()
    for half in range(121):
        at = half / 2
        if 20 < at < 26:
            save_failed_look(session, watched.id, "unreachable")
            continue
        there = [HELD, LATE if at <= 20 else "b3b3b3b3", *([] if 30 <= at < 40 else [GONE])]
        save_look(session, watched.id, RoomLook({one: Connection(one, "jvb-1") for one in there}), minute(meeting, at))
    return meeting


def minutes_of(session, meeting) -> list[int]:
    _parties, lines = attendance_now(session, meeting, minute(meeting, 60))
    by_participant = {line.participant_id: round(line.seconds / 60) for line in lines}
    return [by_participant[one.id] for one in participants(session, meeting)]


def know_connections(session, meeting) -> None:
    """A heartbeat of a second each says which connection is whose."""
    ids = [one.endpoint_id for one in participants(session, meeting)]
    for endpoint_id, connection, at in ((ids[0], HELD, 5), (ids[1], LATE, 5), (ids[1], "b3b3b3b3", 40),
                                        (ids[2], GONE, 5)):
        a_spell(session, meeting, endpoint_id, connection, at, at + 0.2)


def test_looks_alone_bridge_what_nobody_looked_at(session, meeting):
    assert len(session.scalars(select(RoomSighting).where(RoomSighting.endpoint == HELD)).all()) == 2
    know_connections(session, meeting)
    assert minutes_of(session, meeting) == [60, 54, 50]


def test_events_and_heartbeats_are_not_added_to_the_looks(session, meeting):
    know_connections(session, meeting)
    first, second, _third = participants(session, meeting)
    a_stay(session, meeting, first, HELD, (0, 60))
    a_spell(session, meeting, first.endpoint_id, HELD, 0, 60)
    a_spell(session, meeting, second.endpoint_id, LATE, 0, 23)
    a_spell(session, meeting, second.endpoint_id, "b3b3b3b3", 26, 60)
    assert minutes_of(session, meeting) == [60, 57, 50]
