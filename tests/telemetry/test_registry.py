"""The registry of series: names to numbers and back, kept in the database."""

from __future__ import annotations

from threading import Thread

import numpy as np
import pytest

from core import Database
from telemetry import METRICS, SeriesKey, SeriesName, SeriesRegistry, UnknownMetricError
from telemetry.registry import clean_part
from telemetry.series_index import SeriesIndex, pack_keys
from telemetry.store import StoredRange

KEYS = [
    SeriesKey("", "cpu_used_ratio"),
    SeriesKey("if:Gi1/0/1", "if_in_octets_total", 64),
    SeriesKey("if:Gi1/0/1", "if_out_octets_total", 32),
]


def test_the_same_key_is_always_the_same_series(registry: SeriesRegistry):
    first = registry.resolve(7, KEYS)
    assert first.dtype == np.int32
    assert registry.resolve(7, KEYS).tolist() == first.tolist() == [0, 1, 2]
    assert registry.resolve(8, KEYS[:1]).tolist() == [3]
    assert registry.resolve(7, [KEYS[2], KEYS[0]]).tolist() == [2, 0]
    assert len(registry) == 4


def test_a_key_asked_twice_in_one_call_is_one_series(registry: SeriesRegistry):
    assert registry.resolve(7, [KEYS[0], KEYS[0]]).tolist() == [0, 0]
    assert len(registry) == 1


def test_series_are_described_and_found(registry: SeriesRegistry):
    registry.resolve(7, KEYS)
    assert registry.describe(1) == SeriesName(7, "if:Gi1/0/1", "if_in_octets_total")
    assert registry.find(7, "if:Gi1/0/1", "if_in_octets_total") == 1
    assert registry.find(7, "if:Gi1/0/2", "if_in_octets_total") is None
    assert registry.find(7, "", "no_such_metric") is None
    assert registry.describe(99) is None and registry.describe(-1) is None
    assert registry.width.tolist() == [0, 64, 32]
    assert registry.device.tolist() == [7, 7, 7]
    assert [registry.part_names[p] for p in registry.part] == ["", "if:Gi1/0/1", "if:Gi1/0/1"]
    assert registry.of_device(7).tolist() == [0, 1, 2]
    assert registry.of_metric("cpu_used_ratio").tolist() == [0]
    assert registry.of_metric("no_such_metric").tolist() == []


def test_a_restart_finds_the_same_numbers(registry: SeriesRegistry, database: Database):
    registry.resolve(7, KEYS)
    registry.resolve(9, KEYS[:2])
    again = SeriesRegistry(database)
    again.load()
    assert len(again) == 5
    assert again.resolve(9, KEYS).tolist() == [3, 4, 5]
    for column in ("device", "metric", "part", "width"):
        assert getattr(again, column)[:5].tolist() == getattr(registry, column).tolist()


def test_two_processes_never_give_one_number_twice(registry: SeriesRegistry, database: Database):
    other = SeriesRegistry(database)
    other.load()
    mine = registry.resolve(1, KEYS)
    theirs = other.resolve(2, KEYS)
    more = registry.resolve(3, KEYS)
    assert len({*mine.tolist(), *theirs.tolist(), *more.tolist()}) == 9
    assert registry.describe(int(theirs[0])) == SeriesName(2, "", "cpu_used_ratio")


def test_an_unknown_metric_is_refused_by_name(registry: SeriesRegistry):
    with pytest.raises(UnknownMetricError, match="cpu_usd_ratio"):
        registry.resolve(7, [SeriesKey("", "cpu_usd_ratio")])
    with pytest.raises(ValueError, match="device"):
        registry.resolve(0, KEYS)
    assert len(registry) == 0


def test_foreign_metrics_are_declared_and_kept(registry: SeriesRegistry, database: Database):
    registry.declare_foreign(["telegraf_cpu_usage_user"])
    ids = registry.resolve(7, [SeriesKey("cpu0", "telegraf_cpu_usage_user")])
    again = SeriesRegistry(database)
    again.load()
    assert again.describe(int(ids[0])) == SeriesName(7, "cpu0", "telegraf_cpu_usage_user")
    with pytest.raises(UnknownMetricError):
        registry.declare_foreign(["no spaces"])


def test_only_counters_have_a_width(registry: SeriesRegistry):
    ids = registry.resolve(7, [SeriesKey("", "wifi_clients", 32), SeriesKey("x", "if_in_errors_total")])
    assert registry.width[ids].tolist() == [0, 64]


def test_a_counter_that_becomes_wider_keeps_its_series(registry: SeriesRegistry, database: Database):
    narrow = registry.resolve(7, [SeriesKey("p", "if_in_octets_total", 32), SeriesKey("p", "if_oper_up")])
    wide = registry.resolve(7, [SeriesKey("p", "if_in_octets_total", 64)])
    assert wide[0] == narrow[0] and registry.width[wide[0]] == 64
    again = SeriesRegistry(database)
    again.load()
    assert again.width.tolist() == [64, 0]


def test_a_removed_device_leaves_no_names_and_no_numbers_to_reuse(registry: SeriesRegistry, database: Database):
    registry.resolve(7, KEYS)
    registry.resolve(8, KEYS)
    assert registry.forget_device(8).tolist() == [3, 4, 5]
    assert registry.of_device(8).tolist() == [] and registry.describe(4) is None
    assert registry.of_metric("cpu_used_ratio").tolist() == [0]
    again = SeriesRegistry(database)
    again.load()
    assert again.of_metric("cpu_used_ratio").tolist() == [0]
    assert again.resolve(8, KEYS).tolist() == registry.resolve(8, KEYS).tolist() == [6, 7, 8]


def test_hostile_part_names_are_kept_harmless(registry: SeriesRegistry):
    hostile = ["<script>alert(1)</script>", "\x1b[31mred", "x" * 10_000, "x" * 10_001, "a\x00b", "=1+1", ""]
    ids = registry.resolve(7, [SeriesKey(part, "cpu_used_ratio") for part in hostile])
    assert len(set(ids.tolist())) == len(hostile)
    for part, series in zip(hostile, ids.tolist(), strict=True):
        name = registry.describe(series)
        assert name is not None and len(name.part) <= 200 and name.part.isprintable()
        assert registry.find(7, part, "cpu_used_ratio") == series
    assert clean_part("Cổng 1") == "Cổng 1"


def test_many_threads_may_resolve_at_once(registry: SeriesRegistry):
    found: dict[int, list[int]] = {}

    def work(n: int) -> None:
        for _ in range(5):
            for device in range(1, 6):
                found[n * 10 + device] = registry.resolve(device, KEYS).tolist()

    threads = [Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(registry) == 15
    assert all(found[n * 10 + d] == found[d] for n in range(4) for d in range(1, 6))


def test_a_large_index_finds_old_and_new_keys():
    """100,000 series in sorted arrays and some more in the overlay."""
    index = SeriesIndex()
    metric = METRICS["cpu_used_ratio"].id
    packed = (np.arange(100, dtype=np.int64) << 22 | metric << 8).astype("<i8").tobytes()
    index.add([StoredRange(i * 100, 100, i + 1, packed) for i in range(1000)])
    index.add([StoredRange(100_000, 100, 5000, packed)])
    assert index.search(77, pack_keys(77, np.arange(101), np.full(101, metric))).tolist() == [*range(7600, 7700), -1]
    assert index.search(5000, pack_keys(5000, np.arange(2), np.full(2, metric))).tolist() == [100_000, 100_001]
    assert index.of_device(5000).tolist() == list(range(100_000, 100_100))
    assert len(index.of_metric(metric)) == 100_100
    assert index.retire(77).tolist() == list(range(7600, 7700))
    assert index.search(77, pack_keys(77, np.arange(1), np.full(1, metric))).tolist() == [-1]
    assert len(index.of_metric(metric)) == 100_000
