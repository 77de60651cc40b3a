"""The poll schedule, played with a time of its own."""


import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import schedule
from collectors.schedule import Entry, Limits, Timetable

LIMITS = Limits()


def entries(number: int, interval: float = 60.0, sites: int = 1000) -> list[Entry]:
    return [Entry(device, device % sites, interval) for device in range(1, number + 1)]


def play(table: Timetable, seconds: float, lasts: float = 0.0, step: float = 0.25, limits: Limits = LIMITS):
    """Poll what is due for `seconds`; each poll lasts `lasts`. Returns (when, device) of each start."""
    started, running, now = [], [], 0.0
    while now < seconds:
        for end, row in [one for one in running if one[0] <= now]:
            schedule.finish(table, row, now, is_silent=False, limits=limits)
            running.remove((end, row))
        rows = schedule.due(table, now, limits)
        schedule.begin(table, rows)
        for row in rows.tolist():
            started.append((now, int(table.device[row])))
            running.append((now + lasts, row))
        now += step
    return started


def test_each_device_is_polled_once_an_interval_without_drift():
    table = Timetable.of(entries(50), 0.0, is_start=True)
    started = play(table, 600.0, lasts=3.0)
    for device in range(1, 51):
        times = [at for at, one in started if one == device]
        assert len(times) == 10
        assert np.allclose(np.diff(times), 60.0, atol=0.26)
    assert table.missed.sum() == 0


def test_polls_are_spread_evenly_over_the_interval():
    table = Timetable.of(entries(6000), 0.0, is_start=True)
    per_second = np.bincount(table.next_at.astype(int), minlength=60)
    assert per_second.max() <= 150
    assert per_second[:60].min() >= 60


def test_limit_a_site_and_overall_are_kept_and_nobody_starves():
    limits = Limits(overall=6, a_site=2)
    table = Timetable.of([Entry(device, device % 2, 10.0) for device in range(1, 41)], 0.0)
    seen, running = set(), []
    for now in np.arange(0.0, 100.0, 1.0):
        for row in running:
            schedule.finish(table, row, now, is_silent=False, limits=limits)
        rows = schedule.due(table, now, limits)
        assert len(rows) <= 4
        assert np.bincount(table.site[rows]).max() <= 2
        schedule.begin(table, rows)
        running = rows.tolist()
        seen.update(running)
    assert len(seen) == 40
    assert table.missed.sum() > 0


def test_longest_overdue_goes_first():
    table = Timetable.of([Entry(one, one, 60.0) for one in (1, 2, 3)], 0.0)
    table.next_at[:] = [3.0, 1.0, 2.0]
    assert schedule.due(table, 5.0, Limits(overall=2)).tolist() == [1, 2]


@pytest.mark.parametrize(
    ("silent", "expected"), [(0, 60), (1, 60), (2, 60), (3, 120), (4, 240), (7, 1800), (5000, 1800)]
)
def test_silent_devices_are_backed_off_up_to_a_limit(silent, expected):
    assert schedule.paced_interval(60.0, silent, LIMITS) == expected


def test_backoff_never_makes_a_slow_device_faster():
    assert schedule.paced_interval(86400.0, 9, LIMITS) == 86400.0


def test_first_answer_ends_the_backoff():
    table = Timetable.of(entries(1), 0.0)
    for _ in range(6):
        schedule.begin(table, np.array([0]))
        schedule.finish(table, 0, float(table.next_at[0]), is_silent=True, limits=LIMITS)
    assert table.next_at[0] > 600
    now = float(table.next_at[0])
    schedule.finish(table, 0, now, is_silent=False, limits=LIMITS)
    assert table.next_at[0] - now <= 60.0


def test_paused_device_is_not_due_and_is_polled_at_once_when_it_returns():
    table = Timetable.of(entries(3), 0.0)
    rows = schedule.rows_of(table, [2])
    schedule.pause(table, rows)
    assert table.device[schedule.due(table, 500.0, LIMITS)].tolist() == [1, 3]
    schedule.resume(table, rows, 500.0)
    assert 2 in table.device[schedule.due(table, 500.0, LIMITS)]
    schedule.begin(table, rows)
    schedule.finish(table, int(rows[0]), 501.0, is_silent=False, limits=LIMITS)
    assert table.missed[rows[0]] == 0


def test_a_poll_longer_than_the_interval_is_counted_and_does_not_pile_up():
    table = Timetable.of(entries(1, interval=10.0), 0.0, is_start=True)
    started = play(table, 100.0, lasts=25.0)
    assert len(started) == 4
    assert table.missed[0] == 6


def test_reload_keeps_the_slots_and_asks_newcomers_at_once():
    table = Timetable.of(entries(10), 0.0, is_start=True)
    table.silent[3], table.missed[3] = 5, 2
    again = Timetable.of([*entries(10), Entry(99, 1, 60.0)], 7.0, table)
    assert again.next_at[:10].tolist() == table.next_at.tolist()
    assert (again.silent[3], again.missed[3]) == (5, 2)
    assert again.next_at[10] == 7.0


def test_shorter_interval_takes_effect_soon():
    table = Timetable.of(entries(1, interval=86400.0), 0.0, is_start=True)
    again = Timetable.of(entries(1, interval=30.0), 10.0, table)
    assert again.next_at[0] <= 40.0


def test_empty_timetable_is_fine():
    table = Timetable.of([], 0.0)
    assert len(schedule.due(table, 1.0, LIMITS)) == 0
    assert schedule.load_of(table)["polls_a_second"] == 0.0


def test_twenty_thousand_devices_are_each_asked_once():
    table = Timetable.of(entries(20_000, interval=300.0), 0.0, is_start=True)
    asked = []
    for step in range(400):
        rows = schedule.due(table, step * 0.25, LIMITS)
        schedule.begin(table, rows)
        asked += rows.tolist()
        for row in rows.tolist():
            schedule.finish(table, row, step * 0.25, is_silent=False, limits=LIMITS)
    # 100 s of service of 300
    assert len(asked) == len(set(asked)) and 6_000 < len(asked) < 7_400


@given(st.lists(st.tuples(st.integers(1, 8), st.floats(1, 100)), min_size=1, max_size=30), st.integers(1, 5))
def test_no_site_ever_exceeds_its_limit(devices, limit):
    limits = Limits(overall=1000, a_site=limit)
    table = Timetable.of([Entry(n, site, interval) for n, (site, interval) in enumerate(devices)], 0.0)
    for now in (0.0, 5.0, 50.0, 500.0):
        schedule.begin(table, schedule.due(table, now, limits))
        assert np.bincount(table.site[table.is_running]).max(initial=0) <= limit
        for row in np.flatnonzero(table.is_running)[::2].tolist():
            schedule.finish(table, row, now + 1, is_silent=False, limits=limits)
            assert table.next_at[row] > now + 1


@pytest.mark.parametrize(("groups", "rank"), [([7, 3, 7, 7], [0, 0, 1, 2]), ([1], [0]), ([2, 2], [0, 1])])
def test_rank_within_group(groups, rank):
    assert schedule._rank_within(np.array(groups)).tolist() == rank
