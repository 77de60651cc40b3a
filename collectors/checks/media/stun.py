"""Does a STUN server answer over UDP, and from which address does it see us (RFC 8489, Binding).

A bridge's own port 10000 is never asked: it drops a Binding request without a known user name, so silence there says
nothing (jitsi.md section 8.3).
"""

from __future__ import annotations

import time
from collections.abc import Callable

from aioice import stun

from collectors.checks.media.datagrams import Datagrams, datagrams_to
from collectors.checks.outcome import CheckTarget, Measured, Resolve
from core import GiveUp, TryLater, allowed_address
from inventory import media_target

RTO_S, RTO_MOST_S = 0.5, 4.0  # RFC 8489 section 6.2.1; doubled each time
PART = 0.9                    # of the check's patience: the reason must be told before it runs out


async def probe(check: CheckTarget, resolve: Resolve) -> Measured:
    """Ask `host[:port]`. Raises GiveUp and TryLater, "udp_no_answer" when nothing came back."""
    try:
        target = media_target("stun", check.target)
    except ValueError:
        raise GiveUp("bad_target", check.target[:100]) from None
    host = target.host or check.address
    address = allowed_address(host, await resolve(host))
    async with datagrams_to(address, target.port) as talk:
        reply, rtt, tries = await exchange(talk, _binding, check.timeout_s * PART)
    if reply.message_class != stun.Class.RESPONSE:
        raise TryLater("bad_reply", f"STUN {reply.error_code}")
    seen = mapped_address(reply)
    if seen is None:
        raise TryLater("bad_reply", "no XOR-MAPPED-ADDRESS")
    facts = {"server": f"{host}:{target.port}", "seen_as": f"{seen[0]}:{seen[1]}",
             "software": str(reply.attributes.get("SOFTWARE", ""))[:80]}  # fmt: skip
    return Measured({"media_rtt_seconds": rtt, "media_tries": float(tries)}, "ok", "", facts)


def _binding() -> stun.Message:
    return stun.Message(stun.Method.BINDING, stun.Class.REQUEST)


async def exchange(
    talk: Datagrams, make: Callable[[], stun.Message], within_s: float
) -> tuple[stun.Message, float, int]:
    """(reply, its round-trip time, requests sent). `make` gives each try's request.

    With a new transaction each time the round-trip time is that of the try that was answered; a request that changes
    something at the server must be the same message again (RFC 8489 section 6.2.1).
    """
    began, wait, tries = time.monotonic(), RTO_S, 0
    sent: dict[bytes, float] = {}
    while (left := within_s - (time.monotonic() - began)) > 0:
        one = make()
        sent[one.transaction_id] = time.monotonic()
        talk.send(bytes(one))
        tries += 1
        until = time.monotonic() + min(wait, left)
        while (came := await talk.next(until - time.monotonic())) is not None:
            reply = parsed(came[1])
            if reply is not None and reply.transaction_id in sent and reply.message_class in _ANSWERS:
                return reply, came[0] - sent[reply.transaction_id], tries
        wait = min(wait * 2, RTO_MOST_S)
    raise TryLater("udp_no_answer", f"{tries} × UDP")


_ANSWERS = (stun.Class.RESPONSE, stun.Class.ERROR)


def parsed(data: bytes) -> stun.Message | None:
    """A STUN message, None when it is none: whatever may be sent to us."""
    try:
        return stun.parse_message(data)
    except (ValueError, IndexError, KeyError, OverflowError):
        return None


def mapped_address(reply: stun.Message) -> tuple[str, int] | None:
    """Where the server sees us: XOR-MAPPED-ADDRESS, or what servers of RFC 3489's time send instead."""
    found = reply.attributes.get("XOR-MAPPED-ADDRESS") or reply.attributes.get("MAPPED-ADDRESS")
    return (str(found[0]), int(found[1])) if found else None
