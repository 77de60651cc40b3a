"""Keeping samples: the embedded store beside a real VictoriaMetrics, on the same samples in one run.

Usage: python -m benchmarks.store [--quick] [--json]
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

import httpx
import numpy as np

from benchmarks.result import Result, print_results
from benchmarks.samples import DAY_S, Rows, School
from benchmarks.victoria import running_victoria
from core import Database, sqlite_url
from telemetry import DuckDBStore, SeriesKey, SeriesRegistry, Store, TelemetrySettings, open_store

PEER = "VictoriaMetrics"
START_S = 1_748_736_000  # 2025-06-01: VictoriaMetrics refuses samples of the future
_KINDS = (
    "if_in_octets_total", "if_out_octets_total", "if_in_ucast_packets_total", "if_out_ucast_packets_total",
    "if_in_errors_total", "if_out_errors_total", "if_in_used_ratio", "temperature_celsius", "if_oper_up",
    "if_speed_bits_per_second",
)  # fmt: skip


def run(quick: bool) -> list[Result]:
    """Some days of a hundred devices' samples (quick: one day), in both stores one after the other."""
    devices, days, month_devices = (100, 1, 4) if quick else (100, 3, 16)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        registry = named_registry(folder, devices)
        cycles = list(School(devices).polls(START_S, days * DAY_S))
        samples = sum(len(cycle.series) for cycle in cycles)
        ours = _measure_ours(folder, cycles, days)
        theirs = _measure_theirs(folder, registry, cycles, days)
        del cycles
        month = _measure_month(folder, month_devices, 30)
    return [*_compare(samples, ours, theirs), *month]


def named_registry(folder: Path, devices: int) -> SeriesRegistry:
    """A registry whose series are those of School: 100 a device, 10 parts of 10 metrics."""
    database = Database(sqlite_url(folder))
    database.create_all()
    registry = SeriesRegistry(database)
    registry.load()
    keys = [SeriesKey(f"if:Gi1/0/{i // 10 + 1}", _KINDS[i % 10]) for i in range(100)]
    registry.resolve_many(dict.fromkeys(range(1, devices + 1), keys))
    database.close()
    return registry


def _measure_ours(folder: Path, cycles: list[Rows], days: int) -> dict[str, float]:
    store = DuckDBStore(folder / "ours", TelemetrySettings(min_free_mb=0))
    began = perf_counter()
    now = datetime.fromtimestamp(START_S, UTC)
    for cycle in cycles:
        store.append(*cycle)
        store.compact(now)  # seals whenever its three million unsorted samples are full
    store.compact(now + timedelta(days=days + 1), is_whole=True)
    seconds = perf_counter() - began
    size, rows = store.size_of_tier("raw")
    rolled = sum(store.size_of_tier(tier)[0] for tier in ("5m", "1h"))
    figures = {"seconds": seconds, "raw": size / rows, "rolled": rolled / rows, **_reads(store, len(cycles[0].series))}
    store.close()
    return figures


def _measure_theirs(folder: Path, registry: SeriesRegistry, cycles: list[Rows], days: int) -> dict[str, float]:
    with running_victoria(folder / "theirs") as victoria:
        store = open_store(TelemetrySettings(store="victoria", url=victoria.url), folder, registry)
        began = perf_counter()
        for cycle in cycles:
            store.append(*cycle)
        store.flush()
        seconds = perf_counter() - began
        # One merge of everything, as our store's last compaction; then what is on disk without the index of names
        httpx.get(f"{victoria.url}/internal/force_merge", timeout=600).raise_for_status()
        figures = {"seconds": seconds, **_reads(store, len(cycles[0].series))}
        store.close()
    data = sum(file.stat().st_size for file in (folder / "theirs" / "data").rglob("*") if file.is_file())
    return {**figures, "raw": data / sum(len(cycle.series) for cycle in cycles)}


def _reads(store: Store, series: int) -> dict[str, float]:
    chance = np.random.default_rng(7)
    start = START_S * 1000
    one = _median_ms(lambda: store.window([int(chance.integers(series))], start, start + DAY_S * 1000))
    return {"one_ms": one}


def _measure_month(folder: Path, devices: int, days: int) -> list[Result]:
    """A 30-day chart of eight series of different devices, single samples kept throughout."""
    store = DuckDBStore(folder / "month", TelemetrySettings(min_free_mb=0))
    school = School(devices, interval_s=300, seed=2)
    now = datetime.fromtimestamp(START_S, UTC)
    for day in range(days - 1):
        cycles = list(school.polls(START_S + day * DAY_S, DAY_S))
        store.append(*(np.concatenate(column) for column in zip(*cycles, strict=True)))
        store.compact(now + timedelta(days=day + 1), is_whole=day % 7 == 6)
    # The last day as it is while it lasts: a seal each ten minutes, not all of them merged yet
    for cycle in school.polls(START_S + (days - 1) * DAY_S, DAY_S):
        store.append(*cycle)
        store.compact(datetime.fromtimestamp(int(cycle.ts_ms[-1]) / 1000, UTC))
    chance = np.random.default_rng(8)
    span = START_S * 1000, (START_S + days * DAY_S) * 1000

    def chart(step_ms: int, tier: str | None = None) -> float:
        return _median_ms(lambda: store.window(chance.integers(devices * 100, size=8).tolist(), *span, step_ms, tier))

    hours, minutes = chart(3_600_000), chart(300_000, "5m")
    files = sum(1 for _ in (folder / "month").glob("*/*.parquet"))
    store.close()
    return [
        Result("30-day chart of 8 series", hours, "ms", budget="<= 200 ms", is_within=hours <= 200),
        Result(f"30-day chart of 8 series in 5-minute steps ({files} files in the store)", minutes, "ms"),
    ]


def _median_ms(work: Callable[[], object], times: int = 15) -> float:
    taken = []
    for _ in range(times):
        began = perf_counter()
        work()
        taken.append((perf_counter() - began) * 1000)
    return float(np.median(taken))


def _compare(samples: int, ours: dict[str, float], theirs: dict[str, float]) -> list[Result]:
    rate, peer_rate = samples / ours["seconds"], samples / theirs["seconds"]
    ratio = ours["raw"] / theirs["raw"]
    return [
        Result("samples kept a second, roll-ups and compaction included", rate, "samples/s", PEER, peer_rate,
               rate / peer_rate),
        Result("bytes a sample after compaction", ours["raw"], "B", PEER, theirs["raw"], ratio,
               "<= 1.5x VictoriaMetrics", ratio <= 1.5),
        Result("bytes a sample that the 5-minute and 1-hour values take besides", ours["rolled"], "B"),
        Result("one series back, one day", ours["one_ms"], "ms", PEER, theirs["one_ms"],
               ours["one_ms"] / theirs["one_ms"]),
    ]  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the samples")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    arguments = parser.parse_args()
    print_results(run(arguments.quick), arguments.json)
