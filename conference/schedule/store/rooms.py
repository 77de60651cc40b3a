"""The rooms that meetings take: in the schools (RoomUse), and on the servers (WatchedRoom) while they are open."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select, update

from collectors import WatchedRoom
from conference.schedule.models import Meeting
from conference.schedule.store.reading import endpoints_of_meetings
from conference.schedule.times import closes_at, opens_at
from conference.schedule.words import BOOKED_STATES
from core import Session
from inventory import RoomUse


def source_of(meeting_id: int) -> str:
    """Who wrote a use of a room."""
    return f"meeting:{meeting_id}"


def take_rooms(session: Session, meetings: Collection[Meeting]) -> None:
    """Write anew which rooms of schools these meetings take; a meeting that is not booked takes none.

    An endpoint whose room nobody entered takes none: the whole school would be taken with it.
    """
    if not meetings:
        return
    give_back(session, [meeting.id for meeting in meetings])
    booked = {meeting.id: meeting for meeting in meetings if meeting.state in BOOKED_STATES}
    found = endpoints_of_meetings(session, booked) if booked else {}
    for meeting_id, endpoints in found.items():
        meeting = booked[meeting_id]
        rooms = {(one.site_id, one.room_id) for one in endpoints if one.room_id is not None and not one.is_excused}
        session.add_all([
            RoomUse(site_id=site_id, room_id=room_id, name=meeting.title[:200], purpose="meeting",
                    starts_at=opens_at(meeting), ends_at=meeting.ends_at, source=source_of(meeting_id))
            for site_id, room_id in sorted(rooms)
        ])  # fmt: skip
    session.flush()


def give_back(session: Session, meeting_ids: Collection[int]) -> None:
    """The meetings take no rooms any more."""
    session.execute(delete(RoomUse).where(RoomUse.source.in_([source_of(one) for one in meeting_ids])))


def hold_rooms_until(session: Session, meeting_id: int, until: datetime) -> None:
    """A meeting runs on, or ended earlier: its rooms are taken until then."""
    session.execute(update(RoomUse).where(RoomUse.source == source_of(meeting_id)).values(ends_at=until))


def without_rooms(session: Session, meetings: Collection[Meeting]) -> list[Meeting]:
    """Of these meetings those for which no use of a room stands: written by another hand, or with nothing to take."""
    sources = {source_of(meeting.id): meeting for meeting in meetings}
    kept = set(session.scalars(select(RoomUse.source).where(RoomUse.source.in_(sources)).distinct()))
    return [meeting for source, meeting in sources.items() if source not in kept]


def watch(session: Session, meeting: Meeting) -> None:
    """Have the meeting's room on the server looked at from its opening until its close."""
    if meeting.system_id is None:
        return
    here = (WatchedRoom.system_id == meeting.system_id) & (WatchedRoom.room == meeting.room)
    row = session.scalar(select(WatchedRoom).where(here))
    since, until = opens_at(meeting), closes_at(meeting)
    if row is None:
        session.add(WatchedRoom(system_id=meeting.system_id, room=meeting.room, since=since, until=until))
        session.flush()
    elif (row.since, row.until) != (since, until):
        row.since, row.until = since, until


def stop_watching(session: Session, meeting: Meeting, at: datetime) -> None:
    """The meeting is over: look no longer."""
    session.execute(
        update(WatchedRoom)
        .where(WatchedRoom.system_id == meeting.system_id, WatchedRoom.room == meeting.room, WatchedRoom.until > at)
        .values(until=at)
    )
