"""Drives polls on the asyncio loop: one socket and one timer a device, no task or future a request.

A device's failure is its result; nothing but cancellation leaves `poll` as an exception.
"""

from __future__ import annotations

import asyncio
import socket
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from collectors.snmp import wire
from collectors.snmp.channel import open_socket
from collectors.snmp.counting import count, is_due
from collectors.snmp.finish import Reading, conclude
from collectors.snmp.judgement import Moment
from collectors.snmp.plan import SYS_UPTIME, PollPlan, PollResult, Timing
from collectors.snmp.pollrun import PollRun
from collectors.snmp.ports import moved_ports
from collectors.snmp.reasons import MALFORMED, RENUMBERED, TIMEOUT, TOO_LATE, TOO_SLOW, UNREACHABLE, Failure
from collectors.snmp.session import RequestIds, Session, WireSession, head_of
from collectors.snmp.target import DeviceState, Patience, Target
from collectors.snmp.usm import UsmSession
from collectors.snmp.walk import get_all
from inventory import SnmpCredential
from telemetry import Batch

_RECEIVE = 65_535
LINGER_S = 120.0  # how long an answer that comes too late is still noticed
MOST_LINGERING = 256
_V3_CHUNK = 40  # values of about 26 bytes each and the wrapping of v3 stay inside one packet


class Poller:
    """Reads devices by their plans. One for each event loop; `wall` gives seconds since 1970."""

    def __init__(self, wall: Callable[[], float]) -> None:
        self._wall = wall
        self._ids = RequestIds(int(self._wall() * 1000))
        self._lingering: OrderedDict[int, tuple[socket.socket, asyncio.TimerHandle]] = OrderedDict()

    async def poll(
        self, target: Target, credential: SnmpCredential, plan: PollPlan, state: DeviceState, patience: Patience
    ) -> PollResult:
        """One reading. Never raises for anything the device or the network does."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            if credential.version == "3":
                result = await self._poll_v3(target, credential, plan, state, patience)
            else:
                result = await self._poll_wire(target, credential, plan, state, patience)
            if result.is_answered and is_due(plan.template, state):
                result = await self._with_counts(result, target, credential, plan, state, patience)
        except Failure as failure:
            result = PollResult(failure.reason, failure.detail)
        timing = replace(result.timing, seconds=loop.time() - started)
        return replace(result, timing=timing, chunk=state.chunk)

    async def _with_counts(self, result: PollResult, target: Target, credential: SnmpCredential, plan: PollPlan,
                           state: DeviceState, patience: Patience) -> PollResult:  # fmt: skip
        """With the numbers of rows as one more batch. When they cannot be had, the rest of the poll stands."""
        try:
            session = await self.open_session(target, credential, state, patience)
        except (TimeoutError, Failure):
            return result
        try:
            numbers = await count(session, plan.template, state, patience)
        except Failure:
            return result
        finally:
            session.close()
        more, timing = session.counts, result.timing
        timing = replace(timing, requests=timing.requests + more.requests, timeouts=timing.timeouts + more.timeouts)
        is_known = ~np.isnan(numbers)
        series = plan.series[plan.template.count_out[is_known]]
        batch = Batch(series, numbers[is_known], self._wall(), None)
        return replace(result, timing=timing, batches=(*result.batches, batch) if len(batch) else result.batches)

    async def open_session(
        self, target: Target, credential: SnmpCredential, state: DeviceState, patience: Patience
    ) -> Session:
        """A conversation for questions outside a plan. Raises Failure, TimeoutError."""
        if credential.version != "3":
            return WireSession(target, credential, self._ids, patience)
        session = UsmSession(target, credential, state, patience)
        try:
            await session.prepare()
        except BaseException:
            session.close()
            raise
        return session

    def judge_silence(self, session: Session, state: DeviceState, failure: Failure) -> Failure:
        """What to tell of a conversation that failed. After silence an answer that comes later is still noticed, and
        told the next time. (Not in v3: its answers are read only with what the conversation knew.)"""
        if failure.reason != TIMEOUT or not isinstance(session, WireSession):
            return failure
        self._linger(*session.release(), state, asyncio.get_running_loop())
        return Failure(*_late_or(failure.reason, failure.detail, state))

    def close(self) -> None:
        """Stop waiting for late answers."""
        while self._lingering:
            self._forget(next(iter(self._lingering)))

    async def _poll_wire(
        self, target: Target, credential: SnmpCredential, plan: PollPlan, state: DeviceState, patience: Patience
    ) -> PollResult:
        loop = asyncio.get_running_loop()
        run = PollRun(plan, state, patience, head_of(credential), self._ids.take)
        sock = open_socket(target)
        try:
            error = await _Drive(sock, run, loop, patience).finished
        except BaseException:
            loop.remove_reader(sock.fileno())
            sock.close()
            raise
        reason, detail = run.conclude()
        if reason == TIMEOUT and error is None:
            self._linger(sock, {number: asked.sent_at for number, asked in run.asked.items()}, state, loop)
            reason, detail = _late_or(reason, detail, state)
        else:
            loop.remove_reader(sock.fileno())
            sock.close()
        timing = Timing(run.requests, 0.0, run.timeouts)
        if not run.segments:
            if error is not None:
                return PollResult(UNREACHABLE, f"{target}: {error.strerror or error}", timing=timing)
            return PollResult(reason, detail, timing=timing)
        moment = Moment(self._wall(), loop.time())
        try:
            reading = Reading.of_run(plan, run, reason, detail, moment)
        except wire.MalformedReply as error:
            return PollResult(MALFORMED, str(error), timing=timing)
        return await self._conclude(reading, target, credential, state, patience, timing)

    async def _conclude(self, reading: Reading, target: Target, credential: SnmpCredential,
                        state: DeviceState, patience: Patience, timing: Timing) -> PollResult:  # fmt: skip
        result, look_at_ports = conclude(reading, state)
        result = replace(result, timing=timing)
        ports = reading.plan.ports
        if not look_at_ports or not ports.oids:
            return result
        try:
            session = await self.open_session(target, credential, state, patience)
        except (TimeoutError, Failure):
            return result
        try:
            names = await get_all(session, ports.oids, patience)
        except Failure:
            return result
        finally:
            session.close()
        moved = moved_ports(ports, names)
        if not moved:
            return replace(result, needs_survey=result.needs_survey or len(names) < len(ports.oids))
        kept, _ = conclude(reading.without_ports(), state)
        return replace(kept, timing=timing, reason=RENUMBERED, detail=moved, needs_survey=True, dropped=result.dropped)

    async def _poll_v3(
        self, target: Target, credential: SnmpCredential, plan: PollPlan, state: DeviceState, patience: Patience
    ) -> PollResult:
        loop = asyncio.get_running_loop()
        values: dict[str, wire.Value] = {}
        reason, detail = "ok", ""
        session = UsmSession(target, credential, state, patience)
        lead = ((SYS_UPTIME,) if plan.has_uptime else ()) + plan.watched
        try:
            async with asyncio.timeout(patience.budget_s):
                await session.prepare()
                values = await get_all(session, (*lead, *plan.template.names.oids), patience, _V3_CHUNK)
        except TimeoutError:
            reason, detail = (TOO_SLOW, f"{patience.budget_s:g} s") if session.counts.requests > 8 else (TIMEOUT, "")
        finally:
            session.close()
        timing = Timing(session.counts.requests, 0.0, session.counts.timeouts)
        if not values:
            return PollResult(reason if reason != "ok" else "empty", detail, timing=timing)
        moment = Moment(self._wall(), loop.time())
        return await self._conclude(
            Reading.of_values(plan, values, reason, detail, moment), target, credential, state, patience, timing
        )

    def _linger(
        self, sock: socket.socket, asked: Mapping[int, float], state: DeviceState, loop: asyncio.AbstractEventLoop
    ) -> None:
        """Keep the socket for a while: an answer after the end says "too late", which is not "no answer". `asked` are
        the times of the open questions by their numbers."""
        fd = sock.fileno()

        def notice() -> None:
            try:
                number = wire.read_header(sock.recv(_RECEIVE)).request_id
            except (OSError, wire.MalformedReply):
                return
            if number in asked:
                state.late_s = loop.time() - asked[number]
                self._forget(fd)

        while len(self._lingering) >= MOST_LINGERING:
            self._forget(next(iter(self._lingering)))
        loop.add_reader(fd, notice)
        self._lingering[fd] = (sock, loop.call_later(LINGER_S, self._forget, fd))

    def _forget(self, fd: int) -> None:
        sock, timer = self._lingering.pop(fd)
        timer.cancel()
        timer._loop.remove_reader(fd)
        sock.close()


def _late_or(reason: str, detail: str, state: DeviceState) -> tuple[str, str]:
    """(too_late, how late) once after an answer came when nobody waited any more; else what was given."""
    if not state.late_s:
        return reason, detail
    late_s, state.late_s = state.late_s, 0.0
    return TOO_LATE, f"an answer came {late_s:.1f} s after its question"


class _Drive:
    """Feeds one PollRun from one socket; `finished` gives None, or the socket's error when the port is unreachable."""

    __slots__ = ("_ends_at", "_loop", "_run", "_sock", "_timer", "finished")

    def __init__(self, sock: socket.socket, run: PollRun, loop: asyncio.AbstractEventLoop, patience: Patience) -> None:
        self._sock, self._run, self._loop = sock, run, loop
        self.finished: asyncio.Future[OSError | None] = loop.create_future()
        now = loop.time()
        self._ends_at = now + patience.budget_s
        loop.add_reader(sock.fileno(), self._on_readable)
        self._timer: asyncio.TimerHandle | None = None
        self._send(now)
        if not self.finished.done():
            self._timer = loop.call_at(run.deadline, self._on_timer)

    def _send(self, now: float) -> None:
        data = self._run.next_request(now)
        if data is None:
            self._finish(None)
            return
        try:
            self._sock.send(data)
        except BlockingIOError:
            return  # lost, as on the wire: the timeout sends it again
        except OSError as error:
            self._finish(error)

    def _on_readable(self) -> None:
        try:
            data = self._sock.recv(_RECEIVE)
        except BlockingIOError:
            return
        except OSError as error:
            self._finish(error)
            return
        if self.finished.done():
            return
        now = self._loop.time()
        if self._run.accept(data, now):
            self._go_on(now)

    def _go_on(self, now: float) -> None:
        if self._run.is_over(now, self._ends_at):
            self._finish(None)
        else:
            self._send(now)

    def _on_timer(self) -> None:
        now = self._loop.time()
        if self.finished.done():
            return
        if now >= self._run.deadline - 0.001:
            self._run.timed_out()
            self._go_on(now)
        if not self.finished.done():
            self._timer = self._loop.call_at(self._run.deadline, self._on_timer)

    def _finish(self, error: OSError | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if not self.finished.done():
            self.finished.set_result(error)
