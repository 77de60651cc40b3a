"""Tables of what Jitsi's servers ask and tell: reservations and room events."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core import Base, UTCDateTime


class RoomReservation(Base):
    """A room that Prosody opened for a meeting (mod_reservations), until it is over. `number` is the id it was told."""

    __tablename__ = "conference_reservation"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    system_id: Mapped[int] = mapped_column(ForeignKey("inventory_meeting_system.id", ondelete="CASCADE"))
    meeting_id: Mapped[int] = mapped_column(ForeignKey("conference_meeting.id", ondelete="CASCADE"), index=True)
    number: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))            # as asked, the case kept
    mail_owner: Mapped[str] = mapped_column(String(200), default="")
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)


class RoomEvent(Base):
    """One event of event_sync, kept as it came. `key` makes a repeated one the same row (jitsi.md section 1.3).

    `happened_at` is the event's own time, `received_at` ours. `subject` is context.user.id, `endpoint` the first eight
    hex of the uuid in occupant_jid; both empty where the event names none.
    """

    __tablename__ = "conference_room_event"
    __table_args__ = (Index("ix_conference_room_event_room", "system_id", "room", "happened_at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    system_id: Mapped[int] = mapped_column(ForeignKey("inventory_meeting_system.id", ondelete="CASCADE"))
    meeting_id: Mapped[int | None] = mapped_column(
        ForeignKey("conference_meeting.id", ondelete="SET NULL"), default=None, index=True
    )
    key: Mapped[str] = mapped_column(String(64), unique=True)     # SHA-256, hex
    name: Mapped[str] = mapped_column(String(32))                 # muc-occupant-joined ...
    room: Mapped[str] = mapped_column(String(200))                # MUC node, lower case, without tenant
    occupant_jid: Mapped[str] = mapped_column(String(300), default="")
    endpoint: Mapped[str] = mapped_column(String(8), default="")
    subject: Mapped[str] = mapped_column(String(100), default="")
    display_name: Mapped[str] = mapped_column(String(300), default="")
    happened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    raw: Mapped[str] = mapped_column(Text)                        # the JSON, unknown fields included
