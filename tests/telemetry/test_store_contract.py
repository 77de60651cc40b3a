"""One contract for every sample store: what goes in comes out, by time, by bucket, by series."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from telemetry import Store

T0 = 1_748_736_000_000  # 2025-06-01 00:00 UTC: servers refuse samples of the future
MINUTE, HOUR = 60_000, 3_600_000


def fill(store: Store, series: int, count: int, step_ms: int = MINUTE, first: float = 0.0, start: int = T0) -> None:
    ts = start + np.arange(count, dtype=np.int64) * step_ms
    store.append(np.full(count, series, np.int32), ts, first + np.arange(count, dtype=np.float64))
    store.flush()


def test_an_empty_store_is_empty(store: Store):
    window = store.window([0, 1], T0, T0 + HOUR)
    assert len(window) == 0
    ts, value = store.latest([0, 1])
    assert ts.tolist() == [0, 0] and np.isnan(value).all()
    assert len(store.window([], T0, T0 + HOUR, MINUTE)) == 0
    store.append(np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0))


def test_samples_come_back_as_they_went_in(store: Store):
    values = np.array([0.1, -40.0, 1e12 + 1, 0.3333333, 0.0])
    ts = T0 + np.array([0, 1, 1_000, 60_000, 59 * MINUTE])
    store.append(np.full(5, 2, np.int32), ts, values)
    store.flush()
    window = store.window([2], T0, T0 + HOUR)
    assert window.ts_ms.tolist() == ts.tolist()
    # VictoriaMetrics keeps some fifteen digits of the largest value in a block
    assert window.mean.tolist() == pytest.approx(values.tolist(), rel=1e-6)
    assert window.mean.tolist() == window.min.tolist() == window.max.tolist()
    assert window.count.tolist() == [1] * 5 and window.series.tolist() == [2] * 5


def test_a_window_is_half_open_and_sorted(store: Store):
    fill(store, 1, 10)
    fill(store, 0, 10, first=100.0)
    window = store.window([1, 0], T0 + MINUTE, T0 + 3 * MINUTE)
    assert window.series.tolist() == [0, 0, 1, 1]
    assert window.mean.tolist() == [101.0, 102.0, 1.0, 2.0]
    assert window.of(1).mean.tolist() == [1.0, 2.0] and len(window.of(7)) == 0


def test_buckets_have_min_mean_max_and_count(store: Store):
    fill(store, 3, 25)
    window = store.window([3], T0, T0 + HOUR, 10 * MINUTE)
    assert window.ts_ms.tolist() == [T0, T0 + 10 * MINUTE, T0 + 20 * MINUTE]
    assert window.min.tolist() == [0.0, 10.0, 20.0]
    assert window.max.tolist() == [9.0, 19.0, 24.0]
    assert window.mean.tolist() == pytest.approx([4.5, 14.5, 22.0])
    assert window.count.tolist() == [10, 10, 5]


def test_a_bucket_without_samples_is_missing_not_zero(store: Store):
    fill(store, 0, 1)
    fill(store, 0, 1, start=T0 + 3 * HOUR, first=5.0)
    window = store.window([0], T0, T0 + 4 * HOUR, HOUR)
    assert window.ts_ms.tolist() == [T0, T0 + 3 * HOUR] and window.mean.tolist() == [0.0, 5.0]


def test_a_sample_twice_is_one_sample(store: Store):
    fill(store, 0, 3)
    fill(store, 0, 3)
    assert store.window([0], T0, T0 + HOUR).mean.tolist() == [0.0, 1.0, 2.0]


def test_late_samples_go_where_they_belong(store: Store):
    fill(store, 0, 3, start=T0 + 2 * HOUR)
    fill(store, 0, 2, start=T0, first=50.0)
    assert store.window([0], T0, T0 + 3 * HOUR).mean.tolist() == [50.0, 51.0, 0.0, 1.0, 2.0]
    assert store.window([0], T0, T0 + 3 * HOUR, HOUR).max.tolist() == [51.0, 2.0]


def test_the_latest_sample_is_the_last_in_time(store: Store):
    fill(store, 0, 5)
    fill(store, 4, 2, start=T0 + HOUR, first=7.0)
    fill(store, 0, 2, start=T0 - HOUR, first=90.0)
    ts, value = store.latest([4, 9, 0])
    assert ts.tolist() == [T0 + HOUR + MINUTE, 0, T0 + 4 * MINUTE]
    assert value[[0, 2]].tolist() == [8.0, 4.0] and np.isnan(value[1])


def test_compaction_and_pruning_lose_nothing_that_is_young(store: Store):
    fill(store, 0, 200)
    before = store.window([0], T0, T0 + 4 * HOUR, 10 * MINUTE)
    now = datetime.fromtimestamp(T0 / 1000, UTC)
    store.compact(now)
    store.prune(now)
    after = store.window([0], T0, T0 + 4 * HOUR, 10 * MINUTE)
    assert after.mean.tolist() == before.mean.tolist() and after.count.tolist() == before.count.tolist()
    assert store.size_bytes() >= 0


def test_many_series_at_once(store: Store):
    n = 300
    series = np.repeat(np.arange(n, dtype=np.int32), 2)
    store.append(series, np.tile(np.array([T0, T0 + MINUTE]), n), np.arange(2.0 * n))
    store.flush()
    window = store.window(list(range(n)), T0, T0 + HOUR)
    assert window.mean.tolist() == list(np.arange(2.0 * n))
    ts, value = store.latest(range(n))
    assert set(ts.tolist()) == {T0 + MINUTE} and value.tolist() == list(np.arange(1.0, 2 * n, 2))


def test_names_with_every_kind_of_letter_keep_their_samples(store: Store):
    """Series 300-304 belong to parts with quotes, blanks, commas, backslashes and Vietnamese letters."""
    for series in range(300, 305):
        fill(store, series, 2, first=float(series))
    window = store.window(list(range(300, 305)), T0, T0 + HOUR)
    assert window.mean.tolist() == [v for s in range(300, 305) for v in (float(s), s + 1.0)]
