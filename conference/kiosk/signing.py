"""The signature of a heartbeat: HMAC-SHA256 over "<time>.<number>.<body>", and which of them are refused.

The time is the page's clock set right by the server's (it measures the difference), the number only ever grows: a copy
of an earlier heartbeat is known by its number, one that was held back by its time.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from core import Secret

WINDOW = timedelta(seconds=90)
LARGEST = 32_768  # bytes; one with 50 events and 30 devices is below 8,000
_MOST_DIGITS = 17
_SIGNATURE = re.compile(r"[0-9a-f]{64}")  # comparing in constant time takes ASCII only


@dataclass(frozen=True, slots=True)
class Signed:
    """A heartbeat as it came: whose it says it is, epoch milliseconds, a growing number, and the bytes."""

    code: str
    at_ms: int
    number: int
    signature: str
    body: bytes
    address: str = ""


def read_headers(headers: Mapping[str, str], body: bytes, address: str) -> Signed | None:
    """The parts of a heartbeat's request; None when one is missing or makes no sense."""
    code, signature = headers.get("X-EduNOC-Endpoint", ""), headers.get("X-EduNOC-Signature", "").lower()
    at_ms, number = (_whole(headers.get(name, "")) for name in ("X-EduNOC-Time", "X-EduNOC-Number"))
    if not code or len(code) > 64 or at_ms is None or number is None or not _SIGNATURE.fullmatch(signature):
        return None
    return Signed(code, at_ms, number, signature, body, address)


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else None


def sign(secret: Secret, at_ms: int, number: int, body: bytes) -> str:
    """The signature, in hexadecimal."""
    message = b"%d.%d." % (at_ms, number) + body
    return hmac.new(secret.reveal().encode(), message, hashlib.sha256).hexdigest()


def refusal(signed: Signed, secret: Secret, last_number: int, now: datetime) -> str:
    """Why a heartbeat is not taken: bad_signature, stale or replayed; "" when it is good.

    The signature comes first: whoever cannot sign learns nothing of numbers and clocks.
    """
    if not hmac.compare_digest(sign(secret, signed.at_ms, signed.number, signed.body), signed.signature):
        return "bad_signature"
    if abs(signed.at_ms / 1000 - now.timestamp()) > WINDOW.total_seconds():
        return "stale"
    return "replayed" if signed.number <= last_number else ""


def digest(text: str) -> str:
    """What is kept of a code or a cookie."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
