"""A small office: meetings of a world, invitations written and read back as a mail program would read them."""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from icalendar import Calendar, Event

from conference.invitations.ical import Sender
from conference.invitations.links import Links
from conference.invitations.models import Invitation
from conference.invitations.store.queue import Desk, queue_for
from conference.schedule import Meeting
from core import Session

SENDER = Sender("lichhop@example.edu.vn", "EduNOC")
DESK = Desk(SENDER, Links("https://edunoc.example.edu.vn").own_page)


@dataclass(frozen=True)
class Seen:
    """A message as its recipient's calendar sees it."""

    method: str
    email: str
    event: Event
    text: str

    @property
    def sequence(self) -> int:
        return int(self.event["SEQUENCE"])

    @property
    def occurrence(self) -> datetime | None:
        moment = self.event.get("RECURRENCE-ID")
        return moment.dt if moment is not None else None


def seen(row: Invitation) -> Seen:
    """What a row says, parsed by the calendar library."""
    calendar = Calendar.from_ical(row.content)
    (event,) = calendar.walk("VEVENT")
    return Seen(str(calendar["METHOD"]), row.email, event, row.content)


def deliver(session: Session, meeting: Meeting, now: datetime) -> list[Seen]:
    """Write what is due of a meeting, take it for sent, and answer how recipients see it, by address."""
    queue_for(session, meeting, DESK, now)
    rows = session.query(Invitation).filter_by(state="waiting").order_by(Invitation.email, Invitation.id).all()
    for row in rows:
        row.state, row.sent_at = "sent", now
    session.flush()
    return [seen(row) for row in rows if row.content]


def parsed(raw: bytes) -> EmailMessage:
    """A mail as a modern mail program reads it."""
    found = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


@dataclass(frozen=True)
class Reply:
    """What is unusual about a reply; "" and None: as a mail program writes it."""

    sender: str = ""
    attendee: str = ""
    sequence: int | None = None
    stamp: str = "20261122T010000Z"
    message_id: str = "reply-1@mail.example"
    occurrence: str = ""
    comment: str = ""


def reply_mail(answered: Seen, partstat: str, reply: Reply = Reply()) -> bytes:  # noqa: B008 - frozen
    """What a mail program sends back: the event with its own ATTENDEE line alone (RFC 5546 section 3.2.3)."""
    sequence = answered.sequence if reply.sequence is None else reply.sequence
    lines = [
        "BEGIN:VCALENDAR", "PRODID:-//Test//Mail//EN", "VERSION:2.0", "METHOD:REPLY", "BEGIN:VEVENT",
        f"UID:{answered.event['UID']}", f"DTSTAMP:{reply.stamp}",
        f"SEQUENCE:{sequence}",
        f"ORGANIZER:mailto:{SENDER.email}", f"ATTENDEE;PARTSTAT={partstat}:mailto:{reply.attendee or answered.email}",
        *([f"RECURRENCE-ID:{reply.occurrence}"] if reply.occurrence else []),
        *([f"COMMENT:{reply.comment}"] if reply.comment else []),
        "END:VEVENT", "END:VCALENDAR", "",
    ]
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"], mail["To"] = reply.sender or answered.email, SENDER.email
    mail["Subject"], mail["Message-ID"] = f"{partstat}: Giao ban", f"<{reply.message_id}>"
    mail.set_content("Trả lời tự động của lịch.")
    mail.add_alternative("\r\n".join(lines), subtype="calendar", params={"method": "REPLY"})
    return mail.as_bytes()
