"""Which files hold which samples, and which of them to merge next. Pure: names and numbers, no file is opened here.

A run is what one seal or merge wrote: one or more files with disjoint series. Runs of one partition (a stretch of days)
are merged by size, as in a log-structured merge tree, and into one when the partition is over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from telemetry.stores.protocol import FIVE_MINUTES, HOUR, RAW

DAY_MS = 86_400_000
# Days a partition spans: retention removes whole partitions, and a 30-day chart of hours opens about five
PARTITION_MS = {RAW: DAY_MS, FIVE_MINUTES: DAY_MS, HOUR: 8 * DAY_MS}
FAN_IN = 6
ROWS_A_FILE = 8_000_000
# Partitions are days of UTC; 18 hours after their end it is one o'clock at night in Viet Nam, when merging a whole
# province's day disturbs nobody, and probes that were cut off have mostly delivered
_SETTLED_AFTER_MS = 18 * 3_600_000
_WORTH_A_REWRITE = 0.05  # late samples stay in a run of their own until they are this share of their partition


class Segment(NamedTuple):
    """One file of samples, sorted by series and time. Bounds are inclusive."""

    id: int
    tier: str
    partition_ms: int
    run: int
    level: int
    low: int
    high: int
    start_ms: int
    end_ms: int
    rows: int
    bytes: int

    @property
    def name(self) -> str:
        """The file's name below the store's folder."""
        return f"{self.tier}/{self.partition_ms}-{self.id}.parquet"


class Merge(NamedTuple):
    """Runs of one partition to become one."""

    segments: tuple[Segment, ...]
    level: int


class Catalogue:
    """All files of one moment; immutable, so that a reader can hold it while others change the store."""

    def __init__(self, segments: Iterable[Segment]) -> None:
        self.segments = tuple(segments)
        self._by_tier: dict[str, list[Segment]] = defaultdict(list)
        for segment in self.segments:
            self._by_tier[segment.tier].append(segment)
        self._bounds = {
            tier: np.array([(s.low, s.high, s.start_ms, s.end_ms) for s in found], np.int64)
            for tier, found in self._by_tier.items()
        }

    def of_tier(self, tier: str) -> Sequence[Segment]:
        """All files of a tier."""
        return self._by_tier.get(tier, [])

    def covering(self, tier: str, series: np.ndarray, start_ms: int, end_ms: int) -> list[Segment]:
        """Files that may hold samples of these series (ascending) in [start_ms, end_ms)."""
        bounds = self._bounds.get(tier)
        if bounds is None or not len(series):
            return []
        low, high, start, end = bounds.T
        # A file matters when some wanted series lies within its bounds
        has_series = np.searchsorted(series, low, side="left") < np.searchsorted(series, high, side="right")
        found = np.flatnonzero(has_series & (start < end_ms) & (end >= start_ms))
        of_tier = self._by_tier[tier]
        return [of_tier[i] for i in found]

    def earliest(self, tier: str) -> int | None:
        """Time of the first sample of a tier."""
        bounds = self._bounds.get(tier)
        return None if bounds is None else int(bounds[:, 2].min())


def partition_of(tier: str, ts_ms: int) -> int:
    """Beginning of the partition that a time falls into."""
    span = PARTITION_MS[tier]
    return ts_ms // span * span


def next_merge(segments: Sequence[Segment], now_ms: int) -> Merge | None:
    """The most useful merge, or None: six runs of one level, or all runs of a partition that is over."""
    partitions: dict[tuple[str, int], list[Segment]] = defaultdict(list)
    for segment in segments:
        partitions[segment.tier, segment.partition_ms].append(segment)
    for (tier, partition), found in sorted(partitions.items()):
        merge = _merge_of(found, is_over=now_ms > partition + PARTITION_MS[tier] + _SETTLED_AFTER_MS)
        if merge is not None:
            return merge
    return None


def _merge_of(segments: Sequence[Segment], is_over: bool) -> Merge | None:
    runs: dict[int, list[Segment]] = defaultdict(list)
    for segment in segments:
        runs[segment.run].append(segment)
    if len(runs) < 2:
        return None
    levels: dict[int, list[int]] = defaultdict(list)
    for run, found in runs.items():
        levels[found[0].level].append(run)
    for level, members in sorted(levels.items()):
        if len(members) >= FAN_IN:
            return Merge(tuple(s for run in members for s in runs[run]), level + 1)
    if not is_over:
        return None
    sizes = {run: sum(s.rows for s in found) for run, found in runs.items()}
    total, largest = sum(sizes.values()), max(sizes.values())
    if total - largest > _WORTH_A_REWRITE * total:
        return Merge(tuple(segments), max(levels) + 1)
    return None


def cuts(segments: Sequence[Segment], rows_a_file: int = ROWS_A_FILE) -> list[tuple[int, int]]:
    """Series ranges [low, high) such that each becomes a file of about `rows_a_file` rows."""
    low, high = min(s.low for s in segments), max(s.high for s in segments) + 1
    rows = sum(s.rows for s in segments)
    pieces = max(1, min(-(-rows // rows_a_file), high - low))
    # Series numbers are dense, but one run may hold many more samples a series than another: cut by their sum
    edges = np.unique([s.low for s in segments] + [s.high + 1 for s in segments])
    weight = np.zeros(len(edges))
    for s in segments:
        weight += s.rows * np.clip((edges - s.low) / (s.high + 1 - s.low), 0.0, 1.0)
    wanted = np.interp(np.linspace(0.0, rows, pieces + 1), weight, edges).astype(np.int64)
    wanted[0], wanted[-1] = low, high
    wanted = np.unique(wanted)
    return list(zip(wanted[:-1].tolist(), wanted[1:].tolist(), strict=True))
