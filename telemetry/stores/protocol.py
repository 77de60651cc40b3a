"""What a sample store can do, whichever it is. The same contract test runs over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

import numpy as np

RAW, FIVE_MINUTES, HOUR = "raw", "5m", "1h"
TIER_STEP_MS = {RAW: 0, FIVE_MINUTES: 300_000, HOUR: 3_600_000}


class Window(NamedTuple):
    """Values of some series over a stretch of time, sorted by series, then time. Only buckets that hold samples.

    `series` int32[n], `ts_ms` int64[n] the beginning of each bucket (or the sample's own time when no step was asked),
    `min`, `mean`, `max` float64[n], `count` int64[n] samples; `tier` is where they were read: "raw", "5m" or "1h".
    """

    series: np.ndarray
    ts_ms: np.ndarray
    min: np.ndarray
    mean: np.ndarray
    max: np.ndarray
    count: np.ndarray
    tier: str

    def __len__(self) -> int:  # type: ignore[override]
        return len(self.series)

    def of(self, series: int) -> Window:
        """The part of one series."""
        low, high = np.searchsorted(self.series, [series, series + 1])
        cut = slice(low, high)
        return Window(
            self.series[cut], self.ts_ms[cut], self.min[cut], self.mean[cut], self.max[cut], self.count[cut], self.tier
        )


class Compaction(NamedTuple):
    """What one compaction did."""

    samples: int
    files: int
    seconds: float


class Store(Protocol):
    """Keeps samples. Failures that may pass (a full disk, an unreachable server) are raised as core.TryLater."""

    def append(self, series: np.ndarray, ts_ms: np.ndarray, value: np.ndarray) -> None:
        """Keep samples: int32[n], epoch milliseconds int64[n], float64[n] (finite). All of them or, on TryLater, none.

        The same (series, ts_ms) twice is one sample.
        """

    def window(
        self, series: Sequence[int], start_ms: int, end_ms: int, step_ms: int | None = None, tier: str | None = None
    ) -> Window:
        """Samples of [start_ms, end_ms); with a step, in buckets that begin at multiples of it.

        Without a tier the coarsest one that the step allows is read, or the finest that still reaches back that far.
        """

    def latest(self, series: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """(ts_ms int64[n], value float64[n]) of the last sample of each; 0 and NaN where there is none."""

    def flush(self) -> None:
        """Make sure that all that was appended survives a crash and can be read."""

    def compact(self, now: datetime) -> Compaction:
        """Bring samples into their compact form. Called about each minute; does nothing when there is nothing to do."""

    def prune(self, now: datetime) -> int:
        """Remove what is older than its tier's retention; returns files or partitions removed."""

    def size_bytes(self) -> int:
        """Bytes that the samples take on disk; 0 when the store is elsewhere and does not say."""

    def close(self) -> None:
        """Let go of files and connections."""
