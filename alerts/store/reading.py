"""Reads incidents for people: lists worst first, one incident with its story and what is behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select, true
from sqlalchemy.orm import aliased

from alerts.models import Incident, IncidentEvent, IncidentMember, Notification
from core import Scope, Session
from inventory import MEETING_SERVERS_FROM, RoomUse, fold

MEETING_SOURCE = "meeting:"  # rows of RoomUse that the schedule of meetings keeps


@dataclass(frozen=True, slots=True)
class IncidentFilter:
    """Which incidents a list shows; None and "" = all."""

    states: tuple[str, ...] = ("open", "acknowledged")
    severity: str = ""
    unit_path: str = ""
    site_id: int | None = None
    device_id: int | None = None
    rule_id: str = ""
    owner_id: int | None = None
    text: str = ""
    since: datetime | None = None  # opened or closed after it
    has_folded: bool = False  # also those that became part of another
    now: datetime | None = None  # with it, what disturbs a meeting at this moment comes first


@dataclass(frozen=True, slots=True)
class IncidentPage:
    """One page of a list and the number of all rows."""

    rows: tuple[Incident, ...]
    total: int
    page: int
    per_page: int


def within_scope(scope: Scope) -> ColumnElement[bool]:
    """Incidents of the scope's units, and those that took down something there."""
    if scope.unit_path is None:
        return true()
    # an alias: the statement around may read the members, too
    member = aliased(IncidentMember)
    behind = exists().where(
        member.incident_id == Incident.id, member.unit_path.startswith(scope.unit_path, autoescape=True)
    )
    return or_(Incident.unit_path.startswith(scope.unit_path, autoescape=True), behind)


def _chosen(scope: Scope, wanted: IncidentFilter) -> Select[tuple[Incident]]:
    chosen = select(Incident).where(within_scope(scope))
    if wanted.states:
        chosen = chosen.where(Incident.state.in_(wanted.states))
    for column, value in (
        (Incident.severity, wanted.severity), (Incident.rule_id, wanted.rule_id), (Incident.owner_id, wanted.owner_id),
    ):
        if value:
            chosen = chosen.where(column == value)
    if wanted.unit_path:
        chosen = chosen.where(within_scope(Scope(wanted.unit_path)))
    for column, member, number in (
        (Incident.site_id, IncidentMember.site_id, wanted.site_id),
        (Incident.device_id, IncidentMember.device_id, wanted.device_id),
    ):
        if number is not None:
            behind = exists().where(IncidentMember.incident_id == Incident.id, member == number)
            chosen = chosen.where(or_(column == number, behind))
    if wanted.since is not None:
        chosen = chosen.where(or_(Incident.opened_at >= wanted.since, Incident.closed_at >= wanted.since))
    if not wanted.has_folded:
        chosen = chosen.where(Incident.folded_into_id.is_(None))
    for word in fold(wanted.text).split()[:8]:
        chosen = chosen.where(Incident.search_text.contains(word, autoescape=True))
    return chosen


def list_incidents(
    session: Session, scope: Scope, wanted: IncidentFilter = IncidentFilter(), page: int = 1, per_page: int = 50
) -> IncidentPage:
    """One page: open ones worst first and newest first within a severity, closed ones by their end.

    With `wanted.now`, open ones of sites in a running meeting come before all others.
    """
    chosen = _chosen(scope, wanted)
    total = session.scalar(select(func.count()).select_from(chosen.order_by(None).subquery())) or 0
    first = [case((_in_meeting(wanted.now), 0), else_=1)] if wanted.now is not None else []
    ordered = chosen.order_by(
        Incident.closed_at.is_not(None), *first, Incident.closed_at.desc(), Incident.severity_rank,
        Incident.opened_at.desc(), Incident.id.desc(),
    )
    page, per_page = max(page, 1), min(max(per_page, 1), 500)
    rows = session.scalars(ordered.limit(per_page).offset((page - 1) * per_page))
    return IncidentPage(tuple(rows), total, page, per_page)


def _meeting_sites(now: datetime) -> Select[tuple[int]]:
    """Sites with a room in a meeting that EduNOC booked and that runs now."""
    return select(RoomUse.site_id).where(
        RoomUse.purpose == "meeting", RoomUse.source.startswith(MEETING_SOURCE), RoomUse.starts_at <= now,
        RoomUse.ends_at > now,
    )


def _in_meeting(now: datetime) -> ColumnElement[bool]:
    """Open incidents, worse than information, that hold a site in a running meeting, or a server of meetings then."""
    member = aliased(IncidentMember)
    sites = _meeting_sites(now)
    behind = select(member.incident_id).where(member.left_at.is_(None), member.site_id.in_(sites))
    a_server = and_(Incident.device_id > MEETING_SERVERS_FROM, sites.exists())
    return and_(
        Incident.closed_at.is_(None), Incident.severity_rank < 3,
        or_(Incident.site_id.in_(sites), Incident.id.in_(behind), a_server),
    )


def disturbing_meetings(session: Session, incident_ids: Sequence[int], now: datetime) -> frozenset[int]:
    """Those of the incidents that hold a site in a meeting that runs now: for the mark in lists."""
    chosen = select(Incident.id).where(Incident.id.in_(list(incident_ids)), _in_meeting(now))
    return frozenset(session.scalars(chosen))


def open_incidents(
    session: Session, scope: Scope, wanted: IncidentFilter = IncidentFilter(), limit: int = 200
) -> list[Incident]:
    """Incidents that are not closed, worst first."""
    return list(list_incidents(session, scope, wanted, 1, limit).rows)


def get_incident(session: Session, scope: Scope, incident_id: int) -> Incident | None:
    """One incident, or None when there is none in the scope."""
    return session.scalar(select(Incident).where(Incident.id == incident_id, within_scope(scope)))


def story(session: Session, incident_id: int) -> list[IncidentEvent]:
    """Everything that happened, in the order it was written: clocks jump."""
    chosen = select(IncidentEvent).where(IncidentEvent.incident_id == incident_id)
    return list(session.scalars(chosen.order_by(IncidentEvent.id)))


def members_of(session: Session, incident_id: int, limit: int = 500) -> list[IncidentMember]:
    """What is behind an incident: first what still is, then what left."""
    chosen = select(IncidentMember).where(IncidentMember.incident_id == incident_id)
    return list(session.scalars(chosen.order_by(IncidentMember.left_at.is_not(None), IncidentMember.id).limit(limit)))


def folded_incidents(session: Session, incident_id: int) -> list[Incident]:
    """Incidents that became part of this one."""
    return list(session.scalars(select(Incident).where(Incident.folded_into_id == incident_id).order_by(Incident.id)))


def notifications_of(session: Session, incident_id: int) -> list[Notification]:
    """The messages about an incident, in the order they were written."""
    chosen = select(Notification).where(Notification.incident_id == incident_id)
    return list(session.scalars(chosen.order_by(Notification.id)))


def count_open(session: Session, scope: Scope) -> dict[str, int]:
    """severity -> number of incidents that are not closed and not part of another."""
    chosen = select(Incident.severity, func.count()).where(
        Incident.closed_at.is_(None), Incident.folded_into_id.is_(None), within_scope(scope)
    )
    return dict(session.execute(chosen.group_by(Incident.severity)).all())


def worst_by_site(session: Session, scope: Scope) -> dict[int, str]:
    """site id -> its worst open severity, of incidents at the site and of those that took it down: for maps."""
    own = select(Incident.site_id, func.min(Incident.severity_rank)).where(
        Incident.closed_at.is_(None), Incident.site_id.is_not(None), within_scope(scope)
    ).group_by(Incident.site_id)
    behind = select(IncidentMember.site_id, func.min(Incident.severity_rank)).join(
        Incident, Incident.id == IncidentMember.incident_id
    ).where(
        Incident.closed_at.is_(None), IncidentMember.left_at.is_(None), IncidentMember.site_id.is_not(None),
        within_scope(scope),
    ).group_by(IncidentMember.site_id)
    ranks: dict[int, int] = {}
    for rows in (own, behind):
        for site_id, rank in session.execute(rows):
            ranks[site_id] = min(rank, ranks.get(site_id, rank))
    words: Sequence[str] = ("critical", "major", "minor", "info")
    return {site_id: words[rank] for site_id, rank in ranks.items()}
