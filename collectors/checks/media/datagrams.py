"""Datagrams to one place and back, with the reasons of their failing. Knows no protocol above UDP."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core import TryLater

WAITING = 2000  # datagrams that may wait unread: more is a flood and is thrown away


class Datagrams(asyncio.DatagramProtocol):
    """One connected UDP socket. `arrived` holds (monotonic seconds, datagram)."""

    def __init__(self) -> None:
        self.arrived: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(WAITING)
        self.failure: Exception | None = None
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is there."""
        self.transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, _address: object) -> None:
        """Keep it with the time it came; the kernel lets through only what the other end sent."""
        if not self.arrived.full():
            self.arrived.put_nowait((time.monotonic(), data))

    def error_received(self, error: Exception) -> None:
        """An ICMP error came back."""
        self.failure = error

    def send(self, data: bytes) -> None:
        """Send one datagram."""
        if self.transport is not None:
            self.transport.sendto(data)

    async def next(self, within_s: float) -> tuple[float, bytes] | None:
        """The next datagram, None when none came in time. Raises TryLater("refused") after an ICMP error."""
        if within_s <= 0:
            return None
        try:
            async with asyncio.timeout(within_s):
                return await self.arrived.get()
        except TimeoutError:
            if isinstance(self.failure, ConnectionRefusedError):
                raise TryLater("refused", str(self.failure.strerror or "")) from None
            return None

    def own_address(self) -> tuple[str, int]:
        """The address that this socket sends from."""
        name = self.transport.get_extra_info("sockname") if self.transport is not None else None
        return (str(name[0]), int(name[1])) if name else ("", 0)


@asynccontextmanager
async def datagrams_to(address: str, port: int) -> AsyncIterator[Datagrams]:
    """A socket that talks to one place. Raises TryLater("no_connection") when there is no way there at all."""
    try:
        _transport, talk = await asyncio.get_running_loop().create_datagram_endpoint(
            Datagrams, remote_addr=(address, port)
        )
    except OSError as error:
        raise TryLater("no_connection", f"{address}:{port}: {error.strerror or type(error).__name__}") from None
    try:
        yield talk
    finally:
        if talk.transport is not None:
            talk.transport.abort()
