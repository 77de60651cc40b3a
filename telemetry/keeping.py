"""The rhythm of keeping samples: flush each second, compact each minute, forget each hour. A thin shell.

A store that works for a minute on a large merge must not delay a flush: the two run in threads of their own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import numpy as np
import structlog

from core import Clock, Database, OutsideFailure
from inventory import device_ids, numbers_beside_devices
from telemetry.ingest import Ingest
from telemetry.settings import TelemetrySettings
from telemetry.store import prune_events
from telemetry.stores.protocol import Store

log = structlog.get_logger(__name__)

FLUSH_S, COMPACT_S, PRUNE_S = 1.0, 60.0, 3600.0


async def keep_samples(
    ingest: Ingest,
    store: Store,
    clock: Clock,
    *,
    database: Database | None = None,
    settings: TelemetrySettings | None = None,
) -> None:
    """Flush, compact and prune until cancelled, then flush once more. With a database, old events are removed, too."""
    keeper = Keeper(ingest, store, clock, database=database, settings=settings)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(keeper.every(FLUSH_S, "flush", keeper.flush))
            group.create_task(keeper.every(COMPACT_S, "compact", keeper.compact))
            group.create_task(keeper.every(PRUNE_S, "prune", keeper.prune))
    finally:
        keeper.flush()


class Keeper:
    """The three works, and what is wrong with each at present."""

    def __init__(
        self,
        ingest: Ingest,
        store: Store,
        clock: Clock,
        *,
        database: Database | None = None,
        settings: TelemetrySettings | None = None,
    ) -> None:
        self._ingest, self._store, self._clock = ingest, store, clock
        self._database, self._settings = database, settings or TelemetrySettings()
        self._trouble: dict[str, str] = {}

    def flush(self) -> None:
        """Move what was submitted into the live table and the store."""
        self._ingest.flush(self._clock().timestamp())

    def compact(self) -> None:
        """Let the store tidy up."""
        done = self._store.compact(self._clock())
        if done.files:
            log.debug("samples_compacted", samples=done.samples, files=done.files, seconds=round(done.seconds, 2))

    def prune(self) -> None:
        """Forget what is older than its retention: samples and events."""
        now = self._clock()
        self._store.prune(now)
        if self._database is None:
            return
        self.forget_removed()
        before = now - timedelta(days=self._settings.event_days)
        gone = -1
        while gone:
            with self._database.session() as session:
                gone = prune_events(session, before)

    def forget_removed(self) -> int:
        """Retire the series of devices that are no longer in the inventory; returns how many devices. History stays."""
        assert self._database is not None
        with self._database.reading() as session:
            there = device_ids(session) | numbers_beside_devices(session)
        known = np.unique(self._ingest.registry.device)
        gone = [int(device) for device in known if device >= 0 and int(device) not in there]
        for device in gone:
            self._ingest.forget_device(device)
        return len(gone)

    async def every(self, seconds: float, name: str, work: Callable[[], None]) -> None:
        """Do the work again and again, until cancelled."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            await self.attempt(name, work)
            # Beats that were missed while the work took longer are left out, not made up for
            due = max(due + seconds, loop.time())
            await asyncio.sleep(due - loop.time())

    async def attempt(self, name: str, work: Callable[[], None]) -> None:
        """Do it once, in a thread; a failure is told once, and its end once."""
        try:
            await asyncio.to_thread(work)
        except OutsideFailure as failure:
            if self._trouble.get(name) != failure.reason:
                log.warning("telemetry_trouble", work=name, reason=failure.reason, detail=failure.detail)
            self._trouble[name] = failure.reason
        except Exception:
            # A defect in one beat must not end the flow of samples
            if self._trouble.get(name) != "defect":
                log.exception("telemetry_defect", work=name)
            self._trouble[name] = "defect"
        else:
            if self._trouble.pop(name, None):
                log.info("telemetry_recovered", work=name)
