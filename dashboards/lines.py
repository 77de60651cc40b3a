"""From a store's window to the lines of a chart: which step to ask for, and where a gap is a gap. Pure."""

from __future__ import annotations

import numpy as np

# Steps that fall on round times; up to a day
NICE_STEPS_S = (10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400)
GAP_INTERVALS = 2.5  # this many usual distances without a sample is a gap
HOUR_S = 3600


def step_for(span_ms: int, points: int) -> int | None:
    """Milliseconds a bucket so that a line has about `points` of them; None asks for single samples.

    Below 60 s buckets would be narrower than polling and mostly empty.
    """
    wanted = span_ms / 1000 / max(points, 1)
    if wanted < 60:
        return None
    return next((step for step in NICE_STEPS_S if step >= wanted), NICE_STEPS_S[-1]) * 1000


def with_gaps(
    ts_ms: np.ndarray, step_ms: int | None, *columns: np.ndarray
) -> tuple[list[int], list[list[float | None]]]:
    """(times, columns) with one null put into every gap, so that no line is drawn over a time without samples.

    `ts_ms` int64[n] ascending; columns float64[n]. The usual distance is the median one.
    """
    if len(ts_ms) == 0:
        return [], [[] for _column in columns]
    distance = np.diff(ts_ms)
    usual = max(float(np.median(distance)) if len(distance) else 0.0, float(step_ms or 0), 1.0)
    after = np.flatnonzero(distance > GAP_INTERVALS * usual)
    times = np.insert(ts_ms, after + 1, ts_ms[after] + int(usual))
    drawn = [np.insert(column, after + 1, np.nan) for column in columns]
    return times.tolist(), [[None if value != value else value for value in column.tolist()] for column in drawn]
