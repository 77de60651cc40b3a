"""Restart, wrap, jump of either clock, another name, ports renumbered: each told apart from the others."""

from __future__ import annotations

import numpy as np
import pytest

from collectors.snmp.judgement import (
    UPTIME_WRAP_S,
    Moment,
    judge_name,
    judge_uptime,
    ports_need_a_look,
    remember_uptime,
)
from collectors.snmp.plan import IF_NUMBER, IF_TABLE_LAST_CHANGE, SYS_NAME, PollPlan
from collectors.snmp.target import DeviceState
from collectors.snmp.template import Output, Row, build_template


def after(uptime: float | None, elapsed: float = 60.0, wall: float | None = None, first: float = 1_000.0):
    state = DeviceState()
    start = Moment(1e9, 500.0)
    remember_uptime(state, first, judge_uptime(state, first, start), start)
    moment = Moment(1e9 + (elapsed if wall is None else wall), 500.0 + elapsed)
    judged = judge_uptime(state, uptime, moment)
    remember_uptime(state, uptime, judged, moment)
    return judged, state


def test_an_ordinary_minute() -> None:
    judged, _ = after(1_060.0)
    assert (judged.seconds, judged.is_reset, judged.reason) == (1_060.0, False, "ok")


def test_a_restart() -> None:
    judged, state = after(12.0)
    assert judged.reason == "rebooted" and judged.is_reset and state.uptime == 12.0


def test_the_wrap_after_497_days_is_no_restart() -> None:
    judged, state = after(30.0, first=UPTIME_WRAP_S - 30)
    assert judged.reason == "ok" and not judged.is_reset
    assert judged.seconds == pytest.approx(UPTIME_WRAP_S + 30) and state.wraps == 1


def test_a_jump_of_the_devices_clock() -> None:
    judged, _ = after(90_000.0)
    assert judged.reason == "clock_jump" and judged.is_reset and "+88940 s" in judged.detail


def test_a_jump_of_our_clock() -> None:
    judged, _ = after(1_060.0, wall=3_660.0)
    assert judged.reason == "clock_jump" and not judged.is_reset  # rates come from the device's uptime
    judged, _ = after(None, wall=3_660.0)
    assert judged.is_reset  # without it they cannot be had


def test_a_clock_that_stands_still_is_not_used() -> None:
    judged, _ = after(1_000.0)
    assert judged.seconds is None and judged.reason == "ok"


def plan(sysname: str) -> PollPlan:
    template = build_template([Row("1.3.6.1.2.1.1.3.0")], [Output(((0, 1.0),))])
    return PollPlan(template, np.zeros(1, np.int32), np.zeros(1, bool), sysname=sysname)


def test_a_new_name_is_told_once() -> None:
    state = DeviceState()
    assert judge_name(plan("old"), state, {SYS_NAME: b"old"}) == ("ok", "")
    assert judge_name(plan("old"), state, {SYS_NAME: b"new\x1b[2J"}) == ("renamed", "old -> new[2J")
    assert judge_name(plan("old"), state, {SYS_NAME: b"new\x1b[2J"}) == ("ok", "")
    assert judge_name(plan("old"), DeviceState(), {}) == ("ok", "")


def test_signs_of_renumbering() -> None:
    state = DeviceState()
    assert not ports_need_a_look(state, {IF_NUMBER: 4, IF_TABLE_LAST_CHANGE: 7}, False)
    assert not ports_need_a_look(state, {IF_NUMBER: 4, IF_TABLE_LAST_CHANGE: 7}, False)
    assert ports_need_a_look(state, {IF_NUMBER: 5, IF_TABLE_LAST_CHANGE: 7}, False)
    assert ports_need_a_look(state, {IF_NUMBER: 5, IF_TABLE_LAST_CHANGE: 8}, False)
    assert ports_need_a_look(state, {}, True)
    assert sum(ports_need_a_look(DeviceState(polls=n), {}, False) for n in range(40)) == 2  # now and then
