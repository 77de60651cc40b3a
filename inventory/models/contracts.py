"""Tables of what is paid for and when it is used: Internet lines, assets, the school calendar."""

from __future__ import annotations

from datetime import date, time

from sqlalchemy import BigInteger, Date, ForeignKey, Index, Integer, String, Text, Time, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import Base
from inventory.models.searchable import Searchable


class Link(Searchable, Base):
    """An Internet line of a site. `device_id` and `part_key` say on which port it is measured; money is in đồng."""

    __tablename__ = "inventory_link"
    __table_args__ = (UniqueConstraint("site_id", "name"),)
    SEARCHED = ("name", "isp", "contract_number", "address")

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("inventory_site.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(200))
    isp: Mapped[str] = mapped_column(String(100), default="", index=True)
    contract_number: Mapped[str] = mapped_column(String(100), default="", index=True)
    committed_down_bps: Mapped[int | None] = mapped_column(BigInteger, default=None)
    committed_up_bps: Mapped[int | None] = mapped_column(BigInteger, default=None)
    monthly_cost: Mapped[int | None] = mapped_column(BigInteger, default=None)
    starts_on: Mapped[date | None] = mapped_column(Date, default=None)
    ends_on: Mapped[date | None] = mapped_column(Date, default=None, index=True)
    device_id: Mapped[int | None] = mapped_column(
        ForeignKey("inventory_device.id", ondelete="SET NULL"), default=None, index=True
    )
    part_key: Mapped[str | None] = mapped_column(String(255), default=None)
    address: Mapped[str | None] = mapped_column(String(253), default=None)
    notes: Mapped[str] = mapped_column(Text, default="")


class Asset(Searchable, Base):
    """A thing in the books: what it cost, who paid, how long it keeps a value. `code` is the number on its label."""

    __tablename__ = "inventory_asset"
    SEARCHED = ("name", "code", "serial", "funding_source", "model")

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("inventory_site.id", ondelete="CASCADE"), index=True)
    room_id: Mapped[int | None] = mapped_column(
        ForeignKey("inventory_room.id", ondelete="SET NULL"), default=None, index=True
    )
    device_id: Mapped[int | None] = mapped_column(
        ForeignKey("inventory_device.id", ondelete="SET NULL"), default=None, index=True
    )
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(32), default="other", index=True)
    model: Mapped[str] = mapped_column(String(200), default="")
    serial: Mapped[str] = mapped_column(String(100), default="", index=True)
    purchased_on: Mapped[date | None] = mapped_column(Date, default=None, index=True)
    cost: Mapped[int | None] = mapped_column(BigInteger, default=None)  # đồng
    funding_source: Mapped[str] = mapped_column(String(200), default="")
    warranty_until: Mapped[date | None] = mapped_column(Date, default=None, index=True)
    depreciation_years: Mapped[int | None] = mapped_column(Integer, default=None)
    notes: Mapped[str] = mapped_column(Text, default="")


class CalendarEntry(Base):
    """One line of a unit's school calendar, in the calendar's own time zone.

    term, holiday: starts_on and ends_on, both included. teaching: weekday (0 = Monday) with starts_at and ends_at.
    exam: from starts_on at starts_at to ends_on at ends_at; without times whole days. -1 is "no weekday".
    """

    __tablename__ = "inventory_calendar_entry"
    __table_args__ = (
        UniqueConstraint("unit_id", "kind", "weekday", "name"),
        Index("ix_inventory_calendar_entry_kind", "kind", "starts_on"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("inventory_unit.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200))
    weekday: Mapped[int] = mapped_column(Integer, default=-1)
    starts_on: Mapped[date | None] = mapped_column(Date, default=None)
    ends_on: Mapped[date | None] = mapped_column(Date, default=None)
    starts_at: Mapped[time | None] = mapped_column(Time, default=None)
    ends_at: Mapped[time | None] = mapped_column(Time, default=None)
