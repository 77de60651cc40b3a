"""Is a TCP port open: connect, hear the greeting if one is expected, say nothing, close."""

from __future__ import annotations

from collectors.checks.outcome import CheckTarget, Measured, Resolve
from collectors.checks.wire import Dialling
from core import TryLater

GREETING_LIMIT = 4096


async def probe(check: CheckTarget, resolve: Resolve) -> Measured:
    """Connect to `host:port`, or to `:port` of the device. Raises GiveUp and TryLater."""
    dialling = Dialling(check, resolve)
    wire = await dialling.connect()
    try:
        if not check.expect:
            return Measured(dialling.values)
        wanted, heard = check.expect.encode(), b""
        while wanted not in heard and len(heard) < GREETING_LIMIT:
            more = await wire.some(GREETING_LIMIT)
            if not more:
                raise TryLater("closed_early", heard[:80].decode("utf-8", "replace"))
            heard += more
        greeting = heard[:120].decode("utf-8", "replace")
        reason = "ok" if wanted in heard else "wrong_greeting"
        return Measured(dialling.values, reason, "" if reason == "ok" else greeting, {"greeting": greeting})
    finally:
        wire.close()
