"""A day of meetings that goes on step by step: `advance(to)` yields what is called at EduNOC meanwhile, in order.

Deterministic: the same plan and seed give the same calls. The state at `now` is what the servers' routes tell (web.py);
`truth()` is what really happened, which attendance is compared with.
"""

from __future__ import annotations

import heapq
import itertools
import json
import random
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from zlib import crc32

from tests.conference.simulator.calls import Call, Prosody, heartbeat
from tests.conference.simulator.plan import (
    BridgeRestart,
    Curve,
    Delivery,
    Fault,
    KioskKey,
    Outage,
    Restart,
    Room,
    Seat,
    Stay,
    Stress,
)

REFUSED_AGAIN_S = 60   # somebody who was refused tries again
VISITOR_WAITS_S = 5    # a visitor node opens when the main room has somebody in it
Step = Callable[[float], Iterable[Call]]


@dataclass(slots=True, eq=False)
class OpenRoom:
    """A room that Prosody holds: its stays, its record of occupants and its reservation."""

    room: Room
    created: float
    number: object = None
    stays: list[Stay] = field(default_factory=list)
    record: list[dict] = field(default_factory=list)
    since: dict[Stay, float] = field(default_factory=dict)  # main occupants: when their present interval began

    @property
    def mains(self) -> list[Stay]:
        """Who is in as a main participant, breakout rooms included."""
        return [one for one in self.stays if not one.is_visitor]


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody's true presence inside the meeting's time."""

    spans: tuple[tuple[float, float], ...]

    @property
    def seconds(self) -> float:
        """All in all."""
        return sum(end - start for start, end in self.spans)

    @property
    def minutes(self) -> int:
        """Rounded to whole minutes."""
        return int(self.seconds / 60 + 0.5)


class Day:
    """One installation's day. `lock` guards the state while it is read by the servers' routes."""

    def __init__(
        self, prosody: Prosody, rooms: Iterable[Room], now: float, *, faults: Iterable[Fault] = (),
        delivery: Delivery | None = None, seed: int = 1,
    ) -> None:
        self.prosody, self.installation = prosody, prosody.installation
        self.rooms = {self.installation.node(room.node): room for room in rooms}
        self.now, self.faults, self.delivery = now, list(faults), delivery or Delivery()
        self.open: dict[str, OpenRoom] = {}
        self.refusals: list[tuple[str, int]] = []
        self.lost: list[Call] = []                     # events that never got through
        self.ordered: list[tuple[str, str]] = []       # what control routes were told: (verb, about)
        self.drained: set[str] = set()
        self.recording: dict[str, str] = {}            # recorder -> session
        self.pins: dict[str, dict[str, object]] = {}
        self.joins: list[tuple[float, str]] = []       # (when, bridge), for stress and counters
        self.began = dict.fromkeys(self.installation.bridges, now)
        self.lock = threading.RLock()
        self._random = random.Random(seed)
        self._heap: list[tuple[float, int, Step]] = []
        self._order = itertools.count()
        self._numbers = itertools.count(1)
        for room in self.rooms.values():
            for seat in room.seats.values():
                self._plan(seat)
        for kiosk, seats in self._kiosks().items():
            self._at(now + crc32(kiosk.code.encode()) % 1000 / 100, self._beat(kiosk, seats))
        for fault in self.faults:
            if isinstance(fault, Restart):
                self._at(fault.at, self._restart(fault))
            elif isinstance(fault, BridgeRestart):
                self._at(fault.at, self._bridge_restart(fault))

    def advance(self, to: float) -> Iterator[Call]:
        """Go on to `to` and yield the calls in order of time; write each call's `status` and `answer` before the next
        is taken. `now` is the call's moment meanwhile."""
        while self._heap and self._heap[0][0] <= to:
            at, _order, step = heapq.heappop(self._heap)
            self.now = max(self.now, at)
            yield from step(at)
        self.now = to

    def run(self, to: float, send: Callable[[Call], tuple[int, bytes]]) -> int:
        """Advance, sending each call by `send`, which returns (status, body); the number of calls."""
        count = 0
        for call in self.advance(to):
            call.status, call.answer = send(call)
            count += 1
        return count

    def truth(self, bridge_s: float = 60.0) -> dict[str, dict[str, Presence]]:
        """Room node -> subject -> presence inside the meeting's time; gaps of at most `bridge_s` count as presence.
        Right once the day has gone past the meeting: refusals, restarts and control commands change it."""
        return {
            room.node: {seat.subject: _presence(seat, bridge_s) for seat in room.seats.values()}
            for room in self.rooms.values()
        }

    def fault_at(self, kind: type[Fault], name: str) -> Fault | None:
        """The fault of this kind that a server has now."""
        for fault in self.faults:
            if isinstance(fault, kind) and not isinstance(fault, Restart) and fault.at <= self.now < fault.until:
                about = fault.server if isinstance(fault, Outage) else fault.bridge
                if about == name:
                    return fault
        return None

    def on_bridge(self, bridge: str) -> list[Stay]:
        """Whose media run over a bridge."""
        return [stay for one in self.open.values() for stay in one.stays if stay.bridge == bridge]

    # What control routes do

    def end_room(self, node: str) -> bool:
        """End a meeting for all; False when there is no such room. Its events come with the next advance."""
        with self.lock:
            found = self.open.get(node)
            if found is None:
                return False
            for stay in found.stays:
                stay.left = self.now
            self._at(self.now, lambda at: self._close(found, at))
            return True

    def kick(self, node: str, endpoint: str) -> bool:
        """Remove a connection; False when it is not there."""
        with self.lock:
            found = self.open.get(node)
            stay = next((one for one in found.stays if one.endpoint == endpoint), None) if found else None
            if stay is None:
                return False
            stay.left = self.now
            self._at(self.now, self._leave(stay))
            return True

    # Steps

    def _at(self, at: float, step: Step) -> None:
        heapq.heappush(self._heap, (at, next(self._order), step))

    def _plan(self, seat: Seat) -> None:
        for stay in seat.stays:
            self._at(stay.joined, self._join(stay))

    def _join(self, stay: Stay) -> Step:
        def step(at: float) -> Iterator[Call]:
            if stay.left <= at or stay.joined != at:
                return
            node = self.installation.node(stay.seat.room.node)
            found = self.open.get(node)
            if found is None and stay.is_visitor:
                self._postpone(stay, at + VISITOR_WAITS_S)
                return
            if found is None:
                found = yield from self._open_room(stay, at)
                if found is None:
                    self._postpone(stay, at + REFUSED_AGAIN_S)
                    return
            self._place(stay, found, at)
            if not stay.is_visitor:
                occupant = self.prosody.occupant(stay, at)
                self._tell(self.prosody.joined(found.room, occupant, len(found.mains)))
            for start, end, name in stay.breakouts:
                self._at(start, self._move(stay, "", name))
                self._at(end, self._move(stay, name, ""))
            self._at(stay.left, self._leave(stay))

        return step

    def _postpone(self, stay: Stay, until: float) -> None:
        stay.joined = until
        self._at(until, self._join(stay))

    def _place(self, stay: Stay, found: OpenRoom, at: float) -> None:
        usable = [one for one in self.installation.bridges
                  if one not in self.drained and self.fault_at(BridgeRestart, one) is None]
        bridges = usable or list(self.installation.bridges)
        stay.bridge = bridges[crc32(stay.uuid.encode()) % len(bridges)]
        stay.vnode = crc32(stay.uuid.encode()[::-1]) % max(self.installation.vnodes, 1)
        with self.lock:
            stay.is_in = True
            found.stays.append(stay)
            self.joins.append((at, stay.bridge))
            if not stay.is_visitor:
                found.since[stay] = at

    def _open_room(self, stay: Stay, at: float) -> Iterator[Call]:
        room = stay.seat.room
        call = self.prosody.reserve(room, stay.uuid, at)
        yield call
        for wait in (3, 6, 9):
            if call.status is None or call.status < 500:
                break
            call = self.prosody.reserve(room, stay.uuid, at + wait)
            yield call
        number: object = None
        if call.status == 409:
            number = json.loads(call.answer).get("conflict_id")
            call = self.prosody.look_up(number, at)
            yield call
        if call.status is not None and call.status not in (200, 201):
            self.refusals.append((room.node, call.status))
            return None
        if call.status is not None:
            number = json.loads(call.answer).get("id", number)
        found = OpenRoom(room, at, number)
        with self.lock:
            self.open[self.installation.node(room.node)] = found
        self._tell(self.prosody.created(room, at))
        return found

    def _move(self, stay: Stay, old: str, new: str) -> Step:
        """Between the main room and a breakout room: left here, joined there."""
        def step(at: float) -> Iterator[Call]:
            found = self.open.get(self.installation.node(stay.seat.room.node))
            if found is not None and stay.is_in and stay.left > at:
                self._part(stay, found, at, old)
                found.since[stay] = at
                self._tell(self.prosody.joined(found.room, self.prosody.occupant(stay, at), len(found.mains), new))
            return iter(())

        return step

    def _part(self, stay: Stay, found: OpenRoom, at: float, breakout: str) -> None:
        occupant = self.prosody.occupant(stay, found.since.pop(stay), at)
        if not breakout:
            found.record.append(occupant)
        self._tell(self.prosody.left(found.room, occupant, max(len(found.mains) - 1, 0), breakout))

    def _leave(self, stay: Stay) -> Step:
        def step(at: float) -> Iterator[Call]:
            found = self.open.get(self.installation.node(stay.seat.room.node))
            if found is None or not stay.is_in or stay.left != at:
                return
            self._take_out(stay, found, at)
            if not found.mains:
                yield from self._close(found, at)

        return step

    def _take_out(self, stay: Stay, found: OpenRoom, at: float) -> None:
        if not stay.is_visitor:
            self._part(stay, found, at, stay.breakout_at(at))
        with self.lock:
            stay.is_in = False
            found.stays.remove(stay)

    def _close(self, found: OpenRoom, at: float) -> Iterator[Call]:
        """Nobody is left in the main room: visitors are sent away, the record is told, the reservation is released."""
        for stay in list(found.stays):
            stay.left = at
            self._take_out(stay, found, at)
        with self.lock:
            self.open.pop(self.installation.node(found.room.node), None)
        self._tell(self.prosody.destroyed(found.room, found.created, found.record, at))
        if found.number is not None:
            yield self.prosody.release(found.number, at)

    def _restart(self, fault: Restart) -> Step:
        def step(at: float) -> Iterator[Call]:
            with self.lock:
                cut = [stay for found in self.open.values() for stay in found.stays]
                self.open.clear()
            for stay in cut:
                until, stay.left, stay.is_in = stay.left, at, False
                back = at + 5 + crc32(stay.uuid.encode()) % max(int(fault.back_s) - 5, 1)
                if back < until:
                    again = stay.seat.stay(back, until, stay.is_visitor)
                    again.breakouts = [one for one in stay.breakouts if one[0] > back]
                    self._at(again.joined, self._join(again))
            return iter(())

        return step

    def _bridge_restart(self, fault: BridgeRestart) -> Step:
        def step(at: float) -> Iterator[Call]:
            others = [one for one in self.installation.bridges if one != fault.bridge] or [fault.bridge]
            with self.lock:
                for stay in self.on_bridge(fault.bridge):
                    stay.bridge = others[crc32(stay.uuid.encode()) % len(others)]
                self.began[fault.bridge] = fault.until
            return iter(())

        return step

    # Calls

    def _tell(self, call: Call) -> None:
        """Send an event as the delivery of this day lets it through."""
        way, draw = self.delivery, self._random.random
        if draw() < way.lost:
            self.lost.append(call)
            return
        delay = self._random.uniform(1, way.late_s) if draw() < way.late else 0.0
        self._at(call.at + delay, lambda at: iter((_sent(call, at),)))
        if draw() < way.twice:
            again = call.at + delay + self._random.uniform(0, 5)
            self._at(again, lambda at: iter((_sent(call, at),)))

    def _kiosks(self) -> dict[KioskKey, list[Seat]]:
        found: dict[KioskKey, list[Seat]] = {}
        for room in self.rooms.values():
            for seat in room.seats.values():
                if seat.kiosk is not None:
                    found.setdefault(seat.kiosk, []).append(seat)
        return found

    def _beat(self, kiosk: KioskKey, seats: list[Seat]) -> Step:
        def step(at: float) -> Iterator[Call]:
            stay = next((one for seat in seats for one in seat.stays if one.is_in), None)
            seat = stay.seat if stay else seats[0]
            line = seat.line(at) if stay else Curve(0.0, 0.0)
            room = stay.seat.room if stay else None
            call = heartbeat(stay, room, kiosk, line, (at, next(self._numbers), seat.devices))
            # A joining page beats at its joining: the next beat is never later than the next stay's begin
            following = at + (kiosk.beat_s if stay else kiosk.idle_s)
            ahead = [one.joined for seat in seats for one in seat.stays
                     if at <= one.joined < following and not one.is_in]
            self._at(min([following, *(one + 1 for one in ahead)]), self._beat(kiosk, seats))
            return iter((call,))

        return step

    def stress(self, bridge: str) -> float:
        """0.0035 a participant, 0.01 a join of the last 20 s (jitsi.md section 4.2), unless a fault says otherwise."""
        fault = self.fault_at(Stress, bridge)
        if isinstance(fault, Stress):
            return fault.value
        burst = sum(1 for at, name in self.joins[-400:] if name == bridge and self.now - 20 < at <= self.now)
        return round(0.0035 * len(self.on_bridge(bridge)) + 0.01 * burst, 4)


def _sent(call: Call, at: float) -> Call:
    return Call(at, call.source, call.method, call.path, call.body, call.headers)


def _presence(seat: Seat, bridge_s: float) -> Presence:
    merged: list[list[float]] = []
    for start, end in sorted((one.joined, one.left) for one in seat.stays if one.left > one.joined):
        if merged and start - merged[-1][1] <= bridge_s:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    starts, ends = seat.room.starts, seat.room.ends
    cut = ((max(start, starts), min(end, ends)) for start, end in merged)
    return Presence(tuple((start, end) for start, end in cut if end > start))
