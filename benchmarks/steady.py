"""A province in steady state: 2.4 million series, 10,000 samples a second through ingest and embedded store.

Seconds are simulated as fast as they go; a compaction runs beside the flushes as it does in the product.
Usage: python -m benchmarks.steady [--quick] [--json]
"""

from __future__ import annotations

import argparse
import tempfile
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

from benchmarks.result import Result, print_results
from benchmarks.samples import KINDS
from core import Database, sqlite_url
from telemetry import (
    Batch,
    Compaction,
    DuckDBStore,
    Ingest,
    LiveTable,
    SeriesKey,
    SeriesRegistry,
    TelemetrySettings,
)

DEVICES, KEYS = 24_000, 100
DEVICES_A_SECOND = 100  # each device once in 240 s: 10,000 samples a second
START_S = 1_748_736_000
CORES = 2
LATER_MERGES = 3  # a sample is written anew about three times before its day is one run: 1 h, 6 h, whole day
_METRICS = {
    "octets": ("if_in_octets_total", "if_out_octets_total"), "errors": ("if_in_errors_total", "if_out_errors_total"),
    "packets": ("if_in_ucast_packets_total", "if_out_ucast_packets_total"), "ratio": ("if_in_used_ratio",),
    "celsius": ("temperature_celsius",), "state": ("if_oper_up",), "speed": ("if_speed_bits_per_second",),
}  # fmt: skip


def run(quick: bool) -> list[Result]:
    """Fifteen simulated minutes (quick: one), from an empty store and a full registry."""
    seconds = 60 if quick else 900
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        began = perf_counter()
        # In a process of its own: memory that making the series leaves behind would hide what loading them takes
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
            series = apart.submit(_fill_registry, folder).result()
        filled = perf_counter() - began
        database = Database(sqlite_url(folder))
        before = _resident_mib()
        began = perf_counter()
        registry = SeriesRegistry(database)
        registry.load()
        loaded, memory = perf_counter() - began, _resident_mib() - before
        ingest = Ingest(LiveTable(), registry, DuckDBStore(folder, TelemetrySettings(min_free_mb=0)))
        resolve_ms = _resolve_ms(registry)
        steady = _simulate(ingest, series, seconds)
        ingest.store.close()
        database.close()
    share = steady["cpu"] / CORES
    return [
        Result("processor share at 10,000 samples a second", share * 100, "% of 2 cores", budget="<= 60 %",
               is_within=share <= 0.6),
        Result("memory of the whole process, highest", steady["peak_mib"], "MiB", budget="<= 1536 MiB",
               is_within=steady["peak_mib"] <= 1536),
        Result("seconds whose flush took longer than a second", steady["missed"], "", budget="0",
               is_within=steady["missed"] == 0),
        Result("longest flush", steady["longest_ms"], "ms"),
        Result("2.4 million series: first making", filled, "s"),
        Result("2.4 million series: load at start", loaded, "s", budget="<= 5 s", is_within=loaded <= 5),
        Result("2.4 million series: memory", memory, "MiB", budget="<= 150 MiB", is_within=memory <= 150),
        Result("resolve 500 known keys of a device", resolve_ms, "ms"),
    ]  # fmt: skip


def _fill_registry(folder: Path) -> np.ndarray:
    """Make all series; returns int32[devices, keys]."""
    database = Database(sqlite_url(folder))
    database.create_all()
    registry = SeriesRegistry(database)
    registry.load()
    keys = []
    for i in range(KEYS):
        names = _METRICS[KINDS[i % 10]]
        keys.append(SeriesKey(f"if:Gi1/0/{i // 10 + 1}", names[i % len(names)], 64))
    keys = list(dict.fromkeys(keys))
    made = [
        registry.resolve_many(dict.fromkeys(range(first + 1, first + 2001), keys))
        for first in range(0, DEVICES, 2000)
    ]
    database.close()
    return np.stack([ids for part in made for ids in part.values()])


def _resolve_ms(registry: SeriesRegistry) -> float:
    keys = [SeriesKey(f"if:Gi1/0/{i % 10 + 1}", "if_oper_up") for i in range(500)]
    registry.resolve(DEVICES // 2, keys)
    began = perf_counter()
    for device in range(1, 51):
        registry.resolve(device, keys)
    return (perf_counter() - began) / 50 * 1000


def _simulate(ingest: Ingest, series: np.ndarray, seconds: int) -> dict[str, float]:
    chance = np.random.default_rng(5)
    keys = series.shape[1]
    is_counter = ingest.registry.width[series[0]] > 0
    total = np.zeros(keys)
    speed = np.where(is_counter, 10 ** chance.uniform(1, 6, keys), 0)
    flushes: list[float] = []
    work: Future[Compaction] | None = None
    per_second = DEVICES_A_SECOND * KEYS // keys
    cpu = process_time()
    with ThreadPoolExecutor(1) as beside:
        for second in range(seconds):
            at = float(START_S + second)
            total = total + np.rint(speed * chance.uniform(0.5, 1.5, keys))
            level = np.where(is_counter, total, np.round(chance.uniform(0, 100, keys)))
            first = second * per_second % DEVICES
            for device in range(first, min(first + per_second, DEVICES)):
                ingest.submit(Batch(series[device], level, at, uptime=at - START_S + 5000))
            began = perf_counter()
            ingest.flush(at)
            flushes.append(perf_counter() - began)
            if second % 60 == 59:
                if work is not None:
                    work.result()
                work = beside.submit(ingest.store.compact, datetime.fromtimestamp(at, UTC))
    cpu = process_time() - cpu
    merged = process_time()
    ingest.store.compact(datetime.fromtimestamp(START_S, UTC) + timedelta(days=9), is_whole=True)
    merged = process_time() - merged
    return {
        "cpu": (cpu + merged * LATER_MERGES) / seconds,
        "peak_mib": _peak_mib(),
        "missed": sum(taken > 1.0 for taken in flushes),
        "longest_ms": max(flushes) * 1000,
    }


def _peak_mib() -> float:
    return _status("VmHWM") / 1024


def _resident_mib() -> float:
    return _status("VmRSS") / 1024


def _status(name: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return float(line.split()[1])
    raise ValueError(f"/proc/self/status has no {name}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one simulated minute")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    arguments = parser.parse_args()
    print_results(run(arguments.quick), arguments.json)
