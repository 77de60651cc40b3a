"""Text from outside made harmless: display names, room names. Decides nothing about who may do what."""

from __future__ import annotations

import re
import unicodedata

_ROOM = re.compile(r"\[(?P<tenant>[^\]]*)\](?P<room>.*)", re.DOTALL)
# RFC 7622: these never stand in the node of an address; "*" and the like would read as a pattern in a token
_NO_ROOM = re.compile(r"[\s\"&'/:<>@*?^$|\\(){}+]|[\x00-\x1f]")


def plain(text: object, limit: int) -> str:
    """One line, printable, composed (NFC), cut to the limit: no control characters, nothing that turns the direction of
    writing (they are no printable characters for Python), no lone surrogates."""
    shown = unicodedata.normalize("NFC", text[: limit * 4]) if isinstance(text, str) else ""
    return " ".join("".join(c if c.isprintable() else " " for c in shown).split())[:limit]


def room_of(name: str) -> tuple[str, str]:
    """(tenant, room), both lower case, of a MUC node: "room" or "[tenant]room" (jitsi.md section 1.1)."""
    lowered = name.strip().lower()
    found = _ROOM.fullmatch(lowered)
    return (found["tenant"], found["room"]) if found else ("", lowered)


def node_of(address: str) -> str:
    """The part of a JID before the @, "" without one."""
    return address.partition("@")[0] if "@" in address else ""


def is_exact_room(room: str) -> bool:
    """Whether a text can be the name of one room: no wildcard, no pattern, nothing that XMPP refuses."""
    return bool(room) and len(room) <= 120 and not _NO_ROOM.search(room) and room == room.lower()
