"""PJLink by UDP: searching the local network (class 2), hearing what projectors tell unasked. Both are only hints."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from core.pjlink import wire

Heard = Callable[[str, wire.Notice], None]


@dataclass(frozen=True, slots=True)
class Ear:
    """An open UDP port; close() ends it."""

    transport: asyncio.DatagramTransport
    port: int

    def send_search(self, address: str, port: int = wire.PORT) -> None:
        """Ask every projector that this address reaches: it answers within 10 seconds, to UDP 4352 of this machine."""
        self.transport.sendto(wire.SEARCH, (address, port))

    def close(self) -> None:
        """Stop listening."""
        self.transport.close()


class _Protocol(asyncio.DatagramProtocol):
    def __init__(self, heard: Heard) -> None:
        self._heard = heard

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        notice = wire.parse_notice(data)
        if notice is not None:
            self._heard(address[0], notice)

    def error_received(self, error: OSError) -> None:
        """An earlier datagram found nobody: of no interest."""


async def listen(heard: Heard, host: str = "0.0.0.0", port: int = wire.PORT) -> Ear:  # noqa: S104
    """Hear notices on a UDP port; `heard(sender's address, notice)` runs on the loop. Raises OSError."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _Protocol(heard), local_addr=(host, port), allow_broadcast=True
    )
    return Ear(transport, transport.get_extra_info("sockname")[1])


async def search_projectors(
    address: str, wait_s: float = 30.0, own: tuple[str, int] = ("0.0.0.0", wire.PORT), port: int = wire.PORT  # noqa: S104
) -> dict[str, str]:
    """Address -> MAC of the projectors that answer a search sent to a broadcast address within `wait_s`.

    The search stays inside the broadcast domain of this machine. Raises OSError: the port is taken, no such network.
    """
    found: dict[str, str] = {}

    def heard(sender: str, notice: wire.Notice) -> None:
        if notice.word == "ACKN" and len(found) < 4096:
            found[sender] = notice.value

    ear = await listen(heard, *own)
    try:
        ear.send_search(address, port)
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await asyncio.Event().wait()
    finally:
        ear.close()
    return found
