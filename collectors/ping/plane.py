"""The thread that asks every target each interval and keeps their states. What the answers mean is decided in core.py.

It has a thread of its own because gufo-ping takes the RTT when the reply is read: beside busy work in one event loop,
every RTT would grow by that work.
"""

import ipaddress
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from collectors.ping import core
from collectors.ping.core import PingRules, PingTable, Transition
from collectors.ping.gateway import default_gateways
from collectors.ping.sockets import PingRefused, PingSockets, family_of
from collectors.ping.view import ReachabilitySnapshot, ReachabilityView, snapshot_of

TICK_S = 0.05
ANCHOR_EVERY_S = 1.0
GATEWAYS_EVERY_S = 30.0
REFUSED_RETRY_S = 60.0
PUBLISH_EVERY_S = 1.0

Emit = Callable[[np.ndarray, np.ndarray, float], None]


@dataclass(frozen=True, slots=True)
class PingTarget:
    """A device to watch. `series` are the ids of device_up, ping_rtt_seconds, ping_loss_ratio, ping_jitter_seconds."""

    device_id: int
    address: str
    series: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class DeviceTransition:
    """A device whose state changed; `at` is epoch seconds, the words are those of STATES and REASONS."""

    device_id: int
    before: str
    after: str
    reason: str
    at: float


@dataclass(frozen=True, slots=True)
class Roster:
    """Who is asked: devices sorted by id, and the row of each one's address; gateways and anchors come last."""

    device: np.ndarray
    target: np.ndarray
    series: np.ndarray  # (devices, 4) int32
    addresses: tuple[str, ...]
    families: tuple[int, ...]
    anchors: np.ndarray
    is_gateway: np.ndarray
    is_witness: np.ndarray

    @classmethod
    def of(cls, targets: Sequence[PingTarget], gateways: Sequence[str] = (), anchors: Sequence[str] = ()) -> "Roster":
        """Order the targets; the same address is one row however many devices have it."""
        ordered = sorted(targets, key=lambda one: one.device_id)
        rows: dict[str, int] = {}
        target = [rows.setdefault(_canonical(one.address), len(rows)) for one in ordered]
        proofs = [rows.setdefault(_canonical(one), len(rows)) for one in (*gateways, *anchors)]
        addresses = tuple(rows)
        is_gateway = np.zeros(len(rows), bool)
        is_gateway[proofs[: len(gateways)]] = True
        return cls(
            np.array([one.device_id for one in ordered], np.int64),
            np.array(target, np.intp),
            np.array([one.series for one in ordered], np.int32).reshape(-1, 4),
            addresses,
            tuple(family_of(one) for one in addresses),
            np.array(sorted(set(proofs)), np.intp),
            is_gateway,
            np.array([not ipaddress.ip_address(one.partition("%")[0]).is_loopback for one in addresses], bool),
        )


@dataclass(slots=True)
class PlaneStats:
    """Counters since the start; `round_seconds` is the CPU time of the plane's thread in the last interval."""

    rounds: int = 0
    sent: int = 0
    answered: int = 0
    lost: int = 0
    round_seconds: float = 0.0


@dataclass(slots=True)
class PlaneOutlets:
    """Where the plane hands its news: samples (series, values, epoch), changes of state, a refusal by the system."""

    emit: Emit
    wall: Callable[[], float]  # epoch seconds
    on_transitions: Callable[[list[DeviceTransition]], None] = lambda changes: None
    on_refused: Callable[[PingRefused], None] = lambda refusal: None


class PingPlane:
    """Owns the table. load() from any thread; run() in one thread until `stop` is set."""

    def __init__(
        self,
        rules: PingRules,
        view: ReachabilityView,
        outlets: PlaneOutlets,
        *,
        packets_a_second: float = 5000.0,
        anchors: Sequence[str] = (),
        gateways: Callable[[], tuple[str, ...]] = default_gateways,
    ) -> None:
        self._rules, self._view, self._out = rules, view, outlets
        self._rate, self._anchors, self._find_gateways = packets_a_second, tuple(anchors), gateways
        self.stats = PlaneStats()
        self._lock = threading.Lock()
        self._pending: Sequence[PingTarget] | None = None
        self._targets: Sequence[PingTarget] = ()
        self._gateways: tuple[str, ...] = ()
        self._roster = Roster.of(())
        self._table = PingTable.empty(0, 0.0)
        self._sockets = PingSockets(rules.timeout)
        self._started_at = self._emitted_at = self._published_at = time.monotonic()
        self._gateways_at = core.NEVER
        self._allowance = 0.0
        self._ticked_at = self._started_at
        self._cpu_at = 0.0

    def load(self, targets: Sequence[PingTarget]) -> None:
        """Replace the targets at the next tick; those whose address stays keep their state and history."""
        with self._lock:
            self._pending = tuple(targets)

    def run(self, stop: threading.Event) -> None:
        """Ask until stopped. A refusal by the system is reported and tried again each minute."""
        try:
            while not stop.is_set():
                try:
                    self._reload(time.monotonic())
                    self._sockets.open(sorted(set(self._roster.families)))
                except PingRefused as refusal:
                    self._refused(refusal)
                    stop.wait(REFUSED_RETRY_S)
                    continue
                self._tick(stop)
        finally:
            self._sockets.close()

    def _tick(self, stop: threading.Event) -> None:
        """One control step: send what is due, read for TICK_S, then judge and publish."""
        now = time.monotonic()
        self._send(now)
        end = now + TICK_S
        while (left := end - time.monotonic()) > 0 and not stop.is_set():
            self._sockets.wait(left)
            self._sockets.read()
        self._decide(time.monotonic())

    def _send(self, now: float) -> None:
        self._allowance = min(self._allowance + (now - self._ticked_at) * self._rate, self._rate * 4 * TICK_S)
        self._ticked_at = now
        rows = core.due(self._table, now, int(self._allowance))
        if not len(rows):
            return
        self._allowance -= len(rows)
        roster, unsent = self._roster, []
        for count, row in enumerate(rows.tolist(), 1):
            if not self._sockets.send(row, roster.families[row], roster.addresses[row]):
                unsent.append(row)
            if count % 32 == 0:
                self._sockets.read()
        core.mark_sent(self._table, rows, now, self._rules)
        watched = rows[np.isin(rows, roster.anchors)]
        self._table.due_at[watched] = np.minimum(self._table.due_at[watched], now + ANCHOR_EVERY_S)
        self.stats.sent += len(rows)
        self._table.has_no_route[rows] = False
        if unsent:
            failed = np.array(unsent, np.intp)
            self._table.has_no_route[failed] = True
            core.record(self._table, failed, np.full(len(failed), np.nan), now, self._rules)

    def _decide(self, now: float) -> None:
        table, finished = self._table, self._sockets.gather()
        core.record(table, finished.rows, finished.rtt, now, self._rules)
        if len(finished.late_rows):
            core.revive(table, np.unique(finished.late_rows), now, self._rules)
        lost = int(np.isnan(finished.rtt).sum())
        self.stats.lost += lost
        self.stats.answered += len(finished.rtt) - lost
        anchors = table.answered_at[self._roster.anchors]
        link = core.connection_of(table, float(anchors.max()) if len(anchors) else core.NEVER, self._started_at)
        changes = core.judge(table, link, now, self._rules)
        wall = self._out.wall()
        if changes:
            self._announce(changes, wall)
        if changes or now - self._published_at >= PUBLISH_EVERY_S:
            self._publish(now, wall)
        if now - self._emitted_at >= self._rules.interval:
            self._emit_round(now, wall)

    def _announce(self, changes: list[Transition], wall: float) -> None:
        self._table.since[[one.row for one in changes]] = wall
        rows = np.array([one.row for one in changes])
        by_row = {one.row: one for one in changes}
        hit = np.flatnonzero(np.isin(self._roster.target, rows))
        news, series, values = [], [], []
        for index in hit.tolist():
            one = by_row[int(self._roster.target[index])]
            device_id = int(self._roster.device[index])
            news.append(
                DeviceTransition(
                    device_id, core.STATES[one.before], core.STATES[one.after], core.REASONS[one.reason], wall
                )
            )
            if one.after in (core.UP, core.DOWN):
                series.append(self._roster.series[index, 0])
                values.append(float(one.after == core.UP))
        if series:
            self._out.emit(np.array(series, np.int32), np.array(values, np.float64), wall)
        if news:
            self._out.on_transitions(news)

    def _emit_round(self, now: float, wall: float) -> None:
        """All samples of the round as one pair of arrays. No answer, no RTT; unknown and suspect have no device_up."""
        table, roster = self._table, self._roster
        is_fresh = table.answered_at >= self._emitted_at
        is_known = (table.count > 0) & (table.state != core.UNKNOWN)
        columns = (
            np.where(table.state == core.UP, 1.0, np.where(table.state == core.DOWN, 0.0, np.nan)),
            np.where(is_fresh, table.rtt, np.nan),
            np.where(is_known, core.loss_ratio(table), np.nan),
            np.where(is_fresh, core.jitter(table), np.nan),
        )
        values = np.stack([column[roster.target] for column in columns], axis=1)
        is_there = ~np.isnan(values)
        self._emitted_at += self._rules.interval * max(1, int((now - self._emitted_at) // self._rules.interval))
        cpu = time.thread_time()
        self.stats.round_seconds, self._cpu_at = cpu - self._cpu_at, cpu
        self.stats.rounds += 1
        if is_there.any():
            self._out.emit(roster.series[is_there], values[is_there], wall)

    def _publish(self, now: float, wall: float) -> None:
        self._published_at = now
        table = self._table
        columns = {
            "state": table.state,
            "reason": table.reason,
            "since": table.since,
            "rtt": np.where(table.answered > 0, table.rtt, np.nan),
            "loss": core.loss_ratio(table),
        }
        self._view.publish(snapshot_of(self._roster.device, self._roster.target, columns, wall))

    def _reload(self, now: float) -> None:
        with self._lock:
            pending, self._pending = self._pending, None
        is_time = now - self._gateways_at >= GATEWAYS_EVERY_S
        gateways = self._find_gateways() if is_time else self._gateways
        if is_time:
            self._gateways_at = now
        if pending is None and gateways == self._gateways:
            return
        self._targets = self._targets if pending is None else pending
        self._gateways = gateways
        self._adopt(Roster.of(self._targets, gateways, self._anchors), now)

    def _adopt(self, roster: Roster, now: float) -> None:
        table = PingTable.empty(len(roster.addresses), now)
        table.since[:] = self._out.wall()
        old = {address: row for row, address in enumerate(self._roster.addresses)}
        pairs = [(row, old[address]) for row, address in enumerate(roster.addresses) if address in old]
        fresh = np.array([row for row, address in enumerate(roster.addresses) if address not in old], np.intp)
        if pairs:
            mine, theirs = np.array(pairs, np.intp).T
            table.adopt(self._table, mine, theirs)
        table.due_at[fresh] = core.spread_slots(len(fresh), now, self._rules)
        table.is_gateway[:], table.is_witness[:] = roster.is_gateway, roster.is_witness
        self._sockets.renumber({theirs: mine for mine, theirs in pairs})
        self._roster, self._table = roster, table
        self._publish(now, self._out.wall())

    def _refused(self, refusal: PingRefused) -> None:
        table = self._table
        table.state[:], table.reason[:] = core.UNKNOWN, core.NO_PERMISSION
        self._publish(time.monotonic(), self._out.wall())
        self._out.on_refused(refusal)

    @property
    def snapshot(self) -> ReachabilitySnapshot:
        return self._view.snapshot


def _canonical(address: str) -> str:
    name, mark, zone = address.strip().partition("%")
    return f"{ipaddress.ip_address(name)}{mark}{zone}"
