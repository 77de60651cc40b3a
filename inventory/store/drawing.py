"""Places of nodes on a site's network map: read, kept, forgotten. Scope is the caller's business."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inventory.models import MapPlace

NODE_LENGTH = 300
MOST_PLACES = 2_000  # nodes of one map; a site has some hundred
FARTHEST = 100_000.0


def map_places(session: Session, site_id: int) -> dict[str, tuple[float, float]]:
    """Node to where somebody put it."""
    rows = session.execute(select(MapPlace.node, MapPlace.x, MapPlace.y).where(MapPlace.site_id == site_id))
    return {node: (x, y) for node, x, y in rows}


def keep_map_places(session: Session, site_id: int, places: Mapping[str, tuple[float, float]]) -> int:
    """Remember where nodes were put; answers how many. What cannot be a place (no name, not a number, beyond the map)
    is left out, and nothing is added to a map that holds MOST_PLACES already."""
    known = {row.node: row for row in session.scalars(select(MapPlace).where(MapPlace.site_id == site_id))}
    kept = 0
    for node, (x, y) in places.items():
        if not 0 < len(node) <= NODE_LENGTH or not (abs(x) <= FARTHEST and abs(y) <= FARTHEST):
            continue
        row = known.get(node)
        if row is None and len(known) >= MOST_PLACES:
            continue
        if row is None:
            known[node] = row = MapPlace(site_id=site_id, node=node, x=x, y=y)
            session.add(row)
        row.x, row.y = x, y
        kept += 1
    session.flush()
    return kept


def forget_map_places(session: Session, site_id: int) -> int:
    """Let the map arrange itself again; answers how many places were forgotten."""
    return session.execute(delete(MapPlace).where(MapPlace.site_id == site_id)).rowcount
