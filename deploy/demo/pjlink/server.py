"""Pretended projectors on loopback ports: PJLink class 1 and 2, three ways of authentication, faults on demand.

A fake for tests and the demonstration; it answers on this machine alone.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import socket
from contextlib import suppress
from dataclasses import dataclass, field

from deploy.demo.pjlink.projector import Projector

_COMMAND = re.compile(r"%([12])([A-Z0-9]{4}) (.{0,128})", re.IGNORECASE | re.DOTALL)
RANDOM = "498e4a67"  # the example of the standard
STRONG_RANDOM = "0123456789abcdef0123456789abcdef"


@dataclass(slots=True)
class Faults:
    """What goes wrong, all switched off at first. `close_after`: commands answered before the line is cut."""

    delay_s: float = 0.0
    garbage: bool = False        # replies with noise
    garbage_greeting: bool = False
    oversize: bool = False       # a line without end
    truncated: bool = False      # half a reply, then closed
    no_cr: bool = False          # the reply without its CR
    crlf_nul: bool = False       # CRLF and NUL padding
    wrong_class: bool = False    # answers class 2 as class 1
    other_command: bool = False  # answers another command than was asked
    lkup: bool = False           # a search notice before each reply
    mute: bool = False           # takes the command and says nothing
    close_after: int | None = None


@dataclass(slots=True)
class Door:
    """Where one projector listens, how it authenticates ("" none, "md5", "sha256"), and its faults."""

    projector: Projector
    host: str = "127.0.0.1"
    port: int = 0
    authentication: str = ""
    password: str = ""
    idle_s: float = 30.0
    one_client: bool = True
    notify: tuple[str, int] | None = None
    mac: str = "02:00:00:00:43:52"
    faults: Faults = field(default_factory=Faults)
    connections: int = 0
    refused_passwords: int = 0
    _busy: bool = False


class PjlinkServer:
    """Serves doors until closed: `async with PjlinkServer(doors)`. A door's port is known then."""

    def __init__(self, doors: list[Door]) -> None:
        self.doors = doors
        self._servers: dict[int, asyncio.Server] = {}
        self._speakers: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> PjlinkServer:
        try:
            for door in self.doors:
                await self.open(door)
        except OSError:
            await self.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def open(self, door: Door) -> None:
        """Let a projector answer (again, after it was dead)."""
        server = await asyncio.start_server(
            lambda reader, writer: self._serve(door, reader, writer), door.host, door.port
        )
        door.port = server.sockets[0].getsockname()[1]
        self._servers[id(door)] = server

    async def kill(self, door: Door) -> None:
        """Let a projector be dead: nothing listens any more."""
        server = self._servers.pop(id(door))
        server.close()
        await self._end_speakers()

    async def aclose(self) -> None:
        """End everything."""
        for server in self._servers.values():
            server.close()
        self._servers.clear()
        await self._end_speakers()

    async def _end_speakers(self) -> None:
        speakers = list(self._speakers)
        for task in speakers:
            task.cancel()
        await asyncio.gather(*speakers, return_exceptions=True)

    async def _serve(self, door: Door, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._speakers.add(task)
            task.add_done_callback(self._speakers.discard)
        door.connections += 1
        is_second = door.one_client and door._busy
        try:
            if not is_second:
                door._busy = True
                await _Conversation(door, reader, writer).run()
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass
        finally:
            if not is_second:
                door._busy = False
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


class _Conversation:
    def __init__(self, door: Door, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.door, self.reader, self.writer = door, reader, writer
        self.answered = 0
        self.strong = ""
        self.is_in = not door.authentication

    async def run(self) -> None:
        door, faults = self.door, self.door.faults
        greeting = "PJLINK 0" if not door.authentication else f"PJLINK 1 {RANDOM}"
        await self._say("HTTP/1.0 400 Bad Request" if faults.garbage_greeting else greeting)
        while True:
            async with asyncio.timeout(door.idle_s):
                line = (await self.reader.readuntil(b"\r")).decode("utf-8", "replace").strip("\r\n")
            if line == "PJLINK 2" and door.authentication:
                if door.authentication != "sha256":
                    await self._say("PJLINK ERRA")
                    return
                self.strong = STRONG_RANDOM
                await self._say(f"PJLINK 2 {STRONG_RANDOM}")
                continue
            if not self.is_in:
                line = self._enter(line)
                if not line:
                    door.refused_passwords += 1
                    await self._say("PJLINK ERRA")
                    return
            if faults.close_after is not None and self.answered >= faults.close_after:
                return
            if not await self._answer(line):
                return
            self.answered += 1
            self._tell()

    def _enter(self, line: str) -> str:
        """The command behind a right digest; "" for a wrong one."""
        before, mark, command = line.partition("%")
        password = self.door.password
        if self.strong:
            own, digest = before[:32], before[32:]
            mixed = bytes(a ^ b for a, b in zip(bytes.fromhex(self.strong), bytes.fromhex(own or "00"), strict=False))
            right = hashlib.sha256((mixed.hex() + password).encode()).hexdigest()
        else:
            digest = before
            right = hashlib.md5((RANDOM + password).encode(), usedforsecurity=False).hexdigest()
        if self.door.authentication == "sha256" and not self.strong:
            return ""
        self.is_in = digest == right
        return mark + command if self.is_in else ""

    async def _answer(self, line: str) -> bool:
        faults = self.door.faults
        match = _COMMAND.fullmatch(line)
        if match is None:
            return True  # real devices ignore what they do not understand
        if faults.delay_s:
            await asyncio.sleep(faults.delay_s)
        grade, command = match[1], match[2].upper()
        value = self.door.projector.answer(grade, command, match[3])
        if faults.mute:
            return True
        if faults.oversize:
            await self._say("%1" + "A" * 5000)
            return False
        if faults.garbage:
            await self._say("\x07\x1b[2J??" + value)
            return True
        if faults.lkup:
            await self._say(f"%2LKUP={self.door.mac}")
        shown = "1" if faults.wrong_class else grade
        reply = f"%{shown}{'XXXX' if faults.other_command else command}={value}"
        if faults.truncated:
            self.writer.write(reply[:5].encode())
            await self.writer.drain()
            return False
        await self._say(reply, b"" if faults.no_cr else b"\r\n\0\0" if faults.crlf_nul else b"\r")
        return True

    async def _say(self, text: str, end: bytes = b"\r") -> None:
        self.writer.write(text.encode() + end)
        await self.writer.drain()

    def _tell(self) -> None:
        """Send the status notices by UDP, to the address set in the device's menu."""
        told, self.door.projector.told[:] = list(self.door.projector.told), []
        if self.door.notify is None or self.door.projector.fittings.grade < 2:
            return
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.setblocking(False)
            out.bind((self.door.host, 0))
            for notice in told:
                with suppress(OSError):
                    out.sendto(notice.encode() + b"\r", self.door.notify)


async def answer_searches(door: Door, host: str, port: int, reply_port: int) -> asyncio.DatagramTransport:
    """Answer class 2 searches that reach (host, port), to `reply_port` of who searches; close() ends it."""

    class Listener(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
            if data.strip().upper() == b"%2SRCH":
                self.transport.sendto(f"%2ACKN={door.mac}\r".encode(), (address[0], reply_port))  # type: ignore[attr-defined]

    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Listener, local_addr=(host, port))
    return transport
