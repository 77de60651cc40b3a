"""The rows that the endpoints' pages need, each by one statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select

from conference import KioskSpell, LiveSpell, Meeting, Readiness, RehearsalEntry
from core import Scope, Session
from inventory import Check, Device, Endpoint, Link, Room, Site, Unit

TROUBLE_DAYS = 30


class EndpointLine(NamedTuple):
    """What a list shows of an endpoint."""

    id: int
    name: str
    code: str
    kind: str
    is_active: bool
    contact: str
    phone: str


@dataclass(frozen=True, slots=True)
class Place:
    """An endpoint with where it stands: its whole record for a page of its own, a line of it in a list."""

    endpoint: Endpoint | EndpointLine
    site_name: str
    site_code: str
    unit_id: int
    unit_name: str
    unit_path: str
    room_name: str


def places_of(session: Session, scope: Scope, endpoint_id: int | None = None) -> list[Place]:
    """The endpoints that the scope shows, by name; or the one."""
    columns = [getattr(Endpoint, name) for name in EndpointLine._fields] if endpoint_id is None else [Endpoint]
    chosen = (
        select(Site.name, Site.code, Unit.id, Unit.name, Unit.path, func.coalesce(Room.name, ""), *columns)
        .select_from(Endpoint).join(Site, Site.id == Endpoint.site_id).join(Unit, Unit.id == Site.unit_id)
        .outerjoin(Room, Room.id == Endpoint.room_id).order_by(Endpoint.name_key, Endpoint.id)
    )  # fmt: skip
    if scope.unit_path is not None:
        chosen = chosen.where(Unit.path.startswith(scope.unit_path, autoescape=True))
    if endpoint_id is not None:
        chosen = chosen.where(Endpoint.id == endpoint_id)
    if endpoint_id is None:
        return [Place(EndpointLine._make(row[6:]), *row[:6]) for row in session.execute(chosen)]
    return [Place(row[6], *row[:6]) for row in session.execute(chosen)]


def last_rehearsals(session: Session, endpoint_ids: Sequence[int]) -> dict[int, RehearsalEntry]:
    """Endpoint to its newest rehearsal that was decided."""
    newest = (
        select(RehearsalEntry.endpoint_id, func.max(RehearsalEntry.id).label("id"))
        .where(RehearsalEntry.endpoint_id.in_(endpoint_ids), RehearsalEntry.state != "waiting")
        .group_by(RehearsalEntry.endpoint_id).subquery()
    )  # fmt: skip
    rows = session.scalars(select(RehearsalEntry).join(newest, newest.c.id == RehearsalEntry.id))
    return {row.endpoint_id: row for row in rows}


def last_meetings(session: Session, endpoint_ids: Sequence[int]) -> dict[int, datetime]:
    """Endpoint to when it was last in a meeting."""
    chosen = select(KioskSpell.endpoint_id, func.max(KioskSpell.last_at)).where(
        KioskSpell.endpoint_id.in_(endpoint_ids)).group_by(KioskSpell.endpoint_id)
    return dict(session.execute(chosen).all())


def troubles(session: Session, now: datetime) -> dict[int, int]:
    """Endpoint to the troubles of its meetings within 30 days, for all that had one."""
    chosen = (
        select(LiveSpell.endpoint_id, func.count())
        .where(LiveSpell.began_at >= now - timedelta(days=TROUBLE_DAYS))
        .group_by(LiveSpell.endpoint_id)
    )  # fmt: skip
    return dict(session.execute(chosen).all())


@dataclass(frozen=True, slots=True)
class Attended:
    """A meeting that the endpoint was in, by its own heartbeats: how long, and in how many stretches."""

    meeting: Meeting
    minutes: int
    stretches: int


def attended(session: Session, endpoint_id: int, limit: int = 8) -> list[Attended]:
    """The newest meetings of an endpoint, from its heartbeats."""
    rows = session.execute(
        select(Meeting, KioskSpell)
        .join(KioskSpell, KioskSpell.meeting_id == Meeting.id)
        .where(KioskSpell.endpoint_id == endpoint_id).order_by(KioskSpell.id.desc()).limit(200)
    )  # fmt: skip
    found: dict[int, tuple[Meeting, list[KioskSpell]]] = {}
    for meeting, spell in rows:
        found.setdefault(meeting.id, (meeting, []))[1].append(spell)
    return [
        Attended(meeting, round(sum((s.last_at - s.first_at).total_seconds() for s in spells) / 60), len(spells))
        for meeting, spells in list(found.values())[:limit]
    ]


def rehearsals(session: Session, endpoint_id: int, limit: int = 5) -> list[tuple[RehearsalEntry, str]]:
    """The newest rehearsals with the title of their meeting."""
    rows = session.execute(
        select(RehearsalEntry, Meeting.title).join(Meeting, Meeting.id == RehearsalEntry.meeting_id)
        .where(RehearsalEntry.endpoint_id == endpoint_id).order_by(RehearsalEntry.id.desc()).limit(limit)
    )  # fmt: skip
    return [(row[0], row[1]) for row in rows]


def next_verdict(session: Session, endpoint_id: int, now: datetime) -> tuple[Readiness, Meeting] | None:
    """What was found about the endpoint for its next meeting."""
    row = session.execute(
        select(Readiness, Meeting).join(Meeting, Meeting.id == Readiness.meeting_id)
        .where(Readiness.endpoint_id == endpoint_id, Readiness.milestone == "now", Meeting.ends_at >= now)
        .order_by(Meeting.starts_at).limit(1)
    ).first()  # fmt: skip
    return (row[0], row[1]) if row else None


def devices_of(session: Session, endpoint: Endpoint) -> dict[str, Device]:
    """The watched devices of an endpoint by column."""
    ids = {name: getattr(endpoint, name) for name in ("computer_id", "codec_id", "display_id", "ups_id")}
    rows = {row.id: row for row in session.scalars(select(Device).where(Device.id.in_(set(ids.values()) - {None})))}
    return {name: rows[one] for name, one in ids.items() if one in rows}


def link_of(session: Session, endpoint: Endpoint) -> Link | None:
    """The line it meets over."""
    return session.get(Link, endpoint.link_id) if endpoint.link_id is not None else None


def sip_checks(session: Session, endpoint: Endpoint) -> list[Check]:
    """The SIP checks of the endpoint's codec."""
    if endpoint.codec_id is None:
        return []
    chosen = select(Check).where(Check.device_id == endpoint.codec_id, Check.kind == "sip")
    return list(session.scalars(chosen.order_by(Check.id)))


@dataclass(frozen=True, slots=True)
class SiteThings:
    """What of its site an endpoint can point to: (number, name)."""

    rooms: Sequence[tuple[int, str]]
    links: Sequence[tuple[int, str]]
    devices: Sequence[tuple[int, str]]


def things_of(session: Session, site_id: int) -> SiteThings:
    """Rooms, lines and devices of a site, by name."""
    def pairs(model: type) -> list[tuple[int, str]]:
        chosen = select(model.id, model.name).where(model.site_id == site_id).order_by(model.name_key)
        return [(row[0], row[1]) for row in session.execute(chosen.limit(300))]

    return SiteThings(pairs(Room), pairs(Link), pairs(Device))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place without an endpoint: a meeting room, or (room None) a site of a school."""

    site: Site
    unit_name: str
    room: Room | None


def rooms_without(session: Session, scope: Scope, unit_path: str = "") -> list[Candidate]:
    """Meeting rooms that no endpoint stands in."""
    taken = select(Endpoint.room_id).where(Endpoint.room_id.is_not(None))
    chosen = (
        select(Site, Unit.name, Room).join(Unit, Unit.id == Site.unit_id).join(Room, Room.site_id == Site.id)
        .where(Room.kind == "meeting", Room.id.notin_(taken)).order_by(Unit.path, Site.name_key, Room.name_key)
    )  # fmt: skip
    return _candidates(session, chosen, scope, unit_path)


def sites_without(session: Session, scope: Scope, unit_path: str = "") -> list[Candidate]:
    """Sites without any endpoint, one for each unit."""
    taken = select(Site.unit_id).join(Endpoint, Endpoint.site_id == Site.id)
    first = select(func.min(Site.id)).group_by(Site.unit_id)
    chosen = (
        select(Site, Unit.name).join(Unit, Unit.id == Site.unit_id)
        .where(Site.id.in_(first), Unit.id.notin_(taken)).order_by(Unit.path, Site.name_key)
    )  # fmt: skip
    return _candidates(session, chosen, scope, unit_path)


def _candidates(session: Session, chosen: object, scope: Scope, unit_path: str) -> list[Candidate]:
    for path in filter(None, (scope.unit_path, unit_path)):
        chosen = chosen.where(Unit.path.startswith(path, autoescape=True))  # type: ignore[attr-defined]
    rows = session.execute(chosen.limit(2000))  # type: ignore[attr-defined]
    return [Candidate(row[0], row[1], row[2] if len(row) > 2 else None) for row in rows]


def taken_codes(session: Session) -> set[str]:
    """Every endpoint's code."""
    return set(session.scalars(select(Endpoint.code)))


def only_links(session: Session, site_ids: Iterable[int]) -> dict[int, int]:
    """Site -> its line, where it has exactly one."""
    chosen = (
        select(Link.site_id, func.min(Link.id)).where(Link.site_id.in_(list(site_ids)))
        .group_by(Link.site_id).having(func.count() == 1)
    )  # fmt: skip
    return {row[0]: row[1] for row in session.execute(chosen)}


def units_above(session: Session, scope: Scope) -> list[tuple[int, str, str]]:
    """(id, name, path) of the units that have others below them, for the filter by unit."""
    above = select(Unit.parent_id).where(Unit.parent_id.is_not(None))
    chosen = select(Unit.id, Unit.name, Unit.path).where(Unit.id.in_(above)).order_by(Unit.path)
    if scope.unit_path is not None:
        chosen = chosen.where(Unit.path.startswith(scope.unit_path, autoescape=True))
    return [(row[0], row[1], row[2]) for row in session.execute(chosen.limit(300))]


def running_endpoints(session: Session, meeting_ids: Sequence[int]) -> set[int]:
    """The endpoints that were in one of these meetings."""
    return set(session.scalars(select(KioskSpell.endpoint_id).where(KioskSpell.meeting_id.in_(meeting_ids))))
