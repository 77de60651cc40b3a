"""The rows of the overview: units by name, lines by provider, what ended lately."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from alerts import Incident, IncidentFilter, list_incidents
from core import Scope, Session
from inventory import Link, Site, Unit

LATELY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit of the strip."""

    id: int
    name: str
    path: str


def strip_units(session: Session, scope: Scope) -> list[UnitRow]:
    """The units to compare: those below the top of the scope; a top that stands alone gives way to what is below it."""
    if scope.unit_path is None:
        level = _units(session, None)
    else:
        level = [_row(unit) for unit in session.scalars(select(Unit).where(Unit.path == scope.unit_path))]
    for _depth in range(6):
        if len(level) != 1:
            break
        below = _units(session, level[0].id)
        if not below:
            break
        level = below
    return level


def _units(session: Session, parent_id: int | None) -> list[UnitRow]:
    where = Unit.parent_id.is_(None) if parent_id is None else Unit.parent_id == parent_id
    return [_row(unit) for unit in session.scalars(select(Unit).where(where).order_by(Unit.name_key, Unit.id))]


def _row(unit: Unit) -> UnitRow:
    return UnitRow(unit.id, unit.name, unit.path)


@dataclass(frozen=True, slots=True)
class LineRow:
    """An Internet line, where it ends and on which device it is measured."""

    isp: str
    site_id: int
    device_id: int | None


def lines_in(session: Session, scope: Scope) -> list[LineRow]:
    """All lines of the scope."""
    chosen = select(Link.isp, Link.site_id, Link.device_id)
    if scope.unit_path is not None:
        chosen = (
            chosen.join(Site, Site.id == Link.site_id)
            .join(Unit, Unit.id == Site.unit_id)
            .where(Unit.path.startswith(scope.unit_path, autoescape=True))
        )
    return [LineRow(*row) for row in session.execute(chosen)]


def ended_lately(session: Session, scope: Scope, now: datetime, limit: int = 8) -> Sequence[Incident]:
    """Incidents that ended in the last day, the newest first."""
    wanted = IncidentFilter(states=("closed",), since=now - LATELY)
    return list_incidents(session, scope, wanted, 1, limit).rows
