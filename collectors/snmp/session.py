"""A conversation with one device in SNMP v1 or v2c: single questions with their answers. Retrying is the caller's work.

`Session` is the face that version 3 (usm.py) shares.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from collectors.snmp import wire
from collectors.snmp.channel import Channel
from collectors.snmp.oids import decode_oid
from collectors.snmp.reasons import BAD_CREDENTIAL, Failure
from collectors.snmp.target import Patience, Target
from core import Secret
from inventory import SnmpCredential

Variable = tuple[str, wire.Value | None]
_ID_MASK = 0x3FFF_FFFF
_ID_BASE = 0x4000_0000  # ids always take four bytes


class Answer(NamedTuple):
    """Variables in the agent's order; `status` and `index` as RFC 3416 (0 all is well, 1 tooBig, 2 noSuchName...)."""

    status: int
    index: int
    variables: list[Variable]


class RawAnswer(NamedTuple):
    """As Answer, but with the variables (name, tag, body) still encoded: whoever walks tables takes what it needs."""

    status: int
    index: int
    variables: list[tuple[bytes, int, bytes]]


@dataclass(slots=True)
class Counts:
    """What a conversation took."""

    requests: int = 0
    timeouts: int = 0
    malformed: int = 0


class Cursor(Protocol):
    """Walks one subtree."""

    async def more(self, repetitions: int, timeout_s: float) -> list[Variable]:
        """The variables that follow; empty at the end. Raises TimeoutError, wire.MalformedReply, Failure."""


class Session(Protocol):
    """One device, one credential. Every method raises TimeoutError, wire.MalformedReply or Failure."""

    counts: Counts
    has_bulk: bool

    async def get(self, oids: Sequence[str], timeout_s: float) -> Answer: ...

    def cursor(self, root: str) -> Cursor: ...

    def close(self) -> None: ...


class RequestIds:
    """Request ids, never twice in a long time; `start` differs from process to process, so that answers to an earlier
    one match nothing."""

    def __init__(self, start: int) -> None:
        self._next = start & _ID_MASK

    def take(self) -> int:
        self._next = (self._next + 1) & _ID_MASK
        return _ID_BASE | self._next


def head_of(credential: SnmpCredential) -> bytes:
    """Version and community as they stand in every message. Raises Failure(bad_credential)."""
    if credential.version not in ("1", "2c") or credential.community is None:
        raise Failure(BAD_CREDENTIAL, "SNMP v1 and v2c need a community")
    return wire.message_head(0 if credential.version == "1" else 1, credential.community.reveal().encode())


def of_vlan(credential: SnmpCredential, vlan: int) -> SnmpCredential:
    """The credential that reads one VLAN's bridge on Cisco switches: community@VLAN."""
    community = credential.community.reveal() if credential.community else ""
    return replace(credential, community=Secret(f"{community}@{vlan}"))


class WireSession:
    """SNMP v1 and v2c over one socket."""

    def __init__(self, target: Target, credential: SnmpCredential, ids: RequestIds, patience: Patience) -> None:
        self._head = head_of(credential)
        self._ids = ids
        self._patience = patience
        self._sent: dict[int, float] = {}
        self._rtt_s = 0.0  # longest that an answer took which came too late for its question
        self.has_bulk = credential.version != "1"
        self.counts = Counts()
        self._channel = Channel(target)

    async def get(self, oids: Sequence[str], timeout_s: float) -> Answer:
        questions = b"".join(wire.question(oid) for oid in oids)
        return await self._ask(lambda number: wire.request(self._head, wire.GET, number, questions), timeout_s)

    def cursor(self, root: str) -> Cursor:
        return _WireCursor(self, root)

    async def following(self, oid: str, repetitions: int, timeout_s: float) -> Answer:
        """GETBULK, or GETNEXT when the version or `repetitions` (1) asks for it."""
        kind = wire.GET_BULK if self.has_bulk and repetitions > 1 else wire.GET_NEXT
        numbers = (0, repetitions) if kind == wire.GET_BULK else (0, 0)
        asked = wire.question(oid)
        return await self._ask(lambda number: wire.request(self._head, kind, number, asked, numbers), timeout_s)

    async def following_each(self, names: Sequence[bytes], repetitions: int, timeout_s: float) -> RawAnswer:
        """What follows each of the encoded names, `repetitions` times over: names[0], names[1], ..., names[0], ..."""
        kind = wire.GET_BULK if self.has_bulk and repetitions > 1 else wire.GET_NEXT
        numbers = (0, repetitions) if kind == wire.GET_BULK else (0, 0)
        asked = b"".join(wire.question_of(name) for name in names)
        return await self._reply(lambda number: wire.request(self._head, kind, number, asked, numbers), timeout_s)

    async def _ask(self, make: Callable[[int], bytes], timeout_s: float) -> Answer:
        raw = await self._reply(make, timeout_s)
        pairs = [(decode_oid(name), wire.value_of(tag, body)) for name, tag, body in raw.variables]
        return Answer(raw.status, raw.index, pairs)

    async def _reply(self, make: Callable[[int], bytes], timeout_s: float) -> RawAnswer:
        if self._patience.spacing_s:
            await asyncio.sleep(self._patience.spacing_s)
        number = self._ids.take()
        self.counts.requests += 1
        loop = asyncio.get_running_loop()
        self._sent[number] = loop.time()
        self._channel.send(make(number))
        deadline = loop.time() + max(timeout_s, min(self._rtt_s * 1.5, self._patience.longest_s))
        has_foreign = False
        while True:
            try:
                data = await self._channel.receive(max(0.0, deadline - loop.time()))
            except TimeoutError:
                self.counts.timeouts += 1
                if has_foreign:
                    raise wire.MalformedReply("the answers carry other numbers than the questions") from None
                raise
            try:
                header = wire.read_header(data)
                if header.request_id == number and header.kind == wire.RESPONSE:
                    found = wire.variables(data, header.at, header.end)
                    self._sent.clear()
                    return RawAnswer(header.status, header.index, found)
            except wire.MalformedReply:
                self.counts.malformed += 1
                raise
            if header.request_id in self._sent:  # too late for its question, but now it is known how long to wait
                self._rtt_s = max(self._rtt_s, loop.time() - self._sent[header.request_id])
                deadline = max(deadline, self._sent[number] + min(self._rtt_s * 1.5, self._patience.longest_s))
            else:
                has_foreign = True

    def release(self) -> tuple[socket.socket, dict[int, float]]:
        """Give the socket away, with the times of the questions that are still open by their numbers."""
        return self._channel.release(), dict(self._sent)

    def close(self) -> None:
        self._channel.close()


class _WireCursor:
    def __init__(self, session: WireSession, root: str) -> None:
        self._session = session
        self._at = root

    async def more(self, repetitions: int, timeout_s: float) -> list[Variable]:
        answer = await self._session.following(self._at, repetitions, timeout_s)
        if answer.status not in (0, wire.NO_SUCH_NAME):
            raise wire.MalformedReply(f"the agent answers a walk with error {answer.status}")
        if answer.status or not answer.variables or answer.variables[0] == (self._at, None):
            return []  # v1 ends with noSuchName, v2c with endOfMibView under the name asked
        self._at = answer.variables[-1][0]
        return answer.variables
