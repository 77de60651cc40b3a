"""Sealing and merging in the embedded store: the newest samples into sorted files, small files into large ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import structlog

from telemetry.stores import columns
from telemetry.stores.index import SegmentIndex
from telemetry.stores.protocol import FIVE_MINUTES, HOUR, RAW
from telemetry.stores.segments import PARTITION_MS, Merge, Segment, cuts, partition_of

log = structlog.get_logger(__name__)


def seal(index: SegmentIndex) -> list[Segment]:
    """Move all unsorted samples into one run of each tier and partition; returns the new files.

    A sample counts in the partition of its own time, so that hours-old samples of a probe's spool go where they belong,
    roll-ups included: partial aggregates of one bucket are put together when they are read or merged.
    """
    tables = index.rotate()
    with index.reading() as cursor:
        union = " UNION ALL ".join(f"SELECT ts FROM {table}" for table in tables)
        day = PARTITION_MS[RAW]
        days = [d * day for (d,) in cursor.execute(f"SELECT DISTINCT ts // {day} FROM ({union}) ORDER BY 1").fetchall()]
    run = index.take_ids(1)
    added: list[Segment] = []
    try:
        for start in days:
            raw = _write(index, RAW, start, (run, 0), columns.sealed_query(tables, start, start + day))
            if raw is None:
                continue
            added.append(raw)
            rolled = columns.rolled_query([index.folder / raw.name], FIVE_MINUTES, start, start + day)
            added.extend(filter(None, [_write(index, FIVE_MINUTES, start, (run, 0), rolled)]))
        for start in sorted({partition_of(HOUR, start) for start in days}):
            end = start + PARTITION_MS[HOUR]
            raw_files = [index.folder / s.name for s in added if s.tier == RAW and start <= s.partition_ms < end]
            if raw_files:
                rolled = columns.rolled_query(raw_files, HOUR, start, end)
                added.extend(filter(None, [_write(index, HOUR, start, (run, 0), rolled)]))
        index.replace(added, (), tables)
    except BaseException:
        remove_files(index.folder, added)
        raise
    return added


def merge(index: SegmentIndex, wanted: Merge, is_closing: Callable[[], bool]) -> list[Segment]:
    """Write the runs of one merge as a new run, cut by series into files of bounded size; returns the new files.

    A province's whole day takes minutes: when `is_closing` says so, it is given up, and nothing has changed.
    """
    tier, partition = wanted.segments[0].tier, wanted.segments[0].partition_ms
    run = index.take_ids(1)
    added: list[Segment] = []
    try:
        for low, high in cuts(wanted.segments):
            if is_closing():
                remove_files(index.folder, added)
                return []
            files = [index.folder / s.name for s in wanted.segments if s.low < high and s.high >= low]
            if files:
                query = columns.merged_query(tier, files, low, high)
                added.extend(filter(None, [_write(index, tier, partition, (run, wanted.level), query)]))
        index.replace(added, wanted.segments)
    except BaseException:
        remove_files(index.folder, added)
        raise
    return added


def remove_files(folder: Path, segments: Sequence[Segment]) -> None:
    """Delete the files of segments that nobody needs."""
    for segment in segments:
        (folder / segment.name).unlink(missing_ok=True)


def remove_orphans(index: SegmentIndex) -> int:
    """Delete files that the list does not name: halves and leftovers of a killed process. Returns how many."""
    named = {segment.name for segment in index.view.catalogue.segments}
    count = 0
    for tier in PARTITION_MS:
        for file in (index.folder / tier).glob("*"):
            if f"{tier}/{file.name}" not in named:
                file.unlink()
                count += 1
    return count


def _write(
    index: SegmentIndex, tier: str, partition: int, run: tuple[int, int], query: str
) -> Segment | None:
    number = index.take_ids(1)
    name = f"{tier}/{partition}-{number}.parquet"
    with index.reading() as cursor:
        bounds = columns.write_file(cursor, query, index.folder / name)
    if bounds is None:
        return None
    size = (index.folder / name).stat().st_size
    return Segment(number, tier, partition, run[0], run[1], *bounds, size)
