"""What a mail in the mailbox says: an answer to an invitation (METHOD:REPLY), a mail that came back, or nothing.

Everything here was written by strangers: whatever cannot be understood becomes a named reason, never a failure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import parseaddr
from typing import Any, cast

from icalendar import Calendar

from conference.invitations.facts import one_line
from conference.invitations.words import ANSWERS

MOST_PARTS = 50


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it was written. `occurrence_at` names one meeting of a series. Addresses as they stand there."""

    message_id: str
    sender: str
    uid: str
    attendee: str
    reply: str
    sequence: int
    stamp: datetime | None
    occurrence_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Returned:
    """A mail of ours that came back (RFC 3464): its Message-ID, and the other side's code, such as 5.1.1."""

    message_id: str
    sender: str
    original_id: str
    status: str


@dataclass(frozen=True, slots=True)
class Unusable:
    """A mail that is no answer; `outcome` is a word of OUTCOMES."""

    message_id: str
    sender: str
    outcome: str


def read(content: bytes) -> Answer | Returned | Unusable:
    """What a mail says."""
    message_id, sender = "sha256:" + hashlib.sha256(content).hexdigest(), ""
    try:
        mail = cast(EmailMessage, message_from_bytes(content, policy=default))
        message_id = one_line(str(mail.get("Message-ID", "")).strip().strip("<>"), 290) or message_id
        sender = one_line(parseaddr(str(mail.get("From", "")))[1], 254)
        returned = _returned(mail)
        if returned is not None:
            return Returned(message_id, sender, *returned)
        calendars = list(_calendars(mail))
    except Exception:  # the library's parser of headers fails in many ways on what was never mail
        return Unusable(message_id, sender, "garbage")
    if not calendars:
        return Unusable(message_id, sender, "no_calendar")
    outcome = "garbage"
    for text in calendars:
        try:
            found = _answer(text, message_id, sender)
        except Exception:  # as above, for the calendar's
            continue
        if isinstance(found, Answer):
            return found
        outcome = found
    return Unusable(message_id, sender, outcome)


def _calendars(mail: Message) -> Iterator[str]:
    for number, part in enumerate(mail.walk()):
        if number >= MOST_PARTS:
            return
        name = str(part.get_filename() or "")
        is_calendar = part.get_content_type() in ("text/calendar", "application/ics")
        if part.is_multipart() or not (is_calendar or name.lower().endswith(".ics")):
            continue
        raw = part.get_payload(decode=True)
        if isinstance(raw, bytes):
            yield _decoded(raw, part.get_content_charset())


def _decoded(raw: bytes, charset: str | None) -> str:
    try:
        text = raw.decode(charset or "utf-8-sig")
    except (UnicodeDecodeError, LookupError):
        text = raw.decode("utf-8", "replace")
    return "\r\n".join(text.lstrip("\ufeff").splitlines()) + "\r\n"


def _answer(text: str, message_id: str, sender: str) -> Answer | str:
    calendar = Calendar.from_ical(text)
    if str(calendar.get("METHOD", "")).strip().upper() != "REPLY":
        return "not_a_reply"
    event = next(iter(calendar.walk("VEVENT")), None)
    if event is None or not event.get("UID") or "ATTENDEE" not in event:
        return "garbage"
    attendees = event["ATTENDEE"] if isinstance(event["ATTENDEE"], list) else [event["ATTENDEE"]]
    own = next((one for one in attendees if _mail_of(one).casefold() == sender.casefold()), attendees[0])
    reply = str(own.params.get("PARTSTAT", "")).strip().lower()
    if reply not in ANSWERS:
        return "bad_answer"
    return Answer(
        message_id, sender, one_line(str(event["UID"]), 200), one_line(_mail_of(own), 254), reply,
        max(0, int(event.get("SEQUENCE", 0))), _moment(event.get("DTSTAMP")), _moment(event.get("RECURRENCE-ID")),
        _note(event.get("COMMENT")),
    )


def _mail_of(value: Any) -> str:
    text = str(value).strip()
    return text[len("mailto:"):].strip() if text.lower().startswith("mailto:") else text


def _moment(value: Any) -> datetime | None:
    moment = getattr(value, "dt", None)
    if isinstance(moment, datetime):
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return datetime(moment.year, moment.month, moment.day, tzinfo=UTC) if isinstance(moment, date) else None


def _note(value: Any) -> str:
    texts = value if isinstance(value, list) else [value]
    return one_line(" ".join(str(text) for text in texts if text), 500)


def _returned(mail: Message) -> tuple[str, str] | None:
    """(Message-ID of the mail that came back, status) of a delivery status notification that reports a failure."""
    if mail.get_content_type() != "multipart/report":
        return None
    status = original = ""
    for number, part in enumerate(mail.walk()):
        if number >= MOST_PARTS:
            break
        if part.get("Status") and str(part.get("Action", "failed")).strip().lower() == "failed":
            status = status or one_line(str(part["Status"]), 20)
        if part is not mail and part.get("Message-ID"):
            original = original or str(part["Message-ID"]).strip().strip("<>")
        if part.get_content_type() == "text/rfc822-headers":
            raw = part.get_payload(decode=True)
            headers = message_from_bytes(raw) if isinstance(raw, bytes) else None
            original = original or str(headers.get("Message-ID", "") if headers else "").strip().strip("<>")
    return (one_line(original, 290), status) if original and status.startswith("5") else None
