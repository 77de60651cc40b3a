"""How much of schools' lines is used at an hour, measured at the same hour of the weeks before. Reads samples only."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import numpy as np

from core import TryLater
from inventory import Link
from telemetry import SeriesRegistry, Store

WEEKS = 3
HOUR_MS = 3_600_000
_DOWN, _UP = "if_in_octets_total", "if_out_octets_total"  # at the school's side: in is what it receives
Usage = Mapping[int, tuple[float, float]]


def line_usage(
    links: Collection[Link], registry: SeriesRegistry, store: Store, starts_at: datetime, ends_at: datetime
) -> dict[int, tuple[float, float]]:
    """Link id -> (down, up) in bits per second: the busiest hour between these times in the last weeks.

    Lines without a port, or without samples at that hour, are left out: not known is not idle. {} when the store
    does not answer.
    """
    series: dict[int, tuple[int, int]] = {}
    for link in links:
        if link.device_id is None or not link.part_key:
            continue
        down, up = (registry.find(link.device_id, link.part_key, name) for name in (_DOWN, _UP))
        if down is not None and up is not None:
            series[link.id] = (down, up)
    if not series:
        return {}
    wanted = [one for pair in series.values() for one in pair]
    most: dict[int, float] = {}
    try:
        for week in range(1, WEEKS + 1):
            back = timedelta(weeks=week)
            window = store.window(wanted, _ms(starts_at - back), _ms(ends_at - back), HOUR_MS)
            for number, mean in zip(window.series.tolist(), window.mean.tolist(), strict=True):
                if np.isfinite(mean):
                    most[number] = max(most.get(number, 0.0), mean)
    except TryLater:
        return {}
    return {
        link_id: (most[down] * 8, most[up] * 8)
        for link_id, (down, up) in series.items() if down in most and up in most
    }


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
