"""A connection to a service: looked up once, guarded, measured, and bounded in what it takes from the other side."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from collectors.checks.certificate import Seen, trusting, verifying
from collectors.checks.outcome import CheckTarget, Resolve
from collectors.checks.place import place_of
from core import GiveUp, TryLater, allowed_address

T = TypeVar("T")

LINE_LIMIT = 4096      # RFC 5321 takes 512, RFC 9051 8192 with literals; what is longer is no greeting
TOTAL_LIMIT = 1 << 18  # bytes of one conversation


@dataclass(slots=True)
class Wire:
    """One open connection. Every method raises TryLater when the other side breaks the rules."""

    host: str
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    is_secure: bool = False
    taken: int = 0

    async def line(self) -> str:
        """The next line, without its end."""
        try:
            raw = await self.reader.readuntil(b"\n")
        except asyncio.LimitOverrunError:
            raise TryLater("bad_reply", "a line without an end") from None
        except asyncio.IncompleteReadError as error:
            raise TryLater("closed_early", _shown(error.partial)) from None
        except (OSError, ssl.SSLError):
            raise TryLater("closed_early", self.host) from None
        self._count(len(raw))
        return raw.decode("utf-8", "replace").rstrip("\r\n")

    async def exactly(self, number: int) -> bytes:
        """The next `number` bytes."""
        self._count(number)
        try:
            return await self.reader.readexactly(number)
        except (asyncio.IncompleteReadError, OSError, ssl.SSLError):
            raise TryLater("closed_early", self.host) from None

    async def some(self, most: int) -> bytes:
        """What comes next, at most so much; b"" at the end."""
        try:
            raw = await self.reader.read(most)
        except (OSError, ssl.SSLError):
            return b""
        self._count(len(raw))
        return raw

    async def say(self, data: str | bytes) -> None:
        """Send text (a line end is added) or bytes as they are."""
        self.writer.write(data if isinstance(data, bytes) else f"{data}\r\n".encode())
        try:
            await self.writer.drain()
        except (OSError, ssl.SSLError):
            raise TryLater("closed_early", self.host) from None

    def close(self) -> None:
        """Let go at once: no farewell is waited for."""
        self.writer.transport.abort()

    def _count(self, number: int) -> None:
        self.taken += number
        if self.taken > TOTAL_LIMIT:
            raise TryLater("bad_reply", "an answer without an end")


@dataclass(slots=True)
class Dialling:
    """What a probe needs to connect, several times if it must, and what it learns on the way."""

    check: CheckTarget
    resolve: Resolve
    values: dict[str, float] = field(default_factory=dict)
    seen: Seen = field(default_factory=Seen)
    host: str = ""
    port: int = 0

    def __post_init__(self) -> None:
        self.host, self.port = place_of(self.check)

    async def connect(self) -> Wire:
        """Open the connection, in clear. Raises GiveUp and TryLater."""
        before = time.monotonic()
        address = allowed_address(self.host, await self.resolve(self.host))
        resolved = time.monotonic()
        try:
            reader, writer = await asyncio.open_connection(address, self.port, limit=LINE_LIMIT)
        except ConnectionRefusedError:
            raise TryLater("refused", f"{self.host}:{self.port}") from None
        except OSError as error:
            detail = error.strerror or type(error).__name__
            raise TryLater("no_connection", f"{self.host}:{self.port}: {detail}") from None
        self.values.setdefault("check_dns_seconds", resolved - before)
        self.values.setdefault("check_connect_seconds", time.monotonic() - resolved)
        return Wire(self.host, reader, writer)

    async def secure(self, wire: Wire, context: ssl.SSLContext) -> None:
        """TLS from here on. Raises ssl.SSLCertVerificationError for over_tls, TryLater for all else."""
        if wire.reader._buffer:  # type: ignore[attr-defined]
            # What was sent in clear before the handshake must not count as said under TLS (CVE-2021-33515 and kin)
            raise TryLater("bad_reply", "answers before the handshake")
        before = time.monotonic()
        try:
            await wire.writer.start_tls(context, server_hostname=self.host)
        except ssl.SSLCertVerificationError:
            raise
        except ssl.SSLError as error:
            raise TryLater("tls_failed", f"{self.host}: {error.reason or 'TLS'}") from None
        except (OSError, EOFError):
            raise TryLater("tls_failed", f"{self.host}: closed during the handshake") from None
        self.values["check_tls_seconds"] = time.monotonic() - before
        wire.is_secure = True
        self.seen.take(wire.writer.get_extra_info("ssl_object"))

    async def over_tls(self, talk: Callable[[Wire, ssl.SSLContext], Awaitable[T]]) -> T:
        """Have the conversation with the certificate verified; when it does not hold, once more just to look at it."""
        try:
            return await self._once(talk, verifying(self.check.ca_file))
        except ssl.SSLCertVerificationError as error:
            self.seen.distrust(error)
        try:
            return await self._once(talk, trusting())
        except ssl.SSLError as error:
            raise TryLater("tls_failed", f"{self.host}: {error.reason or 'TLS'}") from None

    async def _once(self, talk: Callable[[Wire, ssl.SSLContext], Awaitable[T]], context: ssl.SSLContext) -> T:
        wire = await self.connect()
        try:
            return await talk(wire, context)
        finally:
            with suppress(RuntimeError):
                wire.close()


def may_sign_in(wire: Wire, seen: Seen) -> None:
    """Raise GiveUp unless a password may go over this connection: encrypted, and with a certificate that holds."""
    if not wire.is_secure:
        raise GiveUp("sign_in_in_clear")
    if not seen.is_trusted:
        raise GiveUp("sign_in_untrusted", seen.message)


def _shown(raw: bytes) -> str:
    return raw[:80].decode("utf-8", "replace")
