"""One conversation with a projector over TCP: connect, authenticate, ask, close; a deadline on every wait.

A device takes one client and one command at a time: `Switchboard` lets only one conversation a device go on in this
process, and remembers which authentication each device wanted.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from core.failure import GiveUp, TryLater
from core.pjlink import reasons, wire
from core.secrets import Secret

SLOW = frozenset({"POWR", "INPT"})
STRAY_LINES = 16  # lines that are not the reply, before the device counts as confused


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a projector listens."""

    host: str
    port: int = wire.PORT


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait: for the connection and greeting, a reply, a slow command's reply; pause between commands."""

    connect_s: float = 5.0
    reply_s: float = 5.0
    slow_s: float = 10.0
    spacing_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command gave: reason "ok" with the value, or the named reason why not."""

    reason: str
    value: str = ""

    @property
    def is_ok(self) -> bool:
        """True when the device did it or told it."""
        return self.reason == reasons.OK


class Session:
    """An open conversation. Made by Switchboard.talk."""

    def __init__(self, streams: tuple[asyncio.StreamReader, asyncio.StreamWriter], patience: Patience) -> None:
        self._reader, self._writer = streams
        self._patience = patience
        self._buffer = wire.LineBuffer()
        self._lines: list[str] = []
        self._prefix = ""
        self._is_first = True
        self.asked = 0

    async def ask(self, command: str, parameter: str = "?", grade: int = 1) -> Answer:
        """Send one command and wait for its reply. Raises TryLater, and GiveUp for a refused password."""
        if not self._is_first and self._patience.spacing_s:
            await asyncio.sleep(self._patience.spacing_s)
        await self._send(wire.command_bytes(grade, command, parameter, self._prefix))
        self._prefix, self._is_first = "", False
        self.asked += 1
        try:
            async with asyncio.timeout(self._patience.slow_s if command in SLOW else self._patience.reply_s):
                value = await self._reply(command)
        except TimeoutError:
            value = wire.parse_reply(self._buffer.take_rest(), command)  # a reply without its CR
            if value is None:
                raise TryLater(reasons.TIMEOUT, command) from None
        reason = reasons.ERRORS.get(value.upper(), reasons.OK)
        if reason == reasons.WRONG_PASSWORD:
            raise GiveUp(reason)
        return Answer(reason, value if reason == reasons.OK else "")

    async def _reply(self, command: str) -> str:
        for _ in range(STRAY_LINES):
            line = await self._line()
            value = wire.parse_reply(line, command)
            if value is not None:
                return value
            if line.upper().startswith("PJLINK ERRA"):
                raise GiveUp(reasons.WRONG_PASSWORD)
        raise TryLater(reasons.GARBAGE, wire.shown(line))

    async def greet(self, password: str | None, is_strong: bool) -> str:
        """Take the greeting and make ready to authenticate: "open", "md5", "sha256", or "weaker" (reconnect, use MD5).

        Raises TryLater, GiveUp.
        """
        try:
            greeting = await self._greeting()
        except TryLater as failure:
            if failure.reason == reasons.CLOSED and not self._is_heard:
                raise TryLater(reasons.BUSY) from None
            raise
        if greeting.kind == "open":
            return "open"
        if greeting.kind != "password":
            raise GiveUp(reasons.WRONG_PASSWORD) if greeting.kind == "refused" else TryLater(reasons.GARBAGE)
        if password is None:
            raise GiveUp(reasons.PASSWORD_NEEDED)
        if not is_strong:
            self._prefix = wire.md5_digest(greeting.random, password)
            return "md5"
        return await self._greet_stronger(password)

    async def _greet_stronger(self, password: str) -> str:
        try:
            await self._send(b"PJLINK 2\r")
            answer = await self._greeting()
        except (TryLater, wire.NotPjlink):
            return "weaker"
        if answer.kind != "stronger":
            return "weaker"
        own = secrets.token_hex(16)
        self._prefix = own + wire.sha256_digest(answer.random, own, password)
        return "sha256"

    _is_heard = False

    async def _greeting(self) -> wire.Greeting:
        line = ""
        try:
            async with asyncio.timeout(self._patience.connect_s):
                line = await self._line()
        except TimeoutError:
            line = self._buffer.take_rest()
            if not line:
                raise TryLater(reasons.TIMEOUT, "PJLINK") from None
        try:
            return wire.parse_greeting(line)
        except wire.NotPjlink as problem:
            raise TryLater(reasons.GARBAGE, str(problem)) from None

    async def _send(self, data: bytes) -> None:
        try:
            self._writer.write(data)
            async with asyncio.timeout(self._patience.reply_s):
                await self._writer.drain()
        except TimeoutError:
            raise TryLater(reasons.TIMEOUT) from None
        except OSError as error:
            raise TryLater(reasons.CLOSED, error.strerror or "") from None

    async def _line(self) -> str:
        while not self._lines:
            try:
                data = await self._reader.read(wire.MAX_LINE)
            except OSError as error:
                raise TryLater(reasons.CLOSED, error.strerror or "") from None
            if not data:
                rest = self._buffer.take_rest()
                if rest:
                    return rest
                raise TryLater(reasons.CLOSED)
            self._is_heard = True
            try:
                self._lines = self._buffer.feed(data)
            except wire.NotPjlink as problem:
                raise TryLater(reasons.GARBAGE, str(problem)) from None
        return self._lines.pop(0)

    async def close(self) -> None:
        """Let go of the connection."""
        self._writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(1.0):
                await self._writer.wait_closed()


@dataclass(slots=True)
class Switchboard:
    """One for a process: who talks to which projector now, what authentication each speaks, whom to read again."""

    _locks: dict[Endpoint, asyncio.Lock] = field(default_factory=dict)
    _spoken: dict[Endpoint, str] = field(default_factory=dict)
    _to_read: set[int] = field(default_factory=set)

    def look_again(self, device_id: int) -> None:
        """Somebody acted on this device: whoever reads projectors had better read it now."""
        self._to_read.add(device_id)

    def take_to_read(self) -> set[int]:
        """The devices to read again, since this was asked last."""
        taken, self._to_read = self._to_read, set()
        return taken

    def spoken(self, endpoint: Endpoint) -> str:
        """How this device authenticated last: "open", "md5", "sha256"; "" when it is not known."""
        return self._spoken.get(endpoint, "")

    @asynccontextmanager
    async def talk(
        self, endpoint: Endpoint, password: Secret | None, patience: Patience = Patience(), wait_s: float = 60.0
    ) -> AsyncIterator[Session]:
        """An authenticated conversation, closed at the end. Raises TryLater, GiveUp.

        Waits at most `wait_s` for another conversation of this process with the same device.
        """
        lock = self._locks.setdefault(endpoint, asyncio.Lock())
        try:
            async with asyncio.timeout(wait_s):
                await lock.acquire()
        except TimeoutError:
            raise TryLater(reasons.BUSY) from None
        try:
            session = await self._open(endpoint, password, patience)
            try:
                yield session
            finally:
                await session.close()
        finally:
            lock.release()

    async def _open(self, endpoint: Endpoint, password: Secret | None, patience: Patience) -> Session:
        clear = password.reveal() if password is not None else None
        for is_strong in (True, False) if self.spoken(endpoint) != "md5" else (False,):
            session = Session(await _connect(endpoint, patience), patience)
            try:
                spoken = await session.greet(clear, is_strong)
            except BaseException:
                await session.close()
                raise
            if spoken != "weaker":
                self._spoken[endpoint] = spoken
                return session
            await session.close()
        raise TryLater(reasons.GARBAGE)


async def _connect(endpoint: Endpoint, patience: Patience) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        async with asyncio.timeout(patience.connect_s):
            return await asyncio.open_connection(endpoint.host, endpoint.port)
    except TimeoutError:
        raise TryLater(reasons.TIMEOUT, "TCP") from None
    except ConnectionRefusedError:
        raise TryLater(reasons.REFUSED, str(endpoint.port)) from None
    except OSError as error:
        raise TryLater(reasons.NO_CONNECTION, error.strerror or str(error)) from None
