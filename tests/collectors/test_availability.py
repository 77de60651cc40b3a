"""Availability of a month, against cases worked out by hand."""

from datetime import UTC, datetime

import numpy as np
import pytest

from collectors.services import HOUR_MS, Hours, availability, covered, slots_between

START = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp() * 1000)
MINUTE = 60_000


def hours(*rows: tuple[int, float, int]) -> Hours:
    """(hour, share up, samples)"""
    place, mean, count = zip(*rows, strict=True) if rows else ((), (), ())
    return Hours(START + np.array(place, np.int64) * HOUR_MS, np.array(mean, float), np.array(count, np.int64))


def of(found: Hours, outages=(), counted=None, length_h: float = 4):
    end = START + round(length_h * HOUR_MS)
    counted = np.ones(len(slots_between(START, end)), bool) if counted is None else counted
    return availability(found, [(START + a * MINUTE, START + b * MINUTE) for a, b in outages], counted, START, end)


def test_up_down_and_unknown_minutes():
    found = of(hours((0, 1.0, 60), (1, 0.5, 60), (2, 1.0, 30)), outages=[(60, 90)])
    assert (found.up_s, found.down_s, found.unknown_s) == (60 * 60 + 30 * 60 + 30 * 60, 30 * 60, 30 * 60 + 3600)
    assert found.ratio == pytest.approx(120 / 150)
    assert (found.outages, found.left_out_s) == (1, 0)


def test_nothing_known_is_no_ratio():
    found = of(hours())
    assert found.ratio is None
    assert found.unknown_s == 4 * 3600
    assert of(hours(), length_h=0).counted_s == 0


def test_extra_samples_at_a_change_are_no_extra_time():
    assert of(hours((0, 1.0, 63)), length_h=1).counted_s == 3600


def test_maintenance_is_left_out_with_the_downtime_in_it():
    slots = slots_between(START, START + 2 * HOUR_MS)
    counted = ~covered(slots, [(START + 10 * MINUTE, START + 40 * MINUTE)])
    # down from minute 10 to 45: of this, 5 minutes count
    found = of(hours((0, 25 / 60, 60), (1, 1.0, 60)), [(10, 45)], counted, 2)
    assert found.left_out_s == 30 * 60
    assert found.down_s == pytest.approx(5 * 60)
    assert found.counted_s == pytest.approx(90 * 60)
    assert found.outages == 1
    inside = of(hours((0, 25 / 60, 60), (1, 1.0, 60)), [(15, 35)], counted, 2)
    assert (inside.down_s, inside.outages) == (0, 0)


def test_the_present_hour_counts_until_now():
    found = of(hours((0, 1.0, 60), (1, 1.0, 21)), length_h=1 + 21 / 60)
    assert found.counted_s == pytest.approx(81 * 60)
    assert found.unknown_s == pytest.approx(0)


def test_an_outage_that_lasts_reaches_to_the_end():
    found = of(hours((0, 0.5, 60), (1, 0.0, 60)), [(30, 10_000)], None, 2)
    assert found.down_s == 90 * 60
    assert found.outages == 1
