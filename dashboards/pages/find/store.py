"""The events of MAC addresses: new machines and moved ones, of the scope, by one statement each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select

from core import Scope, Session
from inventory import Device, Site, Unit
from telemetry import Event

KINDS = ("mac_new", "mac_moved")


@dataclass(frozen=True, slots=True)
class NewsRow:
    """One event with the device that told it and its site."""

    event: Event
    device_id: int
    device_name: str
    site_id: int
    site_name: str


@dataclass(frozen=True, slots=True)
class NewsFilter:
    """Which events: `mac` and `text` are looked for in what was told."""

    since: datetime
    kind: str = ""
    site_id: int | None = None
    text: str = ""


def _chosen(scope: Scope, wanted: NewsFilter) -> Select[tuple[Event, int, str, int, str]]:
    query = (
        select(Event, Device.id, Device.name, Site.id, Site.name)
        .join(Device, Device.id == Event.device_id).join(Site, Site.id == Device.site_id)
        .where(Event.kind.in_((wanted.kind,) if wanted.kind in KINDS else KINDS), Event.happened_at >= wanted.since)
    )
    if scope.unit_path is not None:
        query = query.join(Unit, Unit.id == Site.unit_id).where(Unit.path.startswith(scope.unit_path, autoescape=True))
    if wanted.site_id is not None:
        query = query.where(Site.id == wanted.site_id)
    if wanted.text:
        query = query.where(Event.raw.icontains(wanted.text, autoescape=True))
    return query


def mac_events(session: Session, scope: Scope, wanted: NewsFilter, offset: int, limit: int) -> list[NewsRow]:
    """The events that fit, newest first."""
    query = _chosen(scope, wanted).order_by(Event.happened_at.desc(), Event.id.desc())
    return [NewsRow(*row) for row in session.execute(query.offset(offset).limit(limit))]


def count_mac_events(session: Session, scope: Scope, wanted: NewsFilter) -> int:
    """How many there are."""
    inner = _chosen(scope, wanted).with_only_columns(Event.id).subquery()
    return session.scalar(select(func.count()).select_from(inner)) or 0


def busiest_sites(session: Session, scope: Scope, since: datetime) -> Sequence[tuple[int, str, int]]:
    """(site, its name, events) of the sites with the most news, for the filter of the list."""
    inner = _chosen(scope, NewsFilter(since)).with_only_columns(Site.id, Site.name).subquery()
    count = func.count()
    query = select(inner.c.id, inner.c.name, count).group_by(inner.c.id, inner.c.name)
    query = query.order_by(count.desc(), inner.c.id)
    return [(row[0], row[1], row[2]) for row in session.execute(query.limit(50))]


def names_of_devices(session: Session, scope: Scope, ids: Sequence[int]) -> dict[int, str]:
    """Device id to name, for those of the scope."""
    query = select(Device.id, Device.name).join(Site, Site.id == Device.site_id).where(Device.id.in_(ids))
    if scope.unit_path is not None:
        query = query.join(Unit, Unit.id == Site.unit_id).where(Unit.path.startswith(scope.unit_path, autoescape=True))
    return dict(session.execute(query).all())
