"""Judges all rules over the live table at once: arrays in, transitions out. Reads no clock and no database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from alerts.board import FIRING, OK, PENDING, UNKNOWN, Board, Compiled, CompiledTerm
from alerts.rule import Rule

_UNKNOWN, _GOOD, _BREACH = range(3)  # what a tick sees; _UNKNOWN and _GOOD equal the states UNKNOWN and OK on purpose


class Live(Protocol):
    """What judging reads of telemetry's live table; index = series id."""

    value: np.ndarray  # float64: gauge, state, or a counter's rate per second; NaN = unknown
    at: np.ndarray  # float64: epoch seconds of the newest sample, 0 = never


@dataclass(frozen=True, slots=True)
class Transition:
    """A (rule, series) that began or ended to fire, or whose data stopped or came back while it did.

    `before` and `after` are UNKNOWN, OK, PENDING or FIRING; `value` is that of the first term (NaN = unknown).
    """

    rule: Rule
    series: int
    device_id: int
    before: int
    after: int
    value: float
    since: float

    @property
    def is_end(self) -> bool:
        """True when the trouble is over."""
        return self.after == OK


def judge(board: Board, live: Live, now: float) -> list[Transition]:
    """Move every row of the board to its state at `now` (epoch seconds) and tell the changes that matter to people."""
    value, at = live.value, live.at
    if len(value) < board.series_count:  # the table has not grown to the registry yet
        missing = board.series_count - len(value)
        value = np.concatenate([value, np.full(missing, np.nan)])
        at = np.concatenate([at, np.zeros(missing)])
    transitions: list[Transition] = []
    for compiled in board.compiled:
        transitions.extend(_judge_rule(compiled, value, at, now))
    return transitions


def _judge_rule(one: Compiled, value: np.ndarray, at: np.ndarray, now: float) -> list[Transition]:
    values: list[np.ndarray] = []
    observed = _observe(one, value, at, now, values)
    is_moving = observed != one.state
    is_moving |= one.state > OK
    if one.rule.missing == "close":
        is_moving |= one.held
    rows = np.flatnonzero(is_moving)
    return _move(one, rows, observed[rows], values, now) if len(rows) else []


def _observe(
    one: Compiled, value: np.ndarray, at: np.ndarray, now: float, values: list[np.ndarray]
) -> np.ndarray:
    """uint8[n]: _UNKNOWN, _GOOD or _BREACH of each row, by three-valued logic over the terms. Fills `values`."""
    oldest = now - one.stale_s
    sees_breach = sees_known = None
    for k, term in enumerate(one.terms):
        seen_at = at.take(term.index)
        v = _value(term, value, seen_at)
        values.append(v)
        known = seen_at >= oldest
        known &= v == v
        breach = _compare(v, term.term.comparison, term.term.threshold)
        breach &= known
        if term.absent is not None:
            known[term.absent] = one.rule.is_any  # an absent series cannot make "any" true, nor "all" decidable
            breach[term.absent] = False
        if k == 0 and one.seen_good is not None:
            one.seen_good |= known & ~breach
        if sees_breach is None or sees_known is None:
            sees_breach, sees_known = breach, known
        elif one.rule.is_any:
            sees_breach |= breach
            sees_known &= known
        else:
            # "all" is decided when one term is known to be good, or all are known
            sees_known = (sees_known & known) | (sees_known & ~sees_breach) | (known & ~breach)
            sees_breach &= breach
    if one.seen_good is not None:
        sees_breach &= one.seen_good
    observed = sees_known.view(np.uint8).copy() if len(one.terms) == 1 else sees_known.astype(np.uint8)
    observed[sees_breach] = _BREACH
    return observed


def _value(term: CompiledTerm, value: np.ndarray, seen_at: np.ndarray) -> np.ndarray:
    v = value.take(term.index)
    if term.term.times != 1.0:
        v *= term.term.times
    if term.over is not None:
        divisor = value.take(term.over)
        with np.errstate(divide="ignore", invalid="ignore"):
            v = np.where(divisor > 0, v / divisor, np.nan)
    if term.change is not None and term.last_at is not None and term.last_value is not None:
        is_new = seen_at > term.last_at
        term.change[is_new] = v[is_new] - term.last_value[is_new]
        term.last_value[is_new], term.last_at[is_new] = v[is_new], seen_at[is_new]
        return term.change.copy()
    return v


def _compare(v: np.ndarray, comparison: str, threshold: float) -> np.ndarray:
    """Comparisons with NaN are False, except `differs`, whose rows the caller masks by what is known."""
    if comparison == "above":
        return v > threshold
    if comparison == "below":
        return v < threshold
    return v == threshold if comparison == "equals" else v != threshold


def _holds(one: Compiled, rows: np.ndarray, values: list[np.ndarray]) -> np.ndarray:
    """bool per row: not yet back past the clear values."""
    result = None
    for term, v in zip(one.terms, values, strict=True):
        held = _compare(v[rows], term.term.comparison, term.term.clear)
        if term.absent is not None:
            held[term.absent[rows]] = False
        result = held if result is None else (result | held if one.rule.is_any else result & held)
    return result if result is not None else np.zeros(len(rows), bool)


def _move(
    one: Compiled, rows: np.ndarray, observed: np.ndarray, values: list[np.ndarray], now: float
) -> list[Transition]:
    """The state machine, over the rows that may move."""
    before, held = one.state[rows], one.held[rows]
    since = np.minimum(one.since[rows], now)  # a clock that was set back must not freeze a duration
    good_since = np.minimum(one.good_since[rows], now)
    after, is_breach, is_good = before.copy(), observed == _BREACH, observed == _GOOD
    is_lost = observed == _UNKNOWN

    # the data stopped
    newly_lost = is_lost & (before != UNKNOWN)
    after[newly_lost], since[newly_lost] = UNKNOWN, now
    since[is_lost & held & (since == 0.0)] = now  # restored after a restart, no sample yet
    # trouble
    starts = is_breach & ~held & (before != PENDING)
    since[starts] = now
    after[is_breach & ~held] = PENDING
    fires = is_breach & (held | (now - since >= one.rule.for_s))
    since[fires & ~held] = np.where(before == PENDING, since, now)[fires & ~held]
    after[fires] = FIRING
    good_since[is_breach | is_lost] = 0.0  # what nobody saw was not good
    # good again: past the clear value, and for long enough
    after[is_good & ~held] = OK
    watched = np.flatnonzero(is_good & held)
    if len(watched):
        is_back = ~_holds(one, rows[watched], values)
        first = watched[is_back & (good_since[watched] == 0.0)]
        good_since[first] = now
        good_since[watched[~is_back]] = 0.0
        is_over = is_back & (now - good_since[watched] >= one.rule.keep_s)
        after[watched] = np.where(is_over, OK, FIRING)
    if one.rule.missing == "close":
        after[is_lost & held & (before == UNKNOWN) & (since > 0) & (now - since >= one.rule.missing_after_s)] = OK

    began, ended = (after == FIRING) & ~held, held & (after == OK)
    paused = held & ((before == UNKNOWN) != (after == UNKNOWN)) & ~ended
    new_held = (held | began) & ~ended
    # what was closed for lack of data is unknown, not good; the next tick would say so anyway
    stays_unknown = ended & is_lost
    told = [
        Transition(one.rule, int(one.series[row]), int(one.device[row]), int(before[k]), int(after[k]),
                   float(values[0][row]), float(since[k]))
        for k, row in ((int(k), int(rows[k])) for k in np.flatnonzero(began | ended | paused))
    ]
    after[stays_unknown] = UNKNOWN
    one.state[rows], one.since[rows] = after, since
    one.good_since[rows], one.held[rows] = np.where(new_held, good_since, 0.0), new_held
    return told
