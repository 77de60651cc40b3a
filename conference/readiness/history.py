"""How the schools' lines were at an hour of the day in the last weeks: read from the store, kept for a while."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np

DAYS = 28
HOUR_MS = 3_600_000
KEPT = timedelta(minutes=30)
PART = 0.9        # told is what one hour in ten is worse than
LEAST = 5         # fewer hours prove nothing
METRIC = "ping_loss_ratio"


class HourCache:
    """Device to the share of packets that one hour in ten lost, by hour of the day; any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[int, tuple[datetime, frozenset[int], dict[int, float]]] = {}

    def losses(
        self, store: Any, registry: Any, devices: frozenset[int], starts_at: datetime, now: datetime
    ) -> Mapping[int, float]:
        """Of these devices at the hour in which a meeting starts. Without a store nothing is known."""
        if store is None or registry is None or not devices:
            return {}
        hour = starts_at.hour
        with self._lock:
            kept = self._kept.get(hour)
        if kept is not None and now - kept[0] < KEPT and devices <= kept[1]:
            return kept[2]
        found = hour_losses(store, registry, devices, starts_at, now)
        with self._lock:
            self._kept[hour] = (now, devices, found)
        return found


def hour_losses(
    store: Any, registry: Any, devices: frozenset[int], starts_at: datetime, now: datetime
) -> dict[int, float]:
    """Read the hour of each of the last 28 days: one statement a day for all devices."""
    series = registry.of_metric(METRIC)
    owner = registry.device[series].astype(np.int64)
    mine = np.isin(owner, np.fromiter(devices, np.int64, len(devices)))
    series, owner = series[mine], owner[mine]
    if not len(series):
        return {}
    owner_of = dict(zip(series.tolist(), owner.tolist(), strict=True))
    first = int(starts_at.timestamp() * 1000) // HOUR_MS * HOUR_MS
    began = first - (max(0, (starts_at - now).days) + 1) * 24 * HOUR_MS  # the last such hour that is over
    asked = np.sort(series).tolist()
    numbers, values = [], []
    for day in range(DAYS):
        start = began - day * 24 * HOUR_MS
        window = store.window(asked, start, start + HOUR_MS, HOUR_MS)
        numbers.append(window.series)
        values.append(window.mean)
    return _upper(np.concatenate(numbers), np.concatenate(values), owner_of)


def _upper(series: np.ndarray, value: np.ndarray, owner_of: Mapping[int, int]) -> dict[int, float]:
    order = np.lexsort((value, series))
    series, value = series[order], value[order]
    one, first, count = np.unique(series, return_index=True, return_counts=True)
    place = first + np.minimum((count * PART).astype(np.int64), count - 1)
    found: dict[int, float] = {}
    for number, loss, hours in zip(one.tolist(), value[place].tolist(), count.tolist(), strict=True):
        if hours >= LEAST and number in owner_of:
            device = owner_of[number]
            found[device] = max(loss, found.get(device, 0.0))
    return found
