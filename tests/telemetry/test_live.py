"""The live table: what becomes the live value, what is stored, what is dropped and why."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemetry import DROP_REASONS, LiveTable, make_batch
from telemetry.rates import VERDICTS

T0 = 1_800_000_000.0
GAUGE, COUNTER = 0, 1


@pytest.fixture
def live() -> LiveTable:
    """Two gauges (0, 2) and two counters (1: 64 bits, 3: 32 bits)."""
    table = LiveTable()
    table.grow(4, np.array([0, 64, 0, 32], np.uint8))
    return table


def rows(stored):
    return [(int(s), int(t), float(v)) for s, t, v in zip(*stored, strict=True)]


def test_nothing_is_known_at_first(live: LiveTable):
    assert np.isnan(live.value).all() and not live.at.any()
    assert rows(live.apply([])) == []


def test_gauges_are_kept_as_they_are_and_counters_as_rates(live: LiveTable):
    assert rows(live.apply([make_batch([0, 1], [21.5, 1000], T0)])) == [(0, int(T0 * 1000), 21.5)]
    assert rows(live.apply([make_batch([0, 1], [22.5, 4000], T0 + 60)])) == [
        (0, int(T0 * 1000) + 60_000, 22.5),
        (1, int(T0 * 1000) + 60_000, 50.0),
    ]
    assert live.value[:2].tolist() == [22.5, 50.0] and live.at[1] == T0 + 60 and live.counter[1] == 4000


def test_several_samples_of_one_series_in_one_flush(live: LiveTable):
    batches = [make_batch([1, 0], [1000 + 600 * i, i], T0 + 60 * i) for i in (2, 0, 1, 3)]
    stored = rows(live.apply(batches))
    assert [v for s, _, v in stored if s == GAUGE] == [0.0, 1.0, 2.0, 3.0]
    assert [v for s, _, v in stored if s == COUNTER] == [10.0, 10.0, 10.0]
    assert live.value[:2].tolist() == [3.0, 10.0]


def test_a_sample_twice_is_one(live: LiveTable):
    live.apply([make_batch([0], [1.0], T0), make_batch([0], [1.0], T0)])
    assert rows(live.apply([make_batch([0], [2.0], T0)])) == []
    assert live.dropped == {"duplicate": 2} and live.value[0] == 1.0


def test_a_late_gauge_is_stored_and_a_late_counter_dropped(live: LiveTable):
    live.apply([make_batch([0, 1], [5.0, 1000], T0)])
    late = rows(live.apply([make_batch([0, 1], [4.0, 900], T0 - 3600), make_batch([0], [6.0], T0 + 1)]))
    assert late == [(0, int(T0 - 3600) * 1000, 4.0), (0, int(T0 + 1) * 1000, 6.0)]
    assert live.value[0] == 6.0 and live.dropped == {"first_reading": 1, "out_of_order": 1}


@pytest.mark.parametrize(
    ("value", "at", "reason"),
    [
        (math.nan, T0, "not_a_number"),
        (math.inf, T0, "not_a_number"),
        (-math.inf, T0, "not_a_number"),
        (1.0, math.nan, "not_a_number"),
        (1.0, T0 + 3600, "in_the_future"),
        (1.0, T0 - 400 * 86_400, "too_old"),
        (1.0, 0.0, "too_old"),
    ],
)
def test_what_cannot_be_true_is_dropped_by_name(live: LiveTable, value, at, reason):
    assert rows(live.apply([make_batch([0], [value], at)], now=T0)) == []
    assert live.dropped == {reason: 1}
    assert math.isnan(live.value[0])


def test_unknown_series_and_negative_totals_are_dropped(live: LiveTable):
    assert rows(live.apply([make_batch([-1, 99, 1, 0], [1, 1, -5, -5], T0)])) == [(0, int(T0 * 1000), -5.0)]
    assert live.dropped == {"unknown_series": 2, "negative_counter": 1}


def test_a_clock_that_was_set_back_does_not_freeze_the_table(live: LiveTable):
    live.apply([make_batch([0, 1], [1.0, 100], T0 + 290)], now=T0)
    live.apply([make_batch([0, 1], [2.0, 400], T0 + 10)], now=T0 + 10)
    assert live.value[0] == 2.0 and math.isnan(live.value[1])
    live.apply([make_batch([0, 1], [3.0, 1000], T0 + 70)], now=T0 + 70)
    assert live.value[:2].tolist() == [3.0, 10.0]


def test_a_restart_is_a_gap_and_then_goes_on(live: LiveTable):
    for i, (total, uptime) in enumerate([(1000, 900), (1600, 960), (60, 10), (660, 70)]):
        live.apply([make_batch([1], [total], T0 + 60 * i, uptime=uptime)])
        assert math.isnan(live.value[1]) == (i in (0, 2))
    assert live.value[1] == 10.0 and live.dropped == {"first_reading": 1, "device_restarted": 1}


def test_a_limit_tells_wrap_from_reset(live: LiveTable):
    live.limit(np.array([3]), 1e9 / 8)
    live.apply([make_batch([3], [3e9], T0)])
    live.apply([make_batch([3], [2e9], T0 + 60)])
    assert live.value[3] == pytest.approx((2**32 - 1e9) / 60, rel=1e-6)


def test_a_limit_may_come_before_the_first_reading():
    table = LiveTable()
    table.limit(np.array([7]), 100.0)
    table.limit(np.array([], np.int32), 100.0)
    table.grow(8, np.array([64] * 8, np.uint8))
    for i in range(2):
        table.apply([make_batch([7], [1e6 * i], T0 + 10 * i)])
    assert math.isnan(table.value[7]) and table.dropped["implausible_rate"] == 1


def test_a_counter_of_another_width_begins_anew(live: LiveTable):
    live.apply([make_batch([3], [3e9], T0)])
    live.grow(4, np.array([0, 64, 0, 64], np.uint8))
    live.apply([make_batch([3], [9e15], T0 + 60)])
    assert math.isnan(live.value[3]) and live.dropped == {"first_reading": 2}


def test_forgotten_series_are_unknown(live: LiveTable):
    live.apply([make_batch([0, 1], [1.0, 100], T0)])
    live.forget(np.array([0, 1]))
    assert np.isnan(live.value).all() and not live.at.any() and np.isnan(live.counter).all()


def test_growing_keeps_what_is_known(live: LiveTable):
    live.apply([make_batch([0], [1.0], T0)])
    live.grow(10)
    assert live.value[0] == 1.0 and np.isnan(live.value[4:]).all() and len(live) == 10


def test_every_verdict_has_a_reason_in_the_public_list():
    assert set(VERDICTS) - {"ok"} <= set(DROP_REASONS)


samples = st.tuples(
    st.integers(-1, 4), st.floats(allow_nan=True, allow_infinity=True), st.floats(-1e6, 1e4),
    st.one_of(st.none(), st.floats(0, 5e7)),
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(samples, max_size=6), max_size=6))
def test_no_input_breaks_the_table_and_every_reading_is_accounted_for(flushes):
    live = LiveTable()
    live.grow(4, np.array([0, 64, 0, 32], np.uint8))
    given_count = stored_count = 0
    for flush in flushes:
        batches = [make_batch([s], [v], T0 + at, uptime=up) for s, v, at, up in flush]
        series, ts_ms, value = live.apply(batches, now=T0)
        given_count += len(batches)
        stored_count += len(series)
        assert np.isfinite(value).all() and (value[np.isin(series, [1, 3])] >= 0).all()
        order = np.lexsort((ts_ms, series))
        assert order.tolist() == sorted(order.tolist())
    assert stored_count + sum(live.dropped.values()) == given_count
    assert set(live.dropped) <= set(DROP_REASONS)
