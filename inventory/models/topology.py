"""Tables of the layer-2 graph that follows from what devices told, saved a site at a time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import Base, UTCDateTime


class TopologyState(Base):
    """Whether a site's graph is older than what its devices told since. `fingerprint` is of the site's devices."""

    __tablename__ = "inventory_topology_state"

    site_id: Mapped[int] = mapped_column(ForeignKey("inventory_site.id", ondelete="CASCADE"), primary_key=True)
    changed_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None, index=True)
    is_urgent: Mapped[bool] = mapped_column(Boolean, default=False)  # a neighbour came or went, not only a MAC
    built_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    fingerprint: Mapped[int] = mapped_column(BigInteger, default=0)
    entries: Mapped[str] = mapped_column(String(255), default="")  # device ids, a comma between


class SavedNode(Base):
    """A node that is no device of the inventory: an unmanaged switch that must be there, or a neighbour not entered."""

    __tablename__ = "inventory_topology_node"
    __table_args__ = (UniqueConstraint("site_id", "key"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("inventory_site.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(16))  # hub | found
    name: Mapped[str] = mapped_column(String(255), default="")
    mac: Mapped[int | None] = mapped_column(BigInteger, default=None)
    address: Mapped[str] = mapped_column(String(64), default="")
    description: Mapped[str] = mapped_column(String(500), default="")
    capabilities: Mapped[str] = mapped_column(String(255), default="")
    mac_count: Mapped[int] = mapped_column(Integer, default=0)


class SavedEdge(Base):
    """A cable or radio link between two nodes, the one nearer to the site's entry as `upper`."""

    __tablename__ = "inventory_topology_edge"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("inventory_site.id", ondelete="CASCADE"), index=True)
    upper_key: Mapped[str] = mapped_column(String(120))
    lower_key: Mapped[str] = mapped_column(String(120))
    upper_device_id: Mapped[int | None] = mapped_column(
        ForeignKey("inventory_device.id", ondelete="CASCADE"), default=None, index=True
    )
    lower_device_id: Mapped[int | None] = mapped_column(
        ForeignKey("inventory_device.id", ondelete="CASCADE"), default=None, index=True
    )
    upper_part: Mapped[str] = mapped_column(String(255), default="")
    lower_part: Mapped[str] = mapped_column(String(255), default="")
    how: Mapped[str] = mapped_column(String(64))  # words, a comma between
    evidence: Mapped[str] = mapped_column(Text, default="[]")  # JSON
    first_seen: Mapped[datetime] = mapped_column(UTCDateTime)
    last_seen: Mapped[datetime] = mapped_column(UTCDateTime)
    is_current: Mapped[bool] = mapped_column(Boolean, default=True)
    is_uplink: Mapped[bool] = mapped_column(Boolean, default=False)
    is_redundant: Mapped[bool] = mapped_column(Boolean, default=False)
    is_disputed: Mapped[bool] = mapped_column(Boolean, default=False)


class SavedUplink(Base):
    """A device and one above it, through whatever unmanaged stands between: what alerts read."""

    __tablename__ = "inventory_uplink"
    __table_args__ = (UniqueConstraint("lower_device_id", "upper_device_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("inventory_site.id", ondelete="CASCADE"), index=True)
    lower_device_id: Mapped[int] = mapped_column(ForeignKey("inventory_device.id", ondelete="CASCADE"))
    upper_device_id: Mapped[int] = mapped_column(ForeignKey("inventory_device.id", ondelete="CASCADE"), index=True)
