"""Walks a whole device for a recording: everything it tells, but for what is private from the start."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from collectors.recording.private import SKIPPED
from collectors.recording.variable import Variable
from collectors.snmp import Patience, Session, wire
from collectors.snmp.oids import decode_oid, encode_oid
from collectors.snmp.reasons import LOOP, MALFORMED, OK, TIMEOUT, TOO_SLOW
from collectors.snmp.session import RawAnswer, WireSession

ROOTS = ("1.0.8802", "1.2.840.10036", "1.3.6.1.2.1", "1.3.6.1.4.1", "1.3.6.1.6.3.10", "1.3.111.2.802")
MOST_VARIABLES = 60_000
BUDGET_S = 600.0
REPETITIONS, MOST_REPETITIONS = 10, 25
REST_S = 0.01  # a recording is nobody's hurry
_LAST = 4_294_967_295


@dataclass(slots=True)
class Walked:
    """What came, in the order of arrival; `reason` is ok, or why it is not whole."""

    variables: list[Variable] = field(default_factory=list)
    reason: str = OK
    detail: str = ""


Told = Callable[[int], None]


async def walk_device(session: Session, patience: Patience, told: Told = lambda count: None) -> Walked:
    """Everything under ROOTS. `told` hears the number of variables so far. Raises Failure when the device refuses."""
    result = Walked()
    try:
        async with asyncio.timeout(BUDGET_S):
            for root in ROOTS:
                await _Walk(session, patience, result, told).run(root)
                if len(result.variables) >= MOST_VARIABLES:
                    result.reason, result.detail = TOO_SLOW, f"cut at {MOST_VARIABLES} variables"
                    break
    except TimeoutError:
        result.reason, result.detail = TOO_SLOW, f"cut after {BUDGET_S:g} s"
    return result


class _Walk:
    """One root."""

    def __init__(self, session: Session, patience: Patience, result: Walked, told: Told) -> None:
        self._session, self._patience, self._result, self._told = session, patience, result, told
        self._repetitions = REPETITIONS
        self._skipped = [tuple(map(int, root.split("."))) for root in SKIPPED]

    async def run(self, root: str) -> None:
        below = tuple(map(int, root.split(".")))
        last = below
        while len(self._result.variables) < MOST_VARIABLES:
            last = self._past_skipped(last)
            found = await self._ask(last)
            if found is None:
                return
            for one in found:
                if one.oid[: len(below)] != below or one.tag == wire.END_OF_VIEW:
                    return
                if one.oid <= last:
                    self._result.reason, self._result.detail = LOOP, ".".join(map(str, one.oid))
                    return
                last = one.oid
                if self._past_skipped(last) != last:
                    break
                if one.tag not in wire.ABSENT:
                    self._result.variables.append(one)
            if not found:
                return
            self._told(len(self._result.variables))
            await asyncio.sleep(REST_S)

    def _past_skipped(self, oid: tuple[int, ...]) -> tuple[int, ...]:
        for root in self._skipped:
            if oid[: len(root)] == root:
                return (*root, _LAST)
        return oid

    async def _ask(self, oid: tuple[int, ...]) -> list[Variable] | None:
        """What follows; None when the device does not say, even when asked for less."""
        for attempt in range(self._patience.retries + 3):
            try:
                found = await _following(self._session, oid, self._repetitions, self._patience.wait(min(attempt, 2)))
            except TimeoutError:
                reason = TIMEOUT
            except wire.MalformedReply:
                reason = MALFORMED
            else:
                self._repetitions = min(MOST_REPETITIONS, self._repetitions * 2)
                return found
            self._repetitions = max(1, self._repetitions // 4)
        self._result.reason, self._result.detail = reason, ".".join(map(str, oid))
        return None


async def _following(session: Session, oid: tuple[int, ...], count: int, timeout_s: float) -> list[Variable]:
    name = ".".join(map(str, oid))
    if isinstance(session, WireSession):
        answer: RawAnswer = await session.following_each([encode_oid(name)], count, timeout_s)
        return [] if answer.status else [
            Variable(tuple(map(int, decode_oid(raw).split("."))), tag, body) for raw, tag, body in answer.variables
        ]  # fmt: skip
    return [_of_value(oid_text, value) for oid_text, value in await session.cursor(name).more(count, timeout_s)]


def _of_value(oid: str, value: wire.Value | None) -> Variable:
    """SNMPv3 gives values without their wire types: numbers become the widest type that holds them."""
    arcs = tuple(map(int, oid.split(".")))
    if value is None:
        return Variable(arcs, wire.NULL, b"")
    if isinstance(value, bytes):
        return Variable(arcs, wire.OCTET_STRING, value)
    if isinstance(value, str):
        is_address = value.count(".") == 3 and all(part.isdigit() and int(part) < 256 for part in value.split("."))
        if is_address:
            return Variable(arcs, wire.IP_ADDRESS, bytes(map(int, value.split("."))))
        return Variable(arcs, wire.OBJECT_ID, encode_oid(value))
    if isinstance(value, float):
        return Variable(arcs, wire.OCTET_STRING, f"{value:g}".encode())
    tag = wire.INTEGER if -(2**31) <= value < 2**31 else wire.GAUGE32 if value < 2**32 else wire.COUNTER64
    size = max(1, (value.bit_length() + 8) // 8)
    return Variable(arcs, tag, value.to_bytes(size, "big", signed=True))
