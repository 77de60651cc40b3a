"""The school calendar as the pure core wants it: the lines of a unit and of all units above it."""

from __future__ import annotations

from collections import defaultdict
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.calendar import CalendarLine, CalendarView, calendar_of
from inventory.models import CalendarEntry, Site, Unit

DEFAULT_ZONE = "Asia/Ho_Chi_Minh"
_FIELDS = ("kind", "name", "weekday", "starts_on", "ends_on", "starts_at", "ends_at")


def calendar_view(session: Session, unit_id: int, timezone: str = DEFAULT_ZONE) -> CalendarView:
    """The calendar that holds for a unit; an empty one when there is no such unit."""
    path = session.scalar(select(Unit.path).where(Unit.id == unit_id)) or ""
    chain = _ids(path)
    lines = _lines(session, chain)
    return calendar_of([lines[i] for i in chain], ZoneInfo(timezone))


def calendar_views(session: Session, timezone: str = DEFAULT_ZONE) -> dict[int, CalendarView]:
    """Site id to its calendar, for all sites. Units that say nothing of their own share the view of the unit above."""
    zone = ZoneInfo(timezone)
    lines = _lines(session, None)
    made: dict[tuple[int, ...], CalendarView] = {}
    views: dict[int, CalendarView] = {}
    for site_id, path in session.execute(select(Site.id, Unit.path).join(Unit, Unit.id == Site.unit_id)):
        speaking = tuple(i for i in _ids(path) if i in lines)
        if speaking not in made:
            made[speaking] = calendar_of([lines[i] for i in speaking], zone)
        views[site_id] = made[speaking]
    return views


def _ids(path: str) -> list[int]:
    return [int(part) for part in path.split("/") if part]


def _lines(session: Session, unit_ids: list[int] | None) -> defaultdict[int, list[CalendarLine]]:
    query = select(CalendarEntry.unit_id, *(getattr(CalendarEntry, name) for name in _FIELDS))
    if unit_ids is not None:
        query = query.where(CalendarEntry.unit_id.in_(unit_ids))
    found: defaultdict[int, list[CalendarLine]] = defaultdict(list)
    for unit_id, *values in session.execute(query):
        found[unit_id].append(CalendarLine(*values))
    return found
