"""The queue of messages: the table itself. A row is claimed by UPDATE and its row count, never by reading alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, func, select, update

from alerts.channels import Delivery
from alerts.message import render_digest
from alerts.models import Channel, Notification
from alerts.retry import Verdict
from alerts.store.handling import Note, add_event
from core import Session

MAX_LISTED = 50  # subjects in one digest


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message taken for sending, with its channel's kind and sealed settings."""

    id: int
    channel_id: int
    channel_kind: str
    sealed: str
    is_channel_on: bool
    attempts: int  # this one included
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """How much may leave: rows a claim, and when many waiting ones become a digest."""

    rows: int = 8
    digest_from: int = 5
    public_url: str = ""


def claim_due(session: Session, now: datetime, limits: QueueLimits) -> list[Claimed]:
    """Take due messages, worst first, as far as their channels' limits a minute allow."""
    _merge_storms(session, now, limits)
    room = _room(session, now)
    chosen = (
        select(Notification).where(Notification.state == "queued", Notification.due_at <= now)
        .order_by(Notification.due_at, Notification.id).limit(limits.rows * 20)
    )
    claimed: list[Claimed] = []
    for row in session.scalars(chosen):
        channel = session.get_one(Channel, row.channel_id)
        if room.get(row.channel_id, channel.per_minute) <= 0:
            continue
        taken = session.execute(
            update(Notification).where(Notification.id == row.id, Notification.state == "queued")
            .values(state="sending", claimed_at=now, attempts=Notification.attempts + 1),
            execution_options={"synchronize_session": False},
        )
        assert isinstance(taken, CursorResult)
        if taken.rowcount != 1:
            continue
        room[row.channel_id] = room.get(row.channel_id, channel.per_minute) - 1
        claimed.append(_claimed(row, channel))
        if len(claimed) >= limits.rows:
            break
    return claimed


def _room(session: Session, now: datetime) -> dict[int, int]:
    """channel id -> messages it may still send in this minute; channels that sent nothing are not named."""
    recent = select(Notification.channel_id, Channel.per_minute, func.count()).join(
        Channel, Channel.id == Notification.channel_id
    ).where(Notification.claimed_at > now - timedelta(minutes=1)).group_by(Notification.channel_id, Channel.per_minute)
    return {channel_id: per_minute - used for channel_id, per_minute, used in session.execute(recent)}


def _claimed(row: Notification, channel: Channel) -> Claimed:
    delivery = Delivery(
        id=f"edunoc-{row.id}", recipient=row.recipient, subject=row.subject, text=row.text, html=row.html,
        severity=row.severity, kind=row.kind, data=dict(row.data),
    )
    return Claimed(row.id, channel.id, channel.kind, channel.sealed, channel.is_enabled, row.attempts + 1, delivery)


def _merge_storms(session: Session, now: datetime, limits: QueueLimits) -> None:
    """Where a channel is at its limit and many messages wait for one recipient, they become one."""
    full = [channel_id for channel_id, room in _room(session, now).items() if room <= 0]
    waiting = (
        select(Notification.channel_id, Notification.recipient, Notification.language)
        .where(Notification.state == "queued", Notification.kind != "digest", Notification.channel_id.in_(full))
        .group_by(Notification.channel_id, Notification.recipient, Notification.language)
        .having(func.count() >= limits.digest_from)
    )
    for channel_id, recipient, language in session.execute(waiting).all():
        rows = session.scalars(
            select(Notification).where(
                Notification.state == "queued", Notification.kind != "digest", Notification.channel_id == channel_id,
                Notification.recipient == recipient, Notification.language == language,
            ).order_by(Notification.id)
        ).all()
        _merge(session, rows, now, limits.public_url)


def _merge(session: Session, rows: Sequence[Notification], now: datetime, public_url: str) -> None:
    first = rows[0]
    rendered = render_digest([row.subject for row in rows[:MAX_LISTED]], len(rows), first.language, public_url)
    ranks = {"critical": 0, "major": 1, "minor": 2, "info": 3}
    digest = Notification(
        once=f"digest:{first.channel_id}:{first.id}:{rows[-1].id}", incident_id=None, channel_id=first.channel_id,
        route_id=None, recipient=first.recipient, language=first.language, kind="digest",
        severity=min((row.severity for row in rows), key=ranks.__getitem__), subject=rendered.subject,
        text=rendered.text, html=rendered.html, data={"incidents": [row.incident_id for row in rows][:1000]},
        created_at=now, due_at=now,
    )
    session.add(digest)
    session.flush()
    for row in rows:
        row.state, row.digest_id, row.reason, row.done_at = "digested", digest.id, "digested", now


def finish(session: Session, claimed: Claimed, verdict: Verdict, now: datetime) -> None:
    """Write down how an attempt ended, in the row, on the channel and in the incident's story."""
    row = session.get(Notification, claimed.id)
    channel = session.get(Channel, claimed.channel_id)
    if row is None:
        return
    row.state, row.reason, row.detail = verdict.state, verdict.reason, verdict.detail[:400]
    if verdict.due_at is not None:
        row.due_at = verdict.due_at
    else:
        row.done_at = now
    if channel is not None:
        if verdict.state == "sent":
            channel.last_sent_at, channel.last_failure = now, ""
        else:
            channel.last_failed_at, channel.last_failure = now, verdict.reason
    is_news = verdict.state != "queued" or claimed.attempts == 1  # transitions, not repeats
    if row.incident_id is not None and is_news:
        data = {"notification": row.id, "state": verdict.state, "reason": verdict.reason, "kind": row.kind,
                "channel": channel.name if channel else "", "recipient": row.recipient, "attempts": row.attempts}
        add_event(session, row.incident_id, "notification", now, Note(data=data))


def take_back(session: Session, now: datetime, claim_timeout: timedelta, *, is_start: bool) -> int:
    """Queue again what a crash left in "sending"; at the start of the only sender that is every such row."""
    chosen = update(Notification).where(Notification.state == "sending")
    if not is_start:
        chosen = chosen.where(Notification.claimed_at < now - claim_timeout)
    taken = session.execute(
        chosen.values(state="queued", due_at=now, reason="left_behind"),
        execution_options={"synchronize_session": False},
    )
    assert isinstance(taken, CursorResult)
    return taken.rowcount


def queue_counts(session: Session) -> dict[str, int]:
    """state -> number of messages that are not done."""
    chosen = select(Notification.state, func.count()).where(Notification.state.in_(("queued", "sending")))
    return {"queued": 0, "sending": 0, **dict(session.execute(chosen.group_by(Notification.state)).all())}
