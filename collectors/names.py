"""Host names to addresses, with a deadline and a short memory, in own threads: a slow DNS server stalls nothing."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from core import GiveUp, TryLater

REMEMBER_S = 300.0
REMEMBER_FAILURE_S = 30.0
DEADLINE_S = 5.0
THREADS = 8
LIMIT = 20_000


Lookup = Callable[[str], "tuple[str, ...] | None"]


class Names:
    """Resolves and remembers. One for a worker; close() at its end.

    While the DNS server is away, the addresses known before go on being used: devices must not vanish with it.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic, lookup: Lookup | None = None) -> None:
        self._monotonic = monotonic
        self._lookup = lookup or look_up
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="names")
        self._known: dict[str, tuple[float, tuple[str, ...]]] = {}
        self._asking: dict[str, asyncio.Future[tuple[str, ...] | None]] = {}

    async def resolve(self, host: str) -> tuple[str, ...]:
        """Addresses of a name, in the system's order; an address gives itself.

        Raises GiveUp("name_not_found"), or TryLater("name_not_found") when the DNS server does not answer.
        """
        if is_address(host):
            return (host,)
        until, addresses = self._known.get(host, (0.0, ()))
        if self._monotonic() >= until:
            addresses = await self._ask(host, addresses)
        if not addresses:
            raise GiveUp("name_not_found", host)
        return addresses

    async def _ask(self, host: str, before: tuple[str, ...]) -> tuple[str, ...]:
        # A look-up that hangs keeps its thread: nobody asks for the same name a second time beside it.
        asking = self._asking.get(host)
        if asking is None:
            asking = asyncio.get_running_loop().run_in_executor(self._threads, self._lookup, host)
            self._asking[host] = asking
            asking.add_done_callback(lambda _: self._asking.pop(host, None))
        addresses: tuple[str, ...] | None = None
        with suppress(TimeoutError):
            async with asyncio.timeout(DEADLINE_S):
                addresses = await asyncio.shield(asking)
        is_silent = addresses is None
        kept = before if addresses is None else addresses
        if len(self._known) >= LIMIT:
            self._known.clear()
        lasts = REMEMBER_S if kept and not is_silent else REMEMBER_FAILURE_S
        self._known[host] = (self._monotonic() + lasts, kept)
        if is_silent and not kept:
            raise TryLater("name_not_found", f"{host}: the DNS server does not answer")
        return kept

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


def look_up(host: str) -> tuple[str, ...] | None:
    """Ask the system's resolver: () when there is no such name, None when it could not tell. Blocks."""
    try:
        answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        return None if error.errno == socket.EAI_AGAIN else ()
    except (OSError, UnicodeError):
        return ()
    return tuple(dict.fromkeys(str(answer[4][0]) for answer in answers))
