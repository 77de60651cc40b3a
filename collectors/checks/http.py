"""Does a page answer: status, expected text, time, age of the certificate. Few redirects, a small part of the body."""

from __future__ import annotations

import codecs
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from collectors.checks.certificate import Seen, judge, trusting, verifying
from collectors.checks.outcome import CheckTarget, Measured, Resolve
from core import GiveUp, TryLater, allowed_address

MAX_REDIRECTS = 5
MAX_BODY = 1 << 20
HEADERS = {"User-Agent": "EduNOC check", "Accept": "*/*", "Accept-Encoding": "identity"}


@dataclass(slots=True)
class _Visit:
    """What is learnt on the way. `seen` is the certificate of the first host, which is the one that was configured."""

    check: CheckTarget
    resolve: Resolve
    values: dict[str, float] = field(default_factory=dict)
    seen: Seen = field(default_factory=Seen)
    begun: dict[str, float] = field(default_factory=dict)

    async def trace(self, event: str, _info: Mapping[str, Any]) -> None:
        """Take the times of connecting and of the handshake out of httpcore's events; the first connection counts."""
        for word, metric in (("connect_tcp", "check_connect_seconds"), ("start_tls", "check_tls_seconds")):
            if event == f"connection.{word}.started":
                self.begun[word] = time.monotonic()
            elif event == f"connection.{word}.complete" and word in self.begun:
                self.values.setdefault(metric, time.monotonic() - self.begun.pop(word))


async def probe(check: CheckTarget, resolve: Resolve, wall: Callable[[], float]) -> Measured:
    """Ask for the page of `check.target` (a URL, or a path of the device's own http). Raises GiveUp and TryLater."""
    url, visit = _first_url(check), _Visit(check, resolve)
    configured = (url.host, url.port)
    for _ in range(MAX_REDIRECTS + 1):
        is_redirected = (url.host, url.port) != configured
        response, body = await _visit(url, visit, is_redirected)
        following = _following(url, response)
        if following is None:
            break
        url = following
    else:
        raise GiveUp("too_many_redirects", _shown(url))
    visit.values["check_http_status"] = float(response.status_code)
    visit.values["check_bytes"] = float(len(body))
    reason, detail = _verdict(check, response, body)
    server = response.headers.get("server", "")[:80]
    facts = {"status": str(response.status_code), "page": _shown(url), "server": server}
    verdict = judge(visit.seen, configured[0], wall()) if visit.seen.certificate else None
    if verdict is not None:
        visit.values.update(verdict.values)
        facts.update(verdict.facts)
        # Devices sign their own certificates: that is told, but the page is there. An expired one keeps people out.
        if verdict.reason == "certificate_expired" and reason == "ok":
            reason, detail = verdict.reason, verdict.detail
    return Measured(visit.values, reason, detail, facts)


def _first_url(check: CheckTarget) -> httpx.URL:
    text = check.target.strip()
    if text.startswith("/") and check.address:
        host = f"[{check.address}]" if ":" in check.address else check.address
        text = f"http://{host}{text}"
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        raise GiveUp("bad_target", text[:100]) from None
    if url.scheme not in ("http", "https") or not url.host or url.userinfo:
        raise GiveUp("bad_target", text[:100])
    return url


async def _visit(url: httpx.URL, visit: _Visit, is_redirected: bool) -> tuple[httpx.Response, bytes]:
    """One request with the certificate verified; when it does not hold, once more without, to tell its age."""
    before = time.monotonic()
    address = allowed_address(url.host, await visit.resolve(url.host), is_redirected)
    visit.values["check_dns_seconds"] = visit.values.get("check_dns_seconds", 0.0) + time.monotonic() - before
    try:
        return await _request(url, address, visit, verifying(visit.check.ca_file))
    except ssl.SSLCertVerificationError as error:
        if not visit.seen.certificate:
            visit.seen.distrust(error)
    try:
        return await _request(url, address, visit, trusting())
    except ssl.SSLError as error:
        raise TryLater("bad_reply", str(error.reason or "TLS")) from None


async def _request(
    url: httpx.URL, address: str, visit: _Visit, context: ssl.SSLContext
) -> tuple[httpx.Response, bytes]:
    # The address was checked; nobody may resolve the name again (rebinding), so it goes to Host and SNI only.
    fixed = url.copy_with(host=address, fragment=None)
    headers = {**HEADERS, "Host": url.netloc.decode("ascii")}
    extensions: dict[str, Any] = {"trace": visit.trace}
    if url.scheme == "https":
        extensions["sni_hostname"] = url.raw_host.decode("ascii")
    async with httpx.AsyncClient(verify=context, trust_env=False, timeout=visit.check.timeout_s) as client:
        began = time.monotonic()
        try:
            async with client.stream("GET", fixed, headers=headers, extensions=extensions) as response:
                visit.values.setdefault("check_first_byte_seconds", time.monotonic() - began)
                stream = response.extensions["network_stream"]
                visit.seen.take(stream.get_extra_info("ssl_object"))
                return response, await _body(response)
        except httpx.TimeoutException:
            raise TryLater("check_timeout", _shown(url)) from None
        except httpx.ConnectError as error:
            raise _connect_failure(error, url) from None
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise TryLater("bad_reply", f"{_shown(url)}: {type(error).__name__}") from None


async def _body(response: httpx.Response) -> bytes:
    body = bytearray()
    async for part in response.aiter_raw():
        body += part
        if len(body) >= MAX_BODY:
            break
    return bytes(body[:MAX_BODY])


def _connect_failure(error: httpx.ConnectError, url: httpx.URL) -> Exception:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause
        if isinstance(cause, ssl.SSLError):
            return TryLater("bad_reply", f"{_shown(url)}: {cause.reason or 'TLS'}")
        if isinstance(cause, ConnectionRefusedError):
            return TryLater("refused", _shown(url))
        cause = cause.__cause__ or cause.__context__
    # anyio gathers refusals of several addresses into one text without a cause.
    word = "refused" if "refused" in str(error).lower() or "Errno 111" in str(error) else "no_connection"
    return TryLater(word, _shown(url))


def _following(url: httpx.URL, response: httpx.Response) -> httpx.URL | None:
    location = response.headers.get("location")
    if response.status_code not in (301, 302, 303, 307, 308) or not location:
        return None
    try:
        following = url.join(location[:2000])
    except httpx.InvalidURL:
        raise GiveUp("bad_reply", "a redirect to no address") from None
    if following.scheme not in ("http", "https") or not following.host or following.userinfo:
        raise GiveUp("forbidden_address", _shown(following))
    return following


def _verdict(check: CheckTarget, response: httpx.Response, body: bytes) -> tuple[str, str]:
    wanted = check.expect_status.split()
    if str(response.status_code) not in wanted if wanted else not 200 <= response.status_code < 400:
        return "bad_status", f"HTTP {response.status_code}"
    if check.expect and check.expect.encode() not in body:
        text = body.decode(response.charset_encoding or "utf-8", "replace") if _is_known(response) else ""
        if check.expect not in text:
            return "text_missing", check.expect[:100]
    return "ok", ""


def _is_known(response: httpx.Response) -> bool:
    try:
        codecs.lookup(response.charset_encoding or "utf-8")
    except LookupError:
        return False
    return True


def _shown(url: httpx.URL) -> str:
    return f"{url.scheme}://{url.host}"[:100]
