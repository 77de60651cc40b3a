"""Tables of the schedule: series, meetings, their agenda and participants, templates."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import Base, UTCDateTime


class MeetingSeries(Base):
    """A repeating meeting: `rule` is the RRULE value (RFC 5545 section 3.3.10); its meetings are rows of their own.

    All meetings of a series carry its `uid`; `materialized_until` is up to when meetings were written from the rule.
    """

    __tablename__ = "conference_series"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    uid: Mapped[str] = mapped_column(String(200), unique=True)
    rule: Mapped[str] = mapped_column(String(300))
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)        # DTSTART, read in `timezone`
    minutes: Mapped[int] = mapped_column(Integer)
    timezone: Mapped[str] = mapped_column(String(64), default="Asia/Ho_Chi_Minh")
    excluded: Mapped[str] = mapped_column(Text, default="[]")       # JSON array of ISO instants (EXDATE)
    sequence: Mapped[int] = mapped_column(Integer, default=0)
    materialized_until: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)


class Meeting(Base):
    """One meeting (or one occurrence of a series). Words of `kind` and `state` stand in schedule/words.py.

    `room` is the MUC node, lower case, unguessable at its end. `opens_minutes` before the start people are let in;
    `overrun_minutes` after the end it may go on. `sequence` is the iTIP SEQUENCE; `occurrence_at` the RECURRENCE-ID of
    an occurrence, the original start. `rehearses_id` marks the rehearsal of another meeting.
    """

    __tablename__ = "conference_meeting"
    __table_args__ = (
        Index("ix_conference_meeting_when", "starts_at", "ends_at"),
        UniqueConstraint("system_id", "room"),
        UniqueConstraint("series_id", "occurrence_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    uid: Mapped[str] = mapped_column(String(200), index=True)
    title: Mapped[str] = mapped_column(String(300))
    kind: Mapped[str] = mapped_column(String(16), default="meeting")
    state: Mapped[str] = mapped_column(String(16), default="draft", index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("inventory_unit.id", ondelete="CASCADE"), index=True)  # organiser
    system_id: Mapped[int | None] = mapped_column(
        ForeignKey("inventory_meeting_system.id", ondelete="SET NULL"), default=None
    )
    room: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(Text, default="")
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    timezone: Mapped[str] = mapped_column(String(64), default="Asia/Ho_Chi_Minh")
    opens_minutes: Mapped[int] = mapped_column(Integer, default=30)
    overrun_minutes: Mapped[int] = mapped_column(Integer, default=60)
    is_recorded: Mapped[bool] = mapped_column(Boolean, default=False)
    is_streamed: Mapped[bool] = mapped_column(Boolean, default=False)
    stream_url: Mapped[str] = mapped_column(String(300), default="")     # the viewers' link
    sealed_stream_key: Mapped[str] = mapped_column(Text, default="")
    is_important: Mapped[bool] = mapped_column(Boolean, default=False)   # counts in the live-broadcast KPI
    plan: Mapped[str] = mapped_column(Text, default="{}")                # JSON of the capacity plan
    join_code: Mapped[str] = mapped_column(String(64), unique=True)      # in the join page's address and its QR code
    series_id: Mapped[int | None] = mapped_column(ForeignKey("conference_series.id", ondelete="SET NULL"), default=None)
    occurrence_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    is_exception: Mapped[bool] = mapped_column(Boolean, default=False)   # this occurrence was changed alone
    sequence: Mapped[int] = mapped_column(Integer, default=0)
    rehearses_id: Mapped[int | None] = mapped_column(
        ForeignKey("conference_meeting.id", ondelete="CASCADE"), default=None, index=True
    )
    created_by: Mapped[str] = mapped_column(String(100), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    decided_by: Mapped[str] = mapped_column(String(100), default="")     # who approved or refused
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    decision_note: Mapped[str] = mapped_column(String(500), default="")
    approved_count: Mapped[int | None] = mapped_column(Integer, default=None)   # endpoints that the yes was given for
    began_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)   # first evidence of somebody in it
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)   # the room was really over
    cancel_reason: Mapped[str] = mapped_column(String(500), default="")


class Participant(Base):
    """Who takes part: a unit, an endpoint or a person. `role` and `mode` are words of schedule/words.py.

    `subject` is the JWT context.user.id, unique in the meeting: "ep-<endpoint code>", "unit-<id>", "person-<n>".
    A unit stands for its endpoint when it has exactly one; the schedule stores both ids then.
    """

    __tablename__ = "conference_participant"
    __table_args__ = (
        UniqueConstraint("meeting_id", "subject"),
        Index("ix_conference_participant_endpoint", "endpoint_id", "meeting_id"),
        Index("ix_conference_participant_email", "email"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("conference_meeting.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(16))                       # unit | endpoint | person
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_unit.id", ondelete="CASCADE"), default=None)
    endpoint_id: Mapped[int | None] = mapped_column(
        ForeignKey("inventory_endpoint.id", ondelete="CASCADE"), default=None
    )
    name: Mapped[str] = mapped_column(String(200))                      # as shown in the meeting
    email: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    subject: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(16), default="participant")  # chair | cohost | secretary | participant
    mode: Mapped[str] = mapped_column(String(8), default="listen")      # speak | listen
    is_required: Mapped[bool] = mapped_column(Boolean, default=True)
    position: Mapped[int] = mapped_column(Integer, default=0)
    invite_code: Mapped[str] = mapped_column(String(64), unique=True)   # opens this participant's own join page
    reply: Mapped[str] = mapped_column(String(16), default="needs-action")  # RFC 5545 PARTSTAT, lower case
    reply_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    reply_sequence: Mapped[int | None] = mapped_column(Integer, default=None)
    reply_note: Mapped[str] = mapped_column(String(500), default="")
    excused_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)  # absence allowed
    excuse: Mapped[str] = mapped_column(String(300), default="")


class AgendaItem(Base):
    """One item of the agenda: when, how long, what, and which participant speaks (None: the chair's table)."""

    __tablename__ = "conference_agenda_item"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("conference_meeting.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(Integer)
    offset_minutes: Mapped[int] = mapped_column(Integer)                # after the meeting's start
    minutes: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(300))
    participant_id: Mapped[int | None] = mapped_column(
        ForeignKey("conference_participant.id", ondelete="SET NULL"), default=None
    )


class MeetingTemplate(Base):
    """What a meeting of a usual shape starts from; `content` is the JSON of a MeetingDraft without times."""

    __tablename__ = "conference_template"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_unit.id", ondelete="CASCADE"), default=None)
    content: Mapped[str] = mapped_column(Text)
    updated_by: Mapped[str] = mapped_column(String(100), default="")
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
