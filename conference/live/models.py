"""Tables of a running meeting: what happened to whom, when, and why (the timeline)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from core import Base, UTCDateTime


class LiveSpell(Base):
    """One stretch of an endpoint's trouble during a meeting: state, cause, from when to when (None: it lasts).

    `state` and `cause` are words of live/words.py and live/causes.py; `group` names what several share (a line's
    provider, a bridge); `incident_id` the network incident that explains it.
    """

    __tablename__ = "conference_live_spell"
    __table_args__ = (Index("ix_conference_live_spell_meeting", "meeting_id", "endpoint_id", "ended_at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("conference_meeting.id", ondelete="CASCADE"))
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("inventory_endpoint.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(16))
    cause: Mapped[str] = mapped_column(String(32), default="")
    group: Mapped[str] = mapped_column("grouped_by", String(100), default="")
    evidence: Mapped[str] = mapped_column(String(500), default="")    # JSON of the figures behind it
    incident_id: Mapped[int | None] = mapped_column(Integer, default=None)
    began_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)


class LiveNote(Base):
    """A line of a meeting's timeline that no other table holds: began, ended, a remedy, a person's remark."""

    __tablename__ = "conference_live_note"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("conference_meeting.id", ondelete="CASCADE"), index=True)
    endpoint_id: Mapped[int | None] = mapped_column(
        ForeignKey("inventory_endpoint.id", ondelete="SET NULL"), default=None
    )
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    kind: Mapped[str] = mapped_column(String(32))
    by: Mapped[str] = mapped_column(String(100), default="")
    text: Mapped[str] = mapped_column(String(500), default="")
