"""One mail from its parts: text, HTML and calendar as alternatives, the calendar attached again (RFC 6047). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime

from conference.invitations.facts import is_address, one_line
from conference.invitations.ical import Sender
from conference.invitations.texts import as_html
from core import GiveUp


@dataclass(frozen=True, slots=True)
class Letter:
    """What one mail holds. `content` is the calendar part, "" in a reminder; `method` that of the calendar."""

    message_id: str
    email: str
    name: str
    subject: str
    text: str
    method: str = ""
    content: str = ""


def compose(letter: Letter, sender: Sender, now: datetime) -> EmailMessage:
    """The mail. Raises GiveUp("bad_address") for an address that cannot stand in a header."""
    if not is_address(letter.email) or not is_address(sender.email):
        raise GiveUp("bad_address")
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _Encoded.of("From", one_line(sender.name, 80), sender.email)
    mail["To"] = _Encoded.of("To", one_line(letter.name, 80), letter.email)
    mail["Subject"] = _Encoded.of("Subject", one_line(letter.subject))
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{letter.message_id}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answers of absent people to this
    mail.set_content(letter.text, cte="base64")
    mail.add_alternative(as_html(letter.text), subtype="html", cte="base64")
    if letter.content:
        mail.add_alternative(letter.content, subtype="calendar", cte="base64", params={"method": letter.method})
        mail.add_attachment(
            letter.content.encode("utf-8"), maintype="application", subtype="ics", filename="invite.ics")
    return mail


class _Encoded(str):
    """A header that is ready: the new folding of Python's email loses blanks between encoded words (RFC 2047 6.2)."""

    name: str

    @classmethod
    def of(cls, name: str, text: str, address: str = "") -> _Encoded:
        """Text, and behind it an address in angle brackets."""
        is_plain = text.isascii() and not address
        encoded = text if is_plain else Header(text, "utf-8", header_name=name).encode(linesep="\r\n")
        made = cls(f"{encoded} <{address}>".strip() if address else encoded)
        made.name = name
        return made

    def fold(self, *, policy: Policy) -> str:
        """The whole line, as the library asks for it."""
        return f"{self.name}: {self}{policy.linesep}"
