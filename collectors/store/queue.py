"""Wishes of people about a device, as rows: asked by a page, claimed by one of several workers, answered in place."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import CursorResult, or_, select, update

from collectors.models import DeviceRecording, PollRequest
from core import Session
from inventory import Device

Wish = TypeVar("Wish", PollRequest, DeviceRecording)


def ask_once(
    session: Session, table: type[Wish], device_id: int, requested_by: str, now: datetime, lasts: timedelta
) -> Wish:
    """A new wish about this device, or the one that is open since less than `lasts`."""
    open_one = session.scalar(
        select(table)
        .where(table.device_id == device_id, table.done_at.is_(None), table.requested_at > now - lasts)
        .limit(1)
    )
    if open_one is not None:
        return open_one
    wish = table(device_id=device_id, requested_by=requested_by[:100], requested_at=now)
    session.add(wish)
    session.flush()
    return wish


def has_open(session: Session, table: type[Any]) -> bool:
    """Whether there may be something to claim; only reads."""
    return session.scalar(select(table.id).where(table.done_at.is_(None)).limit(1)) is not None


def claim(
    session: Session, table: type[Wish], now: datetime, limit: int, lasts: timedelta, shard: tuple[int, int]
) -> list[Wish]:
    """Take up to `limit` open wishes, oldest first. Of several workers only one gets each: the UPDATE decides.

    A claim older than `lasts` was left behind by a worker that died. Of `shard` (i, n) only wishes about devices whose
    site falls to it.
    """
    is_free = or_(table.claimed_at.is_(None), table.claimed_at < now - lasts)
    chosen = select(table).where(table.done_at.is_(None), is_free)
    if shard[1] > 1:
        own = select(Device.id).where(Device.site_id % shard[1] == shard[0])
        chosen = chosen.where(table.device_id.in_(own))
    claimed = []
    for wish in session.scalars(chosen.order_by(table.requested_at).limit(limit)).all():
        taken = session.execute(
            update(table).where(table.id == wish.id, table.done_at.is_(None), is_free).values(claimed_at=now),
            execution_options={"synchronize_session": False},
        )
        if isinstance(taken, CursorResult) and taken.rowcount == 1:
            claimed.append(wish)
    return claimed
