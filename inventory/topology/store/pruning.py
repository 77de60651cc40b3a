"""Forgets what is too old to be asked for: where a MAC address was long ago, neighbours gone for good."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inventory.models import AddressSighting, MacSighting, Neighbour

_AT_ONCE = 5_000  # rows of one transaction: deleting is writing


def prune_layer2(session: Session, now: datetime, keep_days: int) -> int:
    """Delete sightings and neighbours that ended or fell silent before `keep_days`; at most some thousand at a time."""
    oldest = now - timedelta(days=keep_days)
    count = 0
    for model, where in (
        (MacSighting, ~MacSighting.is_present & (MacSighting.last_seen < oldest)),
        (AddressSighting, ~AddressSighting.is_present & (AddressSighting.last_seen < oldest)),
        (Neighbour, Neighbour.gone_at.is_not(None) & (Neighbour.gone_at < oldest)),
    ):
        ids = select(model.id).where(where).limit(_AT_ONCE).scalar_subquery()
        gone = session.execute(delete(model).where(model.id.in_(ids)), execution_options={"synchronize_session": False})
        count += gone.rowcount
    return count
