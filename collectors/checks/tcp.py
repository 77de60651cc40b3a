"""Is a TCP port open: connect, say nothing, close."""

from __future__ import annotations

import asyncio
import re
import time

from collectors.checks.guard import allowed_address
from collectors.checks.outcome import CheckTarget, Measured, Resolve
from core import GiveUp, TryLater

_TARGET = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<host>[^\s:/\[\]]*)):(?P<port>\d{1,5})\Z")


async def probe(check: CheckTarget, resolve: Resolve) -> Measured:
    """Connect to `host:port`, or to `:port` of the device. Raises GiveUp and TryLater."""
    host, port = parse_target(check)
    before = time.monotonic()
    address = allowed_address(host, await resolve(host))
    resolved = time.monotonic()
    try:
        _, writer = await asyncio.open_connection(address, port)
    except ConnectionRefusedError:
        raise TryLater("refused", f"{host}:{port}") from None
    except OSError as error:
        raise TryLater("no_connection", f"{host}:{port}: {error.strerror or type(error).__name__}") from None
    connected = time.monotonic()
    # No farewell is waited for: the port is open, and a silent service may keep the line half open for minutes.
    writer.transport.abort()
    return Measured({"check_dns_seconds": resolved - before, "check_connect_seconds": connected - resolved})


def parse_target(check: CheckTarget) -> tuple[str, int]:
    """(host, port) of the check. Raises GiveUp("bad_target")."""
    match = _TARGET.match(check.target.strip())
    host = (match["v6"] or match["host"] or check.address) if match else ""
    port = int(match["port"]) if match else 0
    if not host or not 1 <= port <= 65535:
        raise GiveUp("bad_target", check.target[:100])
    return host, port
