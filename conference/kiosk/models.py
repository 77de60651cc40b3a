"""Tables of endpoints' kiosk pages: pairing, the newest heartbeat, spells in meetings, commands."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core import Base, UTCDateTime


class Kiosk(Base):
    """The browser that stands in an endpoint's room. `sealed_secret` signs its heartbeats (HMAC-SHA256).

    A pairing code is kept as its SHA-256 and is good once, until `code_until`.
    """

    __tablename__ = "conference_kiosk"

    endpoint_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_endpoint.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    sealed_secret: Mapped[str] = mapped_column(Text, default="")
    cookie_hash: Mapped[str] = mapped_column(String(64), default="", index=True)
    code_hash: Mapped[str] = mapped_column(String(64), default="", index=True)
    code_until: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    code_tries: Mapped[int] = mapped_column(Integer, default=0)
    paired_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    paired_by: Mapped[str] = mapped_column(String(100), default="")
    browser: Mapped[str] = mapped_column(String(300), default="")
    devices: Mapped[str] = mapped_column(Text, default="{}")     # JSON: last device list and chosen devices


class KioskState(Base):
    """The newest heartbeat of an endpoint. `payload` is the heartbeat's JSON; the columns are what lists ask for.

    `at` is our clock when it came, `sent_at` the sender's; `ntp_offset_ms` the sender's own measure of its clock.
    """

    __tablename__ = "conference_kiosk_state"

    endpoint_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_endpoint.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    address: Mapped[str] = mapped_column(String(64), default="")
    meeting_id: Mapped[int | None] = mapped_column(Integer, default=None, index=True)
    connection: Mapped[str] = mapped_column(String(8), default="")   # Jitsi's endpoint id, 8 hex
    state: Mapped[str] = mapped_column(String(16), default="")       # words of kiosk/words.py
    is_visitor: Mapped[bool] = mapped_column(Boolean, default=False)
    ntp_offset_ms: Mapped[float | None] = mapped_column(Float, default=None)
    sequence: Mapped[int] = mapped_column(BigInteger, default=0)    # of the heartbeat; a lower one is a replay
    payload: Mapped[str] = mapped_column(Text, default="{}")


class KioskSpell(Base):
    """One stretch of heartbeats that said "in the meeting", with one connection id: the client's evidence of presence.

    `first_at`, `last_at` are the heartbeats' own times, corrected by ntp_offset_ms; open while heartbeats go on.
    """

    __tablename__ = "conference_kiosk_spell"
    __table_args__ = (
        Index("ix_conference_kiosk_spell_meeting", "meeting_id", "endpoint_id"),
        Index("ix_conference_kiosk_spell_endpoint", "endpoint_id", "last_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("conference_meeting.id", ondelete="CASCADE"))
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("inventory_endpoint.id", ondelete="CASCADE"))
    connection: Mapped[str] = mapped_column(String(8), default="")
    is_visitor: Mapped[bool] = mapped_column(Boolean, default=False)
    first_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_at: Mapped[datetime] = mapped_column(UTCDateTime)


class KioskCommand(Base):
    """One thing a kiosk is asked to do. Fetched with the heartbeat's answer, acknowledged by a later heartbeat.

    `state` is waiting, sent, done, failed, expired or cancelled; `before` what undo needs (JSON).
    """

    __tablename__ = "conference_kiosk_command"
    __table_args__ = (Index("ix_conference_kiosk_command_open", "endpoint_id", "state"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("inventory_endpoint.id", ondelete="CASCADE"))
    meeting_id: Mapped[int | None] = mapped_column(Integer, default=None, index=True)
    verb: Mapped[str] = mapped_column(String(32))                # a word of kiosk/commands.py
    arguments: Mapped[str] = mapped_column(Text, default="{}")   # JSON
    asked_by: Mapped[str] = mapped_column(String(100))
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(String(300), default="")
    good_until: Mapped[datetime] = mapped_column(UTCDateTime)
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    result: Mapped[str] = mapped_column(String(300), default="")
    before: Mapped[str] = mapped_column(Text, default="{}")
    undoes_id: Mapped[int | None] = mapped_column(
        ForeignKey("conference_kiosk_command.id", ondelete="SET NULL"), default=None
    )
