"""Tables of equipment: devices, their parts, what is known of them, and credentials."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import Base, UTCDateTime
from inventory.models.searchable import Searchable


class Credential(Searchable, Base):
    """Who asks a device: the secrets stand sealed in `sealed` (JSON under the vault's key) and never in clear."""

    __tablename__ = "inventory_credential"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    sealed: Mapped[str] = mapped_column(Text)
    notes: Mapped[str] = mapped_column(Text, default="")

    def __repr__(self) -> str:
        return f"Credential(id={self.id}, name={self.name!r}, kind={self.kind!r})"


class Device(Searchable, Base):
    """One piece of equipment. Its name is unique within its site; its code, where it has one, everywhere.

    timeout_s, retries and spacing_s are its patience; interval_s the time between two polls.
    """

    __tablename__ = "inventory_device"
    __table_args__ = (
        UniqueConstraint("site_id", "name"),
        Index("ix_inventory_device_site_kind", "site_id", "kind"),
        Index("ix_inventory_device_kind_name", "kind", "name_key"),
        Index("ix_inventory_device_monitored", "is_monitored", "id"),
        # A number is never given twice: samples and incidents of a removed device must not become another's
        {"sqlite_autoincrement": True},
    )
    SEARCHED = ("name", "code", "address", "mac", "serial", "vendor", "model")

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("inventory_site.id", ondelete="CASCADE"))
    room_id: Mapped[int | None] = mapped_column(
        ForeignKey("inventory_room.id", ondelete="SET NULL"), default=None, index=True
    )
    name: Mapped[str] = mapped_column(String(200))
    code: Mapped[str | None] = mapped_column(String(64), unique=True, default=None)
    kind: Mapped[str] = mapped_column(String(32), default="other")
    vendor: Mapped[str] = mapped_column(String(100), default="", index=True)
    model: Mapped[str] = mapped_column(String(200), default="")
    serial: Mapped[str] = mapped_column(String(100), default="", index=True)
    firmware: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(253), default="", index=True)  # IPv4, IPv6 or host name
    snmp_port: Mapped[int] = mapped_column(Integer, default=161)
    pjlink_port: Mapped[int | None] = mapped_column(Integer, default=None)  # None: only with a PJLink credential, 4352
    mac: Mapped[str | None] = mapped_column(String(17), default=None, index=True)  # aa:bb:cc:dd:ee:ff
    profile: Mapped[str] = mapped_column(String(100), default="")  # empty: found out from the device's answer
    credential_id: Mapped[int | None] = mapped_column(
        ForeignKey("inventory_credential.id", ondelete="SET NULL"), default=None, index=True
    )
    pjlink_credential_id: Mapped[int | None] = mapped_column(  # None: credential_id, when that is of the kind PJLink
        ForeignKey("inventory_credential.id", ondelete="SET NULL"), default=None, index=True
    )
    timeout_s: Mapped[float] = mapped_column(Float, default=2.0)
    retries: Mapped[int] = mapped_column(Integer, default=2)
    spacing_s: Mapped[float] = mapped_column(Float, default=0.0)
    interval_s: Mapped[int] = mapped_column(Integer, default=60)
    is_monitored: Mapped[bool] = mapped_column(Boolean, default=True)
    parent_device_id: Mapped[int | None] = mapped_column(
        ForeignKey("inventory_device.id", ondelete="SET NULL"), default=None, index=True
    )
    notes: Mapped[str] = mapped_column(Text, default="")


class Part(Base):
    """A port, radio, sensor... of a device.

    `key` is stable (for a port: its name made unique), `index` is what SNMP calls it now and may be renumbered.
    A part that is gone keeps its row, with `vanished_at`.
    """

    __tablename__ = "inventory_part"
    __table_args__ = (UniqueConstraint("device_id", "kind", "key"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("inventory_device.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(32))
    key: Mapped[str] = mapped_column(String(255))
    index: Mapped[int | None] = mapped_column(BigInteger, default=None)
    name: Mapped[str] = mapped_column(String(255), default="")
    alias: Mapped[str] = mapped_column(String(255), default="")
    description: Mapped[str] = mapped_column(String(500), default="")
    type: Mapped[str] = mapped_column(String(64), default="")
    mac: Mapped[str | None] = mapped_column(String(17), default=None, index=True)
    speed_bps: Mapped[int | None] = mapped_column(BigInteger, default=None)
    is_watched: Mapped[bool] = mapped_column(Boolean, default=True)
    first_seen: Mapped[datetime] = mapped_column(UTCDateTime)
    vanished_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)


class Fact(Base):
    """One text known of a device, such as its model. `last_seen` is right to the hour."""

    __tablename__ = "inventory_fact"
    __table_args__ = (UniqueConstraint("device_id", "name"), Index("ix_inventory_fact_name_value", "name", "value"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("inventory_device.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(64))
    value: Mapped[str] = mapped_column(String(1024))
    first_seen: Mapped[datetime] = mapped_column(UTCDateTime)  # of this value
    last_seen: Mapped[datetime] = mapped_column(UTCDateTime)


class FactChange(Base):
    """A fact that became another: the history of `Fact`. The first value has `old` None."""

    __tablename__ = "inventory_fact_change"
    __table_args__ = (Index("ix_inventory_fact_change_device_at", "device_id", "changed_at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("inventory_device.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(64))
    old: Mapped[str | None] = mapped_column(String(1024), default=None)
    new: Mapped[str] = mapped_column(String(1024))
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
