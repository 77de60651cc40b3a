"""Is the certificate of a server in order, and is TLS spoken in versions that are safe."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable

from collectors.checks.certificate import judge, old_only
from collectors.checks.outcome import CheckTarget, Measured, Resolve
from collectors.checks.wire import Dialling, Wire
from core import OutsideFailure, TryLater


async def probe(check: CheckTarget, resolve: Resolve, wall: Callable[[], float]) -> Measured:
    """Handshake with `host:port`; every trouble of the certificate fails the check. Raises GiveUp and TryLater."""
    dialling = Dialling(check, resolve)
    await dialling.over_tls(dialling.secure)
    verdict = judge(dialling.seen, dialling.host, wall())
    if verdict is None:
        raise TryLater("tls_failed", f"{dialling.host}: no certificate that can be read")
    values = {**dialling.values, **verdict.values}
    reason, detail = verdict.reason, verdict.detail
    is_weak = dialling.seen.version in ("TLSv1", "TLSv1.1") or await _takes_old(dialling)
    values["tls_weak_offered"] = float(is_weak)
    if reason == "ok" and is_weak:
        reason, detail = "tls_weak", f"{dialling.host}: TLS 1.0 / 1.1"
    return Measured(values, reason, detail, verdict.facts)


async def _takes_old(dialling: Dialling) -> bool:
    """Whether the server also finishes a handshake in TLS 1.0 or 1.1; a refusal of any kind is the good answer."""
    apart = Dialling(dialling.check, dialling.resolve)
    wire: Wire | None = None
    try:
        async with asyncio.timeout(max(1.0, dialling.check.timeout_s / 3)):
            wire = await apart.connect()
            await apart.secure(wire, old_only())
            return True
    except (OutsideFailure, ssl.SSLError, TimeoutError):
        return False
    finally:
        if wire is not None:
            wire.close()
