"""Table of commands to meeting servers: the row is the queue and the record of who ordered what and what came of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core import Base, UTCDateTime


class MeetingOrder(Base):
    """One command to a meeting system's server: `verb` a word of verbs.VERBS, `state` one of words.STATES.

    `preview` is what was shown before it was ordered; `meeting_id` and `endpoint` (8 hex) say what it is about; `step`
    is "act", or "look" while EduNOC looks whether it holds.
    """

    __tablename__ = "playbooks_meeting_order"
    __table_args__ = (Index("ix_playbooks_meeting_order_open", "state", "not_before"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    system_id: Mapped[int] = mapped_column(ForeignKey("inventory_meeting_system.id", ondelete="CASCADE"))
    server_id: Mapped[int | None] = mapped_column(
        ForeignKey("inventory_meeting_server.id", ondelete="SET NULL"), default=None
    )
    meeting_id: Mapped[int | None] = mapped_column(Integer, default=None, index=True)
    room: Mapped[str] = mapped_column(String(200), default="")
    endpoint: Mapped[str] = mapped_column(String(8), default="")
    verb: Mapped[str] = mapped_column(String(32))
    arguments: Mapped[str] = mapped_column(Text, default="{}")      # JSON; secrets are sealed
    preview: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(String(300), default="")
    ordered_by: Mapped[str] = mapped_column(String(100))
    ordered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    not_before: Mapped[datetime] = mapped_column(UTCDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)   # written before anything is sent
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    failure: Mapped[str] = mapped_column(String(32), default="")    # a named reason
    detail: Mapped[str] = mapped_column(String(500), default="")
    step: Mapped[str] = mapped_column(String(8), default="act")
    give_up_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    hits: Mapped[int | None] = mapped_column(Integer, default=None)    # connections it concerns, as previewed
    undoes_id: Mapped[int | None] = mapped_column(
        ForeignKey("playbooks_meeting_order.id", ondelete="SET NULL"), default=None
    )
