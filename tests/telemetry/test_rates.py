"""Counter to rate: the rules of reference/devices.md section 5, case by case and by property."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemetry import LiveTable, make_batch
from telemetry.rates import (
    FIRST,
    HARD_LIMIT,
    IMPLAUSIBLE,
    LONG_GAP,
    OK,
    RESET,
    RESTARTED,
    RISE_MARGIN,
    STALE,
    UPTIME_WRAP_S,
    VERDICTS,
    WRAP_32,
    Readings,
    derive,
    significant,
)

T0 = 1_800_000_000.0
NAN = math.nan


def one(old, new, *, width=64, ceiling=NAN, is_reset=False):
    """(rate, verdict) of one counter; readings are (total, seconds after T0, uptime)."""

    def readings(total, at, uptime):
        return Readings(np.array([float(total)]), np.array([T0 + at]), np.array([float(uptime)]))

    rate, verdict = derive(
        readings(*new), readings(*old), np.array([width], np.uint8), np.array([ceiling]), np.array([is_reset])
    )
    return rate[0], verdict[0]


CASES = {
    "a counter that rises": {"old": (1000, 0, NAN), "new": (4000, 60, NAN), "gives": 50.0},
    "a counter that stands": {"old": (1000, 0, NAN), "new": (1000, 60, NAN), "gives": 0.0},
    "time comes from uptime, not from the late answer": {"old": (0, 0, 500), "new": (6000, 75, 560), "gives": 100.0},
    "32 bits wrap once": {"old": (WRAP_32 - 1000, 0, NAN), "new": (2000, 60, NAN), "width": 32, "gives": 50.0},
    "32 bits wrap on a link known to be fast enough": {
        "old": (3e9, 0, 10),
        "new": (2e9, 60, 70),
        "width": 32,
        "ceiling": 1e9 / 8,
        "gives": (WRAP_32 - 1e9) / 60,
    },
    "32 bits that fall on a slow link were reset": {
        "old": (3e9, 0, 10),
        "new": (2e9, 60, 70),
        "width": 32,
        "ceiling": 100e6 / 8,
        "verdict": RESET,
    },
    "32 bits that fall far with unknown speed were reset": {
        "old": (3e9, 0, NAN),
        "new": (2e9, 60, NAN),
        "width": 32,
        "verdict": RESET,
    },
    "64 bits that fall were reset": {"old": (5e12, 0, NAN), "new": (4e12, 60, NAN), "verdict": RESET},
    "64 bits just below the end were reset all the same": {
        "old": (2.0**64 - 4096, 0, NAN),
        "new": (2000, 60, NAN),
        "verdict": RESET,
    },
    "uptime went back": {"old": (1000, 0, 9000), "new": (2000, 60, 30), "verdict": RESTARTED},
    "a restart so long ago that uptime passed its old value": {
        "old": (1000, 0, 100),
        "new": (90000, 3600, 160),
        "verdict": RESTARTED,
    },
    "told that it began anew": {"old": (1000, 0, NAN), "new": (2000, 60, NAN), "is_reset": True, "verdict": RESTARTED},
    "uptime wraps at 497 days": {"old": (1000, 0, UPTIME_WRAP_S - 20), "new": (4000, 60, 40), "gives": 50.0},
    "a restart near the 497th day": {
        "old": (1000, 0, UPTIME_WRAP_S - 2000),
        "new": (4000, 60, 5),
        "verdict": RESTARTED,
    },
    "nothing before": {"old": (NAN, -T0, NAN), "new": (4000, 60, 40), "verdict": FIRST},
    "a night without samples": {"old": (1000, 0, NAN), "new": (2000, 43_200, NAN), "verdict": LONG_GAP},
    "two hours of a 32-bit counter": {
        "old": (1000, 0, NAN),
        "new": (2000, 7_200, NAN),
        "width": 32,
        "verdict": LONG_GAP,
    },
    "faster than the link": {"old": (0, 0, NAN), "new": (1e12, 60, NAN), "ceiling": 1e9 / 8, "verdict": IMPLAUSIBLE},
    "faster than any link": {"old": (0, 0, NAN), "new": (1e18, 60, NAN), "verdict": IMPLAUSIBLE},
    "32 bits with more than 32 bits": {"old": (0, 0, NAN), "new": (5e9, 60, NAN), "width": 32, "verdict": IMPLAUSIBLE},
    "an answer from memory": {"old": (1000, 0, 500), "new": (1000, 60, 500), "verdict": STALE},
    "uptime back by a tick": {"old": (1000, 0, 500), "new": (4000, 60, 499.5), "gives": 50.0},
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_wrap_reset_and_gap(case):
    case = dict(case)
    gives, wanted = case.pop("gives", None), case.pop("verdict", OK)
    rate, verdict = one(case.pop("old"), case.pop("new"), **case)
    assert VERDICTS[verdict] == VERDICTS[wanted]
    if gives is None:
        assert math.isnan(rate)
    else:
        assert rate == pytest.approx(gives, rel=1e-6)


totals = st.integers(0, 2**64 - 1).map(float)
small = st.integers(0, 2**33).map(float)
uptimes = st.one_of(st.just(NAN), st.floats(0, UPTIME_WRAP_S))


@settings(max_examples=400, deadline=None)
@given(
    old=st.tuples(st.one_of(totals, small, st.just(NAN)), st.floats(-1e5, 1e5), uptimes),
    new=st.tuples(st.one_of(totals, small), st.floats(-1e5, 1e5), uptimes),
    width=st.sampled_from([32, 64]),
    ceiling=st.one_of(st.just(NAN), st.just(0.0), st.floats(1e3, 1e11)),
    is_reset=st.booleans(),
)
def test_a_rate_is_never_negative_or_absurd(old, new, width, ceiling, is_reset):
    rate, verdict = one(old, new, width=width, ceiling=ceiling, is_reset=is_reset)
    assert (verdict == OK) == math.isfinite(rate)
    if verdict == OK:
        assert 0 <= rate <= HARD_LIMIT * 1.000001
        if ceiling > 0:
            assert rate <= RISE_MARGIN * ceiling * 1.000001


@settings(max_examples=300, deadline=None)
@given(
    speed=st.floats(0, 2.5e6),
    start=st.integers(0, 2**32 - 1),
    gaps=st.lists(st.floats(10, 300), min_size=1, max_size=20),
    cut=st.integers(0, 20),
)
def test_a_steady_32_bit_counter_gives_its_speed_through_any_wrap(speed, start, gaps, cut):
    """20 Mbit/s at up to 300 s never wraps by more than half: right even without the link's speed, in any slices."""
    live = LiveTable()
    live.grow(1, np.array([32], np.uint8))
    at = T0 + np.cumsum([0.0, *gaps])
    counts = np.floor(start + speed * (at - T0)) % 2**32
    batches = [make_batch([0], [c], t, uptime=1000 + t - T0) for c, t in zip(counts, at, strict=True)]
    values = np.concatenate([live.apply(part)[2] for part in (batches[:cut], batches[cut:])])
    assert len(values) == len(gaps)
    assert np.abs(values - speed).max() <= 0.11 + speed * 1e-6
    assert live.dropped == {"first_reading": 1}


@given(st.floats(1e-9, 1e12))
def test_seven_digits_are_kept(rate):
    kept = significant(np.array([rate]))[0]
    assert kept == pytest.approx(rate, rel=1e-6)
    assert float(f"{kept:.7g}") == kept


def test_zero_and_nan_have_no_digits():
    assert significant(np.array([0.0]))[0] == 0.0
    assert math.isnan(significant(np.array([NAN]))[0])
    assert significant(np.array([0.3, 50.0, 16.0]) * 1.0).tolist() == [0.3, 50.0, 16.0]
