"""Tables of the service catalogue: what people use (portal, mail, ...), what it needs, and the checks made on it."""

from __future__ import annotations

from sqlalchemy import Boolean, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import Base
from inventory.models.searchable import Searchable

# Samples of a service are kept under a number of its own among the numbers of devices. A province has 80,000 devices;
# their numbers, which grow with every device ever made, do not come near this.
SERVICES_FROM = 1 << 21


class Service(Searchable, Base):
    """An information system that people use, and the unit that answers for it.

    `hours` says when it must be there, `target_percent` how much of that time; `needed` whether all of its checks must
    be well or any one; it is down after `down_after` failures of a check in a row.
    """

    __tablename__ = "inventory_service"
    __table_args__ = (
        UniqueConstraint("unit_id", "name"),
        # A number is never given twice: samples and incidents of a removed service must not become another's
        {"sqlite_autoincrement": True},
    )
    SEARCHED = ("name",)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("inventory_unit.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(32), default="other")
    importance: Mapped[str] = mapped_column(String(16), default="normal")
    hours: Mapped[str] = mapped_column(String(16), default="always")
    target_percent: Mapped[float] = mapped_column(Float, default=99.0)
    needed: Mapped[str] = mapped_column(String(8), default="all")
    down_after: Mapped[int] = mapped_column(Integer, default=3)
    notes: Mapped[str] = mapped_column(Text, default="")


class ServiceNeed(Base):
    """What a service does not work without: one device, line or other service a row."""

    __tablename__ = "inventory_service_need"
    __table_args__ = (
        UniqueConstraint("service_id", "device_id"),
        UniqueConstraint("service_id", "link_id"),
        UniqueConstraint("service_id", "needed_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("inventory_service.id", ondelete="CASCADE"))
    device_id: Mapped[int | None] = mapped_column(
        ForeignKey("inventory_device.id", ondelete="CASCADE"), default=None, index=True
    )
    link_id: Mapped[int | None] = mapped_column(
        ForeignKey("inventory_link.id", ondelete="CASCADE"), default=None, index=True
    )
    needed_id: Mapped[int | None] = mapped_column(
        ForeignKey("inventory_service.id", ondelete="CASCADE"), default=None, index=True
    )


class Check(Base):
    """A look at a service as a visitor would: a page, a name, a mailbox server, an open port.

    It belongs to a service, or to a device alone; `device_id` is also where a target without a host leads. `vantage`
    is from where it is made: "department", later a site's probe.
    """

    __tablename__ = "inventory_check"
    __table_args__ = (
        UniqueConstraint("device_id", "kind", "target"),
        Index("ix_inventory_check_service_id", "service_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    device_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_device.id", ondelete="CASCADE"), default=None)
    service_id: Mapped[int | None] = mapped_column(
        ForeignKey("inventory_service.id", ondelete="CASCADE"), default=None
    )
    name: Mapped[str] = mapped_column(String(100), default="", server_default="")
    kind: Mapped[str] = mapped_column(String(16))
    target: Mapped[str] = mapped_column(String(500))  # as inventory.check_targets writes it
    expect: Mapped[str] = mapped_column(String(200), default="")  # what it means depends on the kind
    expect_status: Mapped[str] = mapped_column(String(40), default="", server_default="")  # http: "200 302"
    security: Mapped[str] = mapped_column(String(16), default="auto", server_default="auto")
    credential_id: Mapped[int | None] = mapped_column(
        ForeignKey("inventory_credential.id", ondelete="SET NULL"), default=None
    )
    vantage: Mapped[str] = mapped_column(String(64), default="department", server_default="department")
    interval_s: Mapped[int] = mapped_column(Integer, default=60)
    timeout_s: Mapped[float] = mapped_column(Float, default=10.0)
    is_enabled: Mapped[bool] = mapped_column(Boolean, default=True)


def service_number(service_id: int) -> int:
    """The number under which telemetry and alerts know a service."""
    return SERVICES_FROM + service_id


def service_of_number(number: int | None) -> int | None:
    """The service behind a number of telemetry, None when it is another thing's."""
    return number - SERVICES_FROM if number is not None and SERVICES_FROM < number <= 2 * SERVICES_FROM else None
