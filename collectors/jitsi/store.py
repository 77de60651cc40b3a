"""Meeting servers, watched rooms and sightings, read and written set-wise; every function takes the Session first."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, or_, select, update

from collectors.jitsi.answers import Connection, RoomLook
from collectors.jitsi.asking import ServerLook, ServerTarget, room_jid
from collectors.jitsi.models import MeetingServerQuestion, MeetingServerState, RoomSighting, WatchedRoom
from core import Session, insert_missing
from inventory import MeetingServer, MeetingSystem

DETAIL_LIMIT = 300
FACT_LIMIT = 200
QUESTION_LASTS = timedelta(minutes=2)  # after that nobody answers: the worker is away
# Longer between two looks, presence in between is not known: the sighting ends at the older look and begins anew
LONGEST_GAP = timedelta(seconds=120)
_CHUNK = 500
_SEEN = ("bridge", "is_visitor", "is_recorder", "audio_muted", "video_muted", "stats_id")


@dataclass(frozen=True, slots=True)
class RoomTarget:
    """A room to look into now. `focus` is None when its system has no Jicofo entered."""

    id: int
    system_id: int
    jid: str
    focus: ServerTarget | None


def server_targets(session: Session, shard: tuple[int, int] = (0, 1)) -> dict[int, ServerTarget]:
    """The enabled servers of enabled systems, of this worker's share."""
    chosen = (
        select(MeetingServer, MeetingSystem.domain).join(MeetingSystem, MeetingSystem.id == MeetingServer.system_id)
        .where(MeetingServer.is_enabled, MeetingSystem.is_enabled).order_by(MeetingServer.id)
    )
    return {
        one.id: ServerTarget(one.id, one.system_id, one.kind, one.name, one.url, domain, one.capacity_bps)
        for one, domain in session.execute(chosen) if one.id % shard[1] == shard[0]
    }


def server_states(session: Session, server_ids: Iterable[int] | None = None) -> dict[int, MeetingServerState]:
    """How the last looks went, of those named or of all."""
    chosen = select(MeetingServerState)
    if server_ids is not None:
        chosen = chosen.where(MeetingServerState.server_id.in_(list(server_ids)))
    return {state.server_id: state for state in session.scalars(chosen)}


def save_looks(session: Session, looks: Mapping[int, tuple[datetime, ServerLook]]) -> None:
    """Write down how looks went. Servers that were removed meanwhile are left out."""
    alive = set(session.scalars(select(MeetingServer.id).where(MeetingServer.id.in_(list(looks)))))
    before = server_states(session, alive)
    for server_id in sorted(alive):
        at, look = looks[server_id]
        state = before.get(server_id)
        if state is None:
            state = MeetingServerState(server_id=server_id, since=at, asked_at=at)
            session.add(state)
        elif state.reason != look.reason:
            state.since = at
        facts = {name: text[:FACT_LIMIT] for name, text in sorted(look.facts.items())}
        state.asked_at, state.is_up, state.seconds = at, look.is_up, look.seconds
        state.reason, state.detail = look.reason[:32], look.detail[:DETAIL_LIMIT]
        if facts:  # the version of a server that is down is still worth showing
            state.facts = json.dumps(facts, ensure_ascii=False)


def rooms_to_watch(session: Session, now: datetime, shard: tuple[int, int] = (0, 1)) -> list[RoomTarget]:
    """The rooms of the present moment."""
    chosen = (
        select(WatchedRoom.id, WatchedRoom.room, MeetingSystem)
        .join(MeetingSystem, MeetingSystem.id == WatchedRoom.system_id)
        .where(WatchedRoom.since <= now, WatchedRoom.until > now, MeetingSystem.is_enabled).order_by(WatchedRoom.id)
    )
    rows = [row for row in session.execute(chosen) if row[0] % shard[1] == shard[0]]
    if not rows:
        return []
    focuses = {one.system_id: one for one in server_targets(session).values() if one.kind == "jicofo"}
    return [
        RoomTarget(watched_id, system.id, room_jid(room, system.domain, system.muc_prefix, system.tenant),
                   focuses.get(system.id))
        for watched_id, room, system in rows
    ]


def open_sightings(session: Session, watched_id: int) -> list[RoomSighting]:
    """Who was in the room at the last look."""
    chosen = select(RoomSighting).where(RoomSighting.watched_id == watched_id, RoomSighting.gone_at.is_(None))
    return list(session.scalars(chosen.order_by(RoomSighting.id)))


def sightings_of(
    session: Session, system_id: int, room: str, start: datetime, end: datetime
) -> list[tuple[RoomSighting, datetime]]:
    """Sightings that touch this time, oldest first, each with the last moment it is known for (open ones: the last
    look)."""
    chosen = (
        select(RoomSighting, WatchedRoom.asked_at).join(WatchedRoom, WatchedRoom.id == RoomSighting.watched_id)
        .where(WatchedRoom.system_id == system_id, WatchedRoom.room == room.lower(), RoomSighting.first_seen < end,
               or_(RoomSighting.gone_at.is_(None), RoomSighting.last_seen >= start))
        .order_by(RoomSighting.first_seen, RoomSighting.id)
    )
    found = []
    for row, asked_at in session.execute(chosen):
        until = row.last_seen if row.gone_at is not None else max(row.last_seen, asked_at or row.last_seen)
        if until >= start:
            found.append((row, until))
    return found


def save_look(session: Session, watched_id: int, look: RoomLook, now: datetime, reason: str = "") -> None:
    """Take in one look into a room: who is new, who left, who changed; what did not change is not written.

    `reason` is "room_not_open" where Jicofo has no such room: nobody is in it.
    """
    watched = session.get(WatchedRoom, watched_id)
    if watched is None:
        return
    columns = [getattr(RoomSighting, name) for name in _SEEN]
    rows = session.execute(
        select(RoomSighting.id, RoomSighting.endpoint, *columns)
        .where(RoomSighting.watched_id == watched_id, RoomSighting.gone_at.is_(None))
    ).all()
    before = watched.asked_at or now
    is_gap = now - before > LONGEST_GAP
    left, changed, known = [], [], set()
    for row_id, endpoint, *seen in rows:
        one = look.connections.get(endpoint)
        if one is None or is_gap or endpoint in known or one.is_visitor != seen[1]:
            left.append(row_id)
            continue
        known.add(endpoint)
        values = _values(one)
        if list(values.values()) != seen:
            changed.append({"id": row_id, **values})
    _end(session, left, before, now)
    if changed:
        session.execute(update(RoomSighting), changed)
    new = [
        {"watched_id": watched_id, "endpoint": endpoint, "first_seen": now, "last_seen": now, **_values(one)}
        for endpoint, one in look.connections.items() if endpoint not in known
    ]
    if new:
        session.execute(insert(RoomSighting), new)
    watched.asked_at, watched.reason = now, reason
    watched.main_count, watched.visitor_count = look.main_count, look.visitor_count
    watched.bridges = json.dumps(look.bridges, ensure_ascii=False)


def save_failed_look(session: Session, watched_id: int, reason: str) -> None:
    """A look that got no answer changes nothing but the reason: who is there is not known, nobody left by it."""
    session.execute(update(WatchedRoom).where(WatchedRoom.id == watched_id, WatchedRoom.reason != reason)
                    .values(reason=reason[:32]))


def end_watches(session: Session, now: datetime) -> int:
    """Close what is open in rooms whose watch is over; the number of sightings closed."""
    over = (
        select(RoomSighting.id, WatchedRoom.asked_at).join(WatchedRoom, WatchedRoom.id == RoomSighting.watched_id)
        .where(WatchedRoom.until <= now, RoomSighting.gone_at.is_(None))
    )
    by_moment: dict[datetime, list[int]] = {}
    for row_id, asked_at in session.execute(over):
        by_moment.setdefault(asked_at or now, []).append(row_id)
    for moment, ids in by_moment.items():
        _end(session, ids, moment, now)
    return sum(map(len, by_moment.values()))


def _end(session: Session, ids: Sequence[int], last_seen: datetime, now: datetime) -> None:
    for start in range(0, len(ids), _CHUNK):
        session.execute(
            update(RoomSighting).where(RoomSighting.id.in_(ids[start : start + _CHUNK]))
            .values(last_seen=last_seen, gone_at=now), execution_options={"synchronize_session": False},
        )


def _values(one: Connection) -> dict[str, Any]:
    return {name: getattr(one, name) for name in _SEEN}


def watch_room(session: Session, system_id: int, room: str, since: datetime, until: datetime) -> None:
    """Let a room be looked into from `since` to `until`; a row that is there is moved."""
    name = room.lower()
    row = {"system_id": system_id, "room": name, "since": since, "until": until}
    insert_missing(session, WatchedRoom, [row])
    session.execute(
        update(WatchedRoom).where(WatchedRoom.system_id == system_id, WatchedRoom.room == name)
        .values(since=since, until=until)
    )


def ask_meeting_server(
    session: Session, server_id: int, asked_by: str, now: datetime, connection: tuple[str, str] | None = None
) -> MeetingServerQuestion:
    """Have a server asked now: how it is, or, with (room address, endpoint id), how one connection is.

    The same question that is still open is returned instead of a second.
    """
    kind, (room, endpoint) = ("endpoint" if connection else "test"), connection or ("", "")
    same = select(MeetingServerQuestion).where(
        MeetingServerQuestion.server_id == server_id, MeetingServerQuestion.kind == kind,
        MeetingServerQuestion.room == room.lower(), MeetingServerQuestion.endpoint == endpoint,
        MeetingServerQuestion.done_at.is_(None), MeetingServerQuestion.asked_at > now - QUESTION_LASTS,
    )
    found = session.scalar(same.limit(1))
    if found is None:
        found = MeetingServerQuestion(
            server_id=server_id, kind=kind, room=room.lower()[:200], endpoint=endpoint[:8], asked_by=asked_by[:100],
            asked_at=now,
        )
        session.add(found)
        session.flush()
    return found


def open_questions(session: Session, now: datetime) -> list[MeetingServerQuestion]:
    """What is asked and not answered, oldest first; what nobody could answer in time is left."""
    chosen = select(MeetingServerQuestion).where(
        MeetingServerQuestion.done_at.is_(None), MeetingServerQuestion.asked_at > now - QUESTION_LASTS
    )
    found = list(session.scalars(chosen.order_by(MeetingServerQuestion.id).limit(100)))
    session.expunge_all()
    return found


def answer_question(
    session: Session, question_id: int, outcome: tuple[str, str, Mapping[str, object]], now: datetime
) -> None:
    """Write down (reason, detail, answer)."""
    reason, detail, answer = outcome
    session.execute(
        update(MeetingServerQuestion).where(MeetingServerQuestion.id == question_id)
        .values(done_at=now, reason=reason[:32], detail=detail[:DETAIL_LIMIT],
                answer=json.dumps(answer, ensure_ascii=False))
    )


def latest_question(
    session: Session, server_id: int, kind: str = "test", connection: tuple[str, str] | None = None
) -> MeetingServerQuestion | None:
    """The newest question of this kind to a server, answered or not."""
    room, endpoint = connection or ("", "")
    chosen = select(MeetingServerQuestion).where(
        MeetingServerQuestion.server_id == server_id, MeetingServerQuestion.kind == kind,
        MeetingServerQuestion.room == room.lower(), MeetingServerQuestion.endpoint == endpoint,
    )
    return session.scalar(chosen.order_by(MeetingServerQuestion.id.desc()).limit(1))
