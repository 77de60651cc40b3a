"""Tables of what remains of a meeting: attendance, the chain that seals it, minutes, tasks."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, Date, Float, ForeignKey, Integer, String, Text, UniqueConstraint
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
    content: Mapped[str] = mapped_column(Text, default="")
    conclusions: Mapped[str] = mapped_column(Text, default="")
    updated_by: Mapped[str] = mapped_column(String(100), default="")
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    signed_by: Mapped[str] = mapped_column(String(100), default="")
    signed_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)


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
