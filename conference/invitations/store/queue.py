"""The queue of invitations: rows written before anything is sent, claimed by UPDATE, finished one by one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import CursorResult, and_, func, or_, select, update

from conference.capacity import address_key
from conference.invitations.deciding import messages
from conference.invitations.facts import Outgoing, Wanted
from conference.invitations.ical import Said, Sender, message
from conference.invitations.models import Invitation
from conference.invitations.post.composing import Letter
from conference.invitations.store.gathering import told_of, uid_of, wanted_of
from conference.invitations.texts import calendar_description, write
from conference.invitations.words import CANCEL, FAILED, NOTE, REPLACED, SENDING, SENT, WAITING
from conference.schedule import Meeting
from core import Session

Link = Callable[[str, bool], str]  # a participant's code, of a whole series -> the address of their own page


@dataclass(frozen=True, slots=True)
class Desk:
    """Who writes, and how a participant's page is reached."""

    sender: Sender
    link: Link


def render(session: Session, meeting: Meeting, desk: Desk, now: datetime) -> dict[object, Invitation]:
    """The messages that are due of a meeting, put into words; writes nothing, so that nobody waits meanwhile."""
    told = told_of(session, uid_of(session, meeting))
    wanted = wanted_of(session, meeting, told, now)
    due = messages(told, wanted, now) if wanted is not None else []
    return {_key(one): _row(one, wanted, desk, now) for one in due if wanted is not None}


def queue_for(
    session: Session, meeting: Meeting, desk: Desk, now: datetime, rendered: Mapping[object, Invitation] | None = None
) -> int:
    """Write the messages that are due of a meeting (of a series: of all of it); how many. Safe to repeat.

    `rendered` are messages that were put into words before; what is not among them is written now.
    """
    uid = uid_of(session, meeting)
    told = told_of(session, uid)
    wanted = wanted_of(session, meeting, told, now)
    if wanted is None:
        return 0
    due = messages(told, wanted, now)
    _replace_waiting(session, uid, due)
    sent = _ever_sent(session, uid)
    ready = rendered or {}
    rows = [
        ready.get(_key(one)) or _row(one, wanted, desk, now)
        for one in due if one.method != CANCEL or _was_sent(one, sent)
    ]
    session.add_all(rows)
    session.flush()
    return len(rows)


def message_id(words: Iterable[object], sender: Sender) -> str:
    """A Message-ID that a repetition has again, and that nobody guesses who does not know the meeting's UID."""
    digest = hashlib.sha256("|".join(map(str, words)).encode()).hexdigest()
    return f"edunoc-{digest[:32]}@{sender.email.rpartition('@')[2]}"


def _key(outgoing: Outgoing) -> object:
    return (address_key(outgoing.recipient.email), outgoing.entry.occurrence_at, outgoing.method, outgoing.sequence,
            outgoing.fingerprint, outgoing.excluded, outgoing.cause)


def preview(session: Session, meeting: Meeting, now: datetime) -> list[Outgoing]:
    """The messages that are due of a meeting, without writing any."""
    told = told_of(session, uid_of(session, meeting))
    wanted = wanted_of(session, meeting, told, now)
    return [] if wanted is None else messages(told, wanted, now)


def _was_sent(outgoing: Outgoing, sent: Collection[tuple[str, datetime | None]]) -> bool:
    """A cancellation of what never left us would only puzzle."""
    key = address_key(outgoing.recipient.email)
    return (key, outgoing.entry.occurrence_at) in sent or (key, None) in sent


def _ever_sent(session: Session, uid: str) -> set[tuple[str, datetime | None]]:
    chosen = select(Invitation.email, Invitation.occurrence_at).where(
        Invitation.uid == uid, Invitation.state.in_((SENT, SENDING)), Invitation.method != NOTE)
    return {(address_key(email), moment) for email, moment in session.execute(chosen)}


def _replace_waiting(session: Session, uid: str, due: Sequence[Outgoing]) -> None:
    """What still waits to tell the same mailbox the same thing is older than what is written now."""
    keys = {(address_key(one.recipient.email), one.entry.occurrence_at) for one in due}
    waiting = select(Invitation.id, Invitation.email, Invitation.occurrence_at).where(
        Invitation.uid == uid, Invitation.state == WAITING, Invitation.method != NOTE)
    old = [row.id for row in session.execute(waiting) if (address_key(row.email), row.occurrence_at) in keys]
    if old:
        session.execute(update(Invitation).where(Invitation.id.in_(old), Invitation.state == WAITING)
                        .values(state=REPLACED))


def _row(outgoing: Outgoing, wanted: Wanted, desk: Desk, now: datetime) -> Invitation:
    entry, recipient = outgoing.entry, outgoing.recipient
    is_series = bool(entry.facts.rule) and entry.occurrence_at is None
    link = desk.link(recipient.code, is_series) if recipient.code else ""
    written = write(outgoing, link)
    said = Said(link, calendar_description(entry.facts, link))
    return Invitation(
        meeting_id=entry.meeting_id or wanted.entry.meeting_id, participant_id=recipient.participant_id,
        uid=wanted.uid, occurrence_at=entry.occurrence_at, email=recipient.email, name=recipient.name,
        method=outgoing.method, fingerprint=outgoing.fingerprint, sequence=outgoing.sequence,
        message_id=message_id(
            (wanted.uid, recipient.email, entry.occurrence_at, outgoing.method, outgoing.sequence, now), desk.sender),
        excluded=json.dumps([moment.astimezone(UTC).isoformat() for moment in sorted(outgoing.excluded)]),
        content=message(outgoing, wanted.uid, desk.sender, said, now), subject=written.subject, body=written.text,
        state=WAITING, queued_at=now, not_before=now, attempts=0,
    )


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message taken for sending."""

    id: int
    attempts: int  # this one included
    letter: Letter


def has_work(session: Session, now: datetime, timeout: timedelta) -> bool:
    """Whether a message is due, or was left half-sent."""
    due = and_(Invitation.state == WAITING, Invitation.not_before <= now)
    stuck = and_(Invitation.state == SENDING, Invitation.claimed_at < now - timeout)
    return session.scalar(select(Invitation.id).where(or_(due, stuck)).limit(1)) is not None


def claim(session: Session, now: datetime, limit: int) -> list[Claimed]:
    """Take due messages, the oldest first. Each is marked before it is sent, with the attempt counted."""
    ids = list(session.scalars(
        select(Invitation.id).where(Invitation.state == WAITING, Invitation.not_before <= now)
        .order_by(Invitation.not_before, Invitation.id).limit(limit)))
    if not ids:
        return []
    taken = session.execute(
        update(Invitation).where(Invitation.id.in_(ids), Invitation.state == WAITING)
        .values(state=SENDING, claimed_at=now, attempts=Invitation.attempts + 1),
        execution_options={"synchronize_session": False})
    assert isinstance(taken, CursorResult)
    rows = session.scalars(
        select(Invitation).where(Invitation.id.in_(ids), Invitation.state == SENDING, Invitation.claimed_at == now)
        .order_by(Invitation.id).execution_options(populate_existing=True))
    return [
        Claimed(row.id, row.attempts, Letter(
            row.message_id, row.email, row.name, row.subject, row.body, "" if row.method == NOTE else row.method,
            row.content))
        for row in rows
    ]


def take_back(session: Session, now: datetime, timeout: timedelta) -> int:
    """Queue again what a crash left half-sent. The mail keeps its Message-ID, UID and SEQUENCE: twice is once."""
    stuck = session.execute(
        update(Invitation).where(Invitation.state == SENDING, Invitation.claimed_at < now - timeout)
        .values(state=WAITING, claimed_at=None))
    assert isinstance(stuck, CursorResult)
    return stuck.rowcount


def finish(session: Session, number: int, state: str, now: datetime, failure: str = "", due_at: datetime | None = None,
           ) -> None:
    """Write down what came of one message: sent, failed, or waiting until `due_at`."""
    values: dict[str, object] = {"state": state, "failure": failure[:300], "claimed_at": None}
    if state == SENT:
        values["sent_at"] = now
    if due_at is not None:
        values["not_before"] = due_at
    session.execute(update(Invitation).where(Invitation.id == number, Invitation.state == SENDING).values(**values))


def give_back(session: Session, numbers: Iterable[int], due_at: datetime, failure: str) -> None:
    """Messages that were not tried at all: they wait, and the attempt does not count."""
    session.execute(
        update(Invitation).where(Invitation.id.in_(list(numbers)), Invitation.state == SENDING)
        .values(state=WAITING, claimed_at=None, attempts=Invitation.attempts - 1, not_before=due_at,
                failure=failure[:300]))


def send_again(session: Session, uid: str, now: datetime) -> int:
    """Queue the failed messages of a meeting or series once more; how many."""
    again = session.execute(
        update(Invitation).where(Invitation.uid == uid, Invitation.state == FAILED)
        .values(state=WAITING, attempts=0, not_before=now, failure=""))
    assert isinstance(again, CursorResult)
    return again.rowcount


def came_back(session: Session, message_id: str, status: str) -> bool:
    """Mark a sent message as not delivered, after a notification of its return. False: it was not one of ours."""
    found = session.execute(
        update(Invitation).where(Invitation.message_id == message_id, Invitation.state == SENT)
        .values(state=FAILED, failure=f"refused {status}"[:300]))
    assert isinstance(found, CursorResult)
    return found.rowcount > 0


def counts(session: Session) -> dict[str, int]:
    """How many messages are in which state: what the pages and /metrics tell."""
    return dict(session.execute(select(Invitation.state, func.count()).group_by(Invitation.state)).all())


def latest_of(session: Session, uid: str, occurrence_at: datetime | None) -> list[Invitation]:
    """The newest message to each participant about a meeting: its own, or that of its series."""
    mine = or_(Invitation.occurrence_at.is_(None), Invitation.occurrence_at == occurrence_at)
    chosen = select(Invitation).where(
        Invitation.uid == uid, mine, Invitation.state != REPLACED, Invitation.method != NOTE).order_by(Invitation.id)
    return list({address_key(row.email): row for row in session.scalars(chosen)}.values())
