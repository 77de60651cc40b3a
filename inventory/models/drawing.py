"""Where people put the nodes of a site's network map. Everybody who sees the site sees them there."""

from __future__ import annotations

from sqlalchemy import Float, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core import Base


class MapPlace(Base):
    """One node that somebody moved. `node` names a device ("device:12") or something found beside it; x and y are in
    the map's own units."""

    __tablename__ = "inventory_map_place"

    site_id: Mapped[int] = mapped_column(ForeignKey("inventory_site.id", ondelete="CASCADE"), primary_key=True)
    node: Mapped[str] = mapped_column(String(300), primary_key=True)
    x: Mapped[float] = mapped_column(Float)
    y: Mapped[float] = mapped_column(Float)
