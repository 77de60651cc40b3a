"""How media would fare on the way to the bridges: a train of datagrams to our reflector, looked at both ways.

The reflector says in each answer how many came and when, so loss and jitter are known for each direction apart
(jitter: RFC 3550 section 6.4.1, where clocks that differ cancel out).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from collectors.checks.media.datagrams import Datagrams, datagrams_to
from collectors.checks.outcome import CheckTarget, Measured, Resolve
from collectors.checks.place import place_of
from collectors.reflector import CAR, ECHO, HEAD, HELLO, MAGIC, TAIL, TICKET
from core import TryLater, allowed_address

EMPTY = bytes(16)
PER_SECOND, SIZE = 50, 200              # jitsi.md section 8.3: 50 a second of 200 bytes, as sound is
USUAL_S, MOST_S = 2, 20
BAD_LOSS = 0.03                         # jitsi.md section 8.1
LAST_WAIT_S = 1.0


@dataclass(frozen=True, slots=True)
class Echo:
    """One car that came back: number, when sent and back (our microseconds), when reflected (the reflector's)."""

    number: int
    sent_us: int
    back_us: int
    reflected_us: int
    seen: int


async def probe(check: CheckTarget, resolve: Resolve) -> Measured:
    """Send a train to `host:port`. Raises GiveUp and TryLater, "udp_no_answer" when nothing at all came back."""
    host, port = place_of(check)
    address = allowed_address(host, await resolve(host))
    wanted = int(check.expect) if check.expect.strip().isdigit() else USUAL_S
    seconds = max(1.0, min(wanted, MOST_S, check.timeout_s - 2 * LAST_WAIT_S))
    count = int(seconds * PER_SECOND)
    async with datagrams_to(address, port) as talk:
        ticket = await _ticket(talk, min(3.0, check.timeout_s / 3))
        echoes = await _ride(talk, ticket, count)
    if not echoes:
        raise TryLater("udp_no_answer", f"{count} × UDP")
    return judge(echoes, count)


def judge(echoes: Sequence[Echo], count: int) -> Measured:
    """Loss, jitter and round-trip time of a train of `count` cars, of which these came back."""
    seen = max(echo.seen for echo in echoes)
    back = len({echo.number for echo in echoes})
    rtts = sorted((echo.back_us - echo.sent_us) / 1e6 for echo in echoes)
    in_order = sorted(echoes, key=lambda echo: echo.number)
    up, down = max(0.0, 1 - seen / count), max(0.0, 1 - back / max(seen, back))
    values = {
        "media_loss_ratio": 1 - back / count, "media_loss_up_ratio": up, "media_loss_down_ratio": down,
        "media_rtt_seconds": rtts[len(rtts) // 2],
        "media_jitter_up_seconds": jitter_s([(echo.sent_us, echo.reflected_us) for echo in in_order]),
        "media_jitter_down_seconds": jitter_s([(echo.reflected_us, echo.back_us) for echo in in_order]),
    }  # fmt: skip
    is_lossy = values["media_loss_ratio"] >= BAD_LOSS
    detail = f"↑ {up:.1%} ↓ {down:.1%}" if is_lossy else ""
    return Measured(values, "train_lossy" if is_lossy else "ok", detail, {"cars": f"{back}/{count}"})


def jitter_s(pairs: Sequence[tuple[int, int]]) -> float:
    """RFC 3550: the running mean difference of transit times, over (left, arrived) in microseconds."""
    jitter, last = 0.0, None
    for left, arrived in pairs:
        transit = arrived - left
        if last is not None:
            jitter += (abs(transit - last) - jitter) / 16
        last = transit
    return jitter / 1e6


async def _ticket(talk: Datagrams, within_s: float) -> bytes:
    """Leave to send: it proves to the reflector that we are where we say. Raises TryLater("udp_no_answer")."""
    hello = HEAD.pack(MAGIC, HELLO, 0, EMPTY, 0).ljust(SIZE, b"\0")
    for _try in range(3):
        talk.send(hello)
        until = time.monotonic() + within_s / 3
        while (came := await talk.next(until - time.monotonic())) is not None:
            if len(came[1]) >= HEAD.size and came[1][:4] == MAGIC and came[1][4] == TICKET:
                return HEAD.unpack_from(came[1])[3]
    raise TryLater("udp_no_answer", "3 × UDP")


async def _ride(talk: Datagrams, ticket: bytes, count: int) -> list[Echo]:
    gap, began = 1 / PER_SECOND, time.monotonic()
    for number in range(count):
        wait = began + number * gap - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        car = HEAD.pack(MAGIC, CAR, number, ticket, int(time.monotonic() * 1e6))
        talk.send(car.ljust(SIZE, b"\0"))
    echoes: list[Echo] = []
    until = time.monotonic() + LAST_WAIT_S
    while len(echoes) < count and (came := await talk.next(until - time.monotonic())) is not None:
        echo = _echo(came, ticket, count)
        if echo is not None:
            echoes.append(echo)
    return echoes


def _echo(came: tuple[float, bytes], ticket: bytes, count: int) -> Echo | None:
    at, data = came
    if len(data) < HEAD.size + TAIL.size:
        return None
    magic, kind, number, own, sent_us = HEAD.unpack_from(data)
    if magic != MAGIC or kind != ECHO or own != ticket or number >= count:
        return None
    reflected_us, seen = TAIL.unpack_from(data, HEAD.size)
    return Echo(number, sent_us, int(at * 1e6), reflected_us, min(seen, count))
