"""The work of kiosks that no heartbeat does: commands whose time is over."""

from __future__ import annotations

from datetime import datetime

from conference.bench import Bench, Loop
from conference.kiosk.store.commands import expire_commands


def expire(bench: Bench, now: datetime) -> None:
    """Commands that nobody fetched in time are expired, so that a page that comes back does not do old things."""
    with bench.database.session() as session:
        expire_commands(session, now)


LOOP = Loop("kiosk", 30.0, expire)
