"""Reads what tells of a meeting's stream and recording, and writes into its story when one starts, stops or fails."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from collectors import RoomSighting, WatchedRoom, servers_now
from conference.live.broadcast import KINDS, Airing, Broadcast, Order, Recorder, Sight, broadcast_of, ran_of
from conference.live.models import LiveNote
from conference.live.store.remedying import Line, note
from conference.schedule import Meeting
from core import Session
from inventory import MeetingServer
from playbooks import MeetingOrder

TOLD_LASTS = timedelta(seconds=150)  # a recorder tells of itself each minute
VERBS = ("start_stream", "stop_stream", "start_recording", "stop_recording")
_WORK = {0.0: "idle", 1.0: "busy", 2.0: "expired"}
_ENDS = {"running": "began", "stopped": "ended"}
AIR_NOTES = tuple(f"{kind}_{word}" for kind in KINDS for word in ("began", "ended", "failed"))


def broadcast_now(session: Session, registry: Any, live: Any, meeting: Meeting, now: datetime) -> Broadcast:
    """The stream and the recording as far as anybody tells of them; without a plan or an order nothing is read."""
    orders = _orders(session, meeting)
    if not orders and not meeting.is_streamed and not meeting.is_recorded:
        return Broadcast(Airing("stream"), Airing("recording"))
    recorders = _recorders(session, registry, live, meeting, now)
    return broadcast_of(meeting, orders, recorders, _sightings(session, meeting), now)


def broadcast_ran(session: Session, meeting: Meeting) -> tuple[bool, bool]:
    """(stream, recording): whether each was measured to run in a meeting that is over."""
    told = set(session.scalars(
        select(LiveNote.kind).where(LiveNote.meeting_id == meeting.id, LiveNote.kind.in_(AIR_NOTES))
    ))  # fmt: skip
    orders, sightings = _orders(session, meeting), _sightings(session, meeting)
    ran = dict(zip(KINDS, ran_of(meeting, orders, sightings), strict=True))
    ordered = dict(zip(KINDS, ran_of(meeting, orders, ()), strict=True))
    for kind in KINDS:  # while it ran it was found not to run: who was in the room then was no recorder of it
        ran[kind] = f"{kind}_began" in told or (ordered if f"{kind}_failed" in told else ran)[kind]
    return ran["stream"], ran["recording"]


def _orders(session: Session, meeting: Meeting) -> list[Order]:
    chosen = select(MeetingOrder).where(MeetingOrder.meeting_id == meeting.id, MeetingOrder.verb.in_(VERBS))
    return [
        Order(one.id, one.verb, one.state, one.server_id, one.ordered_at, one.done_at, one.failure, one.detail)
        for one in session.scalars(chosen.order_by(MeetingOrder.id))
    ]


def _recorders(session: Session, registry: Any, live: Any, meeting: Meeting, now: datetime) -> list[Recorder]:
    chosen = select(MeetingServer).where(
        MeetingServer.system_id == meeting.system_id, MeetingServer.kind == "jibri", MeetingServer.is_enabled
    )
    servers = session.scalars(chosen.order_by(MeetingServer.id)).all()
    if registry is None or live is None:
        return [_told(one, Recorder(one.id, one.name), now) for one in servers]
    found = []
    for server, seen in zip(servers, servers_now(live, registry, servers, now.timestamp()), strict=True):
        at = None if seen.at is None else datetime.fromtimestamp(seen.at, UTC)
        work = "" if seen.recorder_state is None else _WORK.get(seen.recorder_state, "")
        found.append(_told(server, Recorder(server.id, server.name, seen.is_up, seen.is_healthy, work, at), now))
    return found


def _told(server: MeetingServer, asked: Recorder, now: datetime) -> Recorder:
    """What it told by itself, when that is newer than what it was asked."""
    if server.told_at is None or now - server.told_at > TOLD_LASTS or (asked.at and asked.at >= server.told_at):
        return asked
    try:
        status = json.loads(server.told or "{}")["status"]
        work, health = str(status["busyStatus"]).lower(), str(status["health"]["healthStatus"]).upper()
    except (ValueError, KeyError, TypeError):
        return asked
    work = work if work in _WORK.values() else ""
    return Recorder(server.id, server.name, True, health == "HEALTHY", work, server.told_at)


def _sightings(session: Session, meeting: Meeting) -> list[Sight]:
    chosen = (
        select(RoomSighting.first_seen, RoomSighting.gone_at)
        .join(WatchedRoom, WatchedRoom.id == RoomSighting.watched_id)
        .where(WatchedRoom.system_id == meeting.system_id, WatchedRoom.room == meeting.room,
               RoomSighting.is_recorder.is_(True))
    )  # fmt: skip
    return [Sight(first_at, gone_at) for first_at, gone_at in session.execute(chosen.order_by(RoomSighting.first_seen))]


def air_news(session: Session, meeting_id: int, broadcast: Broadcast | None) -> list[tuple[str, Airing]]:
    """(kind of line, what it is about) that the story does not tell yet; only reads."""
    shown: Sequence[Airing] = broadcast.shown if broadcast is not None else ()
    if not shown:
        return []
    told = list(session.scalars(
        select(LiveNote.kind).where(LiveNote.meeting_id == meeting_id, LiveNote.kind.in_(AIR_NOTES))
        .order_by(LiveNote.id.desc())
    ))  # fmt: skip
    found = []
    for one in shown:
        last = next((kind.partition("_")[2] for kind in told if kind.startswith(one.kind)), "")
        has_failed = one.is_finding and one.state in ("failed", "none_free", "unhealthy")
        word = "failed" if has_failed else _ENDS.get(one.state, "")
        if word and word != last and not (word == "ended" and last != "began"):
            found.append((f"{one.kind}_{word}", one))
    return found


def note_air(session: Session, meeting_id: int, broadcast: Broadcast | None, now: datetime) -> None:
    """Write when a stream or a recording started, stopped or failed."""
    for kind, one in air_news(session, meeting_id, broadcast):
        text = f"{one.title}: {one.word}. {one.sentence}" if one.is_finding else ""
        note(session, meeting_id, Line(kind, text, one.since or now))
