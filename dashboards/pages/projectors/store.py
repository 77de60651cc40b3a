"""The rows that the projector pages need, each by one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select

from collectors import PollState
from core import Scope, Session
from core import gettext as _
from inventory import Device, Fact, Room, Site, Unit, fold

REFUSED = ("pjlink_wrong_password", "pjlink_password_needed")
SLICE = 10_000


@dataclass(frozen=True, slots=True)
class Line:
    """One projector with its place."""

    device: Device
    site: Site
    unit_name: str
    room_name: str


def lines_of(session: Session, device_ids: Sequence[int]) -> list[Line]:
    """The rows of these devices, in their order. The ids were chosen by scope already."""
    found: dict[int, Line] = {}
    for start in range(0, len(device_ids), SLICE):
        rows = session.execute(
            select(Device, Site, Unit.name, Room.name)
            .join(Site, Site.id == Device.site_id)
            .join(Unit, Unit.id == Site.unit_id)
            .outerjoin(Room, Room.id == Device.room_id)
            .where(Device.id.in_(device_ids[start : start + SLICE]))
        )
        found.update({row[0].id: Line(row[0], row[1], row[2], row[3] or "") for row in rows})
    return [found[one] for one in device_ids if one in found]


def models_of(session: Session) -> dict[int, str]:
    """Projector to its model; other devices that speak PJLink as well."""
    chosen = select(Device.id, Device.model).where(or_(Device.kind == "projector", Device.pjlink_port.is_not(None)))
    return dict(session.execute(chosen).all())


def refused_devices(session: Session) -> set[int]:
    """Devices that cannot be read for want of the right password."""
    return set(session.scalars(select(PollState.device_id).where(PollState.reason.in_(REFUSED))))


def ids_with(session: Session, text: str, room_kind: str) -> set[int] | None:
    """Projectors that hold every word of the text in their record or site's name, in rooms of a kind; None: all."""
    if not text and not room_kind:
        return None
    chosen = select(Device.id)
    for word in fold(text).split()[:8]:
        at_site = select(Site.id).where(Site.search_text.contains(word, autoescape=True))
        chosen = chosen.where(or_(Device.search_text.contains(word, autoescape=True), Device.site_id.in_(at_site)))
    if room_kind:
        chosen = chosen.where(Device.room_id.in_(select(Room.id).where(Room.kind == room_kind)))
    return set(session.scalars(chosen))


def find_line(session: Session, scope: Scope, device_id: int) -> Line | None:
    """One projector of the scope, or None."""
    lines = lines_of(session, [device_id])
    if not lines:
        return None
    path = session.scalar(select(Unit.path).where(Unit.id == lines[0].site.unit_id)) or "/"
    return lines[0] if scope.includes(path) else None


def facts_by_name(session: Session, device_id: int) -> dict[str, str]:
    """What the projector says of itself."""
    return dict(session.execute(select(Fact.name, Fact.value).where(Fact.device_id == device_id)).all())


def places(session: Session, scope: Scope) -> list[tuple[str, str]]:
    """What a schedule may be for: ("unit:3", name with its kind) of units, then sites, by name."""
    units = select(Unit.id, Unit.name, Unit.path).order_by(Unit.path)
    sites = select(Site.id, Site.name, Unit.path).join(Unit, Unit.id == Site.unit_id).order_by(Site.name_key)
    if scope.unit_path is not None:
        units = units.where(Unit.path.startswith(scope.unit_path, autoescape=True))
        sites = sites.where(Unit.path.startswith(scope.unit_path, autoescape=True))
    above, below = session.execute(units.limit(300)), session.execute(sites.limit(1500))
    return [(f"unit:{one}", _("Unit: %(name)s", name=name)) for one, name, _path in above] + [
        (f"site:{one}", _("Site: %(name)s", name=name)) for one, name, _path in below
    ]


def names_of_places(session: Session, unit_id: int | None, site_id: int | None) -> str:
    """The name of what a schedule is for."""
    if site_id is not None:
        return session.scalar(select(Site.name).where(Site.id == site_id)) or ""
    return session.scalar(select(Unit.name).where(Unit.id == unit_id)) or "" if unit_id is not None else ""


def part_numbers(session: Session) -> dict[tuple[int, str], str]:
    """(device, "lamp" or "filter") to the model of the replacement, as the projector tells it."""
    kinds = {"lamp_model": "lamp", "filter_model": "filter"}
    rows = session.execute(select(Fact.device_id, Fact.name, Fact.value).where(Fact.name.in_(kinds)))
    return {(device_id, kinds[name]): value for device_id, name, value in rows}
