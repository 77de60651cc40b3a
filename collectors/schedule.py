"""When each device is polled: spread over its interval, backed off when silent, limited a site. Pure: no clock, no I/O.

All times are seconds of one monotonic clock, so a jump of the wall clock changes nothing. Due times stay on a fixed
grid of the device's own phase: a late poll does not shift the following ones, and grid points passed over are counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self
from zlib import crc32

import numpy as np


@dataclass(frozen=True, slots=True)
class Limits:
    """How many polls may run at once, and how far a silent device is backed off."""

    overall: int = 200
    a_site: int = 4
    backoff_after: int = 3  # silent polls at the normal pace before the interval doubles
    longest_interval: float = 1800.0


@dataclass(frozen=True, slots=True)
class Entry:
    """One device to poll each `interval` seconds."""

    device_id: int
    site_id: int
    interval: float


@dataclass(slots=True)
class Timetable:
    """A row a device. `silent` counts failed polls in a row; a paused device (known to be down) is not due."""

    device: np.ndarray
    site: np.ndarray
    interval: np.ndarray
    phase: np.ndarray
    next_at: np.ndarray
    silent: np.ndarray
    is_running: np.ndarray
    is_paused: np.ndarray
    missed: np.ndarray

    @classmethod
    def of(cls, entries: Sequence[Entry], now: float, old: "Timetable | None" = None, is_start: bool = False) -> Self:
        """The timetable of these devices, keeping what `old` knows of them.

        At the start everyone waits for a slot (20,000 devices do not begin at once); who comes later is due now.
        """
        size = len(entries)
        interval = np.array([max(one.interval, 1.0) for one in entries], float)
        device = np.array([one.device_id for one in entries], np.int64)
        phase = interval * np.array([spread_of(one.device_id) for one in entries], float)
        table = cls(
            device=device,
            site=np.array([one.site_id for one in entries], np.int64),
            interval=interval,
            phase=phase,
            next_at=next_slot(phase, interval, now) if is_start else np.full(size, now),
            silent=np.zeros(size, np.int32),
            is_running=np.zeros(size, bool),
            is_paused=np.zeros(size, bool),
            missed=np.zeros(size, np.int64),
        )
        if old is not None:
            table._keep(old)
        return table

    def _keep(self, old: "Timetable") -> None:
        rows = {int(device): row for row, device in enumerate(old.device)}
        pairs = [(row, rows[device]) for row, device in enumerate(self.device.tolist()) if device in rows]
        if not pairs:
            return
        mine, theirs = np.array(pairs, np.intp).T
        has_same_pace = self.interval[mine] == old.interval[theirs]
        kept = old.next_at[theirs]
        self.next_at[mine] = np.where(has_same_pace, kept, np.minimum(kept, self.next_at[mine] + self.interval[mine]))
        for name in ("silent", "is_running", "is_paused", "missed"):
            getattr(self, name)[mine] = getattr(old, name)[theirs]

    def __len__(self) -> int:
        return len(self.device)


def spread_of(device_id: int) -> float:
    """0..1, the same after every restart and even over any range of ids."""
    return crc32(device_id.to_bytes(8, "little")) / 2**32


def next_slot(phase: np.ndarray, interval: np.ndarray, after: np.ndarray | float) -> np.ndarray:
    """The first point of the grid phase + k * interval later than `after`."""
    return phase + (np.floor((after - phase) / interval) + 1) * interval


def due(table: Timetable, now: float, limits: Limits) -> np.ndarray:
    """Rows to poll now, longest overdue first, within the limits overall and a site."""
    free = limits.overall - int(table.is_running.sum())
    rows = np.flatnonzero((table.next_at <= now) & ~table.is_running & ~table.is_paused)
    if free <= 0 or not len(rows):
        return rows[:0]
    rows = rows[np.argsort(table.next_at[rows], kind="stable")]
    busy_sites, busy = np.unique(table.site[table.is_running], return_counts=True)
    already = _counts_at(busy_sites, busy, table.site[rows])
    rows = rows[already + _rank_within(table.site[rows]) < limits.a_site]
    return rows[:free]


def _counts_at(keys: np.ndarray, counts: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    if not len(keys):
        return np.zeros(len(wanted), np.int64)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, counts[place], 0)


def _rank_within(groups: np.ndarray) -> np.ndarray:
    """For each item, how many earlier items are of the same group: [7, 3, 7, 7] -> [0, 0, 1, 2]."""
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    is_first = np.r_[True, ordered[1:] != ordered[:-1]]
    starts = np.maximum.accumulate(np.where(is_first, np.arange(len(groups)), 0))
    rank = np.empty(len(groups), np.int64)
    rank[order] = np.arange(len(groups)) - starts
    return rank


def begin(table: Timetable, rows: np.ndarray) -> None:
    """The polls of these rows start."""
    table.is_running[rows] = True


def finish(table: Timetable, row: int, now: float, is_silent: bool, limits: Limits) -> None:
    """A poll ended: count the slots passed over, set the next due time on the grid, further away for the silent."""
    table.is_running[row] = False
    table.silent[row] = table.silent[row] + 1 if is_silent else 0
    interval = float(table.interval[row])
    pace = paced_interval(interval, int(table.silent[row]), limits)
    served = table.next_at[row]
    following = next_slot(table.phase[row], table.interval[row], now)
    # Grid points strictly between the one served and the next one to serve.
    table.missed[row] += max(int(np.ceil((following - served) / interval - 1e-9)) - 1, 0)
    table.next_at[row] = following + (pace - interval)


def paced_interval(interval: float, silent: int, limits: Limits) -> float:
    """The interval, doubled for each silent poll from `backoff_after` on, up to the longest, never below its own."""
    doublings = max(silent - limits.backoff_after + 1, 0)
    return max(interval, min(interval * 2.0 ** min(doublings, 20), limits.longest_interval))


def pause(table: Timetable, rows: np.ndarray) -> None:
    """These devices are known to be down: asking them over SNMP only costs timeouts."""
    table.is_paused[rows] = True


def resume(table: Timetable, rows: np.ndarray, now: float) -> None:
    """These devices answer ping again: poll them now, at their normal pace."""
    table.is_paused[rows] = False
    table.silent[rows] = 0
    table.next_at[rows] = now


def hasten(table: Timetable, rows: np.ndarray, now: float) -> None:
    """Poll these rows at the next look, whatever their slot."""
    table.next_at[rows] = now


def rows_of(table: Timetable, device_ids: Sequence[int] | np.ndarray) -> np.ndarray:
    """Rows of those of the devices that stand in the timetable."""
    return np.flatnonzero(np.isin(table.device, np.asarray(device_ids, np.int64)))


def load_of(table: Timetable) -> Mapping[str, float]:
    """Figures of the schedule for /metrics: devices, running, paused, missed slots, polls a second asked for."""
    is_active = ~table.is_paused
    return {
        "devices": len(table),
        "running": int(table.is_running.sum()),
        "paused": int(table.is_paused.sum()),
        "missed": int(table.missed.sum()),
        "polls_a_second": float((1 / table.interval[is_active]).sum()) if len(table) else 0.0,
    }
