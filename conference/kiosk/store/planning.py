"""What a kiosk is to do next: its coming meetings, the second at which it joins, and what it joins with."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from conference.capacity import joining_of, read_plan, shipped_figures
from conference.jitsi import TokenProblem, ice_servers, join_token, turn_credentials
from conference.kiosk.options import Place, join_options, place_of
from conference.schedule import (
    OPEN_STATES,
    Meeting,
    Participant,
    closes_at,
    manners_of,
    meetings_of_endpoint,
    opens_at,
    system_of,
)
from core import SealError, Secret, Session, Vault
from inventory import Endpoint, MeetingSystem, open_system

AHEAD = timedelta(days=14)
SHOWN = 5
KEPT_FOR = timedelta(minutes=2)
_KEPT_MEETINGS = 200


@dataclass(frozen=True, slots=True)
class Coming:
    """A meeting of an endpoint that is not over. `join_at` is its own second among all that join."""

    meeting: Meeting
    join_at: datetime
    closes_at: datetime

    def is_due(self, now: datetime) -> bool:
        """Whether the kiosk belongs into the room now."""
        return self.join_at <= now <= self.closes_at


@dataclass(frozen=True, slots=True)
class JoinOrder:
    """What the page opens: where, with which options, and the token."""

    place: Place
    options: Mapping[str, Any]
    token: Secret
    meeting: Meeting


class JoinProblem(Exception):
    """The endpoint cannot join; `reason` is a word of conference.jitsi.reasons, or no_system, bad_address."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class JoinTimes:
    """The planned joining second of every endpoint of a meeting (conference.capacity: speakers first, then the others,
    as fast as servers take them), kept for two minutes or until the meeting changes: 700 kiosks ask for them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[int, tuple[datetime, datetime, Mapping[int, datetime]]] = {}

    def of(self, session: Session, meeting: Meeting, now: datetime) -> Mapping[int, datetime]:
        """Endpoint to its second."""
        with self._lock:
            kept = self._kept.get(meeting.id)
            if kept is not None and kept[0] == meeting.updated_at and now - kept[1] < KEPT_FOR:
                return kept[2]
            found = joining_of(session, meeting).joins_at
            if len(self._kept) >= _KEPT_MEETINGS:
                self._kept.clear()
            self._kept[meeting.id] = (meeting.updated_at, now, found)
            return found


def coming_of(session: Session, endpoint_id: int, now: datetime, times: JoinTimes) -> list[Coming]:
    """The endpoint's meetings that are not over, by start; at most five."""
    found = []
    for meeting in meetings_of_endpoint(session, endpoint_id, now - timedelta(hours=30), now + AHEAD):
        end = closes_at(meeting)
        if meeting.state not in OPEN_STATES or end < now or len(found) >= SHOWN:
            continue
        is_near = opens_at(meeting) <= now + timedelta(hours=1)
        join_at = times.of(session, meeting, now).get(endpoint_id) if is_near else None
        found.append(Coming(meeting, join_at or opens_at(meeting), end))
    return found


def due_meeting(coming: Sequence[Coming], now: datetime) -> Coming | None:
    """The one to be in now: of several the one that began last, so that a longer one before it gives way."""
    due = [one for one in coming if one.is_due(now)]
    return max(due, key=lambda one: one.meeting.starts_at, default=None)


def order_to_join(session: Session, vault: Vault, endpoint: Endpoint, meeting_id: int, now: datetime) -> JoinOrder:
    """What the endpoint joins a meeting with. Raises JoinProblem."""
    row = session.execute(
        select(Meeting, Participant).join(Participant, Participant.meeting_id == Meeting.id)
        .where(Meeting.id == meeting_id, Participant.endpoint_id == endpoint.id)
    ).first()  # fmt: skip
    if row is None:
        raise JoinProblem("not_invited")
    meeting, participant = row
    system = system_of(session, meeting)
    if system is None or not system.is_enabled:
        raise JoinProblem("no_system")
    place = place_of(system)
    if place is None:
        raise JoinProblem("bad_address")
    try:
        token = join_token(system, open_system(session, vault, system.id), meeting, participant, now)
    except TokenProblem as problem:
        raise JoinProblem(problem.reason) from problem
    quality = read_plan(meeting.plan, shipped_figures()).of(endpoint.id)
    options = join_options(system, meeting.room, participant.name, manners_of(meeting, participant), quality)
    return JoinOrder(place, options, token, meeting)


def relays_of(session: Session, vault: Vault, endpoint: Endpoint, now: datetime) -> dict[str, Any]:
    """STUN and TURN servers for the endpoint's own check of its line, with credentials for an hour: those of the
    installation that its next meeting is held on, else of the first one. Holds a password in clear, for the answer."""
    near = meetings_of_endpoint(session, endpoint.id, now - timedelta(hours=30), now + AHEAD)
    coming = [one for one in near if one.state in OPEN_STATES and closes_at(one) >= now and one.system_id is not None]
    enabled = select(MeetingSystem).where(MeetingSystem.is_enabled).order_by(MeetingSystem.id)
    systems = {system.id: system for system in session.scalars(enabled)}
    next_one = next((one.system_id for one in coming if one.system_id in systems), next(iter(systems), None))
    if next_one is None:
        return {"iceServers": [], "ttl": 0}
    try:
        secret = open_system(session, vault, next_one).turn_secret
    except SealError:  # the key file was lost: STUN needs none
        secret = Secret("")
    credentials = turn_credentials(secret, f"ep-{endpoint.code}", now) if secret else None
    return ice_servers(systems[next_one], credentials, now)


def places(session: Session) -> list[Place]:
    """Where the enabled installations' scripts and pages come from: what the kiosk page may load."""
    systems = session.scalars(select(MeetingSystem).where(MeetingSystem.is_enabled).order_by(MeetingSystem.id))
    found = {place: None for system in systems if (place := place_of(system)) is not None}
    return list(found)
