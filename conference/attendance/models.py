"""Tables of what remains of a meeting: attendance, the chain that seals it, minutes, tasks."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, Date, Float, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import Base, UTCDateTime


class Attendance(Base):
    """How long one participant was there, by the server's and by the client's evidence. Seconds inside [start, end].

    `participant_id` None: somebody who was not invited (`name` as shown). `linked_by` says how evidence was tied to the
    participant: connection, subject, name. `hash` seals the row: SHA-256 over `previous` and the row's values.
    """

    __tablename__ = "conference_attendance"
    __table_args__ = (UniqueConstraint("meeting_id", "position"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("conference_meeting.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(Integer)
    participant_id: Mapped[int | None] = mapped_column(
        ForeignKey("conference_participant.id", ondelete="SET NULL"), default=None
    )
    endpoint_id: Mapped[int | None] = mapped_column(
        ForeignKey("inventory_endpoint.id", ondelete="SET NULL"), default=None, index=True
    )
    unit_id: Mapped[int | None] = mapped_column(
        ForeignKey("inventory_unit.id", ondelete="SET NULL"), default=None, index=True
    )
    subject: Mapped[str] = mapped_column(String(100), default="")  # the participant's; "" of who was not invited
    name: Mapped[str] = mapped_column(String(300))
    seconds: Mapped[int] = mapped_column(Integer)
    server_seconds: Mapped[int] = mapped_column(Integer)
    client_seconds: Mapped[int] = mapped_column(Integer)
    scheduled_seconds: Mapped[int] = mapped_column(Integer)
    first_joined_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    last_left_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    spoke_seconds: Mapped[int | None] = mapped_column(Integer, default=None)
    connections: Mapped[int] = mapped_column(Integer, default=0)
    linked_by: Mapped[str] = mapped_column(String(16), default="")
    intervals: Mapped[str] = mapped_column(Text, default="[]")    # JSON: [[from, until, source], ...]
    quality: Mapped[float | None] = mapped_column(Float, default=None)  # estimated MOS, median over the meeting
    correction: Mapped[str] = mapped_column(String(500), default="")  # a person's word, kept beside the measured
    corrected_seconds: Mapped[int | None] = mapped_column(Integer, default=None)
    corrected_by: Mapped[str] = mapped_column(String(100), default="")
    reason: Mapped[str] = mapped_column(String(16), default="")   # why the two sources disagree: a word of REASONS
    head_count: Mapped[int | None] = mapped_column(Integer, default=None)  # people behind it, as a person counted
    head_count_by: Mapped[str] = mapped_column(String(100), default="")
    computed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    previous: Mapped[str] = mapped_column(String(64), default="")
    hash: Mapped[str] = mapped_column(String(64), default="")


class MeetingMinutes(Base):
    """The minutes (biên bản) of a meeting: text of a person over the counted figures; fixed once signed."""

    __tablename__ = "conference_minutes"

    meeting_id: Mapped[int] = mapped_column(
        ForeignKey("conference_meeting.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    number: Mapped[str] = mapped_column(String(64), default="")
    place: Mapped[str] = mapped_column(String(200), default="")
    chair: Mapped[str] = mapped_column(String(200), default="")       # as the signature table names them
    secretary: Mapped[str] = mapped_column(String(200), default="")
    recipients: Mapped[str] = mapped_column(Text, default="")         # "Nơi nhận", a line each
    recording_url: Mapped[str] = mapped_column(String(300), default="")
    content: Mapped[str] = mapped_column(Text, default="")
    conclusions: Mapped[str] = mapped_column(Text, default="")
    updated_by: Mapped[str] = mapped_column(String(100), default="")
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    signed_by: Mapped[str] = mapped_column(String(100), default="")
    signed_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    digest: Mapped[str] = mapped_column(String(64), default="")       # SHA-256 of what was signed


GONE = "removed"  # MeetingCount.evidence once the evidence was kept long enough: what was counted stands


class MeetingCount(Base):
    """What one meeting's attendance comes to: one row each, so that a year of figures is read in milliseconds.

    `head` is the newest hash of the meeting's chain, `started_from` what its first row was chained to (the head of the
    counting before it, "" at the first). `evidence` names what was counted: when it changes, it is counted again,
    unless the minutes are signed; then `late_events` says how often that happened too late. `lines` and `units` are
    packed arrays (kpi/packing.py): the share of minutes of each participant and of each unit, in percent.
    """

    __tablename__ = "conference_count"
    __table_args__ = (Index("ix_conference_count_starts", "starts_at"),)

    meeting_id: Mapped[int] = mapped_column(
        ForeignKey("conference_meeting.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    counted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)
    evidence: Mapped[str] = mapped_column(String(100), default="")
    late_events: Mapped[int] = mapped_column(Integer, default=0)
    note: Mapped[str] = mapped_column(String(300), default="")
    head: Mapped[str] = mapped_column(String(64), default="")
    started_from: Mapped[str] = mapped_column(String(64), default="")
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    month: Mapped[str] = mapped_column(String(7))                     # "2026-11", where the meeting was
    kind: Mapped[str] = mapped_column(String(16))
    unit_id: Mapped[int] = mapped_column(Integer)                     # the organiser
    scheduled_minutes: Mapped[int] = mapped_column(Integer)
    is_held: Mapped[bool] = mapped_column(Boolean, default=False)     # somebody was there
    is_important: Mapped[bool] = mapped_column(Boolean, default=False)
    is_streamed: Mapped[bool] = mapped_column(Boolean, default=False)  # a live stream was really started
    is_recorded: Mapped[bool] = mapped_column(Boolean, default=False)
    endpoints: Mapped[int] = mapped_column(Integer, default=0)        # invited
    checked: Mapped[int] = mapped_column(Integer, default=0)          # ... of which were judged before the start
    ready: Mapped[int] = mapped_column(Integer, default=0)            # ... of which were ready
    troubled: Mapped[int] = mapped_column(Integer, default=0)         # ... of which had trouble during it
    strangers: Mapped[int] = mapped_column(Integer, default=0)        # present without an invitation
    lines: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    units: Mapped[bytes] = mapped_column(LargeBinary, default=b"")


class KpiFormula(Base):
    """One version of an indicator's formula, or of the ranking's weights; the newest of its `word` is in force."""

    __tablename__ = "conference_formula"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    word: Mapped[str] = mapped_column(String(16), index=True)
    content: Mapped[str] = mapped_column(Text)                        # JSON
    note: Mapped[str] = mapped_column(String(300), default="")
    saved_by: Mapped[str] = mapped_column(String(100))
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime)


class InPersonMeetings(Base):
    """How many meetings a unit held in person in a month: no server can count them, so a person enters them."""

    __tablename__ = "conference_in_person"
    __table_args__ = (UniqueConstraint("unit_id", "month", "kind"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("inventory_unit.id", ondelete="CASCADE"))
    month: Mapped[str] = mapped_column(String(7))
    kind: Mapped[str] = mapped_column(String(16))
    count: Mapped[int] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(String(300), default="")
    entered_by: Mapped[str] = mapped_column(String(100), default="")
    entered_at: Mapped[datetime] = mapped_column(UTCDateTime)


class MeetingTask(Base):
    """Something to put right after a meeting: made from a problem, or written by a person."""

    __tablename__ = "conference_task"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    meeting_id: Mapped[int | None] = mapped_column(
        ForeignKey("conference_meeting.id", ondelete="SET NULL"), default=None, index=True
    )
    endpoint_id: Mapped[int | None] = mapped_column(
        ForeignKey("inventory_endpoint.id", ondelete="CASCADE"), default=None, index=True
    )
    cause: Mapped[str] = mapped_column(String(32), default="")    # a word of live/causes.py
    title: Mapped[str] = mapped_column(String(300))
    details: Mapped[str] = mapped_column(Text, default="")
    assigned_to: Mapped[str] = mapped_column(String(100), default="")
    due_on: Mapped[date | None] = mapped_column(Date, default=None)
    is_done: Mapped[bool] = mapped_column(Boolean, default=False)
    created_by: Mapped[str] = mapped_column(String(100), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    done_by: Mapped[str] = mapped_column(String(100), default="")
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
