"""Tables of invitations: what is to be mailed and was, which calendar feeds are open, which replies came."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core import Base, UTCDateTime


class Invitation(Base):
    """One message to one participant: the row is the queue. `method` is REQUEST or CANCEL (RFC 5546), NOTE a reminder.

    `content` is the calendar part as it is sent, so that a retry sends the same ("" in a reminder). `state` is a word
    of invitations/words.py. `occurrence_at` names one meeting of a series (RECURRENCE-ID), None the whole; `excluded`
    are the moments that were taken out of the series when it was written (EXDATE); `fingerprint` tells whether the
    recipient knows what holds now.
    """

    __tablename__ = "conference_invitation"
    __table_args__ = (
        Index("ix_conference_invitation_open", "state", "not_before"),
        Index("ix_conference_invitation_told", "uid", "email"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("conference_meeting.id", ondelete="CASCADE"), index=True)
    participant_id: Mapped[int | None] = mapped_column(
        ForeignKey("conference_participant.id", ondelete="SET NULL"), default=None, index=True
    )
    uid: Mapped[str] = mapped_column(String(200), default="")
    occurrence_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(200), default="")
    method: Mapped[str] = mapped_column(String(16))
    fingerprint: Mapped[str] = mapped_column(String(64), default="")
    excluded: Mapped[str] = mapped_column(Text, default="[]")    # JSON array of ISO instants
    message_id: Mapped[str] = mapped_column(String(250), default="")
    sequence: Mapped[int] = mapped_column(Integer)
    content: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    queued_at: Mapped[datetime] = mapped_column(UTCDateTime)
    not_before: Mapped[datetime] = mapped_column(UTCDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    failure: Mapped[str] = mapped_column(String(300), default="")


class InvitationReply(Base):
    """A calendar reply that came by mail, used or refused with a named reason. `message_id` makes it count once."""

    __tablename__ = "conference_invitation_reply"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    message_id: Mapped[str] = mapped_column(String(300), unique=True)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sender: Mapped[str] = mapped_column(String(254), default="")
    meeting_id: Mapped[int | None] = mapped_column(
        ForeignKey("conference_meeting.id", ondelete="SET NULL"), default=None, index=True
    )
    participant_id: Mapped[int | None] = mapped_column(
        ForeignKey("conference_participant.id", ondelete="SET NULL"), default=None
    )
    reply: Mapped[str] = mapped_column(String(16), default="")
    note: Mapped[str] = mapped_column(String(500), default="")
    occurrence_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    outcome: Mapped[str] = mapped_column(String(32))   # a word of invitations/reasons.py


class CalendarFeed(Base):
    """A read-only calendar (METHOD:PUBLISH) of an endpoint or a person's address; the secret stands in its address."""

    __tablename__ = "conference_calendar_feed"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    sealed_token: Mapped[str] = mapped_column(Text)
    endpoint_id: Mapped[int | None] = mapped_column(
        ForeignKey("inventory_endpoint.id", ondelete="CASCADE"), default=None, unique=True
    )
    email: Mapped[str] = mapped_column(String(254), default="", index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Reminder(Base):
    """A reminder that was handed over, so that it is sent once: which meeting, to whom, how long before."""

    __tablename__ = "conference_reminder"
    __table_args__ = (Index("ix_conference_reminder", "meeting_id", "minutes_before", unique=True),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("conference_meeting.id", ondelete="CASCADE"))
    minutes_before: Mapped[int] = mapped_column(Integer)
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime)
