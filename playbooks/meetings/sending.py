"""Sends one order to a meeting server and says what came of it. The only place that puts its secrets on the wire."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from core import GiveUp, OutsideFailure, TryLater, allowed_address
from playbooks.meetings.verbs import FAILED, LATER, VERBS, Aim, Outcome, Request, judge, request_of

MOST_ATTEMPTS = 5
FIRST_RETRY_S = 3.0
MOST_BYTES = 64_000
PATIENCE = httpx.Timeout(10.0, connect=5.0)

Note = Callable[[], Awaitable[None]]


async def carry_out(client: httpx.AsyncClient, aim: Aim, note: Note) -> Outcome:
    """Send it, or say why not. `note()` is awaited before anything is sent. Raises nothing of the outside world."""
    verb = VERBS[aim.verb]
    if aim.step == "act" and aim.was_sent and not verb.is_repeatable:
        return Outcome(FAILED, "interrupted")
    try:
        if aim.step == "act":
            await note()
        status, body = await _ask(client, aim, request_of(aim))
    except GiveUp as failure:
        return Outcome(FAILED, failure.reason, failure.detail)
    except OutsideFailure as failure:
        return _again(aim, failure.reason, failure.detail)
    outcome = judge(aim, status, body)
    return _again(aim, outcome.reason, outcome.detail) if _is_retry(outcome) else outcome


def _is_retry(outcome: Outcome) -> bool:
    return outcome.state == LATER and not outcome.step


def _again(aim: Aim, reason: str, detail: str) -> Outcome:
    if aim.attempts >= MOST_ATTEMPTS:
        return Outcome(FAILED, reason, detail)
    return Outcome(LATER, reason, detail, FIRST_RETRY_S * 2.0 ** (aim.attempts - 1), aim.step)


async def _ask(client: httpx.AsyncClient, aim: Aim, request: Request) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {aim.token.reveal()}"} if request.has_token else {}
    try:
        url = httpx.URL(aim.url.rstrip("/") + request.path)
        address = allowed_address(url.host, await _addresses(url.host))
        # The address was checked; the name goes to Host and SNI only, and is not resolved again (rebinding)
        headers |= {"Host": url.netloc.decode("ascii")}
        extensions = {"sni_hostname": url.raw_host.decode("ascii")} if url.scheme == "https" else {}
        async with client.stream(
            request.method, url.copy_with(host=address), params=dict(request.query), json=_body(aim, request),
            headers=headers, extensions=extensions,
        ) as answer:
            text = b""
            async for chunk in answer.aiter_bytes():
                text += chunk
                if len(text) > MOST_BYTES:
                    break
            return answer.status_code, text[:MOST_BYTES].decode("utf-8", "replace")
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise TryLater("unreachable", _where(aim.url)) from error
    except httpx.TimeoutException as error:
        raise _unknown(aim, "timeout") from error
    except httpx.InvalidURL as error:
        raise GiveUp("no_server", _where(aim.url)) from error
    except httpx.HTTPError as error:
        raise _unknown(aim, "unreachable") from error


async def _addresses(host: str) -> list[str]:
    try:
        async with asyncio.timeout(PATIENCE.connect):
            found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError) as error:
        raise TryLater("unreachable", host) from error
    return [str(one[4][0]) for one in found]


def _unknown(aim: Aim, reason: str) -> OutsideFailure:
    """It was sent and no answer came: what may be repeated is, the rest a person must look at."""
    if aim.step == "look" or VERBS[aim.verb].is_repeatable:
        return TryLater(reason, _where(aim.url))
    return GiveUp("no_answer", _where(aim.url))


def _body(aim: Aim, request: Request) -> dict[str, Any] | None:
    if request.body is None:
        return None
    body = dict(request.body)
    if request.has_login:
        domain, user, password = aim.login
        body["callLoginParams"] = {"domain": domain, "username": user, "password": password.get_secret_value()}
        body["youTubeStreamKey"] = aim.stream.reveal() if request.has_stream else None
    return body


def _where(url: str) -> str:
    """Host and port of an address, without what may stand before or behind them."""
    try:
        parsed = httpx.URL(url)
        host = parsed.host
    except httpx.InvalidURL:
        return ""
    try:
        shown = f"[{host}]" if ipaddress.ip_address(host).version == 6 else host
    except ValueError:
        shown = host
    return f"{shown}:{parsed.port}" if parsed.port else shown
