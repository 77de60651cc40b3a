"""From what arrived to batches: decode, evaluate, judge clock and name. Pure but for the memory of the device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from collectors.snmp.decode import WrongType, decode, readings_of
from collectors.snmp.judgement import (
    Moment,
    Uptime,
    judge_name,
    judge_uptime,
    port_values_went,
    ports_need_a_look,
    remember_uptime,
)
from collectors.snmp.plan import SYS_UPTIME, Dropped, PollPlan, PollResult
from collectors.snmp.pollrun import PollRun
from collectors.snmp.reasons import EMPTY, MALFORMED, OK, REBOOTED, RENAMED
from collectors.snmp.target import DeviceState
from collectors.snmp.template import Template, evaluate, growth
from collectors.snmp.text import clean_line
from collectors.snmp.wire import Value
from telemetry import Batch

_ONE_BATCH_S = 1.0  # a poll whose uptimes lie closer together is one batch


@dataclass(frozen=True, slots=True)
class Reading:
    """A poll's readings before judgement. `starts`, `uptimes`, `walls`: each reply's first row, sysUpTime, time."""

    plan: PollPlan
    raw: np.ndarray
    wrong: Sequence[WrongType]
    watched: dict[str, Value | None]
    starts: Sequence[int]
    uptimes: Sequence[float | None]
    walls: Sequence[float]
    moment: Moment
    reason: str
    detail: str
    is_without_ports: bool = False

    @staticmethod
    def of_run(plan: PollPlan, run: PollRun, reason: str, detail: str, moment: Moment) -> Reading:
        """From a poll over v1 or v2c. Raises MalformedReply."""
        raw, wrong, damage = decode(plan.template, run.segments)
        if damage and reason == OK:
            reason, detail = MALFORMED, damage
        walls = [moment.wall - (moment.mono - at) for at in run.moments]
        starts = [segment.start for segment in run.segments]
        return Reading(plan, raw, wrong, run.watched, starts, run.uptimes, walls, moment, reason, detail)

    @staticmethod
    def of_values(plan: PollPlan, values: dict[str, Value], reason: str, detail: str, moment: Moment) -> Reading:
        """From values by OID."""
        raw, wrong = readings_of(plan.template, values)  # type: ignore[arg-type]
        ticks = values.get(SYS_UPTIME)
        uptime = ticks / 100 if isinstance(ticks, int) else None
        watched = {oid: values.get(oid) for oid in plan.watched}
        return Reading(plan, raw, wrong, watched, [0], [uptime], [moment.wall], moment, reason, detail)

    def without_ports(self) -> Reading:
        """The same with everything left out that hangs on an ifIndex."""
        return replace(self, is_without_ports=True, wrong=())


def conclude(reading: Reading, state: DeviceState) -> tuple[PollResult, bool]:
    """The result, and whether port names should be looked at before it is believed."""
    plan = reading.plan
    values = evaluate(plan.template, reading.raw.copy() if len(plan.template.unsigned_rows) else reading.raw)
    if len(plan.template.delta_out):
        values[plan.template.delta_out] = _grown(plan.template, reading.raw, state)
    if reading.is_without_ports:
        values[plan.is_port] = np.nan
        return PollResult(reading.reason, batches=_batches(reading, values, Uptime(None, True))), False
    raw_uptime = next((uptime for uptime in reading.uptimes if uptime is not None), None)
    judged = judge_uptime(state, raw_uptime, reading.moment)
    remember_uptime(state, raw_uptime, judged, reading.moment)
    reason, detail = reading.reason, reading.detail
    if reason == OK and judged.reason != OK:
        reason, detail = judged.reason, judged.detail
    named, name_detail = judge_name(plan, state, reading.watched)
    if named != OK:
        reason, detail = named, name_detail
    look = ports_need_a_look(state, reading.watched, judged.reason == REBOOTED)
    if reading.reason == OK:
        look |= port_values_went(state, int(np.count_nonzero(~np.isnan(values[plan.is_port]))))
    dropped = _dropped(reading, values, state)
    batches = _batches(reading, values, judged)
    if not any(len(batch) for batch in batches) and reason == OK and len(plan):
        reason = EMPTY
    result = PollResult(
        reason, detail, batches, dropped=dropped, needs_survey=reason in (RENAMED, EMPTY), sysname=state.sysname or ""
    )
    return result, look


def _grown(template: Template, raw: np.ndarray, state: DeviceState) -> np.ndarray:
    """What grew since the last poll; nothing is known at the first one."""
    before, state.grown = state.grown, (template, raw.copy())
    if before is None or before[0] is not template:
        return np.full(len(template.delta_out), np.nan)
    return growth(template, before[1], raw)  # type: ignore[arg-type]


def _batches(reading: Reading, values: np.ndarray, judged: Uptime) -> tuple[Batch, ...]:
    """One batch, or one for each reply when the device took longer over them than a rate can bear."""
    series = reading.plan.series
    has_value = ~np.isnan(values)
    known = [uptime for uptime in reading.uptimes if uptime is not None]
    first = known[0] if known else None
    added = 0.0 if judged.seconds is None or first is None else judged.seconds - first
    if not known or max(known) - min(known) <= _ONE_BATCH_S:
        if has_value.all():
            return (Batch(series, values, reading.walls[-1], judged.seconds, judged.is_reset),)
        return (Batch(series[has_value], values[has_value], reading.walls[-1], judged.seconds, judged.is_reset),)
    part = np.searchsorted(np.asarray(reading.starts), reading.plan.template.out_row, side="right") - 1
    batches = []
    for i, uptime in enumerate(reading.uptimes):
        chosen = has_value & (part == i)
        seconds = None if uptime is None or judged.seconds is None else uptime + added
        batches.append(Batch(series[chosen], values[chosen], reading.walls[i], seconds, judged.is_reset))
    return tuple(batches)


def _dropped(reading: Reading, values: np.ndarray, state: DeviceState) -> tuple[Dropped, ...]:
    """Readings that gave no sample, each told once for a device."""
    template = reading.plan.template
    found = []
    for row, value in reading.wrong:
        if -1 - row not in state.told:
            state.told.add(-1 - row)
            found.append(Dropped(template.names.oids[row], clean_line(value), "wrong_type"))
    rows = template.out_row
    is_bad = np.isnan(values)
    is_bad[template.delta_out] = is_bad[template.count_out] = False
    bad = np.flatnonzero(is_bad & ~np.isnan(reading.raw[rows])) if is_bad.any() and len(template) else ()
    for i in bad:
        if int(i) not in state.told:
            state.told.add(int(i))
            found.append(Dropped(template.names.oids[rows[i]], float(reading.raw[rows[i]]), "unusable"))
    return tuple(found)
