"""The projectors' loop of playbooks: runs schedules, claims tasks, carries them out; one's failure is its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

import structlog

from core import Clock, Database, Session, Vault, pjlink, refusal_of
from playbooks.projectors.carrying import Outcome, carry_out
from playbooks.projectors.store.queue import Pace, aim_of, claim_tasks, end_task, has_due, note_sending
from playbooks.projectors.store.schedules import has_due_schedule, run_due_schedules
from playbooks.projectors.words import FAILED
from playbooks.settings import PlaybooksSettings

log = structlog.get_logger(__name__)
T = TypeVar("T")

TICK_S = 0.5
SCHEDULES_EVERY_S = 20.0


@dataclass(slots=True)
class Bench:
    """What the loop works with."""

    database: Database
    vault: Vault
    settings: PlaybooksSettings
    clock: Clock
    timezone: str
    board: pjlink.Switchboard
    threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="playbooks-db")
    )

    @property
    def pace(self) -> Pace:
        """What the queue needs of the settings."""
        return Pace(timedelta(minutes=self.settings.projector_lead_minutes), self.timezone)

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run `work(session)` in a thread with a session that only reads."""

        def reading() -> T:
            with self.database.reading() as session:
                return work(session)

        return await asyncio.get_running_loop().run_in_executor(self.threads, reading)

    async def write(self, work: Callable[[Session], T]) -> T:
        """Run `work(session)` in one transaction of a thread."""

        def writing() -> T:
            with self.database.session() as session:
                return work(session)

        return await asyncio.get_running_loop().run_in_executor(self.threads, writing)


class ProjectorWork:
    """One for a worker."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._running = 0
        self._looked_at = -SCHEDULES_EVERY_S
        self._is_refused = False

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                try:
                    await self._step(group)
                except Exception as error:
                    refusal = refusal_of(error)
                    if refusal is None:
                        raise
                    if not self._is_refused:  # conversations that run go on meanwhile
                        log.warning("projector commands wait for the database", reason=refusal.reason)
                    self._is_refused = True
                await asyncio.sleep(TICK_S)

    async def _step(self, group: asyncio.TaskGroup) -> None:
        bench, moment = self._bench, asyncio.get_running_loop().time()
        if moment - self._looked_at >= SCHEDULES_EVERY_S:
            await self._run_schedules()
            self._looked_at = moment
        now = bench.clock()
        free = bench.settings.projectors_at_once - self._running
        if free <= 0 or not await bench.read(lambda session: has_due(session, now)):
            return
        claimed = await bench.write(lambda session: claim_tasks(session, now, free))
        if self._is_refused:
            log.info("projector commands go on")
        self._is_refused = False
        self._running += len(claimed)
        for task_id in claimed:
            group.create_task(self._do(task_id))

    async def _run_schedules(self) -> None:
        bench, now = self._bench, self._bench.clock()
        if not await bench.read(lambda session: has_due_schedule(session, now, bench.timezone)):
            return
        orders = await bench.write(
            lambda session: [order.id for order in run_due_schedules(session, now, bench.timezone, bench.pace.lead)]
        )
        if orders:
            log.info("schedules of projectors began", orders=orders)

    async def _do(self, task_id: int) -> None:
        """One task's try. Cancelled in the middle it stays claimed, and is looked at when the claim has run out."""
        bench = self._bench
        try:
            try:
                outcome = await self._try(task_id)
            except Exception as error:
                if refusal_of(error) is not None:
                    raise  # nothing is sent that could not be noted; it is claimed again
                log.exception("a projector command failed inside EduNOC", task=task_id)
                outcome = Outcome(FAILED, "internal_error", type(error).__name__)
            now = bench.clock()
            await bench.write(lambda session: end_task(session, task_id, outcome, now))
        except Exception as error:
            told = "how a projector command went cannot be written down; it is looked at again"
            refusal = refusal_of(error)
            if refusal is not None:
                log.warning(told, task=task_id, reason=refusal.reason)
            else:
                log.exception(told, task=task_id)
        finally:
            self._running -= 1

    async def _try(self, task_id: int) -> Outcome:
        bench, now = self._bench, self._bench.clock()
        aim = await bench.read(lambda session: aim_of(session, bench.vault, task_id, bench.pace, now))
        if isinstance(aim, Outcome):
            return aim

        async def note(before: str) -> None:
            at = bench.clock()
            await bench.write(lambda session: note_sending(session, task_id, before, at))

        outcome = await carry_out(bench.board, aim, note, float(bench.settings.projector_cooling_s))
        if outcome.after:  # it answered: what the pages show of it may be old now
            bench.board.look_again(aim.device_id)
        return outcome
