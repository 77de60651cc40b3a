"""Names of rooms and codes of invitations. Chance comes from the operating system: nobody may guess a room."""

from __future__ import annotations

import re
import secrets
from datetime import date

from inventory import fold

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without what people mix up when they read a name aloud
_NOT_PLAIN = re.compile(r"[^a-z0-9]+")
TITLE_LIMIT = 48
RANDOM_LETTERS = 12  # 31^12: 59 bits


def room_name(title: str, day: date) -> str:
    """A MUC node: what people recognise, the day, and letters nobody guesses: "giao-ban-20261123-x7k2m9q4tzpa"."""
    slug = _NOT_PLAIN.sub("-", fold(title)).strip("-")[:TITLE_LIMIT].strip("-") or "hop"
    return f"{slug}-{day:%Y%m%d}-{_random(RANDOM_LETTERS)}"


def join_code() -> str:
    """The code in a meeting's join address and QR code; short enough to be typed from a wall: 12 letters, 59 bits."""
    return _random(RANDOM_LETTERS)


def invite_code() -> str:
    """The code of one participant's own join page: it lets in under that name, so 128 bits."""
    return secrets.token_urlsafe(16)


def guest_subject() -> str:
    """The subject of somebody who comes by the meeting's own address and is in no list."""
    return f"guest-{_random(8)}"


def meeting_uid(domain: str = "edunoc") -> str:
    """An iCalendar UID (RFC 5545 section 3.8.4.7)."""
    return f"{secrets.token_hex(16)}@{domain}"


def _random(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
