"""Writing and reading the embedded store's Parquet files through DuckDB. Says what the columns of each tier are.

Raw: series, ts (epoch ms), value. Roll-ups: series, ts, mean, count, and min and max only where they differ from the
mean: a bucket with one sample, the usual case at five minutes, costs no more than the sample. Roll-ups are 32-bit
floats, read back with their seven digits: 5.0 instead of 7.6 B a row.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np

from telemetry.rates import significant
from telemetry.stores.buckets import Partials, from_samples
from telemetry.stores.protocol import RAW, TIER_STEP_MS

# zstd at its usual level: 2.0 B a sample where Parquet's byte-stream split gives 2.6 and DuckDB's own tables more
# (docs/decisions). Groups of 61,440 rows: one series comes back in 2 ms, smaller groups only lengthen the footer.
_FORMAT = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 61440"

_FOLD = """
    SELECT series, {bucket} AS ts, sum(mean * count) / sum(count) AS mean, sum(count)::INTEGER AS count,
           min(coalesce(min, mean)) AS low, max(coalesce(max, mean)) AS high
    FROM {source} GROUP BY series, {bucket}
"""
_ROLLED = """
    SELECT series, ts, {mean} AS mean, count, CASE WHEN low < high THEN {low} END AS min,
           CASE WHEN low < high THEN {high} END AS max
    FROM ({fold}) ORDER BY series, ts
"""
_SINGLE = "CAST(greatest(-3.4e38, least(3.4e38, {})) AS FLOAT)"  # a hostile value must not stop all others
_NARROW = {
    "mean": _SINGLE.format("CASE WHEN low = high THEN low ELSE mean END"),
    "low": _SINGLE.format("low"),
    "high": _SINGLE.format("high"),
}


def sealed_query(tables: Sequence[str], start_ms: int, end_ms: int) -> str:
    """Samples of the unsorted tables within [start_ms, end_ms), each (series, time) once, sorted."""
    union = " UNION ALL ".join(f"SELECT series, ts, value FROM {table}" for table in tables)
    return (
        f"SELECT series, ts, any_value(value) AS value FROM ({union}) "
        f"WHERE ts >= {start_ms} AND ts < {end_ms} GROUP BY series, ts ORDER BY series, ts"
    )


def rolled_query(raw_files: Sequence[Path], tier: str, start_ms: int, end_ms: int) -> str:
    """Partial aggregates of a tier from raw files, of the samples within [start_ms, end_ms)."""
    step = TIER_STEP_MS[tier]
    source = (
        f"(SELECT series, ts, value AS mean, 1 AS count, NULL::DOUBLE AS min, NULL::DOUBLE AS max "
        f"FROM {_files(raw_files)} WHERE ts >= {start_ms} AND ts < {end_ms})"
    )
    return _ROLLED.format(fold=_FOLD.format(bucket=f"ts // {step} * {step}", source=source), **_NARROW)


def merged_query(tier: str, files: Sequence[Path], low: int, high: int) -> str:
    """Rows of series [low, high) from files of one tier, as one sorted run."""
    if tier == RAW:
        return (
            f"SELECT series, ts, value FROM {_files(files)} "
            f"WHERE series >= {low} AND series < {high} ORDER BY series, ts"
        )
    source = f"(SELECT * FROM {_files(files)} WHERE series >= {low} AND series < {high})"
    return _ROLLED.format(fold=_FOLD.format(bucket="ts", source=source), **_NARROW)


def write_file(cursor: duckdb.DuckDBPyConnection, query: str, file: Path) -> tuple[int, int, int, int, int] | None:
    """Write a query's rows so that they survive a power cut; returns (low, high, start_ms, end_ms, rows) or None.

    The file appears under its name only when it is whole.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_suffix(".half")
    try:
        cursor.execute(f"COPY ({query}) TO '{_quoted(half)}' ({_FORMAT})")
        bounds = cursor.execute(
            f"SELECT min(series), max(series), min(ts), max(ts), count(*) FROM {_files([half])}"
        ).fetchall()[0]
        if not bounds[4]:
            half.unlink()
            return None
        _sync(half)
        half.rename(file)
        _sync(file.parent)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
    return bounds


def read_tier(
    cursor: duckdb.DuckDBPyConnection, tier: str, files: Sequence[Path], series: Sequence[int], span: tuple[int, int]
) -> Partials:
    """Rows of some series within [span[0], span[1]) from files of one tier."""
    where = f"series IN ({','.join(map(str, series))}) AND ts >= {span[0]} AND ts < {span[1]}"
    if tier == RAW:
        rows = cursor.execute(f"SELECT series, ts, value FROM {_files(files)} WHERE {where}").fetchnumpy()
        return from_samples(rows["series"], rows["ts"], rows["value"])
    rows = cursor.execute(
        f"SELECT series, ts, coalesce(min, mean) AS low, mean, coalesce(max, mean) AS high, count "
        f"FROM {_files(files)} WHERE {where}"
    ).fetchnumpy()
    low, mean, high = (significant(rows[name].astype(np.float64)) for name in ("low", "mean", "high"))
    return Partials(rows["series"], rows["ts"], low, mean, high, rows["count"].astype(np.int64))


def _files(files: Sequence[Path]) -> str:
    return f"read_parquet([{','.join(chr(39) + _quoted(file) + chr(39) for file in files)}])"


def _quoted(file: Path) -> str:
    return str(file).replace("'", "''")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
