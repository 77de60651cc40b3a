"""The calendar lines that hold for a unit: its own and those of the units above it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from core import Session
from inventory import CalendarEntry, CalendarLine, Unit

_FIELDS = ("kind", "name", "weekday", "starts_on", "ends_on", "starts_at", "ends_at")


@dataclass(frozen=True, slots=True)
class NamedLine:
    """A line, where it comes from, and how far up that is (0: the topmost unit)."""

    id: int
    unit_id: int
    unit_name: str
    depth: int
    line: CalendarLine


def lines_above(session: Session, unit: Unit) -> Sequence[NamedLine]:
    """All lines of a unit and the units above it. What the department sets may be read below it."""
    chain = [int(part) for part in unit.path.split("/") if part]
    query = (
        select(CalendarEntry.id, CalendarEntry.unit_id, Unit.name, *(getattr(CalendarEntry, name) for name in _FIELDS))
        .join(Unit, Unit.id == CalendarEntry.unit_id).where(CalendarEntry.unit_id.in_(chain))
        .order_by(CalendarEntry.starts_on, CalendarEntry.weekday, CalendarEntry.starts_at, CalendarEntry.id)
    )
    return [
        NamedLine(row[0], row[1], row[2], chain.index(row[1]), CalendarLine(*row[3:])) for row in session.execute(query)
    ]
