"""What the states of devices need from the tables: which devices there are, which have incidents, which are being worked on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import select

from alerts import Incident, IncidentMember, Maintenance
from core import Session
from inventory import Device, Site, Unit

NOTICED_RANKS = 3  # critical, major, minor; "info" does not make a device need attention


@dataclass(frozen=True, slots=True)
class Fleet:
    """All devices as arrays of one length, by id. `unit` indexes `paths` and `unit_ids`; `kind` indexes `kinds`."""

    device: np.ndarray
    site: np.ndarray
    unit: np.ndarray
    kind: np.ndarray
    interval: np.ndarray
    is_monitored: np.ndarray
    paths: tuple[str, ...]
    unit_ids: tuple[int, ...]
    kinds: tuple[str, ...]

    def in_scope(self, path: str | None) -> np.ndarray:
        """bool[n]: devices of the unit with this path and of all below it; None takes all."""
        if path is None:
            return np.ones(len(self.device), bool)
        inside = np.fromiter((one.startswith(path) for one in self.paths), bool, len(self.paths))
        return inside[self.unit] if len(self.paths) else np.zeros(0, bool)

    def rows_of(self, device_ids: np.ndarray) -> np.ndarray:
        """intp[m]: the row of each of these devices; -1 for an unknown one."""
        if not len(self.device):
            return np.full(len(device_ids), -1, np.intp)
        rows = np.minimum(np.searchsorted(self.device, device_ids), len(self.device) - 1)
        return np.where(self.device[rows] == device_ids, rows, -1)


def load_fleet(session: Session) -> Fleet:
    """Read all devices: some 0.2 s for 60,000. FleetCache keeps the answer until the inventory is edited."""
    units = session.execute(select(Site.id, Unit.id, Unit.path).join(Unit, Unit.id == Site.unit_id)).all()
    numbers: dict[int, int] = {}
    paths: list[str] = []
    unit_of_site: dict[int, int] = {}
    for site_id, unit_id, path in units:
        if unit_id not in numbers:
            numbers[unit_id] = len(paths)
            paths.append(path)
        unit_of_site[site_id] = numbers[unit_id]
    rows = session.execute(
        select(Device.id, Device.site_id, Device.kind, Device.interval_s, Device.is_monitored, Device.address)
        .order_by(Device.id)
    ).all()
    kinds: dict[str, int] = {}
    kind = np.fromiter((kinds.setdefault(row[2], len(kinds)) for row in rows), np.int16, len(rows))
    return Fleet(
        device=np.fromiter((row[0] for row in rows), np.int64, len(rows)),
        site=np.fromiter((row[1] for row in rows), np.int64, len(rows)),
        unit=np.fromiter((unit_of_site[row[1]] for row in rows), np.int32, len(rows)),
        kind=kind,
        interval=np.fromiter((row[3] for row in rows), np.float64, len(rows)),
        is_monitored=np.fromiter((bool(row[4] and row[5]) for row in rows), bool, len(rows)),
        paths=tuple(paths), unit_ids=tuple(numbers), kinds=tuple(kinds),
    )


def devices_with_incidents(session: Session, device_ids: Collection[int] | None = None) -> set[int]:
    """Devices that an open incident is about or that are folded into one."""
    is_open = Incident.open_cause.is_not(None)
    own = select(Incident.device_id).where(
        is_open, Incident.device_id.is_not(None), Incident.severity_rank < NOTICED_RANKS
    )
    folded = (
        select(IncidentMember.device_id).join(Incident, Incident.id == IncidentMember.incident_id)
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
        found = np.isin(fleet.device, list(self.devices)) | np.isin(fleet.site, list(self.sites))
        for path in self.paths:
            found |= fleet.in_scope(path)
        return found


def maintenance_now(session: Session, now: datetime) -> Works:
    """The maintenance in force, for all rules of its target."""
    rows = session.execute(
        select(Maintenance.device_id, Maintenance.site_id, Maintenance.unit_path).where(
            Maintenance.starts_at <= now, Maintenance.ends_at > now, Maintenance.cancelled_at.is_(None),
            Maintenance.rule_id.is_(None),
        )
    ).all()
    return Works(
        frozenset(row[0] for row in rows if row[0] is not None), frozenset(row[1] for row in rows if row[1] is not None),
        tuple(row[2] for row in rows if row[2] is not None),
    )
