"""A fake SNMP agent (v1 and v2c) that answers from a recording. It says nothing true about any device on the network.

Requests are matched by the encoded OID, replies are put together from encoded variables: no object is built for a
variable that is only read.
"""

from __future__ import annotations

import random
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from deploy.demo.replay import ber
from deploy.demo.replay.faults import NO_FAULTS, Faults, spoil
from deploy.demo.replay.live import Motion
from deploy.demo.replay.recording import Variable

_TOO_BIG, _NO_SUCH_NAME, _NOT_WRITABLE = 1, 2, 17


@dataclass(frozen=True, slots=True)
class Request:
    """A decoded request; `names` are encoded OID bodies."""

    version: int
    community: bytes
    kind: int
    request_id: int
    first: int  # non-repeaters of GETBULK
    second: int  # max-repetitions of GETBULK
    names: list[bytes]


def read_request(data: bytes) -> Request:
    """Raises ber.BerError for anything that is not an SNMP v1 or v2c request."""
    _, at, _ = ber.read(data, 0)
    version, at = ber.integer_at(data, at)
    _, start, end = ber.read(data, at)
    community = data[start:end]
    kind, at, _ = ber.read(data, end)
    request_id, at = ber.integer_at(data, at)
    first, at = ber.integer_at(data, at)
    second, at = ber.integer_at(data, at)
    _, at, last = ber.read(data, at)
    names = []
    while at < last:
        _, start, at = ber.read(data, at)
        tag, body, stop = ber.read(data, start)
        if tag != ber.OBJECT_ID:
            raise ber.BerError("a name that is no OID")
        names.append(data[body:stop])
    return Request(version, community, kind, request_id, first, second, names)


class ReplayAgent:
    """One recorded device. `faults` may be changed at any time; `motion` moves counters of a demonstration."""

    def __init__(
        self, variables: Sequence[Variable], *, community: str = "public", faults: Faults = NO_FAULTS,
        motion: Motion | None = None, clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self.community = community.encode()
        self.faults = faults
        self.requests = 0
        self._motion = motion
        self._clock = clock
        self._random = random.Random(community)
        self.load(variables)

    def load(self, variables: Sequence[Variable]) -> None:
        """Replace the device's variables (a reboot, a renumbering); must be in OID order."""
        self._oids = [v.oid for v in variables]
        bodies = [ber.oid_body(v.oid) for v in variables]
        self._encoded = [_encode(body, v.tag, v.body) for body, v in zip(bodies, variables, strict=True)]
        self._index = {body: i for i, body in enumerate(bodies)}
        self._bodies = bodies
        self._variables = list(variables)
        self._moving = self._motion.start(variables, self._clock()) if self._motion else {}

    def answer(self, data: bytes) -> bytes | None:
        """The reply datagram; None where a real agent stays silent (garbage, wrong community)."""
        try:
            request = read_request(data)
        except (ber.BerError, IndexError):
            return None
        if request.community != self.community or request.version not in (0, 1):
            return None
        self.requests += 1
        faults = self.faults
        if faults.is_silent or (faults.drop_ratio and self._random.random() < faults.drop_ratio):
            return None
        if faults.no_bulk and request.kind == ber.GET_BULK:
            return None
        reply = self._reply(request)
        return spoil(reply, faults) if faults.spoils else reply

    def _reply(self, request: Request) -> bytes:
        if request.kind == ber.GET:
            found = [self._get(name, request.version) for name in request.names]
        elif request.kind == ber.GET_NEXT:
            found = [self._next(name, request.version) for name in request.names]
        elif request.kind == ber.GET_BULK and request.version == 1:
            return self._bulk(request)
        else:
            return self._message(request, b"".join(_null(name) for name in request.names), _NOT_WRITABLE, 1)
        for position, variable in enumerate(found, 1):
            if variable is None:  # v1: the whole request fails and names the place
                return self._message(request, b"".join(_null(n) for n in request.names), _NO_SUCH_NAME, position)
        limit = self.faults.max_varbinds
        if limit and len(found) > limit:
            return self._message(request, b"", _TOO_BIG, 0)
        return self._message(request, b"".join(found))  # type: ignore[arg-type]

    def _at(self, index: int) -> bytes:
        if index in self._moving:
            variable = self._variables[index]
            return _encode(self._bodies[index], variable.tag, self._moving[index](self._clock()))
        if self.faults.wrong_type and self._variables[index].tag in (ber.COUNTER32, ber.COUNTER64, ber.GAUGE32):
            return _encode(self._bodies[index], ber.OCTET_STRING, b"not a number")
        return self._encoded[index]

    def _get(self, name: bytes, version: int) -> bytes | None:
        index = self._index.get(name)
        if index is None:
            return None if version == 0 else _encode(name, ber.NO_SUCH_INSTANCE, b"")
        return self._at(index)

    def _following(self, name: bytes) -> int:
        index = self._index.get(name)
        return index + 1 if index is not None else bisect_right(self._oids, ber.oid_of(name))

    def _next(self, name: bytes, version: int) -> bytes | None:
        index = self._following(name)
        if self.faults.loops_at and index >= self.faults.loops_at:
            index = max(0, self.faults.loops_at - 3)
        if index >= len(self._oids):
            return None if version == 0 else _encode(name, ber.END_OF_MIB_VIEW, b"")
        return self._at(index)

    def _bulk(self, request: Request) -> bytes:
        found = [self._next(name, 1) or b"" for name in request.names[: max(0, request.first)]]
        columns = [(self._following(name), name) for name in request.names[max(0, request.first) :]]
        room = self.faults.max_varbinds or 10_000
        size, limit = sum(map(len, found)), len(self._oids)
        loop = self.faults.loops_at
        for _ in range(max(0, request.second)):
            following = []
            for index, name in columns:
                if loop and index >= loop:
                    index = max(0, loop - 3)
                variable = self._at(index) if index < limit else _encode(name, ber.END_OF_MIB_VIEW, b"")
                size += len(variable)
                if len(found) >= room or size > self.faults.max_bytes:
                    return self._message(request, b"".join(found))
                found.append(variable)
                following.append((index + 1, self._bodies[index] if index < limit else name))
            columns = following
            if all(index >= limit + 1 for index, _ in columns):
                break
        return self._message(request, b"".join(found))

    def _message(self, request: Request, variables: bytes, status: int = 0, index: int = 0) -> bytes:
        if len(variables) > self.faults.max_bytes and not status:
            return self._message(request, b"", _TOO_BIG, 0)
        body = b"".join((
            ber.tlv(ber.INTEGER, ber.integer_body(request.request_id)),
            ber.tlv(ber.INTEGER, ber.integer_body(status)),
            ber.tlv(ber.INTEGER, ber.integer_body(index)),
            ber.tlv(ber.SEQUENCE, variables),
        ))  # fmt: skip
        head = ber.tlv(ber.INTEGER, ber.integer_body(request.version)) + ber.tlv(ber.OCTET_STRING, request.community)
        return ber.tlv(ber.SEQUENCE, head + ber.tlv(ber.RESPONSE, body))


def _encode(name: bytes, tag: int, body: bytes) -> bytes:
    return ber.tlv(ber.SEQUENCE, ber.tlv(ber.OBJECT_ID, name) + ber.tlv(tag, body))


def _null(name: bytes) -> bytes:
    return _encode(name, ber.NULL, b"")
