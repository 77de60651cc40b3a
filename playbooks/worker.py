"""All of playbooks' work in one TaskGroup. A small shell beside the collectors' worker; neither knows the other."""

from __future__ import annotations

import asyncio

import structlog

from core import Clock, CoreSettings, Database, Settings, Vault, pjlink
from playbooks.meetings.work import MeetingWork
from playbooks.projectors.work import Bench, ProjectorWork
from playbooks.settings import PlaybooksSettings

log = structlog.get_logger(__name__)

REST_S, LONGEST_REST_S = 1.0, 60.0


class Worker:
    """Carries out what people and schedules ordered, until cancelled. A crash of a loop is logged once in a row.

    `board` is shared with whoever else talks to projectors in this process: they take one client at a time.
    """

    def __init__(
        self, database: Database, vault: Vault, settings: Settings, clock: Clock, board: pjlink.Switchboard
    ) -> None:
        self._bench = Bench(
            database, vault, settings[PlaybooksSettings], clock, settings[CoreSettings].timezone, board
        )

    async def run(self) -> None:
        """Work until cancelled; a loop that crashes is started again, and the other goes on meanwhile."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._keep("projector commands", ProjectorWork))
                group.create_task(self._keep("orders to meeting servers", MeetingWork))
        finally:
            self._bench.threads.shutdown(wait=False, cancel_futures=True)

    async def _keep(self, name: str, make: type[ProjectorWork] | type[MeetingWork]) -> None:
        rest, failures = REST_S, 0
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await make(self._bench).run()
            except Exception:
                if asyncio.get_running_loop().time() - began > LONGEST_REST_S:
                    rest, failures = REST_S, 0
                failures += 1
                if failures == 1:
                    log.exception("a loop of commands failed and is started again", loop=name)
            await asyncio.sleep(rest)
            rest = min(rest * 2, LONGEST_REST_S)
