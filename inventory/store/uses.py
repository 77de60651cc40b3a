"""How rooms are used: rows of RoomUse together with the examinations of the school calendar; and rated lives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inventory.calendar import CalendarLine, exam_interval
from inventory.folding import fold
from inventory.models import CalendarEntry, RatedLife, RoomUse, Site, Unit
from inventory.occupation import Occupation
from inventory.store.calendars import DEFAULT_ZONE
from inventory.store.visibility import touch_inventory


def occupations(
    session: Session, start: datetime, end: datetime, site_ids: Collection[int] | None = None,
    timezone: str = DEFAULT_ZONE,
) -> dict[int, list[Occupation]]:
    """Site id to what takes its rooms at some moment of [start, end); of these sites, or of all."""
    found: defaultdict[int, list[Occupation]] = defaultdict(list)
    chosen = select(RoomUse).where(RoomUse.ends_at > start, RoomUse.starts_at < end)
    if site_ids is not None:
        chosen = chosen.where(RoomUse.site_id.in_(site_ids))
    for use in session.scalars(chosen):
        found[use.site_id].append(Occupation(use.purpose, use.name, use.room_id, use.starts_at, use.ends_at))
    exams = _exams(session, start, end, ZoneInfo(timezone))
    if exams:
        places = select(Site.id, Unit.path).join(Unit, Unit.id == Site.unit_id)
        if site_ids is not None:
            places = places.where(Site.id.in_(site_ids))
        for site_id, path in session.execute(places):
            for unit_id in (int(part) for part in path.split("/") if part):
                found[site_id].extend(exams.get(unit_id, ()))
    return dict(found)


def _exams(session: Session, start: datetime, end: datetime, zone: ZoneInfo) -> dict[int, list[Occupation]]:
    """Unit id to its examinations; they hold for all units below it, in every room."""
    found: defaultdict[int, list[Occupation]] = defaultdict(list)
    names = ("kind", "name", "weekday", "starts_on", "ends_on", "starts_at", "ends_at")
    columns = [getattr(CalendarEntry, name) for name in names]
    for unit_id, *values in session.execute(
        select(CalendarEntry.unit_id, *columns).where(CalendarEntry.kind == "exam")
    ):
        line = CalendarLine(*values)
        begins, ends = exam_interval(line, zone)
        if begins < end and ends > start:
            found[unit_id].append(Occupation("exam", line.name, None, begins, ends))
    return found


def rated_lives(session: Session) -> dict[str, RatedLife]:
    """Folded model to how long its parts last."""
    return {row.model: row for row in session.scalars(select(RatedLife).order_by(RatedLife.model))}


def set_rated_life(session: Session, model: str, lamp_hours: int | None, filter_hours: int | None) -> None:
    """Say how long the parts of a model last; with neither number the model goes back to the settings."""
    key = fold(model)[:200]
    row = session.scalar(select(RatedLife).where(RatedLife.model == key))
    if lamp_hours is None and filter_hours is None:
        session.execute(delete(RatedLife).where(RatedLife.model == key))
    elif row is None:
        session.add(RatedLife(model=key, lamp_hours=lamp_hours, filter_hours=filter_hours))
    else:
        row.lamp_hours, row.filter_hours = lamp_hours, filter_hours
    session.flush()
    touch_inventory(session)
