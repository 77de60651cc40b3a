"""What happens in the demonstration province: scenes, darkness that follows the cables, and the invented figures."""

from __future__ import annotations

import numpy as np
import pytest

from deploy.demo.script import CYCLE_S, SCENES, Cast, chosen, playing, school_day, silent, struck
from deploy.demo.synthesis import EVERYONE, KEYS, Totals, arrange, keys_of, measure, metric_of
from inventory import DEVICE_KINDS
from telemetry import METRICS

SITES, ONE_SITE = 60, ("router", "switch", "switch", "ap", "ap", "projector", "ups")
PARENTS = (None, 0, 0, 1, 2, 1, 0)  # who hangs on whom, by place in ONE_SITE


@pytest.fixture(scope="module")
def cast() -> Cast:
    """Sixty schools of seven devices."""
    size = len(ONE_SITE)
    site = np.repeat(np.arange(1, SITES + 1), size)
    parent = [0 if above is None else first + above + 1 for first in range(0, SITES * size, size) for above in PARENTS]
    device, kind = np.arange(1, SITES * size + 1), np.array(ONE_SITE * SITES)
    return Cast(device, site, kind, np.array(parent), np.arange(1, SITES + 1))


@pytest.fixture(scope="module")
def orchestra(cast: Cast):
    """Every series of the cast, numbered in a row."""
    ids, first = {}, 0
    for device, kind in zip(cast.device.tolist(), cast.kind.tolist(), strict=True):
        count = len(keys_of(kind))
        ids[device] = np.arange(first, first + count, dtype=np.int32)
        first += count
    return arrange(cast, ids)


def test_every_scene_is_played_within_a_cycle():
    played = {scene for second in range(CYCLE_S) for scene in playing(7 * CYCLE_S + second)}
    assert played == set(SCENES)
    assert all(0 <= scene.start < scene.end <= CYCLE_S for scene in SCENES)


def test_every_trouble_hits_something_and_leaves_again(cast: Cast):
    for scene in SCENES:
        during = 3 * CYCLE_S + scene.start
        hit = struck(cast, scene.what, during) if scene.what in ("on_battery", "slow_line") else silent(cast, during)
        assert hit.any(), scene
        assert hit.sum() < len(cast.device) / 4, scene
    for what in ("on_battery", "slow_line"):
        assert any(not struck(cast, what, second).any() for second in range(CYCLE_S)), what


def test_children_of_the_dead_are_dark(cast: Cast):
    for second in range(0, CYCLE_S, 30):
        dark = silent(cast, second)
        dead = cast.device[dark]
        assert dark[np.isin(cast.parent, dead)].all(), second


def test_a_dark_site_is_dark_as_a_whole(cast: Cast):
    scene = SCENES[0]
    assert scene.what == "site_dark"
    site = cast.sites[scene.pick % len(cast.sites)]
    dark = silent(cast, scene.start)
    assert dark[cast.site == site].all()
    assert not dark[cast.site == site + 1].all()


def test_a_province_without_such_a_device_is_left_in_peace(cast: Cast):
    only = cast.kind == "router"
    small = Cast(cast.device[only], cast.site[only], cast.kind[only], cast.parent[only], cast.sites)
    assert not chosen(small, next(scene for scene in SCENES if scene.what == "ap_down")).any()
    none = np.zeros(0, np.int64)
    assert silent(Cast(none, none, none.astype(str), none, none), 720.0).shape == (0,)


def test_the_day_of_a_school_is_busy_by_day_and_quiet_at_night():
    hours = {hour: school_day(hour * 3600.0 - 7 * 3600) for hour in range(24)}
    assert min(hours.values()) >= 0.05
    assert max(hours.values()) <= 1.0
    assert hours[9] > 0.9 and hours[15] > 0.8
    assert hours[2] < 0.1 and hours[22] < 0.1


def test_measured_kinds_and_metrics_exist():
    assert set(KEYS) <= set(DEVICE_KINDS)
    assert {key.metric for kind in ("", *KEYS) for key in keys_of(kind)} <= set(METRICS)


def test_a_measurement_is_one_finite_value_a_series(cast: Cast, orchestra):
    series, values = measure(cast, orchestra, 720.0)
    assert series.dtype == np.int32
    assert series.shape == values.shape
    assert len(np.unique(series)) == len(series)
    assert np.isfinite(values).all()
    for metric, numbers in orchestra.series.items():
        if metric_of(metric).endswith("_ratio"):
            found = values[np.isin(series, numbers)]
            assert ((found >= 0) & (found <= 1)).all(), metric


def test_the_silent_give_no_sample_but_their_silence(cast: Cast, orchestra):
    dark = silent(cast, 720.0)
    series, values = measure(cast, orchestra, 720.0)
    for metric in EVERYONE:
        of_dark = orchestra.series[metric][dark[orchestra.rows[metric]]]
        found = values[np.isin(series, of_dark)]
        expected = {"device_up": 0.0, "ping_loss_ratio": 1.0}.get(metric)
        assert found.tolist() == ([] if expected is None else [expected] * len(of_dark)), metric
    history = measure(cast, orchestra, 720.0, is_history=True)[0]
    assert len(history) > len(series)  # the past that charts begin with has no outage


def test_rates_become_totals_that_only_grow(cast: Cast, orchestra):
    totals = Totals(orchestra)
    counters = np.concatenate([n for m, n in orchestra.series.items() if METRICS[metric_of(m)].kind == "counter"])
    before = np.zeros(len(counters))
    for step in range(4):
        series, rates = measure(cast, orchestra, 9 * 3600.0 + step * 10, is_history=True)
        values = totals.add(series, rates, 10.0)
        order = np.argsort(series)
        place = order[np.searchsorted(series[order], counters)]
        assert (values[place] > before).all()
        assert np.allclose(values[place] - before, rates[place] * 10, atol=1.0)
        before = values[place]
        gauges = ~np.isin(series, counters)
        assert (values[gauges] == rates[gauges]).all()


def test_a_province_without_counters_counts_nothing(cast: Cast):
    only = cast.kind == "ap"
    small = Cast(cast.device[only], cast.site[only], cast.kind[only], cast.parent[only], cast.sites)
    size = len(keys_of("ap"))
    ids = {device: np.arange(size, dtype=np.int32) + size * row for row, device in enumerate(small.device.tolist())}
    played = arrange(small, ids)
    series, values = measure(small, played, 0.0)
    assert Totals(played).add(series, values, 10.0) is values
