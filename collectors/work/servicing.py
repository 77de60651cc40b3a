"""Keeps what the checks of services add up to: a sample a minute, outages with begin and end, "check now"."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import numpy as np
import structlog

from collectors.checks import CheckReading
from collectors.services import (
    Services,
    Verdict,
    finish_service_requests,
    open_service_requests,
    save_answers,
    save_verdict,
    service_states,
)
from collectors.work.setting import WorkSetting
from core import Session
from inventory import MonitoredCheck, MonitoredService, service_number
from telemetry import Batch, SeriesKey

log = structlog.get_logger(__name__)

SAMPLE_EVERY_S = 60.0
LOOK_EVERY_S = 1.0


class Servicing:
    """One for a worker. `hurry` makes checks due at once."""

    def __init__(self, setting: WorkSetting, hurry: Callable[[Sequence[int]], None]) -> None:
        self._setting, self._hurry = setting, hurry
        self._services = Services()
        self._names: dict[int, str] = {}
        self._series: dict[int, int] = {}
        self._written: dict[int, bool | None] = {}  # what the table says
        self._unwritten: dict[int, tuple[Verdict, datetime]] = {}
        self._facts: dict[int, Mapping[str, str]] = {}
        self._answers: dict[int, tuple[datetime, Mapping[str, str]]] = {}

    async def restore(self) -> None:
        """Remember how services stood before the restart."""
        states = await self._setting.read(service_states)
        self._written = {one.service_id: one.is_up for one in states.values()}

    def apply(self, services: Mapping[int, MonitoredService], checks: Mapping[int, MonitoredCheck]) -> None:
        """Judge these services from now on."""
        pairs = [(check.id, check.service_id) for check in checks.values() if check.service_id is not None]
        self._services.apply(((one.id, one.needed, one.down_after) for one in services.values()), pairs)
        self._names = {one.id: one.name for one in services.values()}

    def note(self, check: MonitoredCheck, reading: CheckReading) -> None:
        """Take in how a check ended."""
        if check.service_id is None:
            return
        now = self._setting.now()
        if reading.facts != self._facts.get(check.id, {}) and reading.facts:
            self._facts[check.id] = reading.facts
            self._answers[check.id] = (now, reading.facts)
        verdict = self._services.note(check.service_id, check.id, reading.is_ok, reading.reason, reading.detail)
        if verdict is not None and verdict.is_up is not None:
            self._stands(check.service_id, verdict, now)

    def _stands(self, service_id: int, verdict: Verdict, now: datetime) -> None:
        before = self._unwritten.get(service_id, (None,))[0]
        is_known = before.is_up if before is not None else self._written.get(service_id)
        if is_known is verdict.is_up:
            return
        self._unwritten[service_id] = (verdict, now)
        words = {"service": service_id, "name": self._names.get(service_id, "")}
        if not verdict.is_up:
            log.warning("a service is down", **words, reason=verdict.reason, detail=verdict.detail)
        elif is_known is False:
            log.info("a service works again", **words)
        self._sample({service_id: verdict})

    async def run(self) -> None:
        """Sample, save and look for wishes until cancelled."""
        loop = asyncio.get_running_loop()
        sampled_at = loop.time()
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await self._resolve()
            if loop.time() - sampled_at >= SAMPLE_EVERY_S:
                sampled_at += SAMPLE_EVERY_S
                self._sample({one: self._services.verdict(one) for one in self._services.needed})
            await self.save()
            await self._take_wishes()

    async def _resolve(self) -> None:
        new = [one for one in self._services.needed if one not in self._series and self._services.checks[one]]
        if not new:
            return
        keys = {service_number(one): [SeriesKey("", "service_up")] for one in new}
        found = await self._setting.in_thread(lambda: self._setting.registry.resolve_many(keys))
        for one in new:
            self._series[one] = int(found[service_number(one)][0])
        self._sample({one: self._services.verdict(one) for one in new})

    def _sample(self, verdicts: Mapping[int, Verdict]) -> None:
        """Write down who is up and who is down; of those nobody knows, nothing."""
        known = [
            (self._series[one], float(verdict.is_up))
            for one, verdict in verdicts.items() if verdict.is_up is not None and one in self._series
        ]
        if known:
            series, values = zip(*known, strict=True)
            self._setting.submit(
                Batch(np.array(series, np.int32), np.array(values, np.float64), self._setting.wall()))

    async def save(self) -> None:
        """Write what changed; what the database does not take now is tried again."""
        verdicts, self._unwritten = self._unwritten, {}
        answers, self._answers = self._answers, {}
        if not verdicts and not answers:
            return

        def write(session: Session) -> None:
            for service_id, (verdict, at) in verdicts.items():
                save_verdict(session, service_id, verdict, at)
            if answers:
                save_answers(session, answers)

        if await self._setting.try_write("services", write):
            self._written.update({one: verdict.is_up for one, (verdict, _at) in verdicts.items()})
        else:
            self._unwritten = verdicts | self._unwritten
            self._answers = answers | self._answers

    async def _take_wishes(self) -> None:
        moment = self._setting.now()
        asked = await self._setting.read(lambda session: open_service_requests(session, moment))
        wishes = [pair for pair in asked if pair[1] in self._services.checks]
        if not wishes:
            return
        self._hurry([check for _id, service_id in wishes for check in self._services.checks[service_id]])
        ids, now = [one for one, _service in wishes], self._setting.now()
        await self._setting.try_write("wishes", lambda session: finish_service_requests(session, ids, now))
