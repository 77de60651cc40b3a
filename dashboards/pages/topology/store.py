"""How much the maps of all sites hold, by one statement each."""

from __future__ import annotations

from sqlalchemy import func, select

from core import Session
from inventory import SavedEdge, SavedNode


def edge_counts(session: Session) -> dict[int, int]:
    """Site to the number of lines that are there now."""
    chosen = select(SavedEdge.site_id, func.count()).where(SavedEdge.is_current).group_by(SavedEdge.site_id)
    return dict(session.execute(chosen).all())


def other_counts(session: Session) -> dict[tuple[int, str], int]:
    """(site, "hub" or "found") to how many unmanaged switches and neighbours unknown to the inventory there are."""
    chosen = select(SavedNode.site_id, SavedNode.kind, func.count()).group_by(SavedNode.site_id, SavedNode.kind)
    return {(site_id, kind): count for site_id, kind, count in session.execute(chosen)}
