"""One bounded HTTP question to a meeting server: guarded address, no redirects, a deadline, a largest size."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass

import httpx

from collectors.checks.certificate import verifying
from collectors.checks.outcome import Resolve
from core import GiveUp, OutsideFailure, TryLater, allowed_address

USUAL_LIMIT = 4 << 20
CONNECTIONS = 100
_SCHEMES = ("http", "https")
_HEADERS = {"User-Agent": "EduNOC", "Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True)
class Ask:
    """What to ask for. `host` is the Host header where the server wants another than the address says (Prosody)."""

    path: str
    timeout_s: float = 3.0
    accept: str = "application/json"
    limit: int = USUAL_LIMIT
    host: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that came whole."""

    status: int
    body: bytes

    @property
    def is_ok(self) -> bool:
        """HTTP 200."""
        return self.status == 200


class Caller:
    """Asks meeting servers. One for a worker; used on its loop alone; close() at the end.

    Each question has a connection of its own: servers close idle ones at moments that nobody can foresee.
    `certificate_file` is a PEM file with our certificate and key, for proxies that want one (mTLS).
    """

    def __init__(self, resolve: Resolve, ca_file: str = "", certificate_file: str = "") -> None:
        self._resolve, self._ca_file, self._certificate_file = resolve, ca_file, certificate_file
        self._client: httpx.AsyncClient | None = None

    async def get(self, base: str, ask: Ask) -> Reply:
        """GET `base` + path. Raises GiveUp and TryLater with words of collectors.REASONS."""
        url = _address(base, ask.path)
        shown = f"{url.scheme}://{url.host}:{url.port or ''}".rstrip(":")
        try:
            async with asyncio.timeout(ask.timeout_s):
                address = allowed_address(url.host, await self._resolve(url.host))
                return await self._stream(url, address, ask)
        except (TimeoutError, httpx.TimeoutException):
            raise TryLater("server_timeout", shown) from None
        except httpx.HTTPError as error:
            raise _failure(error, shown) from None

    async def _stream(self, url: httpx.URL, address: str, ask: Ask) -> Reply:
        # The address was checked; the name goes to Host and SNI only, and is not resolved again (rebinding)
        headers = {**_HEADERS, "Host": ask.host or url.netloc.decode("ascii"), "Accept": ask.accept}
        extensions = {"sni_hostname": url.raw_host.decode("ascii")} if url.scheme == "https" else {}
        client = self._client or self._open()
        async with client.stream("GET", url.copy_with(host=address), headers=headers, extensions=extensions) as reply:
            if 300 <= reply.status_code < 400:
                raise GiveUp("server_redirects", reply.headers.get("location", "")[:100])
            body = bytearray()
            async for part in reply.aiter_raw():
                body += part
                if len(body) > ask.limit:
                    raise TryLater("server_too_large", f"{ask.path} > {ask.limit >> 20} MB")
            return Reply(reply.status_code, bytes(body))

    def _open(self) -> httpx.AsyncClient:
        context = verifying(self._ca_file)
        if self._certificate_file:
            try:
                context.load_cert_chain(self._certificate_file)
            except (OSError, ssl.SSLError):
                raise GiveUp("server_wants_certificate", self._certificate_file[-100:]) from None
        limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=0)
        self._client = httpx.AsyncClient(verify=context, trust_env=False, limits=limits, timeout=None)
        return self._client

    async def close(self) -> None:
        """Let go of all connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()


def _address(base: str, path: str) -> httpx.URL:
    try:
        url = httpx.URL(base.strip().rstrip("/") + path)
    except httpx.InvalidURL:
        raise GiveUp("bad_server_address", base[:100]) from None
    if url.scheme not in _SCHEMES or not url.host or url.userinfo:
        raise GiveUp("bad_server_address", base.rpartition("@")[2][:100])
    return url


def _failure(error: httpx.HTTPError, shown: str) -> OutsideFailure:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return GiveUp("server_certificate", f"{shown}: {cause.verify_message}"[:200])
        if isinstance(cause, ssl.SSLError):
            detail = f"{shown}: {cause.reason or 'TLS'}"
            if "CERTIFICATE" in str(cause.reason or ""):
                return GiveUp("server_wants_certificate", detail)
            return TryLater("wrong_server", detail)
        if isinstance(cause, ConnectionRefusedError):
            return TryLater("server_refused", shown)
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.ConnectError):
        is_refused = "refused" in str(error).lower() or "Errno 111" in str(error)
        return TryLater("server_refused" if is_refused else "server_unreachable", shown)
    return TryLater("wrong_server", f"{shown}: {type(error).__name__}")
