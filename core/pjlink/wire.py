"""PJLink as bytes and lines: framing, greeting, both authentications, replies. Pure: opens nothing, reads no clock.

Source: JBMIA PJLink class 1 v1.04, class 2 v2.10, read tolerantly: devices end lines by CR, CRLF or LF, pad with NUL,
mix cases, and put search notices between a command and its reply.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field

PORT = 4352
MAX_LINE = 512  # the standard says 136 bytes; more than this is not PJLink
MAX_PARAMETER = 128

_END = re.compile(rb"[\r\n]")
_GREETING = re.compile(r"PJLINK\s+(\S+)(?:\s+([0-9A-Fa-f]+))?\s*", re.IGNORECASE)
_REPLY = re.compile(r"%([12])([A-Za-z0-9]{4})\s?=(.*)", re.DOTALL)


class NotPjlink(ValueError):
    """What came cannot be PJLink; the text says what it was, cut short and harmless to show."""


@dataclass(slots=True)
class LineBuffer:
    """Bytes in, lines out. Keeps at most MAX_LINE bytes of a line that has not ended."""

    _rest: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> list[str]:
        """The lines that are complete now, without line ends, NUL padding and empty lines. Raises NotPjlink."""
        self._rest += data
        *whole, rest = _END.split(bytes(self._rest))
        self._rest = bytearray(rest)
        if len(rest.strip(b"\0 ")) > MAX_LINE or any(len(line) > MAX_LINE for line in whole):
            raise NotPjlink(shown(bytes(rest or whole[-1])))
        return [text for line in whole if (text := _text(line))]

    def take_rest(self) -> str:
        """The line that never ended: some devices forget the CR."""
        rest, self._rest = bytes(self._rest), bytearray()
        return _text(rest)


def _text(line: bytes) -> str:
    return line.replace(b"\0", b"").decode("utf-8", "replace").strip()


def shown(data: bytes | str) -> str:
    """The beginning of something unexpected, fit for a page or a log."""
    text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
    return "".join(letter if letter.isprintable() else "." for letter in text[:60])


@dataclass(frozen=True, slots=True)
class Greeting:
    """The first words of a device. `kind`: "open", "password" (with `random`), "stronger" (v2.10) or "refused"."""

    kind: str
    random: str = ""


def parse_greeting(line: str) -> Greeting:
    """`PJLINK 0`, `PJLINK 1 498e4a67`, `PJLINK 2 <32 hex>` or `PJLINK ERRA`. Raises NotPjlink."""
    match = _GREETING.fullmatch(line)
    word, random = (match[1].upper(), match[2] or "") if match else ("", "")
    if word == "0":
        return Greeting("open")
    if word == "1" and 1 <= len(random) <= 32:
        return Greeting("password", random)
    if word == "2" and len(random) == 32:
        return Greeting("stronger", random)
    if word == "ERRA":
        return Greeting("refused")
    raise NotPjlink(shown(line))


def md5_digest(random: str, password: str) -> str:
    """32 lower-case hex digits that go before the first command of a connection (class 1)."""
    return hashlib.md5((random + password).encode(), usedforsecurity=False).hexdigest()


def sha256_digest(device_random: str, own_random: str, password: str) -> str:
    """64 hex digits of v2.10: over the exclusive or of both randoms, as 32 hex digits, and the password."""
    mixed = int(device_random, 16) ^ int(own_random, 16)
    return hashlib.sha256((f"{mixed:032x}" + password).encode()).hexdigest()


def command_bytes(grade: int, command: str, parameter: str, prefix: str = "") -> bytes:
    """One command as it goes out. Raises ValueError for what no device could take."""
    if grade not in (1, 2) or not re.fullmatch(r"[A-Z0-9]{4}", command):
        raise ValueError(f"no PJLink command: {grade} {command}")
    raw = parameter.encode()
    if len(raw) > MAX_PARAMETER or re.search(rb"[\x00-\x1f\x7f]", raw):
        raise ValueError("a PJLink parameter has at most 128 bytes and no control characters")
    return f"{prefix}%{grade}{command} ".encode() + raw + b"\r"


def parse_reply(line: str, command: str) -> str | None:
    """The value of the reply to `command`; None when the line is not it (a notice, another command's reply).

    The class digit is not compared: some devices answer a class 2 question as class 1.
    """
    match = _REPLY.fullmatch(line)
    return match[3].strip() if match and match[2].upper() == command else None


@dataclass(frozen=True, slots=True)
class Notice:
    """What a device said unasked by UDP: `word` LKUP, ERST, POWR, INPT or ACKN. Never the state itself, only a hint."""

    word: str
    value: str


NOTICES = ("LKUP", "ERST", "POWR", "INPT", "ACKN")
SEARCH = b"%2SRCH\r"


def parse_notice(data: bytes) -> Notice | None:
    """A datagram as a notice; None for anything else."""
    match = _REPLY.fullmatch(_text(data[:MAX_LINE]))
    if match is None or match[1] != "2" or match[2].upper() not in NOTICES:
        return None
    return Notice(match[2].upper(), match[3].strip()[:64])
