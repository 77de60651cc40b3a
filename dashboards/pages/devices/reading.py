"""What is known now of one device: each metric of each part, from the live table, else the store. Knows no words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from core import TryLater
from dashboards.services import Services
from dashboards.status import STALE_INTERVALS

PING_METRICS = frozenset(
    {
        "device_up",
        "ping_rtt_seconds",
        "ping_jitter_seconds",
        "ping_loss_ratio",
        "ping_rtt_min_seconds",
        "ping_rtt_max_seconds",
    }
)
PING_STALE_S = 60.0
LONGEST_FALLBACK = 2_000  # series asked of the store when the live table is still empty after a start
NO_STORAGE = "other-storage:"  # a CD-ROM, buffers: always full, and nobody should be alarmed


@dataclass(frozen=True, slots=True)
class Value:
    """One number: `at` is epoch seconds; a stale one is older than three intervals."""

    series: int
    value: float
    at: float
    is_stale: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """All values of a device: part -> metric -> value. Part "" is the device as a whole. Unknown ones are not there.

    `series` also names those without a value yet: (part, metric) -> series, for charts.
    """

    values: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    series: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def get(self, part: str, metric: str) -> Value | None:
        """One value, or None."""
        return self.values.get(part, {}).get(metric)

    def number(self, part: str, metric: str) -> float | None:
        """One number, or None when unknown or stale."""
        found = self.get(part, metric)
        return None if found is None or found.is_stale else found.value

    def of_metric(self, metric: str) -> Iterator[tuple[str, Value]]:
        """(part, value) of every part that has the metric."""
        for part, values in self.values.items():
            if metric in values:
                yield part, values[metric]

    @property
    def newest_at(self) -> float:
        """Epoch seconds of the newest value that is not a ping; 0 when there is none."""
        times = (v.at for values in self.values.values() for name, v in values.items() if name not in PING_METRICS)
        return max(times, default=0.0)


def read_device(services: Services, device_id: int, interval_s: float, now: float) -> Reading:
    """Read a device's values. Without telemetry (a role that measures nothing) it is empty."""
    registry = services.registry
    if registry is None:
        return Reading()
    series = registry.of_device(device_id)
    if not len(series):
        return Reading()
    value, at = _numbers(services, series)
    parts, metrics = registry.part[series], registry.metric[series]
    names = {int(number): registry.metric_name(int(number)) for number in np.unique(metrics)}
    known: dict[tuple[str, str], int] = {}
    values: dict[str, dict[str, Value]] = {}
    rows = zip(series.tolist(), parts.tolist(), metrics.tolist(), value.tolist(), at.tolist(), strict=True)
    for number, part_number, metric_number, amount, moment in rows:
        part, metric = registry.part_names[part_number], names[metric_number]
        if part.startswith(NO_STORAGE):
            continue
        known[part, metric] = number
        if moment > 0 and amount == amount:
            limit = PING_STALE_S if metric in PING_METRICS else STALE_INTERVALS * interval_s
            values.setdefault(part, {})[metric] = Value(number, amount, moment, now - moment > limit)
    return Reading(values, known)


def _numbers(services: Services, series: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    value, at = np.full(len(series), np.nan), np.zeros(len(series))
    live = services.live
    if live is not None:
        inside = series < len(live)
        value[inside], at[inside] = live.value[series[inside]], live.at[series[inside]]
    missing = np.flatnonzero(at == 0)
    if services.store is not None and 0 < len(missing) <= LONGEST_FALLBACK:
        try:
            ts_ms, stored = services.store.latest(series[missing].tolist())
        except TryLater:
            return value, at  # the store is away: what the live table has must do
        value[missing], at[missing] = stored, np.asarray(ts_ms) / 1000.0
    return value, at
