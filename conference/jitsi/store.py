"""Jitsi's side of the database: what the answerer has to know, and what it and the servers tell back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import func, select, update

from conference.jitsi.answering import Booking, EventFact, OpenRoom, Snapshot, read_event
from conference.jitsi.answering.booking import proof_of
from conference.jitsi.models import RoomEvent, RoomReservation
from conference.jitsi.tokens import AFTER, AHEAD
from conference.schedule import OPEN_STATES, Meeting, mark_began, mark_left
from core import Session, insert_missing
from inventory import meeting_servers, meeting_systems

KNOWN_BEFORE = timedelta(days=1)    # meetings that are over are told as over, not as unknown
KNOWN_AHEAD = timedelta(days=30)    # so long may the main database be away
CLOCK_AHEAD = timedelta(hours=3)    # by more no server's clock is believed when it tells what happened
_AT_ONCE = 400
_BOOKED = (Meeting.id, Meeting.system_id, Meeting.room, Meeting.state, Meeting.starts_at, Meeting.ends_at,
           Meeting.opens_minutes, Meeting.overrun_minutes, Meeting.plan)


def make_snapshot(session: Session, now: datetime) -> Snapshot:
    """Everything the answerer needs: two look-ups of systems and one of meetings."""
    hosts: dict[int, list[tuple[int, str]]] = {}
    for server in meeting_servers(session):
        if server.kind == "jibri" and server.is_enabled:
            hosts.setdefault(server.system_id, []).append((server.id, urlsplit(server.url).hostname or ""))
    systems = tuple(proof_of(system, tuple(hosts.get(system.id, ()))) for system in meeting_systems(session))
    rows = session.execute(
        select(*_BOOKED).where(
            Meeting.system_id.is_not(None), Meeting.starts_at <= now + KNOWN_AHEAD,
            Meeting.ends_at >= now - KNOWN_BEFORE,
        ).order_by(Meeting.id)
    )
    bookings = (_booking(*row) for row in rows)
    return Snapshot(now.timestamp(), systems, {(one.system_id, one.room): one for one in bookings})


def _booking(*row: Any) -> Booking:
    number, system_id, room, state, starts, ends, opens_minutes, overrun_minutes, written = row
    plan = json.loads(written) if written and written != "{}" else {}
    plan = plan if isinstance(plan, dict) else {}
    most, lobby, password = plan.get("max_occupants"), plan.get("lobby"), plan.get("password")
    begins = starts.timestamp()
    return Booking(
        number, system_id, room.lower(), "scheduled" if state in OPEN_STATES else state, begins - 60 * opens_minutes,
        begins, ends.timestamp() + 60 * overrun_minutes, most if isinstance(most, int) else None,
        lobby if isinstance(lobby, bool) else None, password if isinstance(password, str) else None,
    )


def take_event(session: Session, system_id: int, name: str, payload: Mapping[str, Any], now: datetime) -> bool:
    """Keep one event; True when it was new. Raises EventProblem."""
    return bool(keep_events(session, [(read_event(system_id, name, payload), now)]))


def keep_events(session: Session, facts: Sequence[tuple[EventFact, datetime]]) -> int:
    """Keep events with the moments they came at, each once; note which meetings began and were left. How many are new.

    Any order will do: a meeting begins at its earliest evidence and is left at its newest end.
    """
    by_key = {fact.key: (fact, at) for fact, at in reversed(facts)}
    known: set[str] = set()
    keys = list(by_key)
    for first in range(0, len(keys), _AT_ONCE):
        part = keys[first : first + _AT_ONCE]
        known.update(session.scalars(select(RoomEvent.key).where(RoomEvent.key.in_(part))))
    alive = {system.id for system in meeting_systems(session)}
    new = [(f, at) for key, (f, at) in sorted(by_key.items()) if key not in known and f.system_id in alive]
    meetings = _meetings_of(session, {(fact.system_id, fact.room) for fact, _at in new})
    insert_missing(session, RoomEvent, [_row(fact, at, meetings) for fact, at in new])
    _mark(session, new, meetings)
    return len(new)


def _row(fact: EventFact, at: datetime, meetings: Mapping[tuple[int, str], int]) -> dict[str, Any]:
    return {
        "system_id": fact.system_id, "meeting_id": meetings.get((fact.system_id, fact.room)), "key": fact.key,
        "name": fact.name, "room": fact.room, "occupant_jid": fact.occupant_jid, "endpoint": fact.endpoint,
        "subject": fact.subject, "display_name": fact.display_name,
        "happened_at": datetime.fromtimestamp(fact.happened, UTC), "received_at": at, "raw": fact.raw,
    }


def _meetings_of(session: Session, rooms: Iterable[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """(system, room) -> meeting, for those that are in the schedule."""
    wanted = set(rooms)
    names = sorted({room for _system, room in wanted})
    found: dict[tuple[int, str], int] = {}
    for first in range(0, len(names), _AT_ONCE):
        part = names[first : first + _AT_ONCE]
        rows = session.execute(select(Meeting.system_id, Meeting.room, Meeting.id).where(Meeting.room.in_(part)))
        found |= {(system_id, room): meeting_id for system_id, room, meeting_id in rows}
    return {key: number for key, number in found.items() if key in wanted}


def _mark(
    session: Session, facts: Sequence[tuple[EventFact, datetime]], meetings: Mapping[tuple[int, str], int]
) -> None:
    """What meetings learn of events. One from far ahead happened when it was told: a server with a wrong clock must not
    end a meeting next year, and so hold up its counting till then."""
    joined: dict[int, list[float]] = {}
    ended: dict[int, float] = {}
    for told, at in facts:
        is_possible = told.happened <= (at + CLOCK_AHEAD).timestamp()
        fact = told if is_possible else replace(told, happened=at.timestamp())
        meeting_id = meetings.get((fact.system_id, fact.room))
        if meeting_id is None:
            continue
        if fact.name == "muc-occupant-joined":
            joined.setdefault(meeting_id, []).append(fact.happened)
        elif fact.name == "muc-room-destroyed":
            ended[meeting_id] = max(fact.happened, ended.get(meeting_id, 0.0))
    for meeting_id in sorted(joined):
        mark_began(session, meeting_id, datetime.fromtimestamp(min(joined[meeting_id]), UTC))
    for meeting_id, left in sorted(ended.items()):
        mark_left(session, meeting_id, datetime.fromtimestamp(left, UTC))
        last = max(joined.get(meeting_id, [0.0]))
        if last > left:  # the room was made anew after its end, in the same batch
            mark_began(session, meeting_id, datetime.fromtimestamp(last, UTC))


def keep_rooms(session: Session, rooms: Iterable[OpenRoom]) -> None:
    """Keep what the answerer opened and closed; the newest word on a number counts."""
    newest = {room.number: room for room in rooms}
    wanted = {room.meeting_id for room in newest.values()}
    alive = {tuple(row) for row in session.execute(
        select(Meeting.system_id, Meeting.id).where(Meeting.id.in_(wanted))
    )}
    kept = [room for _number, room in sorted(newest.items()) if (room.system_id, room.meeting_id) in alive]
    insert_missing(session, RoomReservation, [
        {"system_id": room.system_id, "meeting_id": room.meeting_id, "number": room.number, "name": room.name,
         "mail_owner": room.mail_owner, "opened_at": datetime.fromtimestamp(room.opened, UTC), "closed_at": None}
        for room in kept
    ])
    for room in kept:
        if room.closed is not None:
            closed = datetime.fromtimestamp(room.closed, UTC)
            session.execute(
                update(RoomReservation)
                .where(RoomReservation.number == room.number, RoomReservation.closed_at.is_(None))
                .values(closed_at=closed)
            )


def has_stale_rooms(session: Session, now: datetime) -> bool:
    """Whether an opening of a meeting whose time is up is not closed."""
    return session.scalar(
        select(RoomReservation.id).join(Meeting, Meeting.id == RoomReservation.meeting_id)
        .where(RoomReservation.closed_at.is_(None), Meeting.ends_at < now).limit(1)
    ) is not None


def close_stale_rooms(session: Session, now: datetime) -> int:
    """Close the openings of meetings that are over: Prosody tells nothing when it ends a room by its time. How many."""
    rows = session.execute(
        select(RoomReservation, Meeting.ends_at, Meeting.overrun_minutes)
        .join(Meeting, Meeting.id == RoomReservation.meeting_id)
        .where(RoomReservation.closed_at.is_(None), Meeting.ends_at < now)
    ).all()
    closed = 0
    for reservation, ends_at, overrun_minutes in rows:
        closes = ends_at + timedelta(minutes=overrun_minutes)
        if closes < now:
            reservation.closed_at = closes
            closed += 1
    return closed


def reservations_of(session: Session, meeting_id: int) -> list[RoomReservation]:
    """The openings of a meeting's room, oldest first."""
    return list(session.scalars(
        select(RoomReservation).where(RoomReservation.meeting_id == meeting_id).order_by(RoomReservation.opened_at)
    ))


def is_room_open(session: Session, meeting_id: int) -> bool:
    """Whether a server has the room of a meeting open, as far as it told: a reservation not closed, or events whose
    newest is no end."""
    is_reserved = session.scalar(select(RoomReservation.id).where(
        RoomReservation.meeting_id == meeting_id, RoomReservation.closed_at.is_(None)
    ).limit(1))
    if is_reserved is not None:
        return True
    newest = session.scalar(
        select(RoomEvent.name).where(RoomEvent.meeting_id == meeting_id)
        .order_by(RoomEvent.happened_at.desc(), RoomEvent.id.desc()).limit(1)
    )
    return newest is not None and newest != "muc-room-destroyed"


def last_token_end(session: Session, system_id: int, now: datetime) -> datetime:
    """Until when a join token may be about that was given by now: so long an exchanged key is served."""
    last = session.scalar(select(func.max(Meeting.ends_at)).where(
        Meeting.system_id == system_id, Meeting.starts_at <= now + AHEAD + timedelta(days=1)
    ))
    return max(last or now, now) + AFTER + timedelta(days=1)


