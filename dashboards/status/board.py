"""The state of every device, for pages: which devices there are is remembered until the inventory changes."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from core import Session
from dashboards.services import Services
from dashboards.status.fleet import Fleet
from dashboards.status.judge import PING_DOWN, PING_UNKNOWN, PING_UP, STATES, UNKNOWN, Signs, judge_states
from dashboards.status.store import devices_with_incidents, load_fleet, maintenance_now
from inventory import inventory_version

PING_STALE_S = 60.0  # six rounds of the ping plane without news: what it said no longer counts
STALE_INTERVALS = 3


class FleetCache:
    """The fleet of one database, read anew when the inventory's version has grown. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version = -1
        self._fleet: Fleet | None = None

    def get(self, session: Session) -> Fleet:
        """The fleet as of the newest edit this session sees."""
        version = inventory_version(session)
        with self._lock:
            if self._fleet is None or version != self._version:
                self._fleet, self._version = load_fleet(session), version
            return self._fleet


@dataclass(frozen=True, slots=True)
class Board:
    """The fleet and, beside each device, its state (a number of STATES)."""

    fleet: Fleet
    state: np.ndarray

    def states_of(self, device_ids: Sequence[int]) -> dict[int, str]:
        """Device id to word of its state; "unknown" for a device that is not in the fleet yet."""
        rows = self.fleet.rows_of(np.asarray(device_ids, np.int64))
        return {
            one: STATES[self.state[row] if row >= 0 else UNKNOWN] for one, row in zip(device_ids, rows, strict=True)
        }

    def counts_by_branch(self) -> dict[str, np.ndarray]:
        """Path of a unit to int64[6]: the devices of its whole branch by STATES. A branch without devices is not there.

        One pass for all branches: asking for each of 190 communes alone took a page 80 ms.
        """
        paths, kinds = self.fleet.paths, len(STATES)
        numbers = self.fleet.unit.astype(np.int64) * kinds + self.state
        own = np.bincount(numbers, minlength=len(paths) * kinds).reshape(-1, kinds)
        found: dict[str, np.ndarray] = {}
        for path, counts in zip(paths, own, strict=True):
            end = path.find("/", 1)
            while end > 0:
                branch = path[: end + 1]
                found[branch] = found[branch] + counts if branch in found else counts
                end = path.find("/", end + 1)
        return found


def load_board(session: Session, services: Services, cache: FleetCache, now: datetime) -> Board:
    """All states, in some milliseconds for 60,000 devices."""
    fleet = cache.get(session)
    signs = Signs(
        ping=ping_states(services, fleet, now.timestamp()),
        snmp=fresh_values(services, fleet, "snmp_up", now.timestamp()),
        has_incident=fleet.mask_of(devices_with_incidents(session)),
        is_in_maintenance=maintenance_now(session, now).mask(fleet),
        is_monitored=fleet.is_monitored,
    )
    return Board(fleet, judge_states(signs))


def ping_states(services: Services, fleet: Fleet, now: float) -> np.ndarray:
    """int8[n]: what the ping plane says; where none runs beside the pages, what the series device_up says."""
    snapshot = getattr(services.reachability, "snapshot", None)
    if snapshot is not None and len(snapshot.device) and now - snapshot.taken_at <= PING_STALE_S:
        return snapshot.states_of(fleet.device)
    up = fresh_values(services, fleet, "device_up", now, PING_STALE_S)
    return np.select([up == 1, up == 0], [PING_UP, PING_DOWN], PING_UNKNOWN).astype(np.int8)


def fresh_values(services: Services, fleet: Fleet, metric: str, now: float, age_s: float | None = None) -> np.ndarray:
    """float64[n]: a metric of the device as a whole; NaN when unknown or older than three intervals (or `age_s`)."""
    found = np.full(len(fleet.device), np.nan)
    registry, live = services.registry, services.live
    if registry is None or live is None or not len(fleet.device):
        return found
    series = registry.of_metric(metric)
    series = series[series < len(live)]
    rows = fleet.rows_of(registry.device[series].astype(np.int64))
    series, rows = series[rows >= 0], rows[rows >= 0]
    value, at = live.value[series], live.at[series]
    limit = STALE_INTERVALS * fleet.interval[rows] if age_s is None else age_s
    found[rows] = np.where(now - at <= limit, value, np.nan)
    return found
