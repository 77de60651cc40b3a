"""Reads scalars and subtrees patiently: smaller questions after trouble, larger after success, never in a circle."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from collectors.snmp import wire
from collectors.snmp.oids import arcs_of, is_under
from collectors.snmp.reasons import LOOP, MALFORMED, TIMEOUT, TOO_SLOW, Failure
from collectors.snmp.session import Session
from collectors.snmp.target import Patience

START_REPETITIONS = 10  # devices.md section 5
MOST_REPETITIONS = 40  # varbinds of a PDU on a WAN
_QUICK = 0.5  # share of the timeout under which an answer counts as quick
_GET_CHUNK = 20
_MOST_ROWS = 100_000


@dataclass(slots=True)
class Pace:
    """How much to ask at once, as long as a conversation lasts. 1 is GETNEXT, which agents without GETBULK know too."""

    repetitions: int = START_REPETITIONS
    has_bulk: bool | None = None  # None: not tried yet
    most: int = MOST_REPETITIONS

    def whole(self, seconds: float, patience: Patience) -> None:
        if self.has_bulk is None and self.repetitions > 1:
            self.has_bulk = True
        if self.has_bulk is not False and seconds < patience.timeout_s * _QUICK:
            self.repetitions = min(self.most, self.repetitions * 2)

    def trouble(self) -> None:
        if self.has_bulk is None and self.repetitions > 1:  # GETBULK never worked here: try without
            self.has_bulk = False
        self.repetitions = max(1, self.repetitions // 2) if self.has_bulk else 1


@dataclass(slots=True)
class Walk:
    """The variables of one subtree in the order of arrival. `reason` is "" when its end was reached."""

    root: str
    values: dict[str, wire.Value] = field(default_factory=dict)
    reason: str = ""
    detail: str = ""


async def walk(session: Session, root: str, patience: Patience, pace: Pace | None = None) -> Walk:
    """All of a subtree, or what could be had and why not more. Raises Failure only for what ends the conversation."""
    result = Walk(root)
    try:
        async with asyncio.timeout(patience.table_s):
            await _walk(session, result, patience, pace or Pace())
    except TimeoutError:
        result.reason, result.detail = TOO_SLOW, f"{root} took more than {patience.table_s:g} s"
    return result


async def _walk(session: Session, result: Walk, patience: Patience, pace: Pace) -> None:
    cursor = session.cursor(result.root)
    last = arcs_of(result.root)
    failures = 0
    loop = asyncio.get_running_loop()
    while len(result.values) < _MOST_ROWS:
        started = loop.time()
        size = pace.repetitions if session.has_bulk else 1
        try:
            found = await cursor.more(size, patience.wait(min(failures, patience.retries)))
        except (TimeoutError, wire.MalformedReply) as error:
            pace.trouble()
            failures += 1
            if failures > patience.retries:
                is_silent = isinstance(error, TimeoutError)
                result.reason, result.detail = (TIMEOUT, result.root) if is_silent else (MALFORMED, str(error))
                return
            continue
        failures = 0
        pace.whole(loop.time() - started, patience)
        for oid, value in found:
            if value is None:  # endOfMibView
                return
            here = arcs_of(oid)
            # Also a jump to before the subtree is a circle, not its end: what follows would be lost without a word
            if here <= last:
                result.reason, result.detail = LOOP, f"{oid} follows {'.'.join(map(str, last))}"
                return
            if not is_under(oid, result.root):
                return
            last = here
            result.values[oid] = value
        if not found:
            return


async def get_all(
    session: Session, oids: Iterable[str], patience: Patience, chunk_size: int = _GET_CHUNK
) -> dict[str, wire.Value]:
    """The scalars that exist. Halves questions after trouble; raises Failure when nothing at all is answered."""
    asked = list(oids)
    waiting = [asked[i : i + chunk_size] for i in range(0, len(asked), chunk_size)]
    values: dict[str, wire.Value] = {}
    failures = answers = 0
    while waiting:
        chunk = waiting.pop(0)
        try:
            answer = await session.get(chunk, patience.wait(min(failures, patience.retries)))
        except (TimeoutError, wire.MalformedReply) as error:
            failures += 1
            if failures > patience.retries:
                if answers:
                    break
                is_silent = isinstance(error, TimeoutError)
                raise Failure(TIMEOUT if is_silent else MALFORMED, "" if is_silent else str(error)) from error
            waiting[:0] = _halves(chunk)
            continue
        answers += 1
        failures = 0
        if answer.status == wire.NO_SUCH_NAME and 1 <= answer.index <= len(chunk):
            rest = [oid for i, oid in enumerate(chunk, 1) if i != answer.index]
            waiting[:0] = [rest] if rest else []
        elif answer.status and len(chunk) > 1:
            waiting[:0] = _halves(chunk)
        elif not answer.status:
            values.update((oid, value) for oid, value in answer.variables if value is not None)
    return values


def _halves(chunk: list[str]) -> list[list[str]]:
    middle = (len(chunk) + 1) // 2
    return [half for half in (chunk[:middle], chunk[middle:]) if half]
