"""Reads devices over SNMP when the schedule says so: survey at first sight, daily and on change; then by plan."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import structlog

from collectors import schedule
from collectors.ping import DeviceTransition
from collectors.reasons import INTERNAL_ERROR, PING_DOWN
from collectors.schedule import Entry, Limits, Timetable
from collectors.store import poll_states, save_poll_states
from collectors.work.journal import Ending, Journal, poll_outcomes
from collectors.work.plans import InUse, Plans
from collectors.work.reader import Polled, Reader, Subject, Surveyed
from collectors.work.roll import OwnSeries, Roll
from collectors.work.setting import WorkSetting
from core import Session, refusal_of
from inventory import MonitoredDevice, complete_device, record_facts, sync_parts
from telemetry import Batch

log = structlog.get_logger(__name__)

TICK_S = 0.2
SAVE_EVERY_S = 2.0
# A survey walks tables: hundreds of requests where a poll has ten.
SURVEYS_AT_ONCE = 16
SURVEY_GAP_S = 60.0
# Beyond the reader's own budgets, against a reader that forgets them.
READ_DEADLINE_S = 300.0


class Polling:
    """One for a worker. All methods run on the loop."""

    def __init__(self, setting: WorkSetting, reader: Reader) -> None:
        self._setting, self._reader = setting, reader
        settings = setting.settings
        self._limits = Limits(
            overall=settings.polls_at_once,
            a_site=settings.polls_at_once_per_site,
            longest_interval=float(settings.longest_interval_s),
        )
        self._roll, self._series = Roll(), OwnSeries()
        self._plans = Plans(setting, reader)
        self._table = Timetable.of([], 0.0)
        self._rows: dict[int, int] = {}
        self._is_first = True
        self._pinged: set[int] = set()
        self._surveyed_at: dict[int, float] = {}
        self._surveys = asyncio.Semaphore(SURVEYS_AT_ONCE)
        self.journal = Journal("device")

    async def restore(self) -> None:
        """Remember how reading went before the restart."""
        states = await self._setting.read(lambda session: list(poll_states(session).values()))
        self.journal.restore_polls(states)

    async def restore_plans(self) -> None:
        """Take up the plans of the last run, for the devices that `apply` named."""
        await self._plans.restore(self._roll, asyncio.get_running_loop().time())

    def apply(self, roll: Roll, series: OwnSeries, now: float) -> None:
        """Read these devices from now on. One whose address, credential or profile changed is surveyed at once."""
        before, self._roll, self._series = self._roll, roll, series
        read = [device for device in roll.devices.values() if roll.is_read(device)]
        entries = [Entry(device.id, device.site_id, float(device.interval_s)) for device in read]
        self._table = Timetable.of(entries, now, self._table, self._is_first)
        self._rows = {int(key): row for row, key in enumerate(self._table.device)}
        self._is_first = False
        changed = [device.id for device in read if _is_other(before, roll, device)]
        for device_id in changed:
            self._plans.in_use.pop(device_id, None)
        schedule.hasten(self._table, schedule.rows_of(self._table, changed), now)
        self.journal.keep_only(roll.devices)

    def heed(self, changes: Sequence[DeviceTransition]) -> None:
        """Ping says who is gone: those are not read until they answer again, then at once.

        A device that never answered ping (a firewall in between) is read all the same, backed off while silent.
        """
        now = asyncio.get_running_loop().time()
        self._pinged.update(one.device_id for one in changes if one.after == "up")
        gone = [one for one in changes if one.after in ("down", "unknown") and one.device_id in self._pinged]
        schedule.pause(self._table, schedule.rows_of(self._table, [one.device_id for one in gone]))
        for one in gone:
            if one.device_id in self._rows and one.device_id in self._roll.devices:
                reason = PING_DOWN if one.after == "down" else one.reason
                name = self._roll.devices[one.device_id].name
                self.journal.note(one.device_id, name, Ending(reason, is_asked=False), self._setting.now())
        back = schedule.rows_of(self._table, [one.device_id for one in changes if one.after == "up"])
        schedule.resume(self._table, back[self._table.is_paused[back]], now)

    async def run(self) -> None:
        """Read devices until cancelled."""
        loop = asyncio.get_running_loop()
        self._table.is_running[:] = False
        saved_at = loop.time()
        async with asyncio.TaskGroup() as group:
            while True:
                rows = schedule.due(self._table, loop.time(), self._limits)
                schedule.begin(self._table, rows)
                for row in rows.tolist():
                    group.create_task(self._turn(int(self._table.device[row])))
                if loop.time() - saved_at >= SAVE_EVERY_S:
                    saved_at = loop.time()
                    await self.save()
                await asyncio.sleep(TICK_S)

    async def save(self, is_all: bool = False) -> None:
        """Write what changed, and from time to time what did not."""
        within = timedelta(0) if is_all else timedelta(seconds=self._setting.settings.save_states_s)
        entries = self.journal.take_unsaved(self._setting.now(), within)
        for key, entry in entries:
            row = self._rows.get(key)
            entry.missed = int(self._table.missed[row]) if row is not None else entry.missed
        rows = poll_outcomes(entry for entry in entries if entry[0] in self._rows)
        if rows and not await self._setting.try_write("readings", lambda session: save_poll_states(session, rows)):
            self.journal.put_back(entries)

    def is_answering(self, device_id: int) -> bool:
        """Whether its last poll gave data, and ping says nothing else since."""
        entry = self.journal.entry(device_id)
        row = self._rows.get(device_id)
        return entry is not None and entry.ending.is_ok and row is not None and not self._table.is_paused[row]

    def is_reading(self, device_id: int) -> bool:
        """Whether it is being polled right now."""
        row = self._rows.get(device_id)
        return row is not None and bool(self._table.is_running[row])

    def load(self) -> dict[str, float]:
        """Figures of the schedule, for /metrics."""
        return {**schedule.load_of(self._table), "plans": len(self._plans.in_use)}

    async def _turn(self, device_id: int) -> None:
        """One device's turn. Whatever happens in it stays in it."""
        device = self._roll.devices.get(device_id)
        is_silent = False
        try:
            if device is not None:
                async with asyncio.timeout(READ_DEADLINE_S):
                    is_silent = not await self._read(device)
        except TimeoutError:
            is_silent = True
            self.journal.note(device_id, device.name if device else "", Ending("too_slow"), self._setting.now())
        except Exception as error:
            if refusal_of(error) is not None:  # not the device's fault; it is asked again in its turn
                self._setting.refused("surveys", error)
                return
            self._setting.counts[INTERNAL_ERROR] += 1
            is_silent = True
            ending = Ending(INTERNAL_ERROR, type(error).__name__)
            if self.journal.note(device_id, device.name if device else "", ending, self._setting.now()):
                log.exception("reading a device failed inside EduNOC", id=device_id)
        finally:
            row = self._rows.get(device_id)
            if row is not None:
                now = asyncio.get_running_loop().time()
                schedule.finish(self._table, row, now, is_silent, self._limits)

    async def _read(self, device: MonitoredDevice) -> bool:
        """Survey when it is time, then poll; True when the device answered."""
        subject = self._subject(device)
        if isinstance(subject, Ending):
            self.journal.note(device.id, device.name, subject, self._setting.now())
            return False
        known = self._plans.in_use.get(device.id)
        plan = known.plan if known else None
        if known is None or asyncio.get_running_loop().time() >= known.until:
            surveyed = await self._survey(subject)
            if surveyed.plan is None and plan is None:
                await self._conclude(device, Polled(surveyed.reason, surveyed.detail))
                return False
            plan = surveyed.plan if surveyed.plan is not None else plan
        polled = await self._reader.poll(subject, plan)
        if polled.needs_survey:
            polled = await self._look_anew(subject, plan, polled)
        await self._conclude(device, polled)
        return polled.is_answered

    async def _look_anew(self, subject: Subject, plan: Any, polled: Polled) -> Polled:
        """Survey again because the plan no longer fits; but a device that changes its mind at each poll is not walked
        at each poll: it waits until SURVEY_GAP_S after the survey before."""
        device_id = subject.device.id
        free_at = self._surveyed_at.get(device_id, float("-inf")) + SURVEY_GAP_S
        if asyncio.get_running_loop().time() < free_at:
            self._plans.in_use[device_id] = InUse(plan, free_at, self._defect_of(device_id))
            return polled
        again = await self._survey(subject)
        if again.plan is None or polled.is_answered:
            return polled
        return await self._reader.poll(subject, again.plan)

    def _subject(self, device: MonitoredDevice) -> Subject | Ending:
        address = self._roll.addresses.get(device.id)
        credential = self._roll.credential_of(device)
        if credential is None:
            return Ending("bad_credential", is_asked=False)
        if address is None:
            return Ending("unknown_host", device.address, is_asked=False)
        return Subject(device, address, credential)

    async def _survey(self, subject: Subject) -> Surveyed:
        device = subject.device
        self._surveyed_at[device.id] = asyncio.get_running_loop().time()
        async with self._surveys:
            surveyed = await self._reader.survey(subject)
        if surveyed.plan is None:
            return surveyed
        until = asyncio.get_running_loop().time() + self._setting.settings.survey_hours * 3600
        defect = (surveyed.reason, surveyed.detail) if surveyed.reason != "ok" else None
        self._plans.in_use[device.id] = InUse(surveyed.plan, until, defect)
        now, roll = self._setting.now(), self._roll

        def keep(session: Session) -> None:
            record_facts(session, device.id, surveyed.facts, now)
            complete_device(session, device.id, surveyed.facts)
            sync_parts(session, device.id, surveyed.parts, now, surveyed.part_kinds)
            self._plans.keep(session, subject, surveyed, roll, now)

        try:
            await self._setting.write(keep)
        except Exception:
            # What was found is not written down: survey again soon, not tomorrow
            soon = asyncio.get_running_loop().time() + SURVEY_GAP_S
            self._plans.in_use[device.id] = InUse(surveyed.plan, soon, defect)
            raise
        self._setting.accepted("surveys")
        self.journal.surveyed(device.id, now)
        return surveyed

    def _defect_of(self, device_id: int) -> tuple[str, str] | None:
        known = self._plans.in_use.get(device_id)
        return known.defect if known else None

    async def _conclude(self, device: MonitoredDevice, polled: Polled) -> None:
        for batch in polled.batches:
            self._setting.submit(batch)
        series = self._series.reading.get(device.id)
        if series is not None:
            values = [float(polled.is_answered), polled.seconds, float(polled.requests), float(polled.timeouts)]
            # How long a failure took says nothing of the device's speed.
            number = 4 if polled.is_answered else 1
            self._setting.submit(Batch(series[:number], np.array(values[:number]), self._setting.wall()))
        row = self._rows.get(device.id)
        if not polled.is_answered and row is not None and self._table.is_paused[row]:
            return  # ping has said meanwhile why nothing came
        reason, detail = polled.reason, polled.detail
        if reason == "ok":
            reason, detail = self._defect_of(device.id) or (reason, detail)
        ending = Ending(
            reason,
            detail,
            polled.is_answered,
            requests=polled.requests,
            seconds=polled.seconds,
            timeouts=polled.timeouts,
            chunk=polled.chunk,
        )
        self.journal.note(device.id, device.name, ending, self._setting.now())


def _is_other(before: Roll, after: Roll, device: MonitoredDevice) -> bool:
    """Whether the device must be surveyed anew: read at another place, by another credential or profile."""
    old = before.devices.get(device.id)
    if old is None:
        return False
    same = (old.address, old.snmp_port, old.profile, old.credential_id, before.addresses.get(device.id))
    now = (device.address, device.snmp_port, device.profile, device.credential_id, after.addresses.get(device.id))
    return same != now or before.credential_of(old) != after.credential_of(device)
