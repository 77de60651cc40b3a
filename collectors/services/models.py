"""Tables of services at work: how each stands, when it was down, what its checks were told, and "check now"."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core import Base, UTCDateTime


class ServiceState(Base):
    """How a service stands. `is_up` is None while nobody knows; `reason` and `check_id` say what brought it down."""

    __tablename__ = "collectors_service_state"

    service_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_service.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    is_up: Mapped[bool | None] = mapped_column(Boolean, default=None)
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    check_id: Mapped[int | None] = mapped_column(Integer, default=None)
    reason: Mapped[str] = mapped_column(String(32), default="")
    detail: Mapped[str] = mapped_column(String(500), default="")


class ServiceOutage(Base):
    """A time during which a service was down; `ended_at` None while it lasts."""

    __tablename__ = "collectors_service_outage"
    __table_args__ = (Index("ix_collectors_service_outage_service_id", "service_id", "started_at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("inventory_service.id", ondelete="CASCADE"))
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    reason: Mapped[str] = mapped_column(String(32), default="")
    detail: Mapped[str] = mapped_column(String(500), default="")


class CheckAnswer(Base):
    """What a check was told last, as JSON: who issued the certificate, what DNS said. Written when it changes."""

    __tablename__ = "collectors_check_answer"

    check_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_check.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    facts: Mapped[str] = mapped_column(Text, default="{}")


class ServiceRequest(Base):
    """A person's wish to have a service's checks made now."""

    __tablename__ = "collectors_service_request"
    __table_args__ = (Index("ix_collectors_service_request_open", "done_at", "requested_at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("inventory_service.id", ondelete="CASCADE"), index=True)
    requested_by: Mapped[str] = mapped_column(String(100))
    requested_at: Mapped[datetime] = mapped_column(UTCDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
