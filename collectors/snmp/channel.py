"""One UDP socket to one device on the asyncio loop: connected, so that "port unreachable" arrives as an error."""

from __future__ import annotations

import asyncio
import socket

from collectors.snmp.reasons import UNKNOWN_HOST, UNREACHABLE, Failure
from collectors.snmp.target import Target

_RECEIVE = 65_535
_RECEIVE_BUFFER = 1 << 18


async def resolve(name: str, port: int) -> Target:
    """The first address of a host name; an address stays what it is. Raises Failure(unknown_host)."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(name, port, type=socket.SOCK_DGRAM)
    except OSError as error:
        raise Failure(UNKNOWN_HOST, f"{name}: {error.strerror or error}") from error
    return Target(found[0][4][0], port)


def open_socket(target: Target) -> socket.socket:
    """A connected non-blocking UDP socket. Raises Failure(unreachable)."""
    family = socket.AF_INET6 if ":" in target.host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    try:
        opened.connect((target.host, target.port))
    except OSError as error:
        opened.close()
        raise Failure(UNREACHABLE, f"{target}: {error.strerror or error}") from error
    return opened


class Channel:
    """Sends datagrams and waits for datagrams; one reader at a time."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.socket = open_socket(target)
        self._loop = asyncio.get_running_loop()
        self._waiter: asyncio.Future[None] | None = None
        self._loop.add_reader(self.socket.fileno(), self._on_readable)

    def _on_readable(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)
        elif self._waiter is None:  # nobody waits: a late answer, taken so that the loop does not spin
            self.take()

    def send(self, data: bytes) -> None:
        """Raises Failure(unreachable) when an earlier datagram came back as unreachable."""
        try:
            self.socket.send(data)
        except BlockingIOError:
            return  # a full send buffer is a lost datagram; the retry sends it again
        except OSError as error:
            raise self._unreachable(error) from error

    def take(self) -> bytes | None:
        """A datagram that is already here, or None."""
        try:
            return self.socket.recv(_RECEIVE)
        except BlockingIOError:
            return None
        except OSError as error:
            if self._waiter is None:
                return None
            raise self._unreachable(error) from error

    async def receive(self, timeout_s: float) -> bytes:
        """The next datagram. Raises TimeoutError, Failure(unreachable)."""
        deadline = self._loop.time() + timeout_s
        while True:
            self._waiter = self._loop.create_future()
            try:
                data = self.take()
                if data is not None:
                    return data
                async with asyncio.timeout_at(deadline):
                    await self._waiter
            finally:
                self._waiter = None

    def _unreachable(self, error: OSError) -> Failure:
        return Failure(UNREACHABLE, f"{self.target}: {error.strerror or error}")

    def release(self) -> socket.socket:
        """Stop listening and give the socket away; whoever takes it closes it."""
        self._loop.remove_reader(self.socket.fileno())
        given = socket.socket(fileno=self.socket.detach())
        given.setblocking(False)
        return given

    def close(self) -> None:
        if self.socket.fileno() >= 0:
            self._loop.remove_reader(self.socket.fileno())
            self.socket.close()
