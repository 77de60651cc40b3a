"""What an incident's page reads beside the incident itself: what changed just before, who could take it, names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select

from alerts import Channel, Incident, IncidentMember, Silence
from core import AuditEntry, Permission, Role, Scope, Session, User, permissions_of
from inventory import (
    Device,
    Endpoint,
    FactChange,
    MeetingServer,
    Service,
    Site,
    Unit,
    endpoint_of_number,
    meeting_server_of_number,
    service_of_number,
)
from telemetry import Event

LOOK_BACK = timedelta(hours=6)  # a change longer ago is rarely the cause
MOST = 40


@dataclass(frozen=True, slots=True)
class Change:
    """Something that changed before an incident. `kind` is fact, audit, event or incident; `deed` the event's kind or
    the last word of the audit's action."""

    at: datetime
    kind: str
    who: str
    what: str
    device_id: int | None = None
    incident_id: int | None = None
    old: str = ""
    new: str = ""
    deed: str = ""


def changes_before(session: Session, incident: Incident, language: str) -> list[Change]:
    """What happened at the incident's device and site in the hours before it began, newest first."""
    start, end = incident.started_at - LOOK_BACK, incident.started_at + timedelta(minutes=1)
    devices = _devices_around(session, incident)
    found = [*_fact_changes(session, devices, start, end), *_events(session, devices, start, end)]
    found += _deeds(session, incident, devices, (start, end))
    found += _incidents(session, incident, (start, end), language)
    return sorted(found, key=lambda change: change.at, reverse=True)[:MOST]


def _devices_around(session: Session, incident: Incident) -> dict[int, str]:
    chosen = select(Device.id, Device.name)
    if incident.site_id is not None:
        chosen = chosen.where(Device.site_id == incident.site_id)
    elif incident.device_id is not None:
        chosen = chosen.where(Device.id == incident.device_id)
    else:
        return {}
    return dict(session.execute(chosen.limit(2000)).all())


def _fact_changes(session: Session, devices: dict[int, str], start: datetime, end: datetime) -> Iterable[Change]:
    chosen = select(FactChange).where(
        FactChange.device_id.in_(devices),
        FactChange.changed_at >= start,
        FactChange.changed_at < end,
        FactChange.old.is_not(None),
    )
    for one in session.scalars(chosen.order_by(FactChange.changed_at.desc()).limit(MOST)):
        yield Change(
            one.changed_at, "fact", devices[one.device_id], one.name, one.device_id, None, one.old or "", one.new
        )


def _events(session: Session, devices: dict[int, str], start: datetime, end: datetime) -> Iterable[Change]:
    """Without ping's: what falls silent is the incident itself, or one of its own that stands here too."""
    chosen = select(Event).where(
        Event.device_id.in_(devices), Event.happened_at >= start, Event.happened_at < end, Event.source != "ping"
    )
    for one in session.scalars(chosen.order_by(Event.happened_at.desc()).limit(MOST)):
        name = devices.get(one.device_id or 0, "")
        yield Change(one.happened_at, "event", name, one.text or one.kind, one.device_id, deed=one.kind)


def _deeds(
    session: Session, incident: Incident, devices: dict[int, str], span: tuple[datetime, datetime]
) -> Iterable[Change]:
    own = [AuditEntry.target_id.in_([str(one) for one in devices]) & (AuditEntry.target_kind == "device")]
    if incident.site_id is not None:
        own.append((AuditEntry.target_kind == "site") & (AuditEntry.target_id == str(incident.site_id)))
    chosen = select(AuditEntry).where(
        or_(*own), AuditEntry.at >= span[0], AuditEntry.at < span[1], AuditEntry.action != "device.poll"
    )
    for one in session.scalars(chosen.order_by(AuditEntry.id.desc()).limit(MOST)):
        device_id = int(one.target_id) if one.target_kind == "device" and one.target_id.isdecimal() else None
        deed = one.action.rpartition(".")[2]
        yield Change(one.at, "audit", one.actor, one.summary, device_id, deed=deed)


def _incidents(
    session: Session, incident: Incident, span: tuple[datetime, datetime], language: str
) -> Iterable[Change]:
    if incident.site_id is None:
        return
    chosen = select(Incident).where(
        Incident.site_id == incident.site_id,
        Incident.id != incident.id,
        Incident.opened_at >= span[0],
        Incident.opened_at < span[1],
        or_(Incident.folded_into_id.is_(None), Incident.folded_into_id != incident.id),
    )
    for one in session.scalars(chosen.order_by(Incident.opened_at.desc()).limit(10)):
        title = one.titles.get(language) or next(iter(one.titles.values()), one.cause)
        yield Change(one.opened_at, "incident", "", title, one.device_id, one.id)


def people_for(session: Session, incident: Incident) -> list[User]:
    """Everybody who may handle this incident: enabled, with the permission, and whose unit holds it."""
    able = [role.value for role in Role if Permission.HANDLE_INCIDENTS in permissions_of(role)]
    chosen = (
        select(User, Unit.path).outerjoin(Unit, Unit.id == User.unit_id).where(User.is_enabled, User.role.in_(able))
    )
    found = []
    for user, path in session.execute(chosen.order_by(User.full_name, User.username).limit(500)):
        is_everywhere = user.unit_id is None and user.role != Role.SCHOOL_STAFF.value
        if is_everywhere or (path and incident.unit_path.startswith(path)):
            found.append(user)
    return found


def members_in(session: Session, scope: Scope, incident_id: int, limit: int) -> list[IncidentMember]:
    """What is behind an incident, as far as the scope shows it: first what still is, then what left."""
    chosen = select(IncidentMember).where(IncidentMember.incident_id == incident_id)
    if scope.unit_path is not None:
        chosen = chosen.where(IncidentMember.unit_path.startswith(scope.unit_path, autoescape=True))
    return list(session.scalars(chosen.order_by(IncidentMember.left_at.is_not(None), IncidentMember.id).limit(limit)))


def channel_names(session: Session, ids: Iterable[int]) -> dict[int, str]:
    """Names of channels by id."""
    return dict(session.execute(select(Channel.id, Channel.name).where(Channel.id.in_(set(ids)))).all())


def unit_of(session: Session, scope: Scope, unit_id: int | None) -> Unit | None:
    """A unit that the scope shows."""
    unit = session.get(Unit, unit_id) if unit_id else None
    return unit if unit is not None and scope.includes(unit.path) else None


def unit_choices(session: Session, scope: Scope) -> list[Unit]:
    """Units to filter by: the top of the scope and the level below it."""
    top = session.scalars(
        select(Unit).where(Unit.parent_id.is_(None) if scope.unit_path is None else Unit.path == scope.unit_path)
    ).all()
    below = session.scalars(
        select(Unit).where(Unit.parent_id.in_([one.id for one in top])).order_by(Unit.name_key).limit(300)
    ).all()
    return [*top, *below] if below else []


def silences_over(session: Session, incident: Incident, now: datetime) -> Sequence[Silence]:
    """Silences in force that cover the incident's device, site or a unit above."""
    paths: list[Any] = [incident.unit_path]
    while paths[-1].count("/") > 2:
        paths.append(paths[-1].rstrip("/").rpartition("/")[0] + "/")
    covers = [Silence.unit_path.in_(paths)]
    if incident.device_id is not None:
        covers.append(Silence.device_id == incident.device_id)
    if incident.site_id is not None:
        covers.append(Silence.site_id == incident.site_id)
    chosen = select(Silence).where(
        or_(*covers), Silence.starts_at <= now, Silence.ends_at > now, Silence.cancelled_at.is_(None)
    )
    return session.scalars(chosen.order_by(Silence.ends_at)).all()


def get_silence(session: Session, silence_id: int) -> Silence | None:
    """One silence."""
    return session.get(Silence, silence_id)


def records_exist(session: Session, incident: Incident) -> tuple[bool, bool]:
    """Whether the incident's device and site are still there, for links."""
    number = incident.device_id
    model, key = Device, number
    for kind, of_number in ((Service, service_of_number), (MeetingServer, meeting_server_of_number),
                            (Endpoint, endpoint_of_number)):
        if (found := of_number(number)) is not None:
            model, key = kind, found
    device = key is not None and session.get(model, key) is not None
    return device, incident.site_id is not None and session.get(Site, incident.site_id) is not None
