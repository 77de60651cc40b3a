"""Deciding core of the ping plane: arrays and `now` in, states and next packets out. No socket, no clock here.

Formulas (all over the last WINDOW packets of a target, quick ones included):
loss = lost / asked; jitter = mean |RTT_i - RTT_(i-1)| over neighbouring answers; RTT = the newest answer, in seconds.
"""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np

UNKNOWN, UP, SUSPECT, DOWN = range(4)
STATES = ("unknown", "up", "suspect", "down")

NONE, NOT_ASKED_YET, NO_ANSWER, COLLECTOR_CUT_OFF, NO_ROUTE, NO_PERMISSION = range(6)
REASONS = ("ok", "not_asked_yet", "no_answer", "collector_cut_off", "no_route", "no_permission")

CONNECTED, UNCLEAR, CUT_OFF = range(3)

# 30 packets are five minutes at the 10 s pace and resolve loss to 3 %.
WINDOW = 30
NEVER = -np.inf


@dataclass(frozen=True, slots=True)
class PingRules:
    """How patient the plane is; all times in seconds.

    Worst case from failure to `down`: interval + timeout (first loss) + timeout (second loss: suspect)
    + (quick_packets - 1) * quick_gap + timeout = 18.5 s with the defaults.
    """

    interval: float = 10.0
    timeout: float = 1.5
    lost_to_suspect: int = 2
    quick_packets: int = 5
    quick_gap: float = 1.0
    answers_to_recover: int = 2
    # Without a gateway that answers, fewer silent targets than this cannot tell our own failure from theirs.
    cut_off_targets: int = 3
    spread: float = 0.8

    @property
    def lost_to_down(self) -> int:
        return self.lost_to_suspect + self.quick_packets

    @property
    def round_trip_of_all(self) -> float:
        """Seconds after which every target has been asked and judged once."""
        return self.interval + self.timeout


@dataclass(slots=True)
class PingTable:
    """A row a target. Times but `since` are seconds of one monotonic clock, RTT in seconds."""

    state: np.ndarray
    reason: np.ndarray
    since: np.ndarray  # epoch seconds, for people
    lost: np.ndarray  # lost in a row
    answered: np.ndarray  # answered in a row
    first_lost_at: np.ndarray
    answered_at: np.ndarray
    due_at: np.ndarray
    quick_left: np.ndarray
    count: np.ndarray
    rtt: np.ndarray
    lost_ring: np.ndarray
    delta_ring: np.ndarray
    has_no_route: np.ndarray
    is_witness: np.ndarray  # False for loopback: its answer says nothing about our line
    is_gateway: np.ndarray

    @classmethod
    def empty(cls, size: int, now: float) -> Self:
        return cls(
            state=np.full(size, UNKNOWN, np.int8),
            reason=np.full(size, NOT_ASKED_YET, np.int8),
            since=np.full(size, np.nan),
            lost=np.zeros(size, np.int32),
            answered=np.zeros(size, np.int32),
            first_lost_at=np.full(size, np.inf),
            answered_at=np.full(size, NEVER),
            due_at=np.full(size, now),
            quick_left=np.zeros(size, np.int16),
            count=np.zeros(size, np.int64),
            rtt=np.full(size, np.nan),
            lost_ring=np.zeros((size, WINDOW), bool),
            delta_ring=np.full((size, WINDOW), np.nan, np.float32),
            has_no_route=np.zeros(size, bool),
            is_witness=np.ones(size, bool),
            is_gateway=np.zeros(size, bool),
        )

    def __len__(self) -> int:
        return len(self.state)

    def adopt(self, other: "PingTable", mine: np.ndarray, theirs: np.ndarray) -> None:
        """Copy the rows `theirs` of an older table into the rows `mine`: a reload forgets nothing."""
        for field in fields(self):
            getattr(self, field.name)[mine] = getattr(other, field.name)[theirs]


@dataclass(frozen=True, slots=True)
class Connection:
    """What is known about our own line: newest answer of any witness, of the gateway, number of witnesses."""

    last_answer: float
    gateway_answer: float = NEVER
    witnesses: int = 0

    @property
    def has_gateway(self) -> bool:
        return self.gateway_answer > NEVER


@dataclass(frozen=True, slots=True)
class Transition:
    """A target (row) that changed its state at `at` (monotonic seconds)."""

    row: int
    before: int
    after: int
    reason: int
    at: float


def spread_slots(size: int, now: float, rules: PingRules) -> np.ndarray:
    """First send times of `size` targets, evenly over part of the interval (unpaced bursts overflow buffers)."""
    return now + np.arange(size) * (rules.interval * rules.spread / max(size, 1))


def due(table: PingTable, now: float, limit: int) -> np.ndarray:
    """Rows to ask now, at most `limit`: targets under suspicion first, then the longest overdue."""
    rows = np.flatnonzero(table.due_at <= now)
    if len(rows) > limit:
        order = np.lexsort((table.due_at[rows], table.quick_left[rows] == 0))
        rows = rows[order[:limit]]
    return rows


def mark_sent(table: PingTable, rows: np.ndarray, now: float, rules: PingRules) -> None:
    """Set the next packet of each row: soon while quick packets are left, else its next slot, without drift."""
    late = np.maximum(np.floor((now - table.due_at[rows]) / rules.interval), 0.0)
    regular = table.due_at[rows] + (late + 1) * rules.interval
    is_quick = table.quick_left[rows] > 0
    table.quick_left[rows] -= is_quick
    is_more = table.quick_left[rows] > 0
    table.due_at[rows] = np.where(is_more, now + rules.quick_gap, np.where(is_quick, now + rules.interval, regular))


def record(table: PingTable, rows: np.ndarray, rtt: np.ndarray, now: float, rules: PingRules) -> None:
    """Book finished packets: rtt in seconds, NaN = lost. A row may occur more than once, in order."""
    while len(rows):
        _, first = np.unique(rows, return_index=True)
        first.sort()
        _book(table, rows[first], rtt[first], now, rules)
        if len(first) == len(rows):
            return
        rest = np.ones(len(rows), bool)
        rest[first] = False
        rows, rtt = rows[rest], rtt[rest]


def _book(table: PingTable, rows: np.ndarray, rtt: np.ndarray, now: float, rules: PingRules) -> None:
    is_lost = np.isnan(rtt)
    slot = table.count[rows] % WINDOW
    table.lost_ring[rows, slot] = is_lost
    table.delta_ring[rows, slot] = np.abs(rtt - table.rtt[rows])
    table.count[rows] += 1
    got, gone = rows[~is_lost], rows[is_lost]
    table.rtt[got] = rtt[~is_lost]
    revive(table, got, now, rules)
    fresh = gone[table.lost[gone] == 0]
    table.first_lost_at[fresh] = now
    table.lost[gone] += 1
    table.answered[gone] = 0
    again = fresh[(table.state[fresh] == UP) | (table.reason[fresh] == NOT_ASKED_YET)]
    table.quick_left[again], table.due_at[again] = 1, now


def revive(table: PingTable, rows: np.ndarray, now: float, rules: PingRules) -> None:
    """An answer, in time or late, proves life and ends a row of losses (the loss ratio keeps a late packet as lost)."""
    table.lost[rows] = 0
    table.answered[rows] += 1
    table.first_lost_at[rows] = np.inf
    table.answered_at[rows] = now
    table.has_no_route[rows] = False
    back = rows[(table.state[rows] == DOWN) & (table.answered[rows] == 1)]
    table.quick_left[back], table.due_at[back] = rules.answers_to_recover - 1, now + rules.quick_gap


def connection_of(table: PingTable, gateway_answer: float, started_at: float) -> Connection:
    """Our own line as the table shows it. Witnesses are targets beyond loopback that have answered and are not down;
    before the first answer of all, every target beyond loopback (or a start without a network would call all down), but
    not the gateways: many never answer ping at all, and two of them would make a lone dead host look like our fault."""
    has_answered = table.is_witness & (table.answered_at > NEVER)
    if not has_answered.any() and gateway_answer == NEVER:
        return Connection(started_at, NEVER, int((table.is_witness & ~table.is_gateway).sum()))
    last = float(table.answered_at[has_answered].max()) if has_answered.any() else NEVER
    return Connection(max(last, gateway_answer), gateway_answer, int((has_answered & (table.state != DOWN)).sum()))


def evidence(first_lost_at: np.ndarray, link: Connection, now: float, rules: PingRules) -> np.ndarray:
    """For each silent target: is our own line CONNECTED, CUT_OFF, or is it too early to say (UNCLEAR)?

    Anything that answered after the target fell silent proves our line. A lone target proves nothing about us.
    """
    if link.witnesses <= 1 and not link.has_gateway:
        verdict = CONNECTED
    elif now - link.last_answer < rules.round_trip_of_all:
        verdict = UNCLEAR
    elif link.has_gateway or link.witnesses >= rules.cut_off_targets:
        verdict = CUT_OFF
    else:
        verdict = CONNECTED
    return np.where(link.last_answer > first_lost_at, CONNECTED, verdict)


def judge(table: PingTable, link: Connection, now: float, rules: PingRules) -> list[Transition]:
    """Move every target to its state by what was recorded; plan quick packets; return the changes.

    unknown/up --2 lost--> suspect --5 quick lost--> down, or unknown (collector_cut_off) when our own line is gone;
    any answer: up; down --2 answers--> up.
    """
    state, lost = table.state, table.lost
    touched = np.flatnonzero((lost > 0) | ((table.answered > 0) & (state != UP)))
    if not len(touched):
        return []
    proof = evidence(table.first_lost_at[touched], link, now, rules)
    # A gateway that is also a watched device is the thing that broke, not a victim of it.
    proof[table.is_gateway[touched]] = CONNECTED
    before, fails, answers = state[touched], lost[touched], table.answered[touched]
    after, reason = before.copy(), table.reason[touched]
    is_open = (before == UP) | (before == UNKNOWN)

    is_cut = (proof == CUT_OFF) & (fails >= rules.lost_to_suspect) & (before != DOWN)
    is_suspect = is_open & (fails >= rules.lost_to_suspect) & ~is_cut & ((before == UP) | (proof == CONNECTED))
    is_suspect &= ~((reason == NO_ROUTE) & table.has_no_route[touched])
    is_down = (before == SUSPECT) & (fails >= rules.lost_to_down) & (proof == CONNECTED)
    is_up = (fails == 0) & np.where(before == DOWN, answers >= rules.answers_to_recover, (answers > 0) & (before != UP))
    is_unroutable = is_down & table.has_no_route[touched] & (table.answered_at[touched] == NEVER)

    for mask, new_state, new_reason in (
        (is_cut, UNKNOWN, COLLECTOR_CUT_OFF),
        (is_suspect, SUSPECT, NO_ANSWER),
        (is_down, DOWN, NO_ANSWER),
        (is_unroutable, UNKNOWN, NO_ROUTE),
        (is_up, UP, NONE),
    ):
        after[mask], reason[mask] = new_state, new_reason
    _plan_quick(table, touched, before, after, now, rules)
    return _apply(table, touched, after, reason, now)


def _plan_quick(
    table: PingTable, rows: np.ndarray, before: np.ndarray, after: np.ndarray, now: float, rules: PingRules
) -> None:
    """`quick_packets` at once for a target that comes under suspicion; none any more for one whose state is settled."""
    is_entering = (after == SUSPECT) & (before != SUSPECT)
    entering = rows[is_entering]
    table.quick_left[entering], table.due_at[entering] = rules.quick_packets, now
    table.lost[entering] = rules.lost_to_suspect
    table.first_lost_at[rows[is_entering & (before == UNKNOWN)]] = now
    table.quick_left[rows[(after != before) & (after != SUSPECT)]] = 0


def _apply(table: PingTable, rows: np.ndarray, after: np.ndarray, reason: np.ndarray, now: float) -> list[Transition]:
    changed = np.flatnonzero(after != table.state[rows])
    transitions = [
        Transition(int(rows[i]), int(table.state[rows[i]]), int(after[i]), int(reason[i]), now) for i in changed
    ]
    moved = rows[changed]
    table.state[moved], table.reason[moved] = after[changed], reason[changed]
    return transitions


def loss_ratio(table: PingTable) -> np.ndarray:
    """Lost share of the last WINDOW packets; NaN before the first."""
    asked = np.minimum(table.count, WINDOW)
    return np.where(asked > 0, table.lost_ring.sum(axis=1) / np.maximum(asked, 1), np.nan)


def jitter(table: PingTable) -> np.ndarray:
    """Mean |RTT_i - RTT_(i-1)| in seconds over the window; NaN while fewer than two answers are known."""
    known = ~np.isnan(table.delta_ring)
    total = np.where(known, table.delta_ring, 0.0).sum(axis=1, dtype=np.float64)
    number = known.sum(axis=1)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)
