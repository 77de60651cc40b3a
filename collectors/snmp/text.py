"""What devices send as text, made harmless: no control characters, capped length; numbers and MACs read leniently."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence

NAME_LIMIT = 255  # DisplayString of RFC 2579
TEXT_LIMIT = 2_000

_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d{1,2})?")
_SIZE = re.compile(r"(\d+(?:[.,]\d+)?)\s*([KMGTPkmgtp])?i?[Bb]?")
_MAC_TEXT = re.compile(r"[0-9A-Fa-f]{1,2}(?:[:. -][0-9A-Fa-f]{1,2}){5}")
_MAC_GROUPS = re.compile(r"[0-9A-Fa-f]{4}([.:-])[0-9A-Fa-f]{4}\1[0-9A-Fa-f]{4}")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})  # control, invisible and direction-changing characters
_EMPTY = frozenset({"", "none", "unknown", "n/a", "null", "not specified", "not available", "--"})


def decode_text(value: object) -> str:
    """UTF-8, else Windows-1252 (both seen in recordings); never raises."""
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return value.decode("cp1252", "replace")
    return "" if value is None else str(value)


def clean_line(value: object, limit: int = NAME_LIMIT) -> str:
    """One line fit for pages and terminals: no control characters, blanks for line breaks, at most `limit` long."""
    text = decode_text(value)[: limit * 16]
    text = "".join(" " if c in "\r\n\t\v\f" else "" if unicodedata.category(c) in _HIDDEN else c for c in text)
    return text.strip()[:limit].rstrip()


def clean_text(value: object, limit: int = TEXT_LIMIT) -> str:
    """Like `clean_line`, but line breaks stay (sysDescr has several lines on many devices)."""
    text = decode_text(value)[: limit * 16].replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(c for c in text if c == "\n" or c == "\t" or unicodedata.category(c) not in _HIDDEN)
    return text.strip()[:limit].rstrip()


def meaningful(text: str) -> str:
    """The text, or nothing for the many ways in which devices write "nothing"."""
    return "" if text.strip().lower() in _EMPTY else text


def number_in(value: object) -> float | None:
    """The first number of a text ("42.5 C" gives 42.5, "7 PERCENT" gives 7); numbers pass through. Never raises."""
    if isinstance(value, int | float):
        return float(value)
    match = _NUMBER.search(decode_text(value)[:200])
    return float(match[0].replace(",", ".")) if match else None


def size_in(value: object) -> float | None:
    """Bytes of a text such as "19G", "210.082 MB", "512 kB" (1 kB is 1024 bytes here); numbers pass through."""
    if isinstance(value, int | float):
        return float(value)
    match = _SIZE.search(decode_text(value)[:200])
    if not match:
        return None
    return float(match[1].replace(",", ".")) * 1024.0 ** " KMGTP".index((match[2] or " ").upper())


def bits_in(value: object) -> float | None:
    """The first six bytes of an octet string as one number: bit 0 of RFC 2578's BITS is worth 2^47."""
    if isinstance(value, bytes):
        return float(int.from_bytes(value[:6].ljust(6, b"\0"), "big"))
    return None


def word_in(value: object, words: Sequence[tuple[str, float | None]]) -> float | None:
    """What a word stands for, in whatever case it is written; "*" stands for any word that is not listed. NaN for a
    word that says that there is no value, None for one that says nothing."""
    text = clean_line(value).lower()
    known = {word.lower(): math.nan if number is None else number for word, number in words}
    return known[text] if text in known else known.get("*") if text else None


def pattern_in(value: object, pattern: str) -> float | None:
    """The number in the first group of a pattern."""
    match = re.search(pattern, clean_text(value))
    return number_in(match[match.lastindex or 0]) if match else None


def mac_of(value: object) -> str:
    """aa:bb:cc:dd:ee:ff from six raw bytes or any of the usual texts; "" for anything else and for all zeros."""
    if isinstance(value, bytes) and len(value) == 6:
        packed = value
    else:
        packed = _mac_from_text(decode_text(value).strip("\0 "))
    return packed.hex(":") if len(packed) == 6 and any(packed) else ""


def _mac_from_text(text: str) -> bytes:
    if _MAC_TEXT.fullmatch(text):
        return bytes(int(part, 16) for part in re.split(r"[:. -]", text))
    digits = text if not _MAC_GROUPS.fullmatch(text) else re.sub(r"[.:-]", "", text)
    digits = digits.removeprefix("0x")
    digits = re.sub(r"[- ]", "", digits)
    return bytes.fromhex(digits) if re.fullmatch(r"[0-9A-Fa-f]{12}", digits) else b""
