"""What the states of devices need from the tables: which devices there are, which have incidents or maintenance."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import and_, select

from alerts import Incident, IncidentMember, Maintenance
from core import Session
from dashboards.status.fleet import Fleet, FleetRow, SiteRow, make_fleet
from inventory import Device, Site, Unit

NOTICED_RANKS = 3  # critical, major, minor; "info" does not make a device need attention


def load_fleet(session: Session) -> Fleet:
    """Read all devices: some 0.3 s for 60,000. FleetCache keeps the answer until the inventory is edited."""
    sites = session.execute(
        select(Site.id, Unit.id, Unit.path).join(Unit, Unit.id == Site.unit_id).order_by(Site.name_key, Site.id)
    ).all()
    watched = and_(Device.is_monitored, Device.address != "")
    columns = (Device.id, Device.site_id, Device.kind, Device.vendor, Device.model, Device.interval_s, watched)
    devices = session.execute(select(*columns).order_by(Device.name_key, Device.id)).all()
    return make_fleet(list(map(FleetRow._make, devices)), list(map(SiteRow._make, sites)))


def devices_with_incidents(session: Session, device_ids: Collection[int] | None = None) -> set[int]:
    """Devices that an open incident is about or that are folded into one."""
    is_open = Incident.open_cause.is_not(None)
    own = select(Incident.device_id).where(
        is_open, Incident.device_id.is_not(None), Incident.severity_rank < NOTICED_RANKS
    )
    folded = (
        select(IncidentMember.device_id)
        .join(Incident, Incident.id == IncidentMember.incident_id)
        .where(is_open, IncidentMember.left_at.is_(None), IncidentMember.device_id.is_not(None))
    )
    if device_ids is not None:
        own = own.where(Incident.device_id.in_(device_ids))
        folded = folded.where(IncidentMember.device_id.in_(device_ids))
    return set(session.scalars(own)) | set(session.scalars(folded))


@dataclass(frozen=True, slots=True)
class Works:
    """Where maintenance is going on: devices, sites, unit paths."""

    devices: frozenset[int] = frozenset()
    sites: frozenset[int] = frozenset()
    paths: tuple[str, ...] = ()

    def mask(self, fleet: Fleet) -> np.ndarray:
        """bool[n] over the fleet."""
        found = fleet.mask_of(self.devices) | np.isin(fleet.site, list(self.sites))
        for path in self.paths:
            found |= fleet.in_scope(path)
        return found


def maintenance_now(session: Session, now: datetime) -> Works:
    """The maintenance in force, for all rules of its target."""
    rows = session.execute(
        select(Maintenance.device_id, Maintenance.site_id, Maintenance.unit_path).where(
            Maintenance.starts_at <= now,
            Maintenance.ends_at > now,
            Maintenance.cancelled_at.is_(None),
            Maintenance.rule_id.is_(None),
        )
    ).all()
    return Works(
        frozenset(row[0] for row in rows if row[0] is not None),
        frozenset(row[1] for row in rows if row[1] is not None),
        tuple(row[2] for row in rows if row[2] is not None),
    )
