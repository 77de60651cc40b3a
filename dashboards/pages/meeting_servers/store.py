"""What the pages of meeting servers read beside the rooms' own functions."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from alerts import Incident
from core import Session
from inventory import meeting_server_number


def open_incidents_of(session: Session, server_ids: Iterable[int]) -> dict[int, list[Incident]]:
    """Server id -> its open incidents, worst first."""
    numbers = {meeting_server_number(one): one for one in server_ids}
    found: dict[int, list[Incident]] = {}
    chosen = select(Incident).where(Incident.device_id.in_(list(numbers)), Incident.closed_at.is_(None))
    for incident in session.scalars(chosen.order_by(Incident.severity_rank, Incident.started_at)):
        found.setdefault(numbers[incident.device_id or 0], []).append(incident)
    return found
