"""Which sites' graphs are older than what is known: marked by readings and edits, taken off when a graph is saved.

Readings of one site end at the same moment, and beside the drawing of its graph: whoever touches a mark locks its row.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import insert_missing
from inventory.models import Site, TopologyState


def locked_state(session: Session, site_id: int) -> TopologyState:
    """The site's row, made if there is none; until the transaction ends nobody else can change it."""
    how = {"populate_existing": True, "with_for_update": True}
    state = session.get(TopologyState, site_id, **how)
    if state is None:
        insert_missing(session, TopologyState, [{"site_id": site_id}])
        state = session.get_one(TopologyState, site_id, **how)
    return state


def mark_changed(session: Session, site_id: int, now: datetime, is_urgent: bool) -> None:
    """Have the site's graph drawn anew. The newest moment stands, so that a graph which was read before it is seen not
    to answer it."""
    state = locked_state(session, site_id)
    state.changed_at, state.is_urgent = now, state.is_urgent or is_urgent


def mark_edited_sites(session: Session, site_ids: Collection[int], now: datetime) -> None:
    """Have the graphs of these sites drawn anew."""
    there = sorted(set(session.scalars(select(Site.id))) & set(site_ids))
    insert_missing(session, TopologyState, [{"site_id": site} for site in there])
    if there:
        session.execute(update(TopologyState), [
            {"site_id": site, "changed_at": now, "is_urgent": True} for site in there
        ])
