"""Tables of meeting servers' states and questions, of rooms watched while a meeting runs, and who was sighted there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import Base, UTCDateTime


class WatchedRoom(Base):
    """A room to ask Jicofo about. Whoever knows of meetings writes the row; collectors ask while `until` is ahead.

    `asked_at` is the last answered look; rows of RoomSighting that are open were there at that moment.
    """

    __tablename__ = "collectors_watched_room"
    __table_args__ = (UniqueConstraint("system_id", "room"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    system_id: Mapped[int] = mapped_column(ForeignKey("inventory_meeting_system.id", ondelete="CASCADE"))
    room: Mapped[str] = mapped_column(String(200))               # MUC node, lower case
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    until: Mapped[datetime] = mapped_column(UTCDateTime)
    asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    reason: Mapped[str] = mapped_column(String(32), default="")  # why the last look failed; "" it did not
    main_count: Mapped[int | None] = mapped_column(Integer, default=None)
    visitor_count: Mapped[int | None] = mapped_column(Integer, default=None)
    bridges: Mapped[str] = mapped_column(Text, default="{}")     # JSON: relay id -> {stress, endpoints, healthy, ...}


class RoomSighting(Base):
    """One connection seen in a watched room, from the first look with it to the last; open while `gone_at` is None.

    Times are those of the looks (each 30 s), so they are right to half a minute.
    """

    __tablename__ = "collectors_room_sighting"
    __table_args__ = (
        Index("ix_collectors_room_sighting_room", "watched_id", "endpoint"),
        Index("ix_collectors_room_sighting_open", "watched_id", "gone_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    watched_id: Mapped[int] = mapped_column(ForeignKey("collectors_watched_room.id", ondelete="CASCADE"))
    endpoint: Mapped[str] = mapped_column(String(8))             # 8 hex: the connection
    bridge: Mapped[str] = mapped_column(String(100), default="")
    is_visitor: Mapped[bool] = mapped_column(Boolean, default=False)
    is_recorder: Mapped[bool] = mapped_column(Boolean, default=False)   # Jibri, Jigasi, transcriber: nobody's presence
    audio_muted: Mapped[bool | None] = mapped_column(Boolean, default=None)
    video_muted: Mapped[bool | None] = mapped_column(Boolean, default=None)
    stats_id: Mapped[str] = mapped_column(String(200), default="")
    first_seen: Mapped[datetime] = mapped_column(UTCDateTime)
    last_seen: Mapped[datetime] = mapped_column(UTCDateTime)     # kept up to date when it goes; open rows: asked_at
    gone_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)


class MeetingServerState(Base):
    """How the last look at a meeting server went; figures stand in telemetry. `facts` is JSON: version, relay id ...

    `is_up` is None while it was never asked; `since` is when `reason` last changed.
    """

    __tablename__ = "collectors_meeting_server_state"

    server_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_meeting_server.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    is_up: Mapped[bool | None] = mapped_column(Boolean, default=None)
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(String(32), default="")   # "ok", or a word of collectors.REASONS
    detail: Mapped[str] = mapped_column(String(300), default="")
    seconds: Mapped[float] = mapped_column(Float, default=0.0)
    facts: Mapped[str] = mapped_column(Text, default="{}")


class MeetingServerQuestion(Base):
    """A person's question to a meeting server, answered by the worker: how are you ("test"), or how is one connection
    ("endpoint": `room` and `endpoint` say which). `answer` is JSON."""

    __tablename__ = "collectors_meeting_server_question"
    __table_args__ = (Index("ix_collectors_meeting_server_question_open", "done_at", "asked_at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    server_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_meeting_server.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str] = mapped_column(String(16))
    room: Mapped[str] = mapped_column(String(200), default="")
    endpoint: Mapped[str] = mapped_column(String(8), default="")
    asked_by: Mapped[str] = mapped_column(String(100))
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    reason: Mapped[str] = mapped_column(String(32), default="")
    detail: Mapped[str] = mapped_column(String(300), default="")
    answer: Mapped[str] = mapped_column(Text, default="{}")
