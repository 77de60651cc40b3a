"""Makes the checks of services when they are due; one that hangs or breaks costs only itself."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta

import numpy as np
import structlog

from collectors import schedule
from collectors.checks import CheckReading, CheckTarget, run_check
from collectors.reasons import INTERNAL_ERROR
from collectors.schedule import Entry, Limits, Timetable
from collectors.store import check_states, save_check_states
from collectors.work.journal import Ending, Journal, check_outcomes
from collectors.work.roll import Roll, Signing, check_series
from collectors.work.servicing import Servicing
from collectors.work.setting import WorkSetting
from inventory import MonitoredCheck
from telemetry import Batch

log = structlog.get_logger(__name__)

TICK_S = 0.25
SAVE_EVERY_S = 2.0


class Checking:
    """One for a worker."""

    def __init__(self, setting: WorkSetting) -> None:
        self._setting = setting
        self._limits = Limits(
            overall=setting.settings.checks_at_once, a_site=max(4, setting.settings.checks_at_once // 4)
        )
        self._checks: Mapping[int, MonitoredCheck] = {}
        self._table = Timetable.of([], 0.0)
        self._rows: dict[int, int] = {}
        self._series: dict[tuple[int, frozenset[str]], np.ndarray] = {}
        self._is_first = True
        self._signing: Signing = {}
        self.journal = Journal("check")
        self.servicing = Servicing(setting, self._hurry)

    async def restore(self) -> None:
        """Remember how the checks went before the restart."""
        states = await self._setting.read(lambda session: list(check_states(session).values()))
        self.journal.restore_checks(states)
        await self.servicing.restore()

    def apply(self, roll: Roll, now: float) -> None:
        """Make these checks from now on."""
        self._signing = roll.signing
        self.servicing.apply(roll.services, roll.checks)
        if roll.checks == self._checks:
            return
        changed = {key for key, check in roll.checks.items() if self._checks.get(key) != check}
        self._series = {key: series for key, series in self._series.items() if key[0] not in changed}
        self._checks = roll.checks
        # Checks of one service share its limit, as those of one site's devices do
        entries = [
            Entry(check.id, -check.service_id if check.service_id else check.site_id, float(check.interval_s))
            for check in roll.checks.values()
        ]
        self._table = Timetable.of(entries, now, self._table, self._is_first)
        self._rows = {int(key): row for row, key in enumerate(self._table.device)}
        self._is_first = False
        self.journal.keep_only(roll.checks)

    async def run(self) -> None:
        """Make checks until cancelled."""
        loop = asyncio.get_running_loop()
        self._table.is_running[:] = False
        saved_at = loop.time()
        async with asyncio.TaskGroup() as group:
            group.create_task(self.servicing.run())
            while True:
                rows = schedule.due(self._table, loop.time(), self._limits)
                schedule.begin(self._table, rows)
                for row in rows.tolist():
                    group.create_task(self._make(int(self._table.device[row])))
                if loop.time() - saved_at >= SAVE_EVERY_S:
                    saved_at = loop.time()
                    await self.save()
                await asyncio.sleep(TICK_S)

    async def save(self, is_all: bool = False) -> None:
        """Write what changed, and from time to time what did not."""
        if is_all:
            await self.servicing.save()
        within = timedelta(0) if is_all else timedelta(seconds=self._setting.settings.save_states_s)
        entries = self.journal.take_unsaved(self._setting.now(), within)
        rows = check_outcomes(entries)
        if rows and not await self._setting.try_write("checks", lambda session: save_check_states(session, rows)):
            self.journal.put_back(entries)

    async def _make(self, check_id: int) -> None:
        check = self._checks.get(check_id)
        is_ok = False
        try:
            if check is not None:
                is_ok = await self._look(check)
        except Exception as error:
            self._setting.counts[INTERNAL_ERROR] += 1
            ending = Ending(INTERNAL_ERROR, type(error).__name__)
            if self.journal.note(check_id, check.target if check else "", ending, self._setting.now()):
                log.exception("a check failed inside EduNOC", check=check_id)
        finally:
            row = self._rows.get(check_id)
            if row is not None:
                now = asyncio.get_running_loop().time()
                schedule.finish(self._table, row, now, is_silent=not is_ok, limits=self._limits)

    async def _look(self, check: MonitoredCheck) -> bool:
        reading = await self._read(check)
        await self._submit(check, reading)
        self.servicing.note(check, reading)
        ending = Ending(reading.reason, reading.detail, reading.is_ok, seconds=reading.seconds)
        self.journal.note(check.id, check.target, ending, self._setting.now())
        return True

    async def _read(self, check: MonitoredCheck) -> CheckReading:
        sign_in = self._signing.get(check.credential_id) if check.credential_id is not None else None
        if check.credential_id is not None and sign_in is None:
            return CheckReading(False, "no_sign_in", "", 0.0, {"check_up": 0.0})
        target = CheckTarget(
            check.kind, check.target, check.expect, check.address, float(check.timeout_s), check.expect_status,
            check.security, sign_in, self._setting.settings.check_ca_file,
        )
        return await run_check(target, self._setting.names.resolve, self._setting.wall)

    def _hurry(self, check_ids: Sequence[int]) -> None:
        rows = schedule.rows_of(self._table, check_ids)
        schedule.hasten(self._table, rows, asyncio.get_running_loop().time())

    async def _submit(self, check: MonitoredCheck, reading: CheckReading) -> None:
        metrics = sorted(reading.values)
        key = (check.id, frozenset(metrics))
        series = self._series.get(key)
        if series is None:
            series = await self._setting.in_thread(lambda: check_series(self._setting.registry, check, metrics))
            self._series[key] = series
        values = np.array([reading.values[name] for name in metrics], np.float64)
        self._setting.submit(Batch(series, values, self._setting.wall()))
