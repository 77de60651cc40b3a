"""Rows of other rooms by number, for the few pages whose room offers no function of its own. SQLAlchemy stays here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, exists, or_, select

from alerts import Incident, IncidentMember, RuleOverride
from core import Session

R = TypeVar("R")
MARK_LIMIT = 200


def row_of(session: Session, model: type[R], number: int) -> R | None:
    """The row with this number, or None."""
    return session.get(model, number)


def delete_row(session: Session, row: Any) -> None:
    """Delete a row; what the database ties to it goes too."""
    session.delete(row)
    session.flush()


def list_overrides(session: Session) -> list[RuleOverride]:
    """Other numbers for rules, newest first."""
    return list(session.scalars(select(RuleOverride).order_by(RuleOverride.id.desc())))


def about_devices(device_ids: Sequence[int]) -> ColumnElement[bool]:
    """Incidents that are about one of these devices or took it down."""
    behind = exists().where(IncidentMember.incident_id == Incident.id, IncidentMember.device_id.in_(device_ids))
    return or_(Incident.device_id.in_(device_ids), behind)


def incidents_between(session: Session, device_ids: Sequence[int], start: datetime, end: datetime) -> list[Incident]:
    """Incidents of devices that stood at some moment of a stretch of time, newest first, for the marks of charts."""
    stood = and_(Incident.started_at < end, or_(Incident.closed_at.is_(None), Incident.closed_at >= start))
    query = select(Incident).where(about_devices(device_ids), stood, Incident.folded_into_id.is_(None))
    return list(session.scalars(query.order_by(Incident.started_at.desc()).limit(MARK_LIMIT)))
