"""Tables of readiness: the newest verdict for each endpoint of a meeting, its milestones, and notes of calls made."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import Base, UTCDateTime


class Readiness(Base):
    """Whether an endpoint will manage a meeting. `milestone` is "now", or "t24h", "t2h", "t15m", "start" once passed.

    `state` is ready, risk, not_ready or unknown; `reason` the worst one (a word of readiness/reasons.py); `details` the
    JSON of all findings.
    """

    __tablename__ = "conference_readiness"
    __table_args__ = (UniqueConstraint("meeting_id", "endpoint_id", "milestone"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("conference_meeting.id", ondelete="CASCADE"), index=True)
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("inventory_endpoint.id", ondelete="CASCADE"))
    milestone: Mapped[str] = mapped_column(String(8), default="now")
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    state: Mapped[str] = mapped_column(String(16))
    score: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(String(32), default="")
    action: Mapped[str] = mapped_column(String(32), default="")
    is_fixable_here: Mapped[bool] = mapped_column(Boolean, default=False)
    details: Mapped[str] = mapped_column(Text, default="[]")


class ReadinessCall(Base):
    """A telephone call or message about an endpoint before or during a meeting: who, when, what came of it."""

    __tablename__ = "conference_readiness_call"
    __table_args__ = (Index("ix_conference_readiness_call", "meeting_id", "endpoint_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("conference_meeting.id", ondelete="CASCADE"))
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("inventory_endpoint.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    by: Mapped[str] = mapped_column(String(100))
    outcome: Mapped[str] = mapped_column(String(16))              # reached | no_answer | fixed | will_fix | message
    note: Mapped[str] = mapped_column(String(500), default="")


class RehearsalEntry(Base):
    """One endpoint's part in a rehearsal: its wave and how it went. The rehearsal is a Meeting with rehearses_id."""

    __tablename__ = "conference_rehearsal_entry"
    __table_args__ = (UniqueConstraint("meeting_id", "endpoint_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("conference_meeting.id", ondelete="CASCADE"))  # the rehearsal
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("inventory_endpoint.id", ondelete="CASCADE"))
    wave: Mapped[int] = mapped_column(Integer)
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    state: Mapped[str] = mapped_column(String(16), default="waiting")   # waiting | passed | failed | absent
    reason: Mapped[str] = mapped_column(String(32), default="")
    details: Mapped[str] = mapped_column(Text, default="[]")
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    decided_by: Mapped[str] = mapped_column(String(100), default="")    # "" by measurement


class PathReading(Base):
    """How one step of the way for media went last, or a codec's answer: kept until the next look.

    `key` says of what: "system:<id>@<vantage>/<step>" or "endpoint:<id>@<vantage>/sip". `vantage` is where it was
    measured from: "department" is the centre; a site probe brings its own.
    """

    __tablename__ = "conference_path_reading"

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    vantage: Mapped[str] = mapped_column(String(64), default="department")
    step: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(String(32))
    detail: Mapped[str] = mapped_column(String(300), default="")
    seconds: Mapped[float | None] = mapped_column(Float, default=None)


class ReadinessRun(Base):
    """The last judging of a meeting: when, how long it took, when any verdict changed last, and how many are how.

    Pages ask this row whether anything is new before they read seven hundred others.
    """

    __tablename__ = "conference_readiness_run"

    meeting_id: Mapped[int] = mapped_column(
        ForeignKey("conference_meeting.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    seconds: Mapped[float] = mapped_column(Float, default=0.0)
    counts: Mapped[str] = mapped_column(Text, default="{}")      # JSON: state -> endpoints
    path: Mapped[str] = mapped_column(String(32), default="")    # a word of paths.PATH_CAUSES, from the department
