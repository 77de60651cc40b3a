"""What only the embedded store has: tiers, partitions, merges, retention, reading while writing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemetry import DuckDBStore, TelemetrySettings
from telemetry.stores.buckets import Partials, bucket, choose_tier
from telemetry.stores.segments import FAN_IN, Segment, cuts, next_merge

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
T0 = 1_748_736_000_000
NOW = datetime.fromtimestamp(T0 / 1000, UTC)


def add(store: DuckDBStore, series: int, start: int, count: int, step: int = MINUTE, value: float = 1.0) -> None:
    ts = start + np.arange(count, dtype=np.int64) * step
    store.append(np.full(count, series, np.int32), ts, np.full(count, value))


def test_every_double_comes_back_to_the_last_bit(embedded: DuckDBStore):
    values = np.array([0.1 + 0.2, 1 / 3, 2.0**53 + 2, 1e-300, -0.0, 1.7976931348623157e308])
    embedded.append(np.zeros(6, np.int32), T0 + np.arange(6), values)
    for _ in range(2):
        assert embedded.window([0], T0, T0 + DAY).mean.tolist() == values.tolist()
        embedded.compact(NOW, is_whole=True)


@pytest.mark.parametrize(("step", "length", "tier"), [
    (None, 40 * DAY, "raw"), (MINUTE, HOUR, "raw"), (5 * MINUTE, DAY, "5m"), (HOUR, DAY, "1h"), (MINUTE, 3 * DAY, "5m"),
    (5 * MINUTE, 30 * DAY, "1h"), (2 * HOUR, 400 * DAY, "1h"),
])  # fmt: skip
def test_the_tier_follows_step_and_length(step, length, tier):
    earliest = {"raw": T0, "5m": T0, "1h": T0}
    assert choose_tier(T0, T0 + length, step, earliest) == tier


def test_a_coarser_tier_is_read_where_the_finer_was_pruned():
    earliest = {"raw": T0 + 20 * DAY, "5m": T0 + 10 * DAY, "1h": T0}
    assert choose_tier(T0 + 21 * DAY, T0 + 22 * DAY, None, earliest) == "raw"
    assert choose_tier(T0 + 12 * DAY, T0 + 13 * DAY, None, earliest) == "5m"
    assert choose_tier(T0, T0 + DAY, MINUTE, earliest) == "1h"
    assert choose_tier(T0, T0 + DAY, MINUTE, {"raw": None, "5m": None, "1h": None}) == "raw"


def test_tiers_agree_with_the_samples(embedded: DuckDBStore):
    chance = np.random.default_rng(3)
    ts = T0 + np.sort(chance.choice(6 * HOUR, 4000, replace=False))
    values = chance.normal(20, 5, 4000)
    for part in np.array_split(chance.permutation(4000), 5):
        embedded.append(np.full(len(part), 9, np.int32), ts[part], values[part])
        embedded.compact(NOW, is_whole=bool(part[0] % 2))
    for step, tier in ((5 * MINUTE, "5m"), (HOUR, "1h")):
        window = embedded.window([9], T0, T0 + 6 * HOUR, step, tier)
        for i, start in enumerate(window.ts_ms.tolist()):
            mine = values[(ts >= start) & (ts < start + step)]
            assert window.count[i] == len(mine)
            found = (window.min[i], window.mean[i], window.max[i])
            assert found == pytest.approx((mine.min(), mine.mean(), mine.max()), rel=1e-6)


def test_a_hostile_value_stops_nothing(embedded: DuckDBStore):
    values = np.array([1.7e308, -1.7e308, 20.1, 5e-324])
    embedded.append(np.arange(4, dtype=np.int32), np.full(4, T0), values)
    embedded.compact(NOW, is_whole=True)
    assert embedded.window(range(4), T0, T0 + DAY).mean.tolist() == values.tolist()
    assert embedded.window([2], T0, T0 + DAY, HOUR).mean.tolist() == [20.1]
    assert embedded.window([0, 1], T0, T0 + DAY, HOUR).mean.tolist() == pytest.approx([3.4e38, -3.4e38])


def test_late_samples_correct_the_roll_ups(embedded: DuckDBStore):
    add(embedded, 1, T0, 60, value=1.0)
    embedded.compact(NOW, is_whole=True)
    add(embedded, 1, T0 + 30_000, 60, value=5.0)  # a probe's spool, hours later
    add(embedded, 1, T0 - 3 * DAY, 3, value=7.0)
    for _ in range(2):
        for tier in ("raw", "5m", "1h"):
            window = embedded.window([1], T0, T0 + HOUR, HOUR, tier)
            assert (window.count.tolist(), window.mean.tolist(), window.max.tolist()) == ([120], [3.0], [5.0])
        old = embedded.window([1], T0 - 4 * DAY, T0, HOUR)
        assert old.count.tolist() == [3] and old.mean.tolist() == [7.0]
        embedded.compact(NOW + timedelta(hours=5), is_whole=True)


def test_a_sample_delivered_twice_across_a_seal_is_one(embedded: DuckDBStore):
    add(embedded, 1, T0, 10)
    embedded.compact(NOW, is_whole=True)
    add(embedded, 1, T0, 10)
    assert embedded.window([1], T0, T0 + HOUR).count.tolist() == [1] * 10
    embedded.compact(NOW, is_whole=True)
    assert embedded.window([1], T0, T0 + HOUR).count.tolist() == [1] * 10


def test_retention_removes_whole_days_by_tier(tmp_path: Path):
    store = DuckDBStore(
        tmp_path / "samples",
        TelemetrySettings(memory_mb=128, min_free_mb=0, raw_days=2, five_minute_days=5, hour_days=30),
    )
    add(store, 1, T0 - 40 * DAY, 45 * 24, step=HOUR)
    store.compact(NOW, is_whole=True)
    now = NOW + timedelta(days=5)
    assert store.prune(now) > 0
    whole = [store.window([1], T0 - 50 * DAY, T0 + 9 * DAY, tier=tier) for tier in ("raw", "5m", "1h")]
    raw, five, hour = (window.ts_ms.min() for window in whole)
    end = T0 + 5 * DAY
    assert end - 3 * DAY <= raw < end - 2 * DAY + DAY
    assert end - 6 * DAY <= five <= end - 4 * DAY
    assert end - 38 * DAY <= hour <= end - 29 * DAY
    assert store.prune(now) == 0
    store.compact(now + timedelta(minutes=2))
    named = {segment.name for segment in store._index.view.catalogue.segments}
    on_disk = {f"{f.parent.name}/{f.name}" for f in (tmp_path / "samples").glob("*/*.parquet")}
    assert on_disk == named
    store.close()


def test_compaction_waits_until_it_is_worth_it(embedded: DuckDBStore):
    add(embedded, 1, T0, 100)
    assert embedded.compact(NOW).samples == 0
    assert embedded.compact(NOW + timedelta(minutes=9)).samples == 0
    assert embedded.compact(NOW + timedelta(minutes=11)).samples == 100
    assert embedded.compact(NOW + timedelta(minutes=30)).samples == 0


def test_files_stay_few(embedded: DuckDBStore):
    """A day of seals, ten minutes apart: no partition holds more than five runs of one level."""
    for i in range(144):
        add(embedded, 1, T0 + i * 10 * MINUTE, 10)
        embedded.compact(NOW + timedelta(minutes=10 * i + 11))
    segments = embedded._index.view.catalogue.of_tier("raw")
    assert len(segments) < 3 * FAN_IN
    assert sum(segment.rows for segment in segments) >= 1420
    embedded.compact(NOW + timedelta(days=1, hours=19))
    assert len(embedded._index.view.catalogue.of_tier("raw")) <= 3


def test_closing_gives_up_a_merge_and_loses_nothing(tmp_path: Path, settings: TelemetrySettings):
    store = DuckDBStore(tmp_path / "samples", settings)
    for i in range(FAN_IN):
        add(store, 1, T0 + i * HOUR, 10)
        store._closing.set()
        store.compact(NOW + timedelta(minutes=11 * (i + 1)))
    assert len(store._index.view.catalogue.of_tier("raw")) >= FAN_IN - 1
    store.close()
    again = DuckDBStore(tmp_path / "samples", settings)
    assert again.window([1], T0, T0 + DAY).count.sum() == FAN_IN * 10
    again.close()


def test_reading_never_waits_for_writing(embedded: DuckDBStore):
    """Readers run through appends, seals and merges and always see whole flushes."""
    is_done, problems = Event(), []

    def read() -> None:
        seen = 0
        while not is_done.is_set():
            count = len(embedded.window([5], T0, T0 + 30 * DAY))
            if count % 10 or count < seen:
                problems.append((seen, count))
            seen = count

    readers = [Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for i in range(60):
        add(embedded, 5, T0 + i * HOUR, 10)
        embedded.compact(NOW + timedelta(hours=i), is_whole=i % 10 == 9)
    is_done.set()
    for reader in readers:
        reader.join()
    assert problems == []


def segment(number: int, *, level: int = 0, rows: int = 100, low: int = 0, high: int = 99, run: int = -1) -> Segment:
    return Segment(number, "raw", T0, number if run < 0 else run, level, low, high, T0, T0 + HOUR, rows, rows * 2)


def test_six_runs_of_a_level_become_one():
    assert next_merge([segment(i) for i in range(FAN_IN - 1)], T0 + HOUR) is None
    merge = next_merge([segment(i) for i in range(FAN_IN)], T0 + HOUR)
    assert merge is not None and merge.level == 1 and len(merge.segments) == FAN_IN


def test_a_day_that_is_over_becomes_one_run_unless_hardly_anything_is_new():
    large, small = segment(1, level=3, rows=1_000_000), segment(2, rows=100)
    assert next_merge([large, small], T0 + 2 * DAY) is None
    assert next_merge([large, segment(2, rows=200_000)], T0 + HOUR) is None
    assert next_merge([large, segment(2, rows=200_000)], T0 + 2 * DAY) is not None
    assert next_merge([segment(1, run=7), segment(2, run=7)], T0 + 2 * DAY) is None


@given(
    st.lists(
        st.tuples(st.integers(0, 1000), st.integers(0, 1000), st.integers(1, 100_000)), min_size=1, max_size=20
    ),
    st.integers(1_000, 50_000),
)
def test_cuts_cover_every_series_once(runs, rows_a_file):
    segments = [segment(i, low=low, high=low + span, rows=rows) for i, (low, span, rows) in enumerate(runs)]
    found = cuts(segments, rows_a_file)
    assert found[0][0] == min(s.low for s in segments) and found[-1][1] == max(s.high for s in segments) + 1
    assert all(low < high for low, high in found)
    assert all(a[1] == b[0] for a, b in pairwise(found))


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 10_000), st.floats(-1e6, 1e6)), max_size=60),
    st.integers(1, 3000),
)
def test_buckets_hold_every_sample_once(samples, step):
    series, ts, value = (np.array(column) for column in zip(*samples, strict=True)) if samples else (np.empty(0),) * 3
    rows = Partials(series.astype(np.int32), ts.astype(np.int64), value, value, value, np.ones(len(series), np.int64))
    window = bucket(rows, step, "raw")
    assert window.count.sum() == len(samples)
    assert (window.min <= window.mean).all() and (window.mean <= window.max).all()
    assert (window.ts_ms % step == 0).all()
    keys = list(zip(window.series.tolist(), window.ts_ms.tolist(), strict=True))
    assert keys == sorted(set(keys))
