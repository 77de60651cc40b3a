"""Carries out searches that wait in the table: one at a time, progress and finds into rows, until a person cancels."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from collectors.discovery import SearchState, SearchTools, TargetError, expand, search
from collectors.discovery.accept import candidates_of
from collectors.models import DiscoveryRun
from collectors.profiles import ProfileSet
from collectors.reasons import INTERNAL_ERROR
from collectors.snmp import Poller
from collectors.store import (
    Found,
    Progress,
    add_finds,
    addresses_in_use,
    claim_discovery,
    end_discovery,
    has_waiting_discovery,
    note_progress,
)
from collectors.work.setting import WorkSetting
from core import SealError, Session
from inventory import NotFound

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 1.0
REPORT_EVERY_S = 1.0


class Discovering:
    """One for a worker."""

    def __init__(self, setting: WorkSetting, profiles: ProfileSet) -> None:
        self._setting, self._profiles = setting, profiles

    async def run(self) -> None:
        """Claim and carry out searches until cancelled."""
        while True:
            if await self._setting.read(has_waiting_discovery):
                now = self._setting.now()
                run = await self._setting.write(lambda session, now=now: claim_discovery(session, now))
                if run is not None:
                    await self._carry_out(run)
                    continue
            await asyncio.sleep(LOOK_EVERY_S)

    async def _carry_out(self, run: DiscoveryRun) -> None:
        reason, detail = "", ""
        try:
            reason, detail = await self._search(run)
        except asyncio.CancelledError:
            reason = "interrupted"
            raise
        except Exception as error:
            self._setting.counts[INTERNAL_ERROR] += 1
            log.exception("a search failed inside EduNOC", run=run.id)
            reason, detail = INTERNAL_ERROR, type(error).__name__
        finally:
            now = self._setting.now()
            await asyncio.shield(
                self._setting.write(lambda session: end_discovery(session, run.id, now, reason, detail))
            )

    async def _search(self, run: DiscoveryRun) -> tuple[str, str]:
        settings = self._setting.settings
        try:
            places = expand(run.targets, settings.discovery_addresses, run.port)
            candidates = await self._setting.read(lambda session: candidates_of(session, self._setting.vault, run))
        except TargetError as error:
            return "bad_targets", " ".join(error.problems)
        except (SealError, NotFound) as error:
            return "bad_credential", str(error)
        tools = SearchTools(self._profiles, Poller(wall=self._setting.wall), self._setting.names)
        tools.at_once = settings.discovery_at_once
        recorder = _Recorder(self._setting, run.id)
        try:
            async with asyncio.TaskGroup() as group:
                writing = group.create_task(recorder.run())
                state = await search(places, candidates, tools, recorder.report)
                writing.cancel()
        finally:
            tools.poller.close()
        await recorder.flush()
        if state.stop:
            return "cancelled", ""
        return "", state.note


class _Recorder:
    """Gathers what a search reports and writes it about each second; learns there whether it was cancelled."""

    def __init__(self, setting: WorkSetting, run_id: int) -> None:
        self._setting, self._run_id = setting, run_id
        self._state = SearchState(Progress())
        self._finds: list[Found] = []

    def report(self, state: SearchState, finds: Sequence[Found]) -> None:
        self._state = state
        self._finds.extend(finds)

    async def run(self) -> None:
        while True:
            await asyncio.sleep(REPORT_EVERY_S)
            await self.flush()

    async def flush(self) -> None:
        finds, self._finds = self._finds, []
        progress, now = self._state.progress, self._setting.now()

        def write(session: Session) -> bool:
            taken = addresses_in_use(session, [one.address for one in finds])
            known = [one.at_device(taken.get((one.address, one.port))) for one in finds]
            add_finds(session, self._run_id, known, now)
            return note_progress(session, self._run_id, progress)

        if await self._setting.write(write):
            self._state.stop = True
