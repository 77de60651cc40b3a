"""The embedded store: new samples in a DuckDB table with a write-ahead log, older ones in sorted Parquet files.

`index.duckdb` is small: the unsorted newest minutes and the list of files. A seal moves the newest into a sorted file
of each tier, merges keep the number of files low; a file counts from the moment the list names it, in the transaction
that drops what it replaces. Killed at any point, the store opens with all that was appended.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import TypeVar

import duckdb
import numpy as np
import structlog

from core import TryLater
from telemetry.settings import TelemetrySettings
from telemetry.stores import columns
from telemetry.stores.buckets import Partials, bucket, choose_tier, from_samples, join, step_of
from telemetry.stores.compaction import merge, remove_files, remove_orphans, seal
from telemetry.stores.index import SegmentIndex, View, as_failure
from telemetry.stores.protocol import FIVE_MINUTES, HOUR, RAW, TIER_STEP_MS, Compaction, Window
from telemetry.stores.segments import Merge, Segment, next_merge

log = structlog.get_logger(__name__)
T = TypeVar("T")

SEAL_ROWS = 3_000_000  # unsorted rows: a full look through them takes some 5 ms
SEAL_AFTER = timedelta(minutes=10)
_MERGE_BUDGET_S = 20.0  # a compaction that has worked for so long leaves further merges to the next one
_GRAVE = timedelta(seconds=60)  # a replaced file is kept this long for readers that still hold its name
_LIST_LIMIT = 2_000  # series in one SQL list
_ATTEMPTS = 4
_SPARE = 1 << 20
_SEALED_BYTES = 9  # all tiers of one sample in a fresh seal


class DuckDBStore:
    """Samples in the data folder. One process at a time; any thread."""

    def __init__(self, folder: Path, settings: TelemetrySettings | None = None) -> None:
        self._settings = settings or TelemetrySettings()
        self._index = SegmentIndex(folder, self._settings)
        self._folder = folder
        self._compacting = threading.Lock()
        self._closing = threading.Event()
        self._sealed_at: datetime | None = None
        self._graves: list[tuple[datetime, Segment]] = []
        removed = remove_orphans(self._index)
        if removed:
            log.info("removed_leftover_sample_files", count=removed)

    def append(self, series: np.ndarray, ts_ms: np.ndarray, value: np.ndarray) -> None:
        """See Store.append."""
        if not len(series):
            return
        self._need_space(0)
        self._index.append(series, ts_ms, value)

    def window(
        self, series: Sequence[int], start_ms: int, end_ms: int, step_ms: int | None = None, tier: str | None = None
    ) -> Window:
        """See Store.window."""
        wanted = np.unique(np.asarray(series, np.int32))
        if tier is None:
            catalogue = self._index.view.catalogue
            earliest = {name: catalogue.earliest(name) for name in TIER_STEP_MS}
            tier = choose_tier(start_ms, end_ms, step_ms, earliest)
        own = TIER_STEP_MS[tier]
        span = (start_ms // own * own if own else start_ms, end_ms)
        chunks = [wanted[i : i + _LIST_LIMIT] for i in range(0, len(wanted), _LIST_LIMIT)]
        parts = [self._read(lambda cursor, view, c=chunk: _read_rows(self._folder, cursor, view, tier, c, span))
                 for chunk in chunks]  # fmt: skip
        return bucket(join(parts), step_of(step_ms, tier), tier)

    def latest(self, series: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """See Store.latest."""
        asked = np.asarray(series, np.int32)
        ts, value = np.zeros(len(asked), np.int64), np.full(len(asked), np.nan)
        wanted = np.unique(asked)
        if not len(wanted):
            return ts, value
        found: dict[int, tuple[int, float]] = {}
        for i in range(0, len(wanted), _LIST_LIMIT):
            chunk = wanted[i : i + _LIST_LIMIT]
            self._read(lambda cursor, view, c=chunk: _read_latest(self._folder, cursor, view, c, found))
        for i, number in enumerate(asked.tolist()):
            if number in found:
                ts[i], value[i] = found[number]
        return ts, value

    def flush(self) -> None:
        """See Store.flush: an append has reached the disk when it returns."""

    def compact(self, now: datetime, *, is_whole: bool = False) -> Compaction:
        """See Store.compact. `is_whole` seals and merges everything at once: for tests, benchmarks and moving house."""
        started = perf_counter()
        samples = files = 0
        with self._compacting:
            self._bury(now)
            if self._sealed_at is None:
                self._sealed_at = now
            try:
                rows = self._index.recent_rows
                due = rows >= SEAL_ROWS or len(self._index.view.recents) > 1 or now - self._sealed_at >= SEAL_AFTER
                if (rows and (due or is_whole)) or len(self._index.view.recents) > 1:
                    self._need_space(_SEALED_BYTES * rows)
                    added = seal(self._index)
                    samples, files = sum(s.rows for s in added if s.tier == RAW), len(added)
                    self._sealed_at = now
                while is_whole or perf_counter() - started < _MERGE_BUDGET_S:
                    wanted = self._next_merge(now, is_whole)
                    if wanted is None:
                        break
                    self._need_space(sum(s.bytes for s in wanted.segments))
                    added = merge(self._index, wanted, self._closing.is_set)
                    if not added:
                        break
                    files += len(added)
                    self._graves.extend((now, segment) for segment in wanted.segments)
            except (duckdb.Error, OSError) as error:
                raise as_failure(error) from error
        return Compaction(samples, files, perf_counter() - started)

    def prune(self, now: datetime) -> int:
        """See Store.prune."""
        days = {
            RAW: self._settings.raw_days, FIVE_MINUTES: self._settings.five_minute_days, HOUR: self._settings.hour_days
        }  # fmt: skip
        with self._compacting:
            old = [
                segment
                for segment in self._index.view.catalogue.segments
                if segment.end_ms < (now - timedelta(days=days[segment.tier])).timestamp() * 1000
            ]
            if old:
                self._index.replace((), old)
                self._graves.extend((now, segment) for segment in old)
        return len(old)

    def size_bytes(self) -> int:
        """See Store.size_bytes."""
        return self._index.size_bytes() + sum(segment.bytes for segment in self._index.view.catalogue.segments)

    def size_of_tier(self, tier: str) -> tuple[int, int]:
        """(bytes, rows) of the files of one tier."""
        found = self._index.view.catalogue.of_tier(tier)
        return sum(segment.bytes for segment in found), sum(segment.rows for segment in found)

    def close(self) -> None:
        """See Store.close. A merge that is under way is given up."""
        self._closing.set()
        with self._compacting:
            remove_files(self._folder, [segment for _, segment in self._graves])
            self._graves = []
            self._index.close()

    def _next_merge(self, now: datetime, is_whole: bool) -> Merge | None:
        segments = self._index.view.catalogue.segments
        wanted = next_merge(segments, int(now.timestamp() * 1000))
        if wanted is not None or not is_whole:
            return wanted
        return next_merge(segments, 1 << 62)

    def _bury(self, now: datetime) -> None:
        due = [segment for buried, segment in self._graves if now - buried >= _GRAVE or now < buried]
        self._graves = [(buried, segment) for buried, segment in self._graves if segment not in due]
        remove_files(self._folder, due)

    def _need_space(self, more: int) -> None:
        """Refuse in time: a disk filled to the last byte harms the database of records, too."""
        free = shutil.disk_usage(self._folder).free
        if free < self._settings.min_free_mb * _SPARE + more:
            raise TryLater(
                "disk_full",
                f"only {free // _SPARE} MiB are free on the disk of {self._folder}; free some space, samples wait in "
                "memory until then",
            )

    def _read(self, work: Callable[[duckdb.DuckDBPyConnection, View], T]) -> T:
        """Run a read; when what it looked at was just replaced by a seal or merge, look again."""
        for attempt in range(_ATTEMPTS):
            try:
                view = self._index.view
                with self._index.reading() as cursor:
                    return work(cursor, view)
            except (duckdb.CatalogException, duckdb.IOException, duckdb.FatalException) as error:
                if attempt == _ATTEMPTS - 1:
                    raise as_failure(error) from error
                self._index.settle()
        raise AssertionError("unreachable")


def _read_rows(
    folder: Path, cursor: duckdb.DuckDBPyConnection, view: View, tier: str, series: np.ndarray, span: tuple[int, int]
) -> Partials:
    numbers = series.tolist()
    parts = [_read_recents(cursor, view, numbers, span)]
    files = [folder / segment.name for segment in view.catalogue.covering(tier, series, *span)]
    if files:
        parts.append(columns.read_tier(cursor, tier, files, numbers, span))
    rows = join([part for part in parts if len(part.series)])
    # The same sample may stand in a file and once more among the newest
    return from_samples(rows.series, rows.ts_ms, rows.mean) if tier == RAW and len(rows.series) else rows


def _read_recents(
    cursor: duckdb.DuckDBPyConnection, view: View, numbers: Sequence[int], span: tuple[int, int]
) -> Partials:
    where = f"series IN ({','.join(map(str, numbers))}) AND ts >= {span[0]} AND ts < {span[1]}"
    query = " UNION ALL ".join(f"SELECT series, ts, value FROM {table} WHERE {where}" for table in view.recents)
    rows = cursor.execute(query).fetchnumpy()
    return from_samples(rows["series"], rows["ts"], rows["value"])


def _read_latest(
    folder: Path,
    cursor: duckdb.DuckDBPyConnection,
    view: View,
    series: np.ndarray,
    found: dict[int, tuple[int, float]],
) -> None:
    """Newest samples of some series: from the unsorted ones, then partition by partition into the past."""

    def note(source: str) -> None:
        query = f"SELECT series, max(ts), arg_max(value, ts) FROM {source} WHERE series IN ({listed}) GROUP BY series"
        for number, ts, value in cursor.execute(query).fetchall():
            if number not in found or found[number][0] < ts:
                found[number] = (ts, value)

    listed = ",".join(map(str, series.tolist()))
    for table in view.recents:
        note(table)
    by_partition: dict[int, list[Segment]] = {}
    for segment in view.catalogue.covering(RAW, series, 0, 1 << 62):
        by_partition.setdefault(segment.partition_ms, []).append(segment)
    for partition in sorted(by_partition, reverse=True):
        newest = max(segment.end_ms for segment in by_partition[partition])
        if all(found.get(number, (-1, 0.0))[0] >= newest for number in series.tolist()):
            return
        files = ",".join("'" + str(folder / s.name).replace("'", "''") + "'" for s in by_partition[partition])
        note(f"read_parquet([{files}])")
