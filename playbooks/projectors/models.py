"""Tables of commands to projectors: an order of one person or schedule, a task for each projector, and schedules."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, String, Time
from sqlalchemy.orm import Mapped, mapped_column

from core import Base, UTCDateTime


class ProjectorSchedule(Base):
    """Switch a group on or off at a time of day. The group: a unit's branch or a site, and in it rooms of one kind.

    `days` is a word of scheduling.DAYS; `wait_minutes` how long it waits for the end of lessons, meetings, exams.
    """

    __tablename__ = "playbooks_projector_schedule"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_unit.id", ondelete="CASCADE"), default=None)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_site.id", ondelete="CASCADE"), default=None)
    room_kind: Mapped[str] = mapped_column(String(32), default="")
    command: Mapped[str] = mapped_column(String(16), default="off")
    runs_at: Mapped[time] = mapped_column(Time)
    days: Mapped[str] = mapped_column(String(16), default="school_days")
    wait_minutes: Mapped[int] = mapped_column(Integer, default=180)
    is_enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    last_run_on: Mapped[date | None] = mapped_column(Date, default=None)
    created_by: Mapped[str] = mapped_column(String(100), default="")


class ProjectorOrder(Base):
    """One wish: a command for one or many projectors. `source` is person, schedule or undo."""

    __tablename__ = "playbooks_projector_order"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    command: Mapped[str] = mapped_column(String(16))
    argument: Mapped[str] = mapped_column(String(16), default="")
    source: Mapped[str] = mapped_column(String(16), default="person")
    requested_by: Mapped[str] = mapped_column(String(100))
    requested_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    schedule_id: Mapped[int | None] = mapped_column(
        ForeignKey("playbooks_projector_schedule.id", ondelete="SET NULL"), default=None
    )
    undoes_id: Mapped[int | None] = mapped_column(
        ForeignKey("playbooks_projector_order.id", ondelete="SET NULL"), default=None
    )


class ProjectorTask(Base):
    """The order's part for one projector. `state` is a word of words.STATES, `step` "act" or "look" (the second look).

    `sent_at` is written before anything is sent: a worker that dies in between leaves it behind. `before` and `after`
    are what the projector answered to the command's question; `until` and `detail` belong to the reason.
    """

    __tablename__ = "playbooks_projector_task"
    __table_args__ = (
        Index("ix_playbooks_projector_task_open", "state", "not_before"),
        Index("ix_playbooks_projector_task_device", "device_id", "id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("playbooks_projector_order.id", ondelete="CASCADE"), index=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("inventory_device.id", ondelete="CASCADE"))
    command: Mapped[str] = mapped_column(String(16))
    argument: Mapped[str] = mapped_column(String(16), default="")
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    step: Mapped[str] = mapped_column(String(8), default="act")
    not_before: Mapped[datetime] = mapped_column(UTCDateTime)
    give_up_at: Mapped[datetime] = mapped_column(UTCDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    reason: Mapped[str] = mapped_column(String(32), default="")
    detail: Mapped[str] = mapped_column(String(300), default="")
    until: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    before: Mapped[str] = mapped_column(String(32), default="")
    after: Mapped[str] = mapped_column(String(32), default="")
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
