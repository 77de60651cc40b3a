"""Pages printed in this month and the last, from the stored rates of the page counters.

Hours in which a printer was asleep are not known and count as nothing, so the sum is a lower bound; the counter itself
stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from core import TryLater
from dashboards.services import Services

_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Printed:
    """Pages of two months; None when nothing is known of one."""

    this_month: int | None = None
    last_month: int | None = None


def printed(services: Services, series: Mapping[int, Sequence[int]], now: datetime) -> dict[int, Printed]:
    """Pages by row: a printer with several counters counts by its highest. Empty when the store does not answer."""
    every = sorted({one for some in series.values() for one in some})
    if services.store is None or not every:
        return {}
    zone = ZoneInfo(services.settings.core.timezone)
    first, before = months(now, zone)
    try:
        window = services.store.window(every, _ms(before), _ms(now), _HOUR_MS, "1h")
    except TryLater:
        return {}
    pages = window.mean * np.minimum(_HOUR_MS, _ms(now) - window.ts_ms) / 1000
    is_now = window.ts_ms >= _ms(first)
    found: dict[int, Printed] = {}
    for row, some in series.items():
        mine = np.isin(window.series, list(some))
        found[row] = Printed(*(_highest(window.series, pages, mine & which) for which in (is_now, ~is_now)))
    return found


def months(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """(beginning of this month, beginning of the last one)."""
    first = now.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return first, (first - timedelta(days=1)).replace(day=1)


def _highest(series: np.ndarray, pages: np.ndarray, mask: np.ndarray) -> int | None:
    if not mask.any():
        return None
    return max(round(float(pages[mask & (series == one)].sum())) for one in np.unique(series[mask]).tolist())


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
