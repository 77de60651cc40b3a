"""Tables of how rooms are used and how long projectors' parts last."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from core import Base, UTCDateTime
from inventory.models.searchable import Searchable


class RoomUse(Searchable, Base):
    """A room of a site, or without a room the whole site, taken from one moment until another, for a purpose.

    `source` says who wrote the row: empty for a person or an import, otherwise the room of EduNOC that keeps it.
    """

    __tablename__ = "inventory_room_use"
    __table_args__ = (Index("ix_inventory_room_use_site_ends", "site_id", "ends_at"),)
    SEARCHED = ("name",)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("inventory_site.id", ondelete="CASCADE"))
    room_id: Mapped[int | None] = mapped_column(
        ForeignKey("inventory_room.id", ondelete="CASCADE"), default=None, index=True
    )
    name: Mapped[str] = mapped_column(String(200))  # its title, as people call it
    purpose: Mapped[str] = mapped_column(String(16))  # a word of ROOM_PURPOSES
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    source: Mapped[str] = mapped_column(String(64), default="", index=True)


class RatedLife(Base):
    """How many hours the lamp and the filter of a projector model last, by its maker. None: the setting holds."""

    __tablename__ = "inventory_rated_life"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    model: Mapped[str] = mapped_column(String(200), unique=True)  # folded: lower case, no accents
    lamp_hours: Mapped[int | None] = mapped_column(Integer, default=None)
    filter_hours: Mapped[int | None] = mapped_column(Integer, default=None)
