"""All of playbooks' work in one TaskGroup. A small shell beside the collectors' worker; neither knows the other."""

from __future__ import annotations

import asyncio

import structlog

from core import Clock, CoreSettings, Database, Settings, Vault, pjlink
from playbooks.projectors.work import Bench, ProjectorWork
from playbooks.settings import PlaybooksSettings

log = structlog.get_logger(__name__)

REST_S, LONGEST_REST_S = 1.0, 60.0


class Worker:
    """Carries out what people and schedules ordered, until cancelled.

    `board` is shared with whoever else talks to projectors in this process: they take one client at a time.
    """

    def __init__(
        self, database: Database, vault: Vault, settings: Settings, clock: Clock, board: pjlink.Switchboard
    ) -> None:
        self._bench = Bench(
            database, vault, settings[PlaybooksSettings], clock, settings[CoreSettings].timezone, board
        )

    async def run(self) -> None:
        """Work until cancelled; a crash of the loop is logged once in a row, and the loop starts again."""
        rest, failures = REST_S, 0
        try:
            while True:
                began = asyncio.get_running_loop().time()
                try:
                    await ProjectorWork(self._bench).run()
                except Exception:
                    if asyncio.get_running_loop().time() - began > LONGEST_REST_S:
                        rest, failures = REST_S, 0
                    failures += 1
                    if failures == 1:
                        log.exception("the loop of projector commands failed and is started again")
                await asyncio.sleep(rest)
                rest = min(rest * 2, LONGEST_REST_S)
        finally:
            self._bench.threads.shutdown(wait=False, cancel_futures=True)
