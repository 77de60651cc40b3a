"""Whether an answer counts: the right person, the right version, in time (RFC 5546 sections 2.1.4, 2.1.5, 3.2.3). Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from conference.invitations.facts import Book, Told
from conference.invitations.post.replying import Answer
from conference.invitations.words import CANCEL, USED


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of the meeting that an answer names.

    `has_meeting`: the UID is ours. `ends_at`: the end of the meeting, or of the series' last one that is known; None
    when the series has no meeting at the moment the answer names. `reply_at` and `reply_sequence`: the answer that
    counts now.
    """

    has_meeting: bool
    book: Book
    ends_at: datetime | None = None
    reply_at: datetime | None = None
    reply_sequence: int | None = None


def judge(answer: Answer, attendee_key: str, sender_key: str, asked: Asked, now: datetime) -> str:
    """A word of OUTCOMES; USED when the answer counts."""
    if not asked.has_meeting:
        return "unknown_meeting"
    told = told_of(asked.book, attendee_key, answer.occurrence_at)
    if told is None:
        return "stranger"
    if sender_key != attendee_key:
        return "not_own_address"
    if told.method == CANCEL:
        return "called_off"
    if asked.ends_at is None:
        return "unknown_occurrence"
    if answer.sequence < told.sequence:
        return "old_sequence"
    if asked.ends_at <= now:
        return "over"
    is_newer = asked.reply_sequence is not None and asked.reply_sequence > answer.sequence
    is_later = asked.reply_at is not None and answer.stamp is not None and answer.stamp < asked.reply_at
    if is_newer or (is_later and asked.reply_sequence is not None and asked.reply_sequence >= answer.sequence):
        return "older_reply"
    return USED


def told_of(book: Book, key: str, occurrence_at: datetime | None) -> Told | None:
    """What a mailbox knows of the meeting: its own message of that day, else that of the series."""
    single = book.get((key, occurrence_at)) if occurrence_at is not None else None
    if single is not None:
        return single
    whole = book.get((key, None))
    if whole is None and occurrence_at is None:
        return next((told for (box, _moment), told in book.items() if box == key), None)
    return whole
