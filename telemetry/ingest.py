"""The one way in for samples, near and far: collectors, probes, agents and line protocol all submit batches here.

`submit` only queues; `flush`, about each second, moves the live table and hands samples to the store. While the store
cannot take them (a full disk), samples wait in bounded memory, and the live table goes on.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from dataclasses import dataclass, field
from time import perf_counter
from typing import NamedTuple

import numpy as np
import structlog

from core import OutsideFailure
from telemetry.batch import Batch
from telemetry.ceilings import ceilings
from telemetry.live import LiveTable
from telemetry.registry import SeriesRegistry
from telemetry.stores.protocol import Store

log = structlog.get_logger(__name__)

PENDING_SAMPLES = 2_000_000
_LIMITS_EVERY_S = 60.0  # ports change their speed seldom; a look at 240,000 of them takes some 50 ms

# Every reason for which a reading is not a stored sample; pages, /metrics and docs/telemetry.md name the same words
DROP_REASONS = (
    "not_a_number", "in_the_future", "too_old", "unknown_series", "negative_counter", "duplicate", "out_of_order",
    "first_reading", "device_restarted", "counter_reset", "long_gap", "implausible_rate", "stale_reply", "queue_full",
    "store_full",
)  # fmt: skip


class Flushed(NamedTuple):
    """What one flush did: samples handed to the store, samples still waiting, seconds it took."""

    stored: int
    waiting: int
    seconds: float


@dataclass(slots=True)
class IngestStats:
    """Running totals since start. `dropped` is by DROP_REASONS; `trouble` is "" while the store is well."""

    samples: int = 0
    stored: int = 0
    batches: int = 0
    flushes: int = 0
    flush_seconds: float = 0.0
    waiting: int = 0
    trouble: str = ""
    dropped: Counter[str] = field(default_factory=Counter)


class Ingest:
    """Takes batches from any thread and flushes them from one."""

    def __init__(
        self, live: LiveTable, registry: SeriesRegistry, store: Store, *, pending_samples: int = PENDING_SAMPLES
    ) -> None:
        self.live = live
        self.registry = registry
        self.store = store
        self.stats = IngestStats()
        self._limit = pending_samples
        self._queue: deque[Batch] = deque()
        self._queued = 0
        self._queue_lock = threading.Lock()
        self._flush_lock = threading.Lock()
        self._waiting: deque[tuple[np.ndarray, np.ndarray, np.ndarray]] = deque()
        self._limited_at = 0.0

    def submit(self, batch: Batch) -> bool:
        """Queue a batch; False, and counted as queue_full, when nobody flushed for too long. Any thread, no waiting."""
        size = len(batch.series)
        if size != len(batch.value):
            raise ValueError("a batch needs as many values as series")
        with self._queue_lock:
            self.stats.samples += size
            self.stats.batches += 1
            if self._queued + size > self._limit:
                self.stats.dropped["queue_full"] += size
                return False
            self._queue.append(batch)
            self._queued += size
        return True

    def flush(self, now: float) -> Flushed:
        """Take in all that was submitted; `now` is epoch seconds. A store that fails is told once and tried again."""
        started = perf_counter()
        with self._flush_lock:
            with self._queue_lock:
                batches, self._queue, self._queued = self._queue, deque(), 0
            self.live.grow(len(self.registry), self.registry.width)
            if abs(now - self._limited_at) >= _LIMITS_EVERY_S:
                self.live.limit(*ceilings(self.registry, self.live))
                self._limited_at = now
            rows = self.live.apply(batches, now)
            if len(rows[0]):
                self._waiting.append(rows)
            stored = self._hand_over()
            self._count_drops()
            self.stats.flushes += 1
            self.stats.flush_seconds += perf_counter() - started
        return Flushed(stored, self.stats.waiting, perf_counter() - started)

    def forget_device(self, device_id: int) -> int:
        """A device was removed: retire its series and their live values; returns how many. Its history stays."""
        with self._flush_lock:
            series = self.registry.forget_device(device_id)
            self.live.forget(series[series < len(self.live)])
        return len(series)

    def _hand_over(self) -> int:
        """Give the store what waits, oldest first; returns the samples it took."""
        stored = 0
        try:
            while self._waiting:
                # One append for all that waits would double the memory of a long outage: at most some at a time
                rows = self._next_rows()
                self.store.append(*rows)
                stored += len(rows[0])
        except OutsideFailure as trouble:
            self._waiting.appendleft(rows)
            self._on_refusal(trouble)
        else:
            self._on_success()
        self.stats.stored += stored
        self.stats.waiting = sum(len(rows[0]) for rows in self._waiting)
        return stored

    def _next_rows(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rows = self._waiting.popleft()
        if not self._waiting or len(rows[0]) > 100_000:
            return rows
        parts, size = [rows], len(rows[0])
        while self._waiting and size + len(self._waiting[0][0]) <= 200_000:
            parts.append(self._waiting.popleft())
            size += len(parts[-1][0])
        series, ts_ms, value = (np.concatenate(column) for column in zip(*parts, strict=True))
        return series, ts_ms, value

    def _on_refusal(self, trouble: OutsideFailure) -> None:
        if not self.stats.trouble:
            log.warning("samples_cannot_be_stored", reason=trouble.reason, detail=trouble.detail)
        self.stats.trouble = trouble.reason
        size = sum(len(rows[0]) for rows in self._waiting)
        while size > self._limit and self._waiting:
            lost = len(self._waiting.popleft()[0])
            size -= lost
            self.stats.dropped["store_full"] += lost

    def _on_success(self) -> None:
        if self.stats.trouble:
            lost = self.stats.dropped["store_full"]
            log.info("samples_are_stored_again", was=self.stats.trouble, lost_since_start=lost)
            self.stats.trouble = ""

    def _count_drops(self) -> None:
        if self.live.dropped:
            self.stats.dropped.update(self.live.dropped)
            self.live.dropped.clear()
