"""Keeps the sites' layer-2 graphs right beside the judging: what devices told anew is drawn, what is old is forgotten.

The drawing itself is inventory's; alerts are the ones that need it soon.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from core import Database, refusal_of
from inventory import (
    InventorySettings,
    due_sites,
    edited_sites,
    inventory_version,
    mark_edited_sites,
    prune_layer2,
    rebuild_sites,
    save_rebuilt,
)

log = structlog.get_logger("alerts")

AT_ONCE = 5  # sites: a graph takes some 20 ms of the processor, and pages are served beside it
EDIT_PAUSE = timedelta(seconds=15)  # looking at every device for edits takes a second in a province
PRUNE_PAUSE = timedelta(hours=1)


@dataclass(slots=True)
class Drawing:
    """The memory between two steps: which state of the inventory was looked at, when the old was last deleted."""

    database: Database
    settings: InventorySettings
    seen_version: int = -1
    looked_at: datetime | None = None
    pruned_at: datetime | None = None
    is_failing: bool = False

    def step(self, now: datetime) -> bool:
        """Draw the graphs of some sites that are due; True when more may be waiting. Never raises for the database."""
        try:
            count = self._draw(now)
            self._prune(now)
        except Exception as error:
            refusal = refusal_of(error)
            if not self.is_failing and refusal is not None:
                log.warning("the sites' graphs cannot be written; it is tried again", reason=refusal.reason)
            elif not self.is_failing:
                log.exception("drawing the sites' graphs failed; it is tried again")
            self.is_failing = True
            return False
        self.is_failing = False
        return count == AT_ONCE

    def _draw(self, now: datetime) -> int:
        with self.database.reading() as session:
            version = inventory_version(session)
            is_time = self.looked_at is None or not timedelta() <= now - self.looked_at < EDIT_PAUSE
            is_edited = version != self.seen_version and is_time
            edited = edited_sites(session) if is_edited else []
        if edited:
            with self.database.session() as session:
                mark_edited_sites(session, edited, now)
        if is_edited:
            self.seen_version, self.looked_at = version, now
        with self.database.reading() as session:
            due = due_sites(session, self.settings, now, AT_ONCE)
            rebuilt = rebuild_sites(session, self.settings, due, now)
        if rebuilt:
            with self.database.session() as session:
                save_rebuilt(session, rebuilt, now)
        return len(rebuilt)

    def _prune(self, now: datetime) -> None:
        if self.pruned_at is None or not timedelta() <= now - self.pruned_at < PRUNE_PAUSE:
            with self.database.session() as session:
                prune_layer2(session, now, self.settings.sightings_keep_days)
            self.pruned_at = now
