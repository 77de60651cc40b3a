"""Who is called to a meeting with what stands around them: one statement for all endpoints, few for their schools."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from alerts import Incident, IncidentMember
from conference.kiosk import KioskCommand, KioskSpell, KioskState
from conference.readiness.models import PathReading, RehearsalEntry
from conference.schedule import Meeting, Participant
from core import Scope, Session
from inventory import Device, Endpoint, Link, Site, Unit

GATEWAYS = ("router", "firewall")
PAST = timedelta(days=90)
REHEARSED = timedelta(days=30)
LAST = 5
PATH_AGE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Called:
    """One endpoint of the meeting."""

    endpoint_id: int
    participant_id: int
    name: str
    code: str
    kind: str
    mode: str
    role: str
    reply: str
    is_excused: bool
    site_id: int
    site_name: str
    unit_id: int
    unit_name: str
    unit_path: str
    contact: str
    phone: str
    email: str
    display_id: int | None
    ups_id: int | None
    link_id: int | None
    contract_bps: int | None
    sip_uri: str


@dataclass(slots=True)
class Roll:
    """Everything that was read, by endpoint or site id."""

    called: list[Called]
    beats: dict[int, tuple[datetime, str, dict[str, Any]]] = field(default_factory=dict)
    gateways: dict[int, list[int]] = field(default_factory=dict)
    upses: dict[int, list[int]] = field(default_factory=dict)
    incidents: dict[int, str] = field(default_factory=dict)
    rehearsals: dict[int, tuple[str, datetime]] = field(default_factory=dict)
    attended: dict[int, tuple[int, int]] = field(default_factory=dict)
    codecs: dict[int, str] = field(default_factory=dict)


def read_roll(session: Session, meeting: Meeting, now: datetime) -> Roll:
    """Read it all: some ten statements, whatever the meeting's size."""
    roll = Roll(called_to(session, meeting.id))
    ids = {one.endpoint_id for one in roll.called}
    sites = {one.site_id for one in roll.called}
    columns = (KioskState.endpoint_id, KioskState.at, KioskState.state, KioskState.payload)
    chosen = select(*columns).join(Participant, Participant.endpoint_id == KioskState.endpoint_id)
    for endpoint_id, at, state, payload in session.execute(chosen.where(Participant.meeting_id == meeting.id)):
        roll.beats[endpoint_id] = (at, state, _loaded(payload))
    around = select(Device.id, Device.site_id, Device.kind).where(Device.kind.in_((*GATEWAYS, "ups")))
    for device_id, site_id, kind in session.execute(around):
        if site_id in sites:
            (roll.upses if kind == "ups" else roll.gateways).setdefault(site_id, []).append(device_id)
    roll.incidents = _incidents(session, sites)
    roll.rehearsals = _rehearsals(session, meeting, ids, now)
    roll.attended = _attended(session, ids, now)
    roll.codecs = codecs(session, ids, now)
    return roll


def called_to(session: Session, meeting_id: int, only: int | None = None) -> list[Called]:
    """The endpoints of a meeting in the order of its list, or one of them."""
    columns = (
        Endpoint.id, Participant.id, Endpoint.name, Endpoint.code, Endpoint.kind, Participant.mode, Participant.role,
        Participant.reply, Participant.excused_at, Endpoint.site_id, Site.name, Unit.id, Unit.name, Unit.path,
        Endpoint.contact, Endpoint.phone, Endpoint.email, Endpoint.display_id, Endpoint.ups_id, Endpoint.link_id,
        Link.committed_down_bps, Endpoint.sip_uri,
    )  # fmt: skip
    chosen = (
        select(*columns)
        .join(Participant, Participant.endpoint_id == Endpoint.id)
        .join(Site, Site.id == Endpoint.site_id)
        .join(Unit, Unit.id == Site.unit_id)
        .outerjoin(Link, Link.id == Endpoint.link_id)
        .where(Participant.meeting_id == meeting_id)
        .order_by(Participant.position, Participant.id)
    )
    if only is not None:
        chosen = chosen.where(Endpoint.id == only)
    return [Called(*row[:8], row[8] is not None, *row[9:]) for row in session.execute(chosen)]


def _loaded(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _incidents(session: Session, sites: Collection[int]) -> dict[int, str]:
    """Site to the title of its worst open incident that is not about a single machine of minor weight."""
    is_open = (Incident.closed_at.is_(None), Incident.folded_into_id.is_(None), Incident.severity_rank <= 1)
    own = select(Incident.site_id, Incident.titles, Incident.severity_rank).where(
        *is_open, Incident.site_id.is_not(None))
    behind = (
        select(IncidentMember.site_id, Incident.titles, Incident.severity_rank)
        .join(Incident, Incident.id == IncidentMember.incident_id)
        .where(*is_open, IncidentMember.left_at.is_(None), IncidentMember.site_id.is_not(None))
    )
    found: dict[int, tuple[int, str]] = {}
    for chosen in (own, behind):
        for site_id, titles, rank in session.execute(chosen):
            if site_id in sites and rank < found.get(site_id, (9, ""))[0]:
                found[site_id] = (rank, titles.get("vi") or next(iter(titles.values()), ""))
    return {site_id: title for site_id, (_rank, title) in found.items()}


def _rehearsals(
    session: Session, meeting: Meeting, ids: Collection[int], now: datetime
) -> dict[int, tuple[str, datetime]]:
    """Endpoint to how its last rehearsal went: this meeting's own, else any of the last weeks."""
    chosen = (
        select(RehearsalEntry.endpoint_id, RehearsalEntry.state, RehearsalEntry.ends_at, Meeting.rehearses_id)
        .join(Meeting, Meeting.id == RehearsalEntry.meeting_id)
        .where(RehearsalEntry.state != "waiting", RehearsalEntry.ends_at > now - REHEARSED)
        .order_by(RehearsalEntry.ends_at)
    )
    found: dict[int, tuple[bool, str, datetime]] = {}
    for endpoint_id, state, at, of in session.execute(chosen):
        is_own = of == meeting.id
        if endpoint_id in ids and (endpoint_id not in found or is_own >= found[endpoint_id][0]):
            found[endpoint_id] = (is_own, state, at)
    return {one: (state, at) for one, (_own, state, at) in found.items()}


def _attended(session: Session, ids: Collection[int], now: datetime) -> dict[int, tuple[int, int]]:
    """Endpoint to (came, of how many) of its last meetings, by its page's own evidence."""
    ended = (Meeting.state == "ended", Meeting.ends_at > now - PAST, Meeting.ends_at < now)
    held = select(Participant.endpoint_id, Meeting.id).join(Meeting, Meeting.id == Participant.meeting_id).where(
        *ended, Participant.endpoint_id.is_not(None), Participant.excused_at.is_(None))
    came = select(KioskSpell.endpoint_id, KioskSpell.meeting_id).join(
        Meeting, Meeting.id == KioskSpell.meeting_id).where(*ended).distinct()
    present = {(row[0], row[1]) for row in session.execute(came)}
    found: dict[int, tuple[int, int]] = {}
    for endpoint_id, meeting_id in session.execute(held.order_by(Meeting.ends_at.desc())):
        before = found.get(endpoint_id, (0, 0))
        if endpoint_id in ids and before[1] < LAST:
            found[endpoint_id] = (before[0] + ((endpoint_id, meeting_id) in present), before[1] + 1)
    return found


def codecs(session: Session, ids: Collection[int], now: datetime) -> dict[int, str]:
    """Endpoint to what its codec said last: idle, in_call, restricted, answers, silent."""
    chosen = select(PathReading.key, PathReading.reason, PathReading.detail).where(
        PathReading.step == "sip", PathReading.at > now - PATH_AGE)
    found: dict[int, str] = {}
    for key, reason, detail in session.execute(chosen):
        number = key.partition(":")[2].partition("@")[0]
        if number.isdigit() and int(number) in ids:
            found[int(number)] = detail if reason == "ok" else "silent"
    return found


def paths_of(session: Session, system_id: int | None, now: datetime) -> dict[str, dict[str, str]]:
    """Vantage to step to reason, of the meeting system's ways as they were measured in the last minutes."""
    if system_id is None:
        return {}
    chosen = select(PathReading).where(
        PathReading.key.startswith(f"system:{system_id}@", autoescape=True), PathReading.at > now - PATH_AGE)
    found: dict[str, dict[str, str]] = {}
    for one in session.scalars(chosen):
        found.setdefault(one.vantage, {})[one.step] = one.reason
    return found


def keep_paths(session: Session, readings: Mapping[str, tuple[str, str, str, float]], vantage: str, now: datetime
               ) -> None:
    """Write how steps went: key -> (step, reason, detail, seconds)."""
    known = {one.key: one for one in session.scalars(select(PathReading).where(PathReading.key.in_(list(readings))))}
    for key, (step, reason, detail, seconds) in readings.items():
        row = known.get(key)
        if row is None:
            row = PathReading(key=key, step=step, vantage=vantage)
            session.add(row)
        row.at, row.reason, row.detail, row.seconds = now, reason, detail[:300], seconds


def commands_between(session: Session, scope: Scope, span: tuple[int, int]) -> list[tuple[KioskCommand, str]]:
    """(command, endpoint's name) of the kiosk commands with these numbers that the scope shows."""
    chosen = (
        select(KioskCommand, Endpoint.name, Unit.path)
        .join(Endpoint, Endpoint.id == KioskCommand.endpoint_id)
        .join(Site, Site.id == Endpoint.site_id)
        .join(Unit, Unit.id == Site.unit_id)
        .where(KioskCommand.id >= span[0], KioskCommand.id <= span[1])
        .order_by(KioskCommand.id).limit(1000)
    )
    return [(one, name) for one, name, path in session.execute(chosen) if scope.includes(path)]
