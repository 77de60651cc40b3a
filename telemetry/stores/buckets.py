"""Putting samples and partial aggregates into buckets of time. Pure arrays; every store ends its reading here."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from telemetry.stores.protocol import FIVE_MINUTES, HOUR, RAW, TIER_STEP_MS, Window

DAY_MS = 86_400_000
# Beyond these stretches a finer tier would give more points than any chart has pixels
_RAW_LONGEST_MS = 2 * DAY_MS
_FIVE_MINUTES_LONGEST_MS = 14 * DAY_MS


class Partials(NamedTuple):
    """Partial aggregates: each row is one sample, or some samples of one series near one time. Any order."""

    series: np.ndarray
    ts_ms: np.ndarray
    min: np.ndarray
    mean: np.ndarray
    max: np.ndarray
    count: np.ndarray


EMPTY = Partials(
    np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0), np.empty(0, np.int64)
)


def from_samples(series: np.ndarray, ts_ms: np.ndarray, value: np.ndarray) -> Partials:
    """Single samples as partial aggregates; the same series and time twice becomes one."""
    order = np.lexsort((ts_ms, series))
    series, ts_ms, value = series[order], ts_ms[order], value[order]
    if len(series):
        is_new = np.ones(len(series), bool)
        is_new[1:] = (series[1:] != series[:-1]) | (ts_ms[1:] != ts_ms[:-1])
        series, ts_ms, value = series[is_new], ts_ms[is_new], value[is_new]
    return Partials(series, ts_ms, value, value, value, np.ones(len(series), np.int64))


def join(parts: list[Partials]) -> Partials:
    """All rows of some partial aggregates."""
    parts = [part for part in parts if len(part.series)]
    if not parts:
        return EMPTY
    if len(parts) == 1:
        return parts[0]
    return Partials(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def bucket(rows: Partials, step_ms: int, tier: str) -> Window:
    """Rows put together by series and bucket; `step_ms` 0 keeps each time for itself."""
    if not len(rows.series):
        return Window(*EMPTY, tier)
    ts = rows.ts_ms if step_ms <= 0 else rows.ts_ms // step_ms * step_ms
    order = np.lexsort((ts, rows.series))
    series, ts = rows.series[order], ts[order]
    is_new = np.ones(len(series), bool)
    is_new[1:] = (series[1:] != series[:-1]) | (ts[1:] != ts[:-1])
    starts = np.flatnonzero(is_new)
    count = rows.count[order]
    if len(starts) == len(series):
        return Window(series, ts, rows.min[order], rows.mean[order], rows.max[order], count, tier)
    total = np.add.reduceat(count, starts)
    low = np.minimum.reduceat(rows.min[order], starts)
    high = np.maximum.reduceat(rows.max[order], starts)
    mean = np.add.reduceat(rows.mean[order] * count, starts) / total
    # A mean of equal values must not leave their range by a rounding error
    return Window(series[starts], ts[starts], low, np.clip(mean, low, high), high, total, tier)


def choose_tier(start_ms: int, end_ms: int, step_ms: int | None, earliest: dict[str, int | None]) -> str:
    """The tier for a chart: the coarsest that its step or length allows, or a coarser one that reaches back further.

    `earliest` is the time of each tier's first sample, None for an empty tier.
    """
    length = end_ms - start_ms
    if step_ms is None:
        wanted = RAW
    elif step_ms >= TIER_STEP_MS[HOUR] or length > _FIVE_MINUTES_LONGEST_MS:
        wanted = HOUR
    elif step_ms >= TIER_STEP_MS[FIVE_MINUTES] or length > _RAW_LONGEST_MS:
        wanted = FIVE_MINUTES
    else:
        wanted = RAW
    order = (RAW, FIVE_MINUTES, HOUR)
    reach = earliest.get(wanted)
    for coarser in order[order.index(wanted) + 1 :]:
        back = earliest.get(coarser)
        # A coarser tier begins its first bucket up to its step earlier without knowing more
        slack = 2 * TIER_STEP_MS[coarser]
        if back is not None and (reach is None or (reach > start_ms and back + slack < reach)):
            wanted, reach = coarser, back
    return wanted


def step_of(step_ms: int | None, tier: str) -> int:
    """The step that a tier can really give: never finer than its own."""
    return max(step_ms or 0, TIER_STEP_MS[tier])
