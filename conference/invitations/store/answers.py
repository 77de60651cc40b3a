"""Answers written to participants: from mails of the mailbox, and from the join page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select

from conference.capacity import address_key
from conference.invitations.answering import Asked, judge
from conference.invitations.facts import one_line
from conference.invitations.models import InvitationReply
from conference.invitations.post.replying import Answer, Returned, Unusable
from conference.invitations.store.gathering import told_of
from conference.invitations.store.queue import came_back
from conference.invitations.words import ANSWERS, USED
from conference.schedule import OPEN_STATES, Meeting, Participant
from core import Session


def take_mail(session: Session, read: Answer | Returned | Unusable, now: datetime) -> str:
    """Write down a mail once, and the answer it holds; the outcome's word, "" when the mail was known already."""
    known = session.scalar(select(InvitationReply.id).where(InvitationReply.message_id == read.message_id))
    if known is not None:
        return ""
    row = InvitationReply(message_id=read.message_id, received_at=now, sender=read.sender)
    if isinstance(read, Returned):
        row.outcome, row.note = ("no_calendar", read.status)
        if came_back(session, read.original_id, read.status):
            row.outcome = "returned"
    elif isinstance(read, Unusable):
        row.outcome = read.outcome
    else:
        _take_answer(session, read, row, now)
    session.add(row)
    session.flush()
    return row.outcome


def _take_answer(session: Session, answer: Answer, row: InvitationReply, now: datetime) -> None:
    row.reply, row.note, row.occurrence_at = answer.reply, answer.note, answer.occurrence_at
    key = address_key(answer.attendee)
    meetings = _meetings(session, answer.uid)
    mine = [one for one in meetings if answer.occurrence_at in (None, one.occurrence_at)]
    if answer.occurrence_at is not None and not mine:
        # A single meeting that became none of a series: its own start may stand there
        mine = [one for one in meetings if one.occurrence_at is None and one.starts_at == answer.occurrence_at]
    people = _people(session, mine, key)
    row.meeting_id = mine[0].id if mine else (meetings[0].id if meetings else None)
    row.participant_id = people[0].id if people else None
    replied = [one for one in people if one.reply_at is not None]
    last = max(replied, key=lambda one: one.reply_at or now, default=None)
    is_single = answer.occurrence_at is not None or len(people) == 1
    asked = Asked(
        bool(meetings), told_of(session, answer.uid), max((one.ends_at for one in mine), default=None),
        last.reply_at if last is not None and is_single else None,
        last.reply_sequence if last is not None and is_single else None,
    )
    row.outcome = judge(answer, key, address_key(row.sender), asked, now)
    if row.outcome != USED:
        return
    stamp = min(answer.stamp or now, now)
    ends = {one.id: one.ends_at for one in mine}
    for one in people:
        is_newer_there = not is_single and one.reply_at is not None and one.reply_at > stamp
        if ends[one.meeting_id] > now and not is_newer_there:
            one.reply, one.reply_at, one.reply_sequence = answer.reply, stamp, answer.sequence
            one.reply_note = answer.note


def _meetings(session: Session, uid: str) -> list[Meeting]:
    chosen = select(Meeting).where(Meeting.uid == uid).order_by(Meeting.starts_at)
    return list(session.scalars(chosen))


def _people(session: Session, meetings: Sequence[Meeting], key: str) -> list[Participant]:
    """The participants of a mailbox, the nearest meeting first. Compared folded, as invitations were written."""
    if not meetings:
        return []
    order = {one.id: place for place, one in enumerate(meetings)}
    found = [
        one for one in session.scalars(select(Participant).where(
            Participant.meeting_id.in_(list(order)), Participant.email != ""))
        if address_key(one.email) == key
    ]
    return sorted(found, key=lambda one: (order[one.meeting_id], one.position))


def set_reply(session: Session, participant_id: int, reply: str, note: str, now: datetime) -> bool:
    """The answer that somebody gave on their own page; False when the participant is gone or the meeting is over.

    Raises ValueError for a word that is no answer.
    """
    if reply not in ANSWERS:
        raise ValueError(f"{reply!r} is none of {ANSWERS}")
    participant = session.get(Participant, participant_id)
    if participant is None:
        return False
    meeting = session.get_one(Meeting, participant.meeting_id)
    if meeting.ends_at <= now or meeting.state in ("cancelled", "refused", "ended"):
        return False
    participant.reply, participant.reply_at = reply, now.astimezone(UTC)
    participant.reply_sequence = max(meeting.sequence, participant.reply_sequence or 0)
    participant.reply_note = one_line(note, 500)
    session.flush()
    return True


def next_code(session: Session, meeting: Meeting, participant: Participant, now: datetime) -> str:
    """The code of the same participant in the meeting of the series that runs or comes next; else their own."""
    if meeting.series_id is None:
        return participant.invite_code
    code = session.scalar(
        select(Participant.invite_code).join(Meeting, Meeting.id == Participant.meeting_id)
        .where(Meeting.series_id == meeting.series_id, Participant.subject == participant.subject,
               Meeting.ends_at > now, Meeting.state.in_(OPEN_STATES))
        .order_by(Meeting.starts_at).limit(1))
    return code or participant.invite_code


def replies_of(session: Session, meeting_id: int) -> list[InvitationReply]:
    """The mails that came about a meeting, newest first."""
    chosen = select(InvitationReply).where(InvitationReply.meeting_id == meeting_id)
    return list(session.scalars(chosen.order_by(InvitationReply.received_at.desc(), InvitationReply.id.desc())))
