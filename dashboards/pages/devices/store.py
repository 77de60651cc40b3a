"""The rows that the device list and the device page need, each by one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from alerts import Incident, Maintenance
from core import Scope, Session
from dashboards.store import about_devices
from inventory import Check, Device, Room, Site, Unit, fold

CHILDREN_SHOWN = 60
ID_SLICE = 10_000  # SQLite takes at most 32,766 bound values in one statement


@dataclass(frozen=True, slots=True)
class Place:
    """A device with the places it stands in."""

    device: Device
    site: Site
    unit: Unit
    room: Room | None
    parent: Device | None


def find_place(session: Session, scope: Scope, device_id: int) -> Place | None:
    """A device of the scope with its place; None when there is none that may be seen. So is what it hangs on."""
    above, above_site, above_unit = aliased(Device), aliased(Site), aliased(Unit)
    query = (
        select(Device, Site, Unit, Room, above, above_unit.path)
        .join(Site, Site.id == Device.site_id)
        .join(Unit, Unit.id == Site.unit_id)
        .outerjoin(Room, Room.id == Device.room_id)
        .outerjoin(above, above.id == Device.parent_device_id)
        .outerjoin(above_site, above_site.id == above.site_id)
        .outerjoin(above_unit, above_unit.id == above_site.unit_id)
        .where(Device.id == device_id)
    )
    row = session.execute(query).first()
    if row is None or not scope.includes(row[2].path):
        return None
    return Place(*row[:4], row[4] if row[5] is not None and scope.includes(row[5]) else None)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the device list."""

    device: Device
    site_id: int
    site_name: str
    unit_id: int
    unit_name: str


def lines_of(session: Session, device_ids: Sequence[int]) -> list[Line]:
    """The rows of these devices, in their order. The ids were chosen by scope already."""
    found: dict[int, Line] = {}
    for start in range(0, len(device_ids), ID_SLICE):
        rows = session.execute(
            select(Device, Site.id, Site.name, Unit.id, Unit.name)
            .join(Site, Site.id == Device.site_id)
            .join(Unit, Unit.id == Site.unit_id)
            .where(Device.id.in_(device_ids[start : start + ID_SLICE]))
        )
        found.update({row[0].id: Line(*row) for row in rows})
    return [found[one] for one in device_ids if one in found]


def ids_with_text(session: Session, text: str) -> list[int]:
    """Devices that hold every word of the text in name, address, MAC, serial number, vendor, model, or site's name."""
    conditions = []
    for word in fold(text).split()[:8]:
        at_site = select(Site.id).where(Site.search_text.contains(word, autoescape=True))
        conditions.append(or_(Device.search_text.contains(word, autoescape=True), Device.site_id.in_(at_site)))
    return list(session.scalars(select(Device.id).where(*conditions)))


def unit_and_site(session: Session, unit_id: int, site_id: int) -> tuple[Unit | None, Site | None]:
    """What the filters of the list name."""
    return (session.get(Unit, unit_id) if unit_id else None, session.get(Site, site_id) if site_id else None)


@dataclass(frozen=True, slots=True)
class Children:
    """What hangs on a device: the first of them, and how many there are."""

    rows: Sequence[Device]
    total: int


def children_of(session: Session, scope: Scope, device_id: int) -> Children:
    """The devices of the scope whose way leads through this one directly."""
    hangs = [Device.parent_device_id == device_id]
    if scope.unit_path is not None:
        inside = select(Site.id).join(Unit, Unit.id == Site.unit_id)
        hangs.append(Device.site_id.in_(inside.where(Unit.path.startswith(scope.unit_path, autoescape=True))))
    chosen = select(Device).where(*hangs).order_by(Device.name_key, Device.id)
    rows = session.scalars(chosen.limit(CHILDREN_SHOWN + 1)).all()
    if len(rows) <= CHILDREN_SHOWN:
        return Children(rows, len(rows))
    return Children(rows[:CHILDREN_SHOWN], session.scalar(select(func.count()).select_from(Device).where(*hangs)) or 0)


def checks_of(session: Session, device_id: int) -> list[Check]:
    """The checks on a device."""
    return list(session.scalars(select(Check).where(Check.device_id == device_id).order_by(Check.kind, Check.id)))


def incidents_of(session: Session, device_id: int, limit: int = 12) -> list[Incident]:
    """Incidents about a device or that took it down: open ones worst first, then the newest closed ones."""
    query = select(Incident).where(about_devices([device_id]), Incident.folded_into_id.is_(None))
    order = (
        Incident.closed_at.is_not(None),
        Incident.closed_at.desc(),
        Incident.severity_rank,
        Incident.opened_at.desc(),
    )
    return list(session.scalars(query.order_by(*order).limit(limit)))


def maintenance_of(session: Session, place: Place, now: datetime) -> Maintenance | None:
    """The maintenance that covers a device now."""
    paths = [place.unit.path]
    while paths[-1].count("/") > 2:
        paths.append(paths[-1].rstrip("/").rpartition("/")[0] + "/")
    covers = or_(
        Maintenance.device_id == place.device.id, Maintenance.site_id == place.site.id, Maintenance.unit_path.in_(paths)
    )
    query = select(Maintenance).where(
        covers, Maintenance.starts_at <= now, Maintenance.ends_at > now, Maintenance.cancelled_at.is_(None)
    )
    return session.scalar(query.order_by(Maintenance.ends_at.desc()).limit(1))
