"""Judging: hysteresis, duration, unknown, memory. Compared with a plain model, one series at a time."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.board import FIRING, OK, PENDING, UNKNOWN, Restored, build_board, remembered_bits
from alerts.judge import judge
from alerts.override import Override, in_force
from alerts.rule import Rule, Selector, Term
from tests.alerts.small_board import Series, board, labels, live, rule

SAMPLES = st.lists(st.sampled_from([None, 0.0, 4.0, 5.0, 6.0, 10.0, 10.5, 99.0]), min_size=1, max_size=60)


class Model:
    """The same rule, written the slow way. A sample comes each 30 s; None = none; data is old after 180 s."""

    def __init__(self, for_s: float, keep_s: float) -> None:
        self.for_s, self.keep_s = for_s, keep_s
        self.is_firing, self.breach_since, self.good_since, self.state = False, None, None, UNKNOWN

    def step(self, value: float | None, age: float, now: float) -> int:
        if value is None or age > 180:
            self.breach_since = self.good_since = None
            self.state = UNKNOWN
            return self.state
        if value > 10:
            self.good_since = None
            self.breach_since = now if self.breach_since is None else self.breach_since
            self.is_firing = self.is_firing or now - self.breach_since >= self.for_s
            self.state = FIRING if self.is_firing else PENDING
            return self.state
        self.breach_since = None
        if self.is_firing:
            self.good_since = None if value > 5 else now if self.good_since is None else self.good_since
            if self.good_since is not None and now - self.good_since >= self.keep_s:
                self.is_firing, self.good_since = False, None
        self.state = FIRING if self.is_firing else OK
        return self.state


@given(SAMPLES, st.sampled_from([0.0, 30.0, 60.0, 150.0]), st.sampled_from([0.0, 30.0, 90.0]))
def test_arrays_agree_with_the_plain_model(samples, for_s, keep_s):
    one = rule(for_s=for_s, keep_s=keep_s)
    compiled, table, model = board(one), live(), Model(for_s, keep_s)
    held = False
    for number, sample in enumerate(samples):
        now = 1000.0 + 30 * number
        if sample is not None:
            table.value[0], table.at[0] = sample, now
        known = None if np.isnan(table.value[0]) else float(table.value[0])
        told = judge(compiled, table, now)
        expected = model.step(known, now - table.at[0], now)
        assert compiled.compiled[0].state[0] == expected
        assert bool(compiled.compiled[0].held[0]) == model.is_firing
        # a person hears of each beginning and end once, and of nothing in between but the loss of data
        for one_told in told:
            if one_told.after == FIRING and not held:
                held = True
            elif one_told.is_end:
                assert held
                held = False
            else:
                assert UNKNOWN in (one_told.before, one_told.after)
        assert held == model.is_firing


def test_unknown_is_neither_good_nor_firing_and_old_data_is_unknown():
    compiled, table = board(rule()), live()
    assert judge(compiled, table, 1000.0) == []
    assert compiled.counts()["unknown"] == 1
    table.value[0], table.at[0] = 3.0, 1000.0
    judge(compiled, table, 1000.0)
    assert compiled.counts()["ok"] == 1
    judge(compiled, table, 1181.0)  # three intervals of 60 s
    assert compiled.counts()["unknown"] == 1


def test_data_that_never_returns_closes_only_where_the_rule_says_so():
    for missing, expected in (("hold", True), ("close", False)):
        compiled, table = board(rule(missing=missing, missing_after_s=600.0)), live()
        table.value[0], table.at[0] = 99.0, 1000.0
        judge(compiled, table, 1000.0)
        for now in range(1010, 3000, 10):
            judge(compiled, table, float(now))
        assert bool(compiled.compiled[0].held[0]) is expected


def test_a_clock_set_back_freezes_nothing():
    compiled, table = board(rule(for_s=60.0)), live()
    table.value[0], table.at[0] = 99.0, 100_000.0
    judge(compiled, table, 100_000.0)
    table.at[0] = 1000.0
    judge(compiled, table, 1000.0)
    table.at[0] = 1070.0
    assert [told.after for told in judge(compiled, table, 1070.0)] == [FIRING]


def test_a_rebuild_keeps_states_and_a_restart_keeps_what_fires():
    one = rule(for_s=60.0)
    compiled, table = board(one, 2), live(2)
    table.value[:], table.at[:] = [99.0, 1.0], 1000.0
    judge(compiled, table, 1000.0)
    again = board(one, 2, compiled)
    table.at[:] = 1060.0
    assert [told.series for told in judge(again, table, 1060.0)] == [0]
    restarted = board(one, 2, Restored(firing=frozenset({("r", 0)})))
    assert restarted.firing() == {("r", 0)}
    table.value[0], table.at[0] = 1.0, 1070.0
    assert [told.is_end for told in judge(restarted, table, 1070.0)] == [True]


def test_was_up_is_remembered_over_a_restart():
    one = rule(was_up=True)
    compiled, table = board(one, 2), live(2)
    table.value[:], table.at[:] = [1.0, 99.0], 1000.0
    judge(compiled, table, 1000.0)
    again = board(one, 2, Restored(seen_good=remembered_bits(compiled)))
    table.value[:], table.at[:] = 99.0, 1010.0
    assert [told.series for told in judge(again, table, 1010.0)] == [0]


def test_a_change_is_the_difference_to_the_sample_before():
    restarted = Rule("r", "info", {}, {}, {}, terms=(Term("m", "below", 0.0, 0.0, is_change=True),), keep_s=60.0)
    compiled, table = board(restarted), live()
    found = []
    for now, value in ((1000, 500.0), (1060, 560.0), (1120, 10.0), (1180, 70.0), (1240, 130.0), (1300, 190.0)):
        table.value[0], table.at[0] = value, float(now)
        judge(compiled, table, float(now))
        found.append(int(compiled.compiled[0].state[0]))
    assert found == [UNKNOWN, OK, FIRING, FIRING, OK, OK]


def test_overrides_the_narrowest_wins():
    one = rule()
    overrides = (
        Override("r", threshold=20.0), Override("r", device_id=1, threshold=30.0, severity="critical"),
        Override("r", device_id=2, is_enabled=False),
    )
    compiled = build_board([one], overrides, labels(3), Series(3), Restored())
    limits = {
        int(part.series[0]): (part.rule.terms[0].threshold, part.rule.terms[0].clear) for part in compiled.compiled
    }
    assert limits == {2: (20.0, 15.0), 0: (30.0, 25.0)}
    assert in_force(one, overrides, 1, labels(3)).severity == "critical"
    assert not in_force(one, overrides, 2, labels(3)).is_enabled


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        (Selector(), True),
        (Selector(device_kinds=frozenset({"router"})), False),
        (Selector(vendors=frozenset({"acme"})), True),
        (Selector(device_name="CORE-*"), True),
        (Selector(device_name="edge*"), False),
    ],
)
def test_selectors(selector, expected):
    assert selector.takes_device("switch", "ACME", "core-1") is expected


def test_a_live_table_that_has_not_grown_yet():
    compiled, table = board(rule(), 3), SimpleNamespace(value=np.array([99.0]), at=np.array([1000.0]))
    assert [told.series for told in judge(compiled, table, 1000.0)] == [0]
    assert compiled.counts()["unknown"] == 2
