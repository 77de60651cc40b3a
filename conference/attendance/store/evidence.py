"""The evidence of meetings out of the tables of room events, sightings and heartbeat spells."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from collectors import RoomSighting, WatchedRoom
from conference.attendance.counting import Evidence, Happening, Occupant, Party, Sighting, Spell
from conference.jitsi import RoomEvent
from conference.kiosk import KioskSpell
from conference.schedule import Meeting, Participant
from inventory import Endpoint, Site

# First labels of the XMPP domains that no person signs in to: Jibri's, the focus' and Jigasi's
MACHINE_DOMAINS = frozenset({"recorder", "hidden", "auth", "jigasi", "transcriber"})
HEX = frozenset("0123456789abcdef")
MILLISECONDS_FROM = 1e11  # an epoch beyond the year 5000 in seconds is one in milliseconds


def gather(session: Session, meeting: Meeting, until: datetime) -> Evidence:
    """Everything that is known of a meeting's presence; what is open lasts until `until`."""
    looks, looked_at = _looks(session, meeting)
    events = session.execute(
        select(RoomEvent.name, RoomEvent.happened_at, RoomEvent.received_at, RoomEvent.raw).where(_of(meeting))
    )
    spells = session.execute(
        select(KioskSpell.endpoint_id, KioskSpell.connection, KioskSpell.first_at, KioskSpell.last_at)
        .where(KioskSpell.meeting_id == meeting.id)
    )  # fmt: skip
    return Evidence(
        until.timestamp(),
        tuple(read_happening(name, at, received, raw) for name, at, received, raw in events),
        tuple(looks),
        tuple(Spell(one, key, first.timestamp(), last.timestamp()) for one, key, first, last in spells),
        looked_at,
    )


def _of(meeting: Meeting) -> Any:
    own = RoomEvent.meeting_id == meeting.id
    if meeting.system_id is None:
        return own
    in_room = and_(
        RoomEvent.system_id == meeting.system_id, RoomEvent.room == meeting.room, RoomEvent.meeting_id.is_(None)
    )
    return or_(own, in_room)


def _looks(session: Session, meeting: Meeting) -> tuple[list[Sighting], float | None]:
    room = session.execute(
        select(WatchedRoom.id, WatchedRoom.asked_at)
        .where(WatchedRoom.system_id == meeting.system_id, WatchedRoom.room == meeting.room)
    ).first()  # fmt: skip
    if room is None:
        return [], None
    rows = session.execute(
        select(RoomSighting.endpoint, RoomSighting.first_seen, RoomSighting.last_seen, RoomSighting.gone_at,
               RoomSighting.is_visitor, RoomSighting.is_recorder).where(RoomSighting.watched_id == room.id)
    )  # fmt: skip
    rows = rows.all()
    begun = {(row.endpoint, row.first_seen) for row in rows}
    found = []
    for key, first, last, gone_at, is_visitor, is_recorder in rows:
        end = last if gone_at is not None or room.asked_at is None else max(last, room.asked_at)
        if gone_at is not None and (key, gone_at) in begun:
            # Nobody looked meanwhile: who has the same connection before and after was there all the time
            end = gone_at
        found.append(Sighting(key, first.timestamp(), end.timestamp(), is_visitor, is_recorder))
    return found, room.asked_at.timestamp() if room.asked_at else None


def read_happening(name: str, at: datetime, received_at: datetime, raw: str) -> Happening:
    """An event as counting needs it; whatever is missing or odd in its JSON is left out, nothing is required."""
    try:
        body = json.loads(raw)
    except ValueError:
        body = {}
    body = body if isinstance(body, dict) else {}
    listed = body.get("all_occupants")
    named = [body.get("occupant"), *(listed if isinstance(listed, list) else [])]
    occupants = (_occupant(one) for one in named if isinstance(one, dict))
    breakout = str(body.get("breakout_room_id") or "breakout") if body.get("is_breakout") is True else ""
    return Happening(
        name, at.timestamp(), received_at.timestamp(), breakout, tuple(one for one in occupants if one is not None),
        _moment(body.get("created_at")),
    )  # fmt: skip


def _occupant(body: dict[str, Any]) -> Occupant | None:
    jid = _text(body.get("occupant_jid"), 300)
    if not jid:
        return None
    local, _at, domain = jid.partition("/")[0].partition("@")
    spoke = body.get("total_dominant_speaker_time")
    return Occupant(
        jid, local[:8].lower() if HEX.issuperset(local[:8].lower()) and len(local) >= 8 else "",
        _text(body.get("id"), 100), _text(body.get("name"), 200), _moment(body.get("joined_at")),
        _moment(body.get("left_at")),
        spoke / 1000 if isinstance(spoke, int | float) and not isinstance(spoke, bool) and spoke >= 0 else None,
        local == "focus" or domain.partition(".")[0] in MACHINE_DOMAINS,
    )  # fmt: skip


def _text(value: Any, limit: int) -> str:
    """What somebody said of himself, as one line that every database keeps."""
    plain = "" if value is None or isinstance(value, dict | list) else str(value)
    return "".join(c if c.isprintable() else " " for c in plain).strip()[:limit]


def _moment(value: Any) -> float | None:
    try:
        moment = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if not 0 < moment < 1e14:
        return None
    return moment / 1000 if moment > MILLISECONDS_FROM else moment


def parties(session: Session, meeting: Meeting) -> list[Party]:
    """The participants as counting needs them."""
    rows = session.scalars(
        select(Participant).where(Participant.meeting_id == meeting.id).order_by(Participant.position, Participant.id)
    ).all()
    kinds = dict(session.execute(
        select(Endpoint.id, Endpoint.kind).where(Endpoint.id.in_({one.endpoint_id for one in rows if one.endpoint_id}))
    ).all())  # fmt: skip
    wide = {one.unit_id for one in rows if one.kind == "unit" and one.endpoint_id is None and one.unit_id}
    behind: dict[int, set[int]] = {}
    if wide:
        for unit_id, endpoint_id in session.execute(
            select(Site.unit_id, Endpoint.id).join(Endpoint, Endpoint.site_id == Site.id).where(Site.unit_id.in_(wide))
        ):
            behind.setdefault(unit_id, set()).add(endpoint_id)
    return [
        Party(
            one.id, one.kind, one.name, one.subject, one.unit_id, one.endpoint_id,
            frozenset(behind.get(one.unit_id or 0, ()) if one.endpoint_id is None and one.kind == "unit" else ()),
            one.endpoint_id is not None and kinds.get(one.endpoint_id) == "kiosk", one.excused_at is not None,
        )
        for one in rows
    ]  # fmt: skip


def evidence_marks(session: Session, meetings: Sequence[Meeting]) -> dict[int, str]:
    """A short word for what is known of each meeting now: another word means that something was added."""
    ids = [one.id for one in meetings]
    by_room = {(one.system_id, one.room): one.id for one in meetings if one.system_id is not None}
    found: dict[int, list[object]] = {one: [] for one in ids}
    for query in (
        select(RoomEvent.meeting_id, func.count(), func.max(RoomEvent.id))
        .where(RoomEvent.meeting_id.in_(ids)).group_by(RoomEvent.meeting_id),
        select(KioskSpell.meeting_id, func.count(), func.max(KioskSpell.last_at))
        .where(KioskSpell.meeting_id.in_(ids)).group_by(KioskSpell.meeting_id),
        select(Participant.meeting_id, func.count(), func.count(Participant.excused_at))
        .where(Participant.meeting_id.in_(ids)).group_by(Participant.meeting_id),
    ):  # fmt: skip
        seen = {row[0]: tuple(row[1:]) for row in session.execute(query)}
        for meeting_id, words in found.items():
            words.append(seen.get(meeting_id))
    looks = session.execute(
        select(WatchedRoom.system_id, WatchedRoom.room, func.count(), func.count(RoomSighting.gone_at),
               func.max(RoomSighting.last_seen))
        .join(RoomSighting, RoomSighting.watched_id == WatchedRoom.id)
        .where(WatchedRoom.room.in_([room for _system, room in by_room]))
        .group_by(WatchedRoom.system_id, WatchedRoom.room)
    )  # fmt: skip
    for system_id, room, *rest in looks:
        if (system_id, room) in by_room:
            found[by_room[system_id, room]].append(tuple(rest))
    for one in meetings:
        found[one.id] += [one.starts_at, one.ends_at]
    return {one: hashlib.sha256(repr(words).encode()).hexdigest()[:32] for one, words in found.items()}
