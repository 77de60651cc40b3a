"""What every loop of the worker works with, and how loops are kept alive and database work is kept off the loop."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import structlog

from collectors.names import Names
from collectors.settings import CollectorSettings
from core import Clock, Database, Session, Vault, refusal_of
from telemetry import Batch, SeriesRegistry

log = structlog.get_logger(__name__)

T = TypeVar("T")
REST_S = 1.0
LONGEST_REST_S = 60.0
# SQLite has one writer; a second thread lets reads go on beside it.
DATABASE_THREADS = 2


@dataclass(slots=True)
class WorkSetting:
    """Database, vault, registry, where batches go, settings, clock, names, threads for database work, and counters."""

    database: Database
    vault: Vault
    registry: SeriesRegistry
    submit: Callable[[Batch], Any]
    settings: CollectorSettings
    clock: Clock
    shard: tuple[int, int] = (0, 1)
    names: Names = field(default_factory=Names)
    threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(DATABASE_THREADS, thread_name_prefix="collectors-db")
    )
    counts: Counter[str] = field(default_factory=Counter)
    _refused: set[str] = field(default_factory=set)

    def wall(self) -> float:
        """Epoch seconds."""
        return self.clock().timestamp()

    def now(self) -> datetime:
        """The present moment, aware."""
        return self.clock()

    async def write(self, work: Callable[[Session], T]) -> T:
        """Run `work(session)` in one transaction of a thread; the loop goes on meanwhile."""

        def transaction() -> T:
            with self.database.session() as session:
                return work(session)

        return await self.in_thread(transaction)

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run `work(session)` in a thread with a session that only reads."""

        def reading() -> T:
            with self.database.reading() as session:
                return work(session)

        return await self.in_thread(reading)

    async def try_write(self, what: str, work: Callable[[Session], object]) -> bool:
        """As write, but a database that cannot take it (locked, disk full) stops nothing: False, logged once."""
        try:
            await self.write(work)
        except Exception as error:
            self.refused(what, error)
            return False
        self.accepted(what)
        return True

    def refused(self, what: str, error: Exception) -> None:
        """Count that the database did not take something, and log it once in a row."""
        self.counts["write_failed"] += 1
        if what not in self._refused:
            self._refused.add(what)
            log.warning("the database does not take what was learnt; it is tried again", what=what, error=str(error))

    def accepted(self, what: str) -> None:
        """The database took it: log the end of a refusal."""
        if what in self._refused:
            self._refused.discard(what)
            log.info("the database takes what was learnt again", what=what)

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Run blocking work in one of the database threads."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, work)

    def close(self) -> None:
        """Let the threads go; nothing that is still queued begins."""
        self.names.close()
        self.threads.shutdown(wait=False, cancel_futures=True)


async def keep_alive(name: str, run: Callable[[], Awaitable[None]], counts: Counter[str]) -> None:
    """Run a loop for ever: a crash is counted, logged once in a row, and the loop starts again after a growing rest."""
    rest, failures = REST_S, 0
    while True:
        began = asyncio.get_running_loop().time()
        try:
            await run()
        except Exception as error:
            refusal = refusal_of(error)
            counts["internal_error" if refusal is None else "write_failed"] += 1
            if asyncio.get_running_loop().time() - began > LONGEST_REST_S:
                rest, failures = REST_S, 0
            failures += 1
            if failures == 1 and refusal is not None:
                log.warning("a loop of the collectors waits for the database", loop=name, reason=refusal.reason)
            elif failures == 1:
                log.exception("a loop of the collectors failed and is started again", loop=name)
        await asyncio.sleep(rest)
        rest = min(rest * 2, LONGEST_REST_S)
