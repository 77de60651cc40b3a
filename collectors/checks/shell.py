"""Runs one check: picks the probe by its kind, bounds it in time, and names how it ended. It keeps no history."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

from collectors.checks import dns, http, imap, ldap, smtp, tcp, tls
from collectors.checks.media import sip, stun, train, turn
from collectors.checks.outcome import CheckReading, CheckTarget, Measured, Resolve
from collectors.snmp.text import clean_line
from core import OutsideFailure

# PostgreSQL refuses NUL: one such banner, kept as it is, would hold up what is known of all services
SHOWN = 500  # characters of what a service said
Probe = Callable[[CheckTarget, Resolve, Callable[[], float]], Awaitable[Measured]]


async def _tcp(check: CheckTarget, resolve: Resolve, _wall: Callable[[], float]) -> Measured:
    return await tcp.probe(check, resolve)


async def _dns(check: CheckTarget, resolve: Resolve, _wall: Callable[[], float]) -> Measured:
    return await dns.probe(check, resolve)


async def _stun(check: CheckTarget, resolve: Resolve, _wall: Callable[[], float]) -> Measured:
    return await stun.probe(check, resolve)


async def _udp(check: CheckTarget, resolve: Resolve, _wall: Callable[[], float]) -> Measured:
    return await train.probe(check, resolve)


async def _sip(check: CheckTarget, resolve: Resolve, _wall: Callable[[], float]) -> Measured:
    return await sip.probe(check, resolve)


PROBES: Mapping[str, Probe] = {
    "http": http.probe,
    "tls": tls.probe,
    "dns": _dns,
    "smtp": smtp.probe,
    "imap": imap.probe,
    "ldap": ldap.probe,
    "tcp": _tcp,
    "stun": _stun,
    "turn": turn.probe,
    "udp": _udp,
    "sip": _sip,
}


def part_of(kind: str, target: str) -> str:
    """The part of the device under which a check's samples are kept."""
    return f"check:{kind}:{target}"[:200]


def service_part(check_id: int, vantage: str = "department") -> str:
    """The part of a service under which a check's samples are kept: it stays when the check leads elsewhere."""
    return f"probe:{check_id}" if vantage == "department" else f"probe:{check_id}@{vantage}"[:200]


async def run_check(check: CheckTarget, resolve: Resolve, wall: Callable[[], float]) -> CheckReading:
    """Make one check within its timeout; it never raises. `wall` tells epoch seconds, for the age of certificates."""
    before = time.monotonic()
    probe = PROBES.get(check.kind)
    if probe is None:
        return _failed("bad_target", check.kind, before)
    try:
        async with asyncio.timeout(check.timeout_s):
            measured = await probe(check, resolve, wall)
    except TimeoutError:
        return _failed("check_timeout", f"{check.timeout_s:g} s", before)
    except OutsideFailure as failure:
        return _failed(failure.reason, failure.detail, before)
    seconds = time.monotonic() - before
    is_ok = measured.reason == "ok"
    values = {**measured.values, "check_up": float(is_ok), "check_seconds": seconds}
    facts = {name: clean_line(text, SHOWN) for name, text in measured.facts.items() if text}
    return CheckReading(is_ok, measured.reason, clean_line(measured.detail, SHOWN), seconds, values, facts)


def _failed(reason: str, detail: str, before: float) -> CheckReading:
    # No check_seconds: the time until a failure says nothing about the service's speed.
    return CheckReading(False, reason, clean_line(detail, SHOWN), time.monotonic() - before, {"check_up": 0.0})
