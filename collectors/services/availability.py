"""How much of a month a service was there: minutes up, down and unknown, and outages. Pure: numbers in, numbers out.

Only the hours that count are counted (teaching hours if the service says so, never maintenance), in slots of five
minutes. A service is sampled once a minute while somebody knows how it stands; minutes without a sample are unknown,
and neither up nor down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SLOT_MS = 300_000
HOUR_MS = 3_600_000
SAMPLE_S = 60.0

Interval = tuple[int, int]  # epoch milliseconds, begin and end


@dataclass(frozen=True, slots=True)
class Hours:
    """What the store holds of one service, by the hour: begin (epoch ms), share of samples that were up, samples."""

    ts_ms: np.ndarray
    mean: np.ndarray
    count: np.ndarray


@dataclass(frozen=True, slots=True)
class Availability:
    """Seconds. `counted_s` is what counts of the time so far: up + down + unknown."""

    up_s: float = 0.0
    down_s: float = 0.0
    unknown_s: float = 0.0
    left_out_s: float = 0.0
    outages: int = 0

    @property
    def counted_s(self) -> float:
        """The time that counts."""
        return self.up_s + self.down_s + self.unknown_s

    @property
    def ratio(self) -> float | None:
        """Share of the known time that the service was up; None when nothing is known."""
        known = self.up_s + self.down_s
        return self.up_s / known if known > 0 else None


def slots_between(start_ms: int, end_ms: int) -> np.ndarray:
    """int64[n]: the beginnings of the five-minute slots of a stretch of time that begins at a full hour."""
    return np.arange(start_ms, max(end_ms, start_ms), SLOT_MS, dtype=np.int64)


def covered(slots: np.ndarray, intervals: Sequence[Interval]) -> np.ndarray:
    """bool[n]: the slots whose middle lies inside one of the intervals."""
    middle = slots + SLOT_MS // 2
    found = np.zeros(len(slots), bool)
    for begin, end in intervals:
        found |= (middle >= begin) & (middle < end)
    return found


def availability(
    hours: Hours, outages: Sequence[Interval], counted: np.ndarray, start_ms: int, end_ms: int
) -> Availability:
    """Of [start_ms, end_ms), which begins at a full hour. `counted`: bool by five-minute slot.

    Hours that count as a whole are taken from the samples; of hours that count in part, the outages say which part of
    the downtime falls into it.
    """
    slots = slots_between(start_ms, end_ms)
    weight = np.minimum(end_ms - slots, SLOT_MS) / 1000.0  # the last slot may have just begun
    hour = (slots - start_ms) // HOUR_MS
    size = int(hour[-1]) + 1 if len(hour) else 0
    counts_s = np.bincount(hour, weights=weight * counted, minlength=size)
    whole_s = np.bincount(hour, weights=weight, minlength=size)
    known_s, up_ratio = _known(hours, start_ms, size)
    share = np.divide(counts_s, whole_s, out=np.zeros(size), where=whole_s > 0)
    known = np.minimum(known_s * share, counts_s)
    down_by_outage = np.zeros(size)
    for begin, end in outages:
        overlap = np.clip(np.minimum(end, slots + SLOT_MS) - np.maximum(begin, slots), 0, None) / 1000.0
        down_by_outage += np.bincount(hour, weights=overlap * counted, minlength=size)
    is_part = (share > 0) & (share < 1)
    down = np.where(is_part, np.minimum(down_by_outage, known), known * (1.0 - up_ratio))
    total_down, total_known, total = float(down.sum()), float(known.sum()), float(counts_s.sum())
    return Availability(
        up_s=total_known - total_down, down_s=total_down, unknown_s=max(total - total_known, 0.0),
        left_out_s=float(whole_s.sum()) - total, outages=_counted_outages(outages, slots, counted),
    )


def _known(hours: Hours, start_ms: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """(seconds known, share up of them) by hour."""
    known_s, up_ratio = np.zeros(size), np.ones(size)
    place = (hours.ts_ms - start_ms) // HOUR_MS
    inside = (place >= 0) & (place < size)
    place = place[inside]
    known_s[place] = np.minimum(hours.count[inside] * SAMPLE_S, HOUR_MS / 1000)
    up_ratio[place] = np.clip(hours.mean[inside], 0.0, 1.0)
    return known_s, up_ratio


def _counted_outages(outages: Sequence[Interval], slots: np.ndarray, counted: np.ndarray) -> int:
    """How many outages touch a slot that counts."""
    return sum(
        bool((counted & (slots < end) & (slots + SLOT_MS > begin)).any()) for begin, end in outages
    )
