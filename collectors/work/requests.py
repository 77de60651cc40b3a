"""Answers "poll now": rows that a page writes are claimed within a second, read, and answered in place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog

from collectors.reasons import INTERNAL_ERROR, NO_CREDENTIAL
from collectors.store import RequestResult, claim_polls, finish_poll_request, has_open_requests, prune_requests
from collectors.work.projecting import Projecting
from collectors.work.reader import Reader, Subject
from collectors.work.roll import Roll
from collectors.work.setting import WorkSetting
from core import Session
from inventory import MonitoredDevice

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 0.5
AT_ONCE = 4
DEADLINE_S = 180.0
KEEP = timedelta(days=7)
PRUNE_EVERY_S = 3600.0


class Requests:
    """One for a worker."""

    def __init__(
        self, setting: WorkSetting, reader: Reader, projecting: Projecting | None = None,
        on_read: Callable[[Sequence[int]], None] | None = None,
    ) -> None:  # fmt: skip
        """`on_read` hears of devices that a person just read: their slow tables are due, too."""
        self._setting, self._reader, self._projecting, self._on_read = setting, reader, projecting, on_read
        self._roll = Roll()
        self._running = 0

    def apply(self, roll: Roll) -> None:
        """Know the devices."""
        self._roll = roll

    async def run(self) -> None:
        """Claim and answer until cancelled."""
        loop = asyncio.get_running_loop()
        pruned_at = -PRUNE_EVERY_S
        async with asyncio.TaskGroup() as group:
            while True:
                if loop.time() - pruned_at >= PRUNE_EVERY_S:
                    pruned_at = loop.time()
                    before = self._setting.now() - KEEP
                    await self._setting.write(lambda session, before=before: prune_requests(session, before))
                if await self._has_open() and self._running < AT_ONCE:
                    now, free = self._setting.now(), AT_ONCE - self._running
                    claimed = await self._setting.write(partial(self._claim, now=now, free=free))
                    self._running += len(claimed)
                    for request_id, device_id in claimed:
                        group.create_task(self._answer(request_id, device_id))
                await asyncio.sleep(LOOK_EVERY_S)

    def _claim(self, session: Session, now: datetime, free: int) -> list[tuple[int, int]]:
        return [(one.id, one.device_id) for one in claim_polls(session, now, free, self._setting.shard)]

    async def _has_open(self) -> bool:
        """Looked up by a reading session first: claiming takes the write lock, and there is nearly never anything."""
        return await self._setting.read(has_open_requests)

    async def _answer(self, request_id: int, device_id: int) -> None:
        try:
            try:
                async with asyncio.timeout(DEADLINE_S):
                    result = await self._read(device_id)
            except TimeoutError:
                result = RequestResult("too_slow", f"{DEADLINE_S:g} s")
            except Exception as error:
                self._setting.counts[INTERNAL_ERROR] += 1
                log.exception("a reading on request failed inside EduNOC", id=device_id)
                result = RequestResult(INTERNAL_ERROR, type(error).__name__)
            now = self._setting.now()
            await self._setting.write(lambda session: finish_poll_request(session, request_id, result, now))
        finally:
            self._running -= 1

    async def _device(self, device_id: int) -> MonitoredDevice | None:
        """The device; one that was made a moment ago comes with the next reading of the inventory."""
        for _ in range(int(2 * self._setting.settings.reload_s / LOOK_EVERY_S) + 2):
            if device_id in self._roll.devices:
                break
            await asyncio.sleep(LOOK_EVERY_S)
        return self._roll.devices.get(device_id)

    async def _read(self, device_id: int) -> RequestResult:
        device = await self._device(device_id)
        if device is None:
            return RequestResult("not_watched")
        if self._projecting and self._roll.is_projector(device) and not self._roll.is_read(device):
            return await self._projecting.explain(device)
        credential = self._roll.credential_of(device)
        if credential is None:
            shut = device.credential_id in self._roll.sealed_shut
            return RequestResult("bad_credential" if shut else NO_CREDENTIAL)
        address = self._roll.addresses.get(device_id)
        if address is None:
            return RequestResult("unknown_host", device.address)
        reason, detail, text = await self._reader.explain(Subject(device, address, credential))
        if self._on_read and reason == "ok":
            self._on_read([device.id])
        return RequestResult(reason, detail, text)
