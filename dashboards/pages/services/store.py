"""What the pages of services read beside the rooms' own functions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from alerts import Incident, Maintenance
from core import Session
from inventory import Device, Service, Unit, service_number


def maintenances_between(session: Session, start: datetime, end: datetime) -> list[Maintenance]:
    """Maintenance that touches this time. One that was called off ended when it was."""
    chosen = select(Maintenance).where(Maintenance.starts_at < end, Maintenance.ends_at > start)
    rows = session.scalars(chosen.where(Maintenance.rule_id.is_(None)))
    return [one for one in rows if one.cancelled_at is None or one.cancelled_at > one.starts_at]


def units_of(session: Session, unit_ids: Iterable[int]) -> dict[int, Unit]:
    """Units by id."""
    return {unit.id: unit for unit in session.scalars(select(Unit).where(Unit.id.in_(set(unit_ids))))}


def sites_of_devices(session: Session, device_ids: Iterable[int]) -> dict[int, int]:
    """Device id -> site id."""
    rows = session.execute(select(Device.id, Device.site_id).where(Device.id.in_(set(device_ids))))
    return dict(rows.all())


def open_incidents_of(session: Session, services: Iterable[Service]) -> dict[int, list[Incident]]:
    """Service id -> its open incidents, worst first."""
    numbers = {service_number(one.id): one.id for one in services}
    found: dict[int, list[Incident]] = {}
    chosen = select(Incident).where(Incident.device_id.in_(list(numbers)), Incident.closed_at.is_(None))
    for incident in session.scalars(chosen.order_by(Incident.severity_rank, Incident.started_at)):
        found.setdefault(numbers[incident.device_id or 0], []).append(incident)
    return found
