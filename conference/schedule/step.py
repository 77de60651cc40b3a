"""The schedule's loop: meetings begin, end and are watched by the clock; series are written ahead."""

from __future__ import annotations

from datetime import datetime

from conference.bench import Bench, Loop
from conference.schedule.store.turning import (
    end_meetings,
    hold_running_rooms,
    note_sightings,
    open_meetings,
    write_ahead,
)


def step(bench: Bench, now: datetime) -> None:
    """One turn; each part in a transaction of its own, so that one that fails leaves the others done."""
    for part in (open_meetings, note_sightings, hold_running_rooms, end_meetings, write_ahead):
        with bench.database.session() as session:
            part(session, now)


LOOP = Loop("schedule", 5.0, step)
