"""Is a hardware codec there, and is it in a call: SIP OPTIONS over UDP or TCP (RFC 3261 section 11).

Any final answer means that it lives; 486 and 600 are what an INVITE would get now, so it is in a call.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from aioice.stun import Class, Message, Method

from collectors.checks.media.datagrams import Datagrams, datagrams_to
from collectors.checks.outcome import CheckTarget, Measured, Resolve
from collectors.checks.wire import Dialling
from core import GiveUp, TryLater, allowed_address
from inventory import MediaTarget, media_target

T1_S, T2_S = 0.5, 4.0   # RFC 3261 section 17.1.1.1
PART = 0.9
MOST_BYTES = 16_384
IN_CALL = (486, 600)
RESTRICTED = (401, 403, 404, 405, 407, 501)


@dataclass(frozen=True, slots=True)
class Answer:
    """One response: its code, the reason phrase, and the headers by lower-case name (the first of each)."""

    code: int
    phrase: str
    headers: dict[str, str]


async def probe(check: CheckTarget, resolve: Resolve) -> Measured:
    """Ask `sip:[user@]host[:port][;transport=tcp]`. Raises GiveUp and TryLater, "sip_no_answer" on silence."""
    try:
        target = media_target("sip", check.target)
    except ValueError:
        raise GiveUp("bad_target", check.target[:100]) from None
    host = target.host or check.address
    within_s = min(check.timeout_s * PART, 64 * T1_S)
    # Chance from the operating system, as the library that makes transactions of STUN takes it
    token = Message(Method.BINDING, Class.REQUEST).transaction_id.hex()
    before = time.monotonic()
    if target.transport == "udp":
        address = allowed_address(host, await resolve(host))
        async with datagrams_to(address, target.port) as talk:
            answer = await _over_udp(talk, target, token, within_s)
    else:
        answer = await _over_tcp(check, target, resolve, token)
    return judge(answer, time.monotonic() - before)


def judge(answer: Answer, seconds: float) -> Measured:
    """What an answer says of the codec."""
    state = "in_call" if answer.code in IN_CALL else "restricted" if answer.code in RESTRICTED else (
        "idle" if answer.code < 300 else "answers")
    values = {"sip_status": float(answer.code), "sip_in_call": float(state == "in_call"), "sip_seconds": seconds}
    software = answer.headers.get("user-agent") or answer.headers.get("server", "")
    facts = {"state": state, "software": software[:120], "allows": answer.headers.get("allow", "")[:200]}
    return Measured(values, "ok", "" if answer.code < 300 else f"{answer.code} {answer.phrase}"[:200], facts)


def request_of(target: MediaTarget, own: tuple[str, int], token: str, transport: str) -> bytes:
    """The OPTIONS request. `token` makes branch, tag and Call-ID this request's own."""
    local, place = _host(own[0]), _host(target.host)
    uri = f"sip:{target.user}@{place}" if target.user else f"sip:{place}"
    at = f"{local}:{own[1]}"
    return (
        f"OPTIONS {uri} SIP/2.0\r\nVia: SIP/2.0/{transport} {at};branch=z9hG4bK-edunoc-{token};rport\r\n"
        f"Max-Forwards: 70\r\nFrom: <sip:edunoc@{local}>;tag={token[:8]}\r\nTo: <{uri}>\r\n"
        f"Call-ID: {token}@{local}\r\nCSeq: 1 OPTIONS\r\nContact: <sip:edunoc@{at}>\r\nAccept: application/sdp\r\n"
        "Content-Length: 0\r\n\r\n"
    ).encode()


def _host(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def parsed(data: bytes) -> Answer | None:
    """A response, None when it is none."""
    head = data[:MOST_BYTES].partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
    first, *lines = head.split("\r\n")
    version, _mark, rest = first.partition(" ")
    code, _mark, phrase = rest.partition(" ")
    if version != "SIP/2.0" or len(code) != 3 or not (code.isascii() and code.isdigit()):
        return None
    headers: dict[str, str] = {}
    for line in lines[:100]:
        name, mark, value = line.partition(":")
        if mark:
            headers.setdefault(_LONG.get(name.strip().lower(), name.strip().lower()), value.strip())
    return Answer(int(code), phrase[:100], headers)


_LONG = {"i": "call-id", "v": "via", "f": "from", "t": "to", "l": "content-length"}  # RFC 3261 section 7.3.3


def _is_ours(answer: Answer | None, token: str) -> bool:
    return answer is not None and answer.code >= 200 and answer.headers.get("call-id", "").startswith(f"{token}@")


async def _over_udp(talk: Datagrams, target: MediaTarget, token: str, within_s: float) -> Answer:
    request = request_of(target, talk.own_address(), token, "UDP")
    began, wait, tries = time.monotonic(), T1_S, 0
    while (left := within_s - (time.monotonic() - began)) > 0:
        talk.send(request)
        tries += 1
        until = time.monotonic() + min(wait, left)
        while (came := await talk.next(until - time.monotonic())) is not None:
            answer = parsed(came[1])
            if answer is not None and _is_ours(answer, token):
                return answer
        wait = min(wait * 2, T2_S)
    raise TryLater("sip_no_answer", f"{tries} × OPTIONS")


async def _over_tcp(check: CheckTarget, target: MediaTarget, resolve: Resolve, token: str) -> Answer:
    dialling = Dialling(CheckTarget("sip", f"{_host(target.host or check.address)}:{target.port}"), resolve)
    wire = await dialling.connect()
    try:
        own = wire.writer.get_extra_info("sockname")
        await wire.say(request_of(target, (own[0], own[1]), token, "TCP"))
        held = b""
        try:
            async with asyncio.timeout(min(check.timeout_s * PART, 64 * T1_S)):
                while part := await wire.some(MOST_BYTES):
                    held += part
                    while b"\r\n\r\n" in held:
                        answer = parsed(held)
                        if answer is None:
                            raise TryLater("bad_reply", held[:60].decode("utf-8", "replace"))
                        if _is_ours(answer, token):
                            return answer
                        held = held.partition(b"\r\n\r\n")[2]  # a provisional answer has no body
        except TimeoutError:
            raise TryLater("sip_no_answer", "TCP") from None
        raise TryLater("closed_early", dialling.host)
    finally:
        wire.close()
