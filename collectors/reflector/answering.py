"""The other end of a UDP train: a small server beside the bridges that sends each car back, no larger than it came.

It can not be turned against others: cars are reflected only for a ticket that was sent to the same address before, an
answer is never larger than the question, and each address and all together may have only so much a second.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from dataclasses import dataclass, field

from collectors.reflector.form import CAR, ECHO, HEAD, HELLO, MAGIC, TAIL, TICKET

GOOD_FOR_S = 60
Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class ReflectorLimits:
    """Datagrams and bytes a second: of one address, and of all. jitsi.md section 8.3: at most 1.5 Mbit/s a train."""

    per_address: int = 400
    bytes_per_address: int = 400_000
    bytes_of_all: int = 25_000_000
    addresses: int = 20_000


@dataclass(slots=True)
class Ticket:
    """What one address used of its second, and the cars seen on its present train."""

    second: int = 0
    count: int = 0
    size: int = 0
    ticket: bytes = b""
    seen: int = 0


@dataclass(slots=True)
class Reflector:
    """Decides on each datagram; `refused` counts by reason. `key` signs tickets. Pure: time and key are given."""

    key: bytes
    limits: ReflectorLimits = field(default_factory=ReflectorLimits)
    refused: dict[str, int] = field(default_factory=dict)
    reflected: int = 0
    _known: dict[str, Ticket] = field(default_factory=dict)
    _second: int = 0
    _size: int = 0

    def answer(self, data: bytes, address: Address, now: float) -> bytes | None:
        """What to send back; None: nothing."""
        if len(data) < HEAD.size + TAIL.size or data[:4] != MAGIC or data[4] not in (HELLO, CAR):
            return self._refuse("not_ours")
        own = self._allowed(address[0], len(data), int(now))
        if own is None:
            return self._refuse("too_much")
        _magic, kind, number, ticket, sent_us = HEAD.unpack_from(data)
        slot = int(now) // GOOD_FOR_S
        if kind == HELLO:
            return HEAD.pack(MAGIC, TICKET, 0, self._ticket(address, slot), 0)
        if not any(hmac.compare_digest(ticket, self._ticket(address, one)) for one in (slot, slot - 1)):
            return self._refuse("no_ticket")
        place = address[1].to_bytes(2, "big") + ticket
        own.seen = 1 if own.ticket != place else own.seen + 1
        own.ticket = place
        self.reflected += 1
        head = HEAD.pack(MAGIC, ECHO, number, ticket, sent_us) + TAIL.pack(int(now * 1e6), own.seen)
        return head.ljust(len(data), b"\0")

    def _ticket(self, address: Address, slot: int) -> bytes:
        text = f"{address[0]}|{address[1]}|{slot}".encode()
        return hmac.new(self.key, text, "sha256").digest()[:16]

    def _allowed(self, host: str, size: int, second: int) -> Ticket | None:
        if second != self._second:
            self._second, self._size = second, 0
            if len(self._known) > self.limits.addresses:
                self._known.clear()  # a flood of addresses must not fill the memory; trains begin anew
        own = self._known.setdefault(host, Ticket())
        if own.second != second:
            own.second, own.count, own.size = second, 0, 0
        own.count, own.size, self._size = own.count + 1, own.size + size, self._size + size
        limits = self.limits
        is_good = (own.count <= limits.per_address and own.size <= limits.bytes_per_address
                   and self._size <= limits.bytes_of_all)
        return own if is_good else None

    def _refuse(self, reason: str) -> None:
        self.refused[reason] = self.refused.get(reason, 0) + 1


class _Door(asyncio.DatagramProtocol):
    def __init__(self, reflector: Reflector) -> None:
        self._reflector = reflector
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, address: Address) -> None:
        back = self._reflector.answer(data, (address[0], address[1]), time.monotonic())
        if back is not None and self._transport is not None:
            self._transport.sendto(back, address)


async def serve_reflector(reflector: Reflector, host: str, port: int) -> asyncio.DatagramTransport:
    """Open the reflector's door; close the transport to end it."""
    loop = asyncio.get_running_loop()
    transport, _door = await loop.create_datagram_endpoint(lambda: _Door(reflector), local_addr=(host, port))
    return transport
