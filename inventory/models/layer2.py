"""Tables of what devices tell of the network around them: neighbours, who was seen on which port, addresses, VLANs.

MAC addresses are numbers here (48 bits): a province sees a million of them, and a typed beginning is a range.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import Base, UTCDateTime


class TableReading(Base):
    """When each slow table of a device was last read. What is present in a table was last seen at that moment."""

    __tablename__ = "inventory_table_reading"

    device_id: Mapped[int] = mapped_column(ForeignKey("inventory_device.id", ondelete="CASCADE"), primary_key=True)
    neighbours_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    fdb_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    arp_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    stations_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    vlans_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    root_part: Mapped[str] = mapped_column(String(255), default="")  # towards the spanning tree's root bridge
    own_addresses: Mapped[str] = mapped_column(String(1024), default="")  # IP addresses, a comma between


class Neighbour(Base):
    """A device that named itself on a port. It keeps its row when it is gone, with `gone_at`, until it is old."""

    __tablename__ = "inventory_neighbour"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("inventory_device.id", ondelete="CASCADE"), index=True)
    protocol: Mapped[str] = mapped_column(String(16))
    part: Mapped[str] = mapped_column(String(255))
    remote_name: Mapped[str] = mapped_column(String(255), default="")
    remote_part: Mapped[str] = mapped_column(String(255), default="")
    remote_label: Mapped[str] = mapped_column(String(255), default="")  # the neighbour's description of that port
    remote_id: Mapped[str] = mapped_column(String(255), default="")  # the chassis' identity as told
    remote_mac: Mapped[int | None] = mapped_column(BigInteger, default=None)
    remote_address: Mapped[str] = mapped_column(String(64), default="")
    remote_description: Mapped[str] = mapped_column(String(500), default="")
    capabilities: Mapped[str] = mapped_column(String(255), default="")  # words, a comma between
    first_seen: Mapped[datetime] = mapped_column(UTCDateTime)
    last_seen: Mapped[datetime] = mapped_column(UTCDateTime)  # while present: TableReading tells it
    gone_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)


class MacSighting(Base):
    """A stay of a MAC on a port (source fdb) or on a radio (source wifi).

    Absent only (`is_present` False): quiet or switched off, and it may return to the same row. `ended_at`: it was seen
    elsewhere since; the row is history.
    """

    __tablename__ = "inventory_mac_sighting"
    __table_args__ = (Index("ix_inventory_mac_sighting_device_part", "device_id", "part"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("inventory_device.id", ondelete="CASCADE"))
    source: Mapped[str] = mapped_column(String(8), default="fdb")
    part: Mapped[str] = mapped_column(String(255))
    vlan: Mapped[int] = mapped_column(Integer, default=0)
    mac: Mapped[int] = mapped_column(BigInteger, index=True)
    ssid: Mapped[str] = mapped_column(String(64), default="")
    access_point: Mapped[str] = mapped_column(String(255), default="")
    first_seen: Mapped[datetime] = mapped_column(UTCDateTime)
    last_seen: Mapped[datetime] = mapped_column(UTCDateTime)  # while present: TableReading tells it
    is_present: Mapped[bool] = mapped_column(Boolean, default=True)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)


class AddressSighting(Base):
    """An IP address with its MAC, as a device's ARP or neighbour table had it."""

    __tablename__ = "inventory_address_sighting"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("inventory_device.id", ondelete="CASCADE"), index=True)
    address: Mapped[str] = mapped_column(String(64), index=True)
    mac: Mapped[int] = mapped_column(BigInteger, index=True)
    part: Mapped[str] = mapped_column(String(255), default="")
    first_seen: Mapped[datetime] = mapped_column(UTCDateTime)
    last_seen: Mapped[datetime] = mapped_column(UTCDateTime)  # while present: TableReading tells it
    is_present: Mapped[bool] = mapped_column(Boolean, default=True)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)


class DeviceVlan(Base):
    """A VLAN that a device knows now."""

    __tablename__ = "inventory_device_vlan"
    __table_args__ = (UniqueConstraint("device_id", "vlan"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("inventory_device.id", ondelete="CASCADE"))
    vlan: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(255), default="")


class OwnMac(Base):
    """An address of a device itself: of its chassis, its bridge, its ports."""

    __tablename__ = "inventory_own_mac"
    __table_args__ = (UniqueConstraint("device_id", "mac"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("inventory_device.id", ondelete="CASCADE"))
    mac: Mapped[int] = mapped_column(BigInteger, index=True)
    is_chassis: Mapped[bool] = mapped_column(Boolean, default=False)
