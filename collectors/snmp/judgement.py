"""What a poll's sysUpTime, names and clocks say: restart, wrap, jump, another name, ports renumbered."""

from __future__ import annotations

from dataclasses import dataclass

from collectors.snmp.plan import IF_NUMBER, IF_TABLE_LAST_CHANGE, SYS_NAME, PollPlan
from collectors.snmp.reasons import CLOCK_JUMP, OK, REBOOTED, RENAMED
from collectors.snmp.target import DeviceState
from collectors.snmp.text import clean_line
from collectors.snmp.wire import Value

UPTIME_WRAP_S = 2**32 / 100  # 497 d 2 h 27 min 53 s
_SLACK_S = 60.0
_WALL_SLACK_S = 5.0
_DRIFT = 0.05
_CHECK_PORTS_EVERY = 20  # polls


@dataclass(frozen=True, slots=True)
class Moment:
    """When a poll took place: seconds since 1970, and of a clock that never jumps."""

    wall: float
    mono: float


@dataclass(frozen=True, slots=True)
class Uptime:
    """`seconds` to compute rates from (wraps added); None when the device's clock is of no use."""

    seconds: float | None
    is_reset: bool = False
    reason: str = OK
    detail: str = ""


def judge_uptime(state: DeviceState, uptime: float | None, moment: Moment) -> Uptime:
    """Compare with the last reading. `uptime` is sysUpTime in seconds as read, None when the device has none."""
    if not state.seen_mono:
        return Uptime(uptime)
    elapsed = moment.mono - state.seen_mono
    wall_error = moment.wall - state.seen_at - elapsed
    if abs(wall_error) > _WALL_SLACK_S + elapsed * _DRIFT:
        detail = f"this machine's clock moved by {wall_error:+.0f} s"
        return Uptime(uptime, uptime is None, CLOCK_JUMP, detail)
    if uptime is None:
        return Uptime(None)
    total = uptime + state.wraps * UPTIME_WRAP_S
    expected = state.uptime + elapsed
    slack = _SLACK_S + elapsed * _DRIFT
    if total < state.uptime - 1:
        if abs(total + UPTIME_WRAP_S - expected) <= slack:
            return Uptime(total + UPTIME_WRAP_S)
        return Uptime(uptime, True, REBOOTED, f"uptime {uptime:.0f} s after {state.uptime:.0f} s")
    if total == state.uptime and elapsed > 2:
        return Uptime(None)  # a clock that stands still: rates by our own
    if abs(total - expected) > slack:
        return Uptime(total, True, CLOCK_JUMP, f"the device's uptime moved by {total - expected:+.0f} s")
    return Uptime(total)


def remember_uptime(state: DeviceState, raw: float | None, judged: Uptime, moment: Moment) -> None:
    """Keep what the next poll compares with."""
    state.seen_at, state.seen_mono = moment.wall, moment.mono
    if raw is not None:
        state.wraps = 0 if judged.reason == REBOOTED else round(((judged.seconds or raw) - raw) / UPTIME_WRAP_S)
        state.uptime = raw + state.wraps * UPTIME_WRAP_S


def judge_name(plan: PollPlan, state: DeviceState, watched: dict[str, Value | None]) -> tuple[str, str]:
    """(renamed, "old -> new") once after a change, else (ok, "")."""
    if SYS_NAME not in watched:
        return OK, ""
    name = clean_line(watched[SYS_NAME])
    before = plan.sysname if state.sysname is None else state.sysname
    state.sysname = name
    return (RENAMED, f"{before or '-'} -> {name or '-'}") if name != before else (OK, "")


def ports_need_a_look(state: DeviceState, watched: dict[str, Value | None], is_restarted: bool) -> bool:
    """Whether the ports may have been renumbered since the last poll; now and then also without a sign of it."""
    state.polls += 1
    is_changed = is_restarted or state.polls % _CHECK_PORTS_EVERY == 0
    change, count = watched.get(IF_TABLE_LAST_CHANGE), watched.get(IF_NUMBER)
    if isinstance(change, int):
        is_changed |= state.table_change not in (-1.0, float(change))
        state.table_change = float(change)
    if isinstance(count, int):
        is_changed |= state.if_number not in (-1.0, float(count))
        state.if_number = float(count)
    return is_changed


def port_values_went(state: DeviceState, number: int) -> bool:
    """Whether a whole reading gave fewer values of ports than the one before: ports may stand elsewhere now, also
    where the agent has no ifTableLastChange and counts as many ports as before."""
    before, state.port_values = state.port_values, number
    return number < before
