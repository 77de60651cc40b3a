"""Messages to schools before a meeting: mails in the queue of the invitations, each written down as a call."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from conference.invitations import Invitation, uid_of
from conference.readiness.store.roll import Called, called_to
from conference.readiness.store.saving import note_calls
from conference.schedule import Meeting
from core import Session

SUBJECT_LIMIT, TEXT_LIMIT = 200, 4000


@dataclass(frozen=True, slots=True)
class Mailing:
    """Who gets the message and who cannot, for want of an address."""

    reached: Sequence[Called]
    without: Sequence[Called]


def who_gets(session: Session, meeting_id: int, endpoint_ids: Collection[int]) -> Mailing:
    """The endpoints of the meeting among these, by whether they have an address."""
    wanted = set(endpoint_ids)
    called = [one for one in called_to(session, meeting_id) if one.endpoint_id in wanted]
    return Mailing([one for one in called if one.email], [one for one in called if not one.email])


def send_message(
    session: Session, meeting: Meeting, endpoint_ids: Collection[int], words: tuple[str, str], actor: str, now: datetime
) -> int:
    """Queue a mail (subject, text) to the contacts of these endpoints; to how many. Audited with the calls."""
    subject, text = words[0].strip()[:SUBJECT_LIMIT], words[1].strip()[:TEXT_LIMIT]
    mailing = who_gets(session, meeting.id, endpoint_ids)
    uid = uid_of(session, meeting)
    rows = [
        Invitation(
            meeting_id=meeting.id, participant_id=one.participant_id, uid=uid, email=one.email,
            name=one.contact or one.name, method="NOTE", sequence=meeting.sequence, content="", subject=subject,
            body=text, state="waiting", queued_at=now, not_before=now, attempts=0,
        )
        for one in mailing.reached
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    domain = meeting.uid.rpartition("@")[2] or "edunoc"
    for row in rows:
        row.message_id = f"edunoc-{row.id}-readiness@{domain}"
    if rows:
        note_calls(session, meeting.id, [one.endpoint_id for one in mailing.reached], ("message", subject), actor, now)
    return len(rows)


def waiting_mails(session: Session, meeting_id: int) -> int:
    """How many mails of the meeting wait to be sent."""
    chosen = select(Invitation.id).where(Invitation.meeting_id == meeting_id, Invitation.state == "waiting")
    return len(session.scalars(chosen).all())
