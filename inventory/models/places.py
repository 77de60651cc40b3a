"""Tables of places: the tree of units, their sites, the sites' rooms, and the mark that tells of edits."""

from __future__ import annotations

from sqlalchemy import BigInteger, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import Base
from inventory.models.searchable import Searchable


class InventoryStamp(Base):
    """One row whose number grows with each edit of what the workers read."""

    __tablename__ = "inventory_stamp"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, default=0)


class Unit(Searchable, Base):
    """A department, commune, school...: a node of a tree of any depth.

    `path` is the chain of ids from the root, "/1/5/"; the store keeps it right. A subtree is a range of paths.
    """

    __tablename__ = "inventory_unit"
    SEARCHED = ("name", "code")

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("inventory_unit.id", ondelete="CASCADE"), default=None, index=True
    )
    kind: Mapped[str] = mapped_column(String(32), default="other", index=True)
    name: Mapped[str] = mapped_column(String(200))
    code: Mapped[str] = mapped_column(String(64), unique=True)
    path: Mapped[str] = mapped_column(String(255), default="", index=True)
    phone: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    notes: Mapped[str] = mapped_column(Text, default="")


class Site(Searchable, Base):
    """A place with a location, where equipment of a unit stands (điểm trường)."""

    __tablename__ = "inventory_site"
    SEARCHED = ("name", "code", "address")

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("inventory_unit.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    code: Mapped[str] = mapped_column(String(64), unique=True)
    address: Mapped[str] = mapped_column(String(300), default="")
    latitude: Mapped[float | None] = mapped_column(Float, default=None)   # degrees, WGS 84
    longitude: Mapped[float | None] = mapped_column(Float, default=None)
    contact: Mapped[str] = mapped_column(String(200), default="")  # a role and a telephone number
    notes: Mapped[str] = mapped_column(Text, default="")


class Room(Searchable, Base):
    """A room of a site. Its code is unique within the site."""

    __tablename__ = "inventory_room"
    __table_args__ = (UniqueConstraint("site_id", "code"), Index("ix_inventory_room_kind_site", "kind", "site_id"))
    SEARCHED = ("name", "code")

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("inventory_site.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(200))
    code: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(32), default="other")
    floor: Mapped[str] = mapped_column(String(32), default="")
    seats: Mapped[int | None] = mapped_column(Integer, default=None)
    notes: Mapped[str] = mapped_column(Text, default="")
