"""Host names to addresses, with a deadline and a short memory, in own threads: a slow DNS server stalls nothing."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from core import GiveUp, TryLater

REMEMBER_S = 300.0
REMEMBER_FAILURE_S = 30.0
DEADLINE_S = 5.0
THREADS = 8
LIMIT = 20_000


class Names:
    """Resolves and remembers. One for a worker; close() at its end."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="names")
        self._known: dict[str, tuple[float, tuple[str, ...]]] = {}

    async def resolve(self, host: str) -> tuple[str, ...]:
        """Addresses of a name, in the system's order; an address gives itself.

        Raises GiveUp("name_not_found") or TryLater("name_not_found") when the DNS server does not answer in time.
        """
        if is_address(host):
            return (host,)
        until, addresses = self._known.get(host, (0.0, ()))
        if self._monotonic() >= until:
            addresses = await self._ask(host)
        if not addresses:
            raise GiveUp("name_not_found", host)
        return addresses

    async def _ask(self, host: str) -> tuple[str, ...]:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(DEADLINE_S):
                addresses = await loop.run_in_executor(self._threads, _lookup, host)
        except TimeoutError:
            raise TryLater("name_not_found", f"{host}: the DNS server does not answer") from None
        if len(self._known) >= LIMIT:
            self._known.clear()
        lasts = REMEMBER_S if addresses else REMEMBER_FAILURE_S
        self._known[host] = (self._monotonic() + lasts, addresses)
        return addresses

    def close(self) -> None:
        """Let the threads end by themselves; nobody waits for a DNS server."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def is_address(text: str) -> bool:
    """True for an IPv4 or IPv6 address, with or without a zone."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _lookup(host: str) -> tuple[str, ...]:
    try:
        answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return tuple(dict.fromkeys(str(answer[4][0]) for answer in answers))
