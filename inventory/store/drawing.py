"""Places of nodes on a site's network map: read, kept, forgotten. Scope is the caller's business."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core import insert_missing
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
    known = set(session.scalars(select(MapPlace.node).where(MapPlace.site_id == site_id)))
    good = {
        node: place for node, place in sorted(places.items())
        if 0 < len(node) <= NODE_LENGTH and all(abs(value) <= FARTHEST for value in place)
    }
    fresh = [node for node in good if node not in known][: max(MOST_PLACES - len(known), 0)]
    kept = [
        {"site_id": site_id, "node": node, "x": x, "y": y}
        for node, (x, y) in good.items() if node in known or node in set(fresh)
    ]
    insert_missing(session, MapPlace, [row for row in kept if row["node"] not in known])
    if kept:
        session.execute(update(MapPlace), kept)
    return len(kept)


def forget_map_places(session: Session, site_id: int) -> int:
    """Let the map arrange itself again; answers how many places were forgotten."""
    return session.execute(delete(MapPlace).where(MapPlace.site_id == site_id)).rowcount
