"""The rows of the site list and the site page, each by one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, exists, func, or_, select

from alerts import Incident, IncidentMember
from collectors import CheckState
from core import Scope, Session, User
from inventory import Check, Device, Link, MacSighting, Room, SavedUplink, Site, Unit, ancestors, fold

DEVICES_READ = 3_000  # a site has some hundred; more are counted and linked to, not drawn
INCIDENTS_READ = 200


@dataclass(frozen=True, slots=True)
class SiteRow:
    """What the list says of a site."""

    id: int
    name: str
    code: str
    address: str
    contact: str
    unit_id: int
    unit_name: str
    unit_path: str


def sites_in(session: Session, scope: Scope, text: str, unit_path: str) -> list[SiteRow]:
    """The sites of the scope by name, narrowed to a unit's branch and to words of name, code, address or unit."""
    chosen = (
        select(Site.id, Site.name, Site.code, Site.address, Site.contact, Unit.id, Unit.name, Unit.path)
        .join(Unit, Unit.id == Site.unit_id).order_by(Site.name_key, Site.id)
    )
    for path in filter(None, (scope.unit_path, unit_path)):
        chosen = chosen.where(Unit.path.startswith(path, autoescape=True))
    for word in fold(text).split()[:8]:
        chosen = chosen.where(or_(
            Site.search_text.contains(word, autoescape=True), Unit.search_text.contains(word, autoescape=True)
        ))
    return [SiteRow(*row) for row in session.execute(chosen)]


def providers_by_site(session: Session) -> dict[int, tuple[str, ...]]:
    """Site id to the providers of its lines, in their order. Which sites may be seen is the caller's business."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for site_id, isp in session.execute(select(Link.site_id, Link.isp).where(Link.isp != "").order_by(Link.id)):
        if isp not in found[site_id]:
            found[site_id].append(isp)
    return {site_id: tuple(names) for site_id, names in found.items()}


@dataclass(frozen=True, slots=True)
class Place:
    """A site, its unit and the units above that, the topmost first."""

    site: Site
    unit: Unit
    above: Sequence[Unit]


def find_site(session: Session, scope: Scope, site_id: int) -> Place | None:
    """A site of the scope; None when there is none that may be seen."""
    row = session.execute(select(Site, Unit).join(Unit, Unit.id == Site.unit_id).where(Site.id == site_id)).first()
    if row is None or not scope.includes(row[1].path):
        return None
    return Place(row[0], row[1], ancestors(session, row[1]))


def unit_in(session: Session, scope: Scope, unit_id: int) -> Unit | None:
    """A unit of the scope, or None."""
    unit = session.get(Unit, unit_id) if unit_id else None
    return unit if unit is not None and scope.includes(unit.path) else None


def devices_at(session: Session, site_id: int) -> list[Device]:
    """The devices of a site by name."""
    chosen = select(Device).where(Device.site_id == site_id).order_by(Device.name_key, Device.id)
    return list(session.scalars(chosen.limit(DEVICES_READ)))


def found_uplinks(session: Session, site_id: int) -> dict[int, int]:
    """Device to the device above it, as the site's graph found it; of several ways the first."""
    rows = select(SavedUplink.lower_device_id, SavedUplink.upper_device_id).where(SavedUplink.site_id == site_id)
    return {row[0]: row[1] for row in session.execute(rows.order_by(SavedUplink.id.desc()))}


def machine_count(session: Session, site_id: int) -> int:
    """How many MAC addresses switches and access points of a site see now."""
    chosen = select(func.count(MacSighting.mac.distinct())).join(Device, Device.id == MacSighting.device_id)
    return session.scalar(chosen.where(
        Device.site_id == site_id, MacSighting.is_present, MacSighting.ended_at.is_(None)
    )) or 0


def links_at(session: Session, site_id: int) -> list[Link]:
    """The Internet lines of a site."""
    return list(session.scalars(select(Link).where(Link.site_id == site_id).order_by(Link.id)))


def rooms_at(session: Session, site_id: int) -> list[Room]:
    """The rooms of a site by name."""
    return list(session.scalars(select(Room).where(Room.site_id == site_id).order_by(Room.name_key, Room.id)))


def checks_at(session: Session, site_id: int) -> list[tuple[Check, CheckState | None]]:
    """The checks on a site's devices that are switched on, each with how it went last."""
    chosen = (
        select(Check, CheckState).join(Device, Device.id == Check.device_id)
        .outerjoin(CheckState, CheckState.check_id == Check.id)
        .where(Device.site_id == site_id, Check.is_enabled).order_by(Check.target, Check.id)
    )
    return [(row[0], row[1]) for row in session.execute(chosen)]


def staff_of(session: Session, unit_ids: Sequence[int]) -> list[User]:
    """People bound to one of these units who may sign in and can be called or written to."""
    chosen = select(User).where(
        User.unit_id.in_(unit_ids), User.is_enabled, or_(User.phone != "", User.email != "")
    )
    return list(session.scalars(chosen.order_by(User.full_name, User.id).limit(20)))


def incidents_between(session: Session, site_id: int, start: datetime, end: datetime) -> list[Incident]:
    """Incidents of a site, or with something of it behind them, that stood in a stretch of time; oldest first."""
    behind = exists().where(IncidentMember.incident_id == Incident.id, IncidentMember.site_id == site_id)
    stood = and_(Incident.started_at < end, or_(Incident.closed_at.is_(None), Incident.closed_at >= start))
    chosen = select(Incident).where(or_(Incident.site_id == site_id, behind), stood, Incident.folded_into_id.is_(None))
    newest = session.scalars(chosen.order_by(Incident.started_at.desc()).limit(INCIDENTS_READ))
    return sorted(newest, key=lambda one: (one.started_at, one.id))
