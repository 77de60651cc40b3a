"""What an invitation is made of: the meeting as calendars see it, its recipients, what they were told. Pure values."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import lru_cache

# As in alerts: what stands between the angle brackets of RFC 5322, without quoted local parts
_ADDRESS = re.compile(r"[^\s@,;:<>()\[\]\\\"\x00-\x1f\x7f]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")


def is_address(text: str) -> bool:
    """Whether a text can stand in a mail's header as an address: no blank, no control character, no list."""
    return text.isascii() and len(text) <= 254 and _ADDRESS.fullmatch(text) is not None


def one_line(text: str, limit: int = 300) -> str:
    """A text that can begin no second header or calendar line: controls and line separators become blanks."""
    plain = "".join(" " if unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp", "Cs") else sign for sign in text)
    return " ".join(plain.split())[:limit]


def some_lines(text: str, limit: int = 8000) -> str:
    """A text of several lines without other control characters."""
    return "\n".join(one_line(line, 2000) for line in text.splitlines())[:limit]


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is asked to come. `code` opens this participant's own page. A mailbox is asked once for a meeting."""

    email: str
    name: str
    participant_id: int | None = None
    kind: str = "person"
    role: str = "participant"
    mode: str = "listen"
    code: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a recipient is told of a meeting. `rule` is an RRULE value of the series, "" for one meeting."""

    title: str
    starts_at: datetime
    ends_at: datetime
    timezone: str
    description: str = ""
    organiser: str = ""
    agenda: tuple[str, ...] = ()
    stream_url: str = ""
    rule: str = ""
    is_rehearsal: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One VEVENT: the meeting or series (`occurrence_at` None), or one meeting of a series that differs from it.

    `is_off`: it does not take place (any more), whoever was asked; `reason` says why.
    """

    meeting_id: int
    facts: Facts
    sequence: int
    recipients: Mapping[str, Recipient]  # by address_key
    occurrence_at: datetime | None = None
    is_off: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What holds of one UID now: the entry, and of a series its coming meetings and those taken out.

    `exceptions` are the coming meetings that were changed alone; `usual` the coming ones as the rule has them, by their
    moment (meeting id and recipients' codes differ, facts do not); `excluded` the moments taken out, with their reason.
    """

    uid: str
    entry: Entry
    exceptions: tuple[Entry, ...] = ()
    usual: Mapping[datetime, Entry] = field(default_factory=dict)
    excluded: Mapping[datetime, Entry] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """The last message of a kind that a mailbox got (or will get): what it says and under which number."""

    name: str
    email: str
    method: str
    sequence: int
    fingerprint: str
    state: str
    excluded: frozenset[datetime] = frozenset()
    participant_id: int | None = None


# By address_key and occurrence (None: the whole)
Book = Mapping[tuple[str, datetime | None], Told]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to be written. `cause` is a word of CAUSES; `excluded` are the EXDATEs of a series for this mailbox."""

    method: str
    cause: str
    sequence: int
    entry: Entry
    recipient: Recipient
    fingerprint: str = ""
    excluded: frozenset[datetime] = frozenset()


def fingerprint(facts: Facts, recipient: Recipient, pattern: str = "") -> str:
    """Equal for equal invitations. `pattern` is that of the series behind a meeting: calendars forget single changes
    when the series itself is moved, so that these are told again."""
    text = "|".join((_digest(facts), recipient.role, recipient.mode, pattern))
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(256)  # the same facts are told to 600 recipients
def _digest(facts: Facts) -> str:
    text = json.dumps(asdict(facts), default=str, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def pattern_of(facts: Facts) -> str:
    """What makes a series another series in time: rule, beginning, length, zone."""
    said = (facts.rule, facts.starts_at.isoformat(), str(facts.ends_at - facts.starts_at), facts.timezone)
    return hashlib.sha256("|".join(said).encode()).hexdigest()[:32]
