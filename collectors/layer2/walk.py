"""Walks tables column beside column: many columns in one question, indexes as numbers, bounded in rows and time.

Made for forwarding tables of 20,000 rows: values are taken from the datagrams without an OID's text in between. Every
question waits for an answer, so the loop serves other devices in the meantime.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from collectors.snmp import wire
from collectors.snmp.oids import arcs_of, encode_oid, is_under
from collectors.snmp.reasons import LOOP, MALFORMED, TIMEOUT, TOO_SLOW
from collectors.snmp.session import Session, WireSession
from collectors.snmp.target import Patience
from collectors.snmp.walk import Pace, walk

TOO_MANY = "too_many_rows"
Index = tuple[int, ...]
Column = dict[Index, wire.Value]


@dataclass(slots=True)
class TableRead:
    """Columns by OID, in the device's order. `reason` is "" when the end was reached, else why not."""

    columns: dict[str, Column] = field(default_factory=dict)
    reason: str = ""
    detail: str = ""

    def column(self, oid: str) -> Column:
        """Values by index; empty when the device has no such column."""
        return self.columns.get(oid, {})


@dataclass(slots=True)
class Asker:
    """A conversation and how it is led. `wait_turn` is awaited before each question: a device that is being polled is
    not asked a second thing at the same time."""

    session: Session
    patience: Patience
    pace: Pace = field(default_factory=Pace)
    most_rows: int = 50_000
    table_s: float = 120.0
    wait_turn: Callable[[], Awaitable[None]] | None = None


async def read_table(asker: Asker, oids: Sequence[str]) -> TableRead:
    """The columns, or what could be had of them and why not more. Raises Failure for what ends the conversation."""
    result = TableRead({oid: {} for oid in oids})
    try:
        async with asyncio.timeout(asker.table_s):
            if isinstance(asker.session, WireSession):
                await _Rows(asker, asker.session, result).read()
            else:
                await _one_by_one(asker, result)
    except TimeoutError:
        result.reason, result.detail = TOO_SLOW, f"{oids[0]} took more than {asker.table_s:g} s"
    return result


async def _one_by_one(asker: Asker, result: TableRead) -> None:
    """SNMPv3: gufo-snmp walks one subtree at a time."""
    for oid, column in result.columns.items():
        if asker.wait_turn:
            await asker.wait_turn()
        found = await walk(asker.session, oid, asker.patience, asker.pace)
        start = len(oid) + 1
        for name, value in found.values.items():
            if len(column) >= asker.most_rows:
                result.reason, result.detail = TOO_MANY, f"{oid}: more than {asker.most_rows}"
                return
            if is_under(name, oid):
                column[arcs_of(name[start:])] = value
        if found.reason:
            result.reason, result.detail = found.reason, found.detail
            return


class _Rows:
    """One walk over SNMP v1 or v2c."""

    def __init__(self, asker: Asker, session: WireSession, result: TableRead) -> None:
        self._asker, self._session, self._result = asker, session, result
        self._roots = {oid: encode_oid(oid) for oid in result.columns}
        self._at = dict(self._roots)  # where each column that has not ended stands, encoded
        self._last: dict[str, Index] = dict.fromkeys(self._roots, ())
        self._is_single = False  # some agents answer a GETBULK of several columns in another order

    async def read(self) -> None:
        failures = 0
        asker, loop = self._asker, asyncio.get_running_loop()
        patience = asker.patience
        while self._at:
            await asyncio.sleep(0)  # an answer that is there at once would keep the loop from others
            if asker.wait_turn:
                await asker.wait_turn()
            asked = list(self._at)[: 1 if self._is_single else None]
            repetitions = max(1, asker.pace.repetitions // len(asked)) if self._session.has_bulk else 1
            started = loop.time()
            try:
                wait = patience.wait(min(failures, patience.retries))
                answer = await self._session.following_each([self._at[oid] for oid in asked], repetitions, wait)
                is_empty = not answer.status and not answer.variables
                if is_empty or answer.status not in (0, wire.NO_SUCH_NAME):
                    raise wire.MalformedReply(f"the agent answers a walk with error {answer.status}")
            except (TimeoutError, wire.MalformedReply) as error:
                asker.pace.trouble()
                failures += 1
                if failures > patience.retries:
                    is_silent = isinstance(error, TimeoutError)
                    if not is_silent and len(asked) > 1:
                        self._is_single, failures = True, 0
                        continue
                    self._end(TIMEOUT if is_silent else MALFORMED, asked[0] if is_silent else str(error))
                continue
            failures = 0
            asker.pace.whole(loop.time() - started, patience)
            if answer.status:  # v1 says noSuchName of the first column that has nothing more
                del self._at[asked[answer.index - 1] if 1 <= answer.index <= len(asked) else asked[0]]
            else:
                self._take(asked, answer.variables)

    def _take(self, names: Sequence[str], variables: Sequence[tuple[bytes, int, bytes]]) -> None:
        is_open = dict.fromkeys(names, True)
        for place, (name, tag, body) in enumerate(variables):
            oid = names[place % len(names)]
            if not is_open[oid]:
                if not any(is_open.values()):
                    return
                continue
            root = self._roots[oid]
            is_end = tag == wire.END_OF_VIEW or not name.startswith(root)
            index = () if is_end else _arcs(name[len(root) :])
            if index <= self._last[oid] if not is_end else tag != wire.END_OF_VIEW and _arcs(name) < _arcs(root):
                if len(names) == 1:
                    self._end(LOOP, f"{oid} does not go on")
                self._is_single = True
                return
            if is_end:
                is_open[oid] = False
                del self._at[oid]
                continue
            column = self._result.columns[oid]
            if len(column) >= self._asker.most_rows:
                self._end(TOO_MANY, f"{oid}: more than {self._asker.most_rows}")
                return
            self._at[oid], self._last[oid] = name, index
            value = wire.value_of(tag, body)
            if value is not None:
                column[index] = value

    def _end(self, reason: str, detail: str) -> None:
        self._result.reason, self._result.detail = reason, detail
        self._at.clear()


def _arcs(body: bytes) -> Index:
    """The arcs of an index as numbers; an unfinished last one is left out."""
    if body.isascii():
        return tuple(body)
    arcs: list[int] = []
    value = 0
    for byte in body:
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            arcs.append(value)
            value = 0
    return tuple(arcs)
