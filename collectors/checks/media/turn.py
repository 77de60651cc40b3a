"""Does a relay give us a place: TURN Allocate over UDP, TCP or TLS (RFC 8656), with short-lived credentials.

The credential's password is the relay's shared secret: the name is an expiry in epoch seconds, the password
base64(HMAC-SHA1(secret, name)), as coturn's use-auth-secret wants it (draft-uberti-behave-turn-rest-00). With `expect`
"static" name and password are used as they are. The place is given back at once.
"""

from __future__ import annotations

import base64
import hmac
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from hashlib import md5

from aioice import stun

from collectors.checks.certificate import with_certificate
from collectors.checks.media.datagrams import datagrams_to
from collectors.checks.media.stun import PART, exchange, mapped_address, parsed
from collectors.checks.outcome import CheckTarget, Measured, Resolve, SignIn
from collectors.checks.wire import Dialling, Wire
from core import GiveUp, OutsideFailure, Secret, TryLater, allowed_address
from inventory import MediaTarget, media_target

UDP_RELAY = 0x11000000  # REQUESTED-TRANSPORT: protocol 17 in the first byte
GOOD_FOR_S = 600        # a short-lived name is good for ten minutes: clocks of relays are rarely better
LIFETIME_S = 60
STATIC = "static"
# RFC 8656 section 19, RFC 8489 section 14.8
_REFUSALS = {
    300: "turn_elsewhere", 401: "turn_refused", 403: "turn_forbidden", 441: "turn_refused", 486: "turn_quota",
    508: "turn_full",
}

Ask = Callable[[stun.Message], Awaitable[stun.Message]]


async def probe(check: CheckTarget, resolve: Resolve, wall: Callable[[], float]) -> Measured:
    """Ask for a place and give it back. Raises GiveUp and TryLater, "udp_no_answer" when UDP brought nothing."""
    try:
        target = media_target("turn", check.target)
    except ValueError:
        raise GiveUp("bad_target", check.target[:100]) from None
    who = short_lived(check.sign_in, wall()) if check.expect.strip() != STATIC else check.sign_in
    if target.transport != "udp":
        return await _over_stream(check, target, resolve, who, wall())
    return await _over_udp(check, target, resolve, who)


async def _over_udp(check: CheckTarget, target: MediaTarget, resolve: Resolve, who: SignIn | None) -> Measured:
    host = target.host or check.address
    address = allowed_address(host, await resolve(host))
    before = time.monotonic()

    async def once() -> dict[str, str]:
        async with datagrams_to(address, target.port) as talk:

            async def ask(request: stun.Message) -> stun.Message:
                left = check.timeout_s * PART - (time.monotonic() - before)
                reply, _rtt, _tries = await exchange(talk, lambda: request, left)
                return reply

            return await allocate(ask, who)

    for is_last in (False, False, True):
        try:
            facts = await once()
            break
        except TryLater as failure:
            # RFC 8656 section 7.4: the port we were dealt is still known to the relay from before; take another
            if is_last or not failure.detail.startswith("437 "):
                raise
    return Measured({"turn_allocate_seconds": time.monotonic() - before}, "ok", "", facts)


def short_lived(who: SignIn | None, now: float) -> SignIn | None:
    """The name and password for the next minutes, out of the relay's shared secret; None when there is none."""
    if who is None:
        return None
    name = f"{int(now) + GOOD_FOR_S}:{who.user}"
    digest = hmac.new(who.password.reveal().encode(), name.encode(), "sha1").digest()
    return SignIn(name, Secret(base64.b64encode(digest).decode()))


async def allocate(ask: Ask, who: SignIn | None) -> dict[str, str]:
    """Allocate, look, and free; gives back facts. Raises TryLater with the reason of a refusal.

    Without credentials the relay's asking for them is the proof that it works.
    """
    first = await ask(_request(stun.Method.ALLOCATE))
    facts = {"software": str(first.attributes.get("SOFTWARE", ""))[:80]}
    if first.message_class == stun.Class.RESPONSE:
        await ask(_request(stun.Method.REFRESH, LIFETIME=0))
        raise TryLater("turn_open", str(first.attributes.get("XOR-RELAYED-ADDRESS", "")))
    if first.error_code != 401 or "REALM" not in first.attributes or "NONCE" not in first.attributes:
        raise _refusal(first)
    facts["realm"] = str(first.attributes["REALM"])[:80]
    if who is None:
        return facts
    reply, key = await _signed(ask, first, who)
    place, seen = reply.attributes.get("XOR-RELAYED-ADDRESS"), mapped_address(reply)
    if not reply.check_message_integrity(key) or place is None:
        raise TryLater("bad_reply", "a place whose giver does not know the password")
    facts |= {"relayed": f"{place[0]}:{place[1]}", "seen_as": f"{seen[0]}:{seen[1]}" if seen else "", "sign_in": "ok"}
    freeing = _request(stun.Method.REFRESH, LIFETIME=0)
    _sign(freeing, first, who, key)
    with suppress(OutsideFailure):  # it ends by itself after LIFETIME_S
        await ask(freeing)
    return facts


async def _signed(ask: Ask, challenge: stun.Message, who: SignIn) -> tuple[stun.Message, bytes]:
    """The answer to a signed Allocate, and its key; a stale nonce (438) is taken anew once."""
    realm = str(challenge.attributes["REALM"])
    # RFC 8489 section 9.2.2: the long-term key is MD5 of user:realm:password
    key = md5(f"{who.user}:{realm}:{who.password.reveal()}".encode(), usedforsecurity=False).digest()
    for _try in range(2):
        request = _request(stun.Method.ALLOCATE)
        _sign(request, challenge, who, key)
        reply = await ask(request)
        if reply.message_class == stun.Class.RESPONSE:
            return reply, key
        if reply.error_code != 438 or "NONCE" not in reply.attributes:
            raise _refusal(reply)
        challenge.attributes["NONCE"] = reply.attributes["NONCE"]
    raise _refusal(reply)


def _request(method: stun.Method, **attributes: int) -> stun.Message:
    if method == stun.Method.ALLOCATE:
        attributes = {"LIFETIME": LIFETIME_S, "REQUESTED-TRANSPORT": UDP_RELAY}
    return stun.Message(method, stun.Class.REQUEST, attributes=dict(attributes))


def _sign(request: stun.Message, challenge: stun.Message, who: SignIn, key: bytes) -> None:
    request.attributes |= {
        "USERNAME": who.user, "REALM": challenge.attributes["REALM"], "NONCE": challenge.attributes["NONCE"],
    }  # fmt: skip
    request.add_message_integrity(key)


def _refusal(reply: stun.Message) -> TryLater:
    said = reply.attributes.get("ERROR-CODE") or (0, "")
    return TryLater(_REFUSALS.get(said[0], "turn_error"), f"{said[0]} {said[1]}"[:200])


async def _over_stream(
    check: CheckTarget, target: MediaTarget, resolve: Resolve, who: SignIn | None, now: float
) -> Measured:
    place = f"[{target.host}]:{target.port}" if ":" in target.host else f"{target.host}:{target.port}"
    dialling = Dialling(replace(check, target=place), resolve)
    facts: dict[str, str] = {}
    before = time.monotonic()

    async def talk(wire: Wire, context: ssl.SSLContext) -> None:
        if target.transport == "tls":
            await dialling.secure(wire, context)

        async def ask(request: stun.Message) -> stun.Message:
            await wire.say(bytes(request))
            return await _message(wire, request.transaction_id)

        # A password goes only where the certificate holds; the relay sees a digest of it in any case
        facts.update(await allocate(ask, who if target.transport == "tcp" or dialling.seen.is_trusted else None))

    await dialling.over_tls(talk)
    values = {**dialling.values, "turn_allocate_seconds": time.monotonic() - before}
    measured = Measured(values, "ok", "", facts)
    if target.transport == "tcp":
        return measured
    told = with_certificate(measured, dialling.seen, dialling.host, now)
    trouble = told.facts.get("certificate_trouble", "")
    return replace(told, reason=trouble) if trouble else told  # browsers turn away from such a relay


async def _message(wire: Wire, transaction_id: bytes) -> stun.Message:
    """The answer to a request; what belongs to none is passed over, within what a wire takes at most."""
    while True:
        head = await wire.exactly(20)
        length = int.from_bytes(head[2:4], "big")
        reply = parsed(head + await wire.exactly(length)) if head[0] < 0x40 and length <= 2048 else None
        if reply is None:
            raise TryLater("bad_reply", "no STUN")
        if reply.transaction_id == transaction_id:
            return reply
