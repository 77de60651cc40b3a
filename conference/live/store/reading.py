"""The evidence of a running meeting, each kind in one statement for all its endpoints."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select

from alerts import Incident, IncidentMember
from collectors import RoomSighting, WatchedRoom
from conference.jitsi import RoomEvent
from conference.kiosk import KioskSpell, KioskState
from conference.live.heartbeat import Heartbeat, read_heartbeat
from conference.live.presence import Sighting
from conference.live.store.cast import Cast
from conference.schedule import Meeting
from core import Session
from inventory import endpoint_of_number
from telemetry import Event

JOINED, LEFT = "muc-occupant-joined", "muc-occupant-left"
ERROR_EVENTS = ("errorOccurred", "peerConnectionFailure", "passwordRequired", "join_failed")
ERRORS_COUNT, MOST_ERRORS = timedelta(minutes=2), 5000
RUNNING_STATES = ("scheduled", "running")


@dataclass(frozen=True, slots=True)
class Trouble:
    """An open network incident that holds a site."""

    id: int
    cause: str
    severity: str
    rank: int
    titles: dict[str, str]
    sites_count: int
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Stay:
    """One connection that is in the room by the server's events."""

    subject: str
    display_name: str
    connection: str
    since: datetime


@dataclass(slots=True)
class Evidence:
    """By endpoint id: heartbeats, open sightings, newest events, last presence; by site: incidents. And the room."""

    beats: dict[int, Heartbeat] = field(default_factory=dict)
    sightings: dict[int, Sighting] = field(default_factory=dict)
    unknown_sightings: list[Sighting] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)
    errors: dict[int, str] = field(default_factory=dict)
    joined: dict[int, datetime] = field(default_factory=dict)
    left: dict[int, datetime] = field(default_factory=dict)
    was_in: dict[int, datetime] = field(default_factory=dict)
    incidents: dict[int, Trouble] = field(default_factory=dict)
    bridges: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked_at: datetime | None = None
    failure: str = ""
    main_count: int | None = None
    visitor_count: int | None = None


def gather(session: Session, meeting: Meeting, cast: Cast, now: datetime) -> Evidence:
    """Everything that speaks of the meeting now."""
    found = Evidence()
    ids = {part.endpoint_id for part in cast.parts}
    owner: dict[str, int] = {}
    _beats(session, meeting, ids, found, owner)
    _spells(session, meeting, found, owner)
    _events(session, meeting, cast, found, owner)
    _sightings(session, meeting, found, owner)
    found.incidents = open_troubles(session, {part.site_id for part in cast.parts})
    found.errors = _errors(session, ids, now)
    return found


def _errors(session: Session, ids: set[int], now: datetime) -> dict[int, str]:
    """What the rooms' pages told of failing to join in the last minutes: a heartbeat holds only what is new in it."""
    chosen = select(Event.device_id, Event.text).where(
        Event.kind.in_(ERROR_EVENTS), Event.happened_at > now - ERRORS_COUNT, Event.source == "kiosk"
    )
    found: dict[int, str] = {}
    for number, text in session.execute(chosen.order_by(Event.id.desc()).limit(MOST_ERRORS)):
        endpoint_id = endpoint_of_number(number)
        if endpoint_id in ids and endpoint_id is not None:
            found[endpoint_id] = f"{found.get(endpoint_id, '')} {text.lower()}"[:500]
    return found


def _beats(session: Session, meeting: Meeting, ids: set[int], found: Evidence, owner: dict[str, int]) -> None:
    names = ("endpoint_id", "at", "address", "meeting_id", "connection", "state", "is_visitor", "payload")
    columns = [getattr(KioskState, name) for name in names]
    for row in session.execute(select(*columns).where(KioskState.at > meeting.starts_at - timedelta(days=1))):
        values = row._mapping
        if values["endpoint_id"] in ids:
            beat = read_heartbeat(values)
            found.beats[values["endpoint_id"]] = beat
            if beat.connection and beat.meeting_id in (None, meeting.id):
                owner[beat.connection] = values["endpoint_id"]


def newest_heartbeat(session: Session, endpoint_id: int) -> Heartbeat | None:
    """The newest heartbeat of one endpoint, however old."""
    row = session.get(KioskState, endpoint_id)
    names = ("at", "address", "meeting_id", "connection", "state", "is_visitor", "payload")
    return read_heartbeat({name: getattr(row, name) for name in names}) if row is not None else None


def _spells(session: Session, meeting: Meeting, found: Evidence, owner: dict[str, int]) -> None:
    chosen = select(KioskSpell.endpoint_id, KioskSpell.connection, func.max(KioskSpell.last_at)).where(
        KioskSpell.meeting_id == meeting.id
    )
    for endpoint_id, connection, last_at in session.execute(
        chosen.group_by(KioskSpell.endpoint_id, KioskSpell.connection)
    ):
        _later(found.was_in, endpoint_id, last_at)
        if connection:
            owner.setdefault(connection, endpoint_id)


def _events(session: Session, meeting: Meeting, cast: Cast, found: Evidence, owner: dict[str, int]) -> None:
    columns = (RoomEvent.subject, RoomEvent.endpoint, RoomEvent.name)
    chosen = select(*columns, func.max(RoomEvent.happened_at), func.max(RoomEvent.display_name)).where(
        RoomEvent.meeting_id == meeting.id, RoomEvent.name.in_((JOINED, LEFT))
    )
    here: dict[str, Stay] = {}
    gone: dict[str, datetime] = {}
    for subject, connection, name, at, shown in session.execute(chosen.group_by(*columns)):
        if name == JOINED:
            here[connection] = Stay(subject, shown or "", connection, at)
        else:
            gone[connection] = at
        endpoint_id = cast.by_subject.get(subject) or owner.get(connection)
        if endpoint_id is None:
            continue
        if connection:
            owner.setdefault(connection, endpoint_id)
        _later(found.joined if name == JOINED else found.left, endpoint_id, at)
        _later(found.was_in, endpoint_id, at)
    found.stays = [one for one in here.values() if one.connection not in gone or gone[one.connection] < one.since]


def _sightings(session: Session, meeting: Meeting, found: Evidence, owner: dict[str, int]) -> None:
    watched = session.scalar(
        select(WatchedRoom).where(WatchedRoom.system_id == meeting.system_id, WatchedRoom.room == meeting.room)
    )
    if watched is None:
        return
    found.asked_at, found.failure = watched.asked_at, watched.reason
    found.main_count, found.visitor_count = watched.main_count, watched.visitor_count
    found.bridges = _bridges(watched.bridges)
    columns = (RoomSighting.endpoint, RoomSighting.bridge, RoomSighting.is_visitor, RoomSighting.audio_muted,
               RoomSighting.video_muted)  # fmt: skip
    chosen = select(*columns).where(
        RoomSighting.watched_id == watched.id, RoomSighting.gone_at.is_(None), RoomSighting.is_recorder.is_(False)
    )
    for row in session.execute(chosen):
        seen = Sighting(*row, seen_at=watched.asked_at)
        endpoint_id = owner.get(seen.connection)
        if endpoint_id is None:
            found.unknown_sightings.append(seen)
        else:
            found.sightings[endpoint_id] = seen
    gone = select(RoomSighting.endpoint, func.max(RoomSighting.last_seen)).where(
        RoomSighting.watched_id == watched.id, RoomSighting.gone_at.is_not(None),
        RoomSighting.last_seen >= meeting.starts_at - timedelta(minutes=meeting.opens_minutes),
    )
    for connection, last_seen in session.execute(gone.group_by(RoomSighting.endpoint)):
        if connection in owner:
            _later(found.was_in, owner[connection], last_seen)


def _bridges(text: str) -> dict[str, dict[str, Any]]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return {str(name): one for name, one in found.items() if isinstance(one, dict)} if isinstance(found, dict) else {}


def _later(found: dict[int, datetime], key: int, at: datetime) -> None:
    if key not in found or at > found[key]:
        found[key] = at


def open_troubles(session: Session, site_ids: Collection[int]) -> dict[int, Trouble]:
    """Site id to the open incident that explains it best: what darkens the whole site first, then the worst."""
    columns = (Incident.id, Incident.cause, Incident.severity, Incident.severity_rank, Incident.titles,
               Incident.sites_count, Incident.started_at)  # fmt: skip
    is_open = (Incident.closed_at.is_(None), Incident.folded_into_id.is_(None), Incident.severity_rank <= 2)
    own = select(Incident.site_id, *columns).where(*is_open, Incident.site_id.is_not(None))
    behind = (
        select(IncidentMember.site_id, *columns)
        .join(Incident, Incident.id == IncidentMember.incident_id)
        .where(*is_open, IncidentMember.left_at.is_(None), IncidentMember.site_id.is_not(None))
        .where(or_(Incident.site_id.is_(None), IncidentMember.site_id != Incident.site_id))
    )
    found: dict[int, Trouble] = {}
    for chosen in (own, behind):
        for site_id, *values in session.execute(chosen):
            trouble = Trouble(*values)
            if site_id in site_ids and (site_id not in found or _weight(trouble) < _weight(found[site_id])):
                found[site_id] = trouble
    return found


def _weight(trouble: Trouble) -> tuple[bool, int, int]:
    is_whole = trouble.cause.startswith(("site:", "area:", "own_network"))
    return (not is_whole, trouble.rank, trouble.id)


def meetings_running(session: Session, now: datetime) -> list[Meeting]:
    """Meetings whose room is open now by the clock and that were not called off, the next to end first."""
    near = select(Meeting).where(
        Meeting.state.in_(RUNNING_STATES), Meeting.starts_at < now + timedelta(hours=12),
        Meeting.ends_at > now - timedelta(hours=12),
    )
    return [meeting for meeting in session.scalars(near.order_by(Meeting.ends_at, Meeting.id))
            if meeting.starts_at - timedelta(minutes=meeting.opens_minutes) <= now
            <= meeting.ends_at + timedelta(minutes=meeting.overrun_minutes)]  # fmt: skip
