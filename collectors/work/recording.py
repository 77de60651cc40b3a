"""Makes the recordings that people wish for, one at a time: a device is walked slowly, scrubbed, kept a week."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial

import structlog

from collectors.reasons import INTERNAL_ERROR, NO_CREDENTIAL
from collectors.store.recordings import (
    RecordingResult,
    claim_recording,
    finish_recording,
    has_open_recordings,
    note_recording,
    prune_recordings,
)
from collectors.work.reader import Reader, Subject
from collectors.work.roll import Roll
from collectors.work.setting import WorkSetting

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 1.0
TELL_EVERY_S = 2.0
DEADLINE_S = 720.0
KEEP = timedelta(days=7)
PRUNE_EVERY_S = 3600.0


class Recording:
    """One for a worker."""

    def __init__(self, setting: WorkSetting, reader: Reader) -> None:
        self._setting, self._reader = setting, reader
        self._roll = Roll()

    def apply(self, roll: Roll) -> None:
        """Know the devices."""
        self._roll = roll

    async def run(self) -> None:
        """Claim and record until cancelled."""
        loop = asyncio.get_running_loop()
        pruned_at = -PRUNE_EVERY_S
        while True:
            if loop.time() - pruned_at >= PRUNE_EVERY_S:
                pruned_at = loop.time()
                before = self._setting.now() - KEEP
                await self._setting.write(lambda session, before=before: prune_recordings(session, before))
            if await self._setting.read(has_open_recordings):
                claim = partial(claim_recording, now=self._setting.now(), shard=self._setting.shard)
                claimed = await self._setting.write(claim)
                if claimed is not None:
                    await self._answer(*claimed)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _answer(self, wish_id: int, device_id: int) -> None:
        try:
            async with asyncio.timeout(DEADLINE_S):
                result = await self._record(wish_id, device_id)
        except TimeoutError:
            result = RecordingResult("too_slow", f"{DEADLINE_S:g} s")
        except Exception as error:
            self._setting.counts[INTERNAL_ERROR] += 1
            log.exception("a recording failed inside EduNOC", id=device_id)
            result = RecordingResult(INTERNAL_ERROR, type(error).__name__)
        now = self._setting.now()
        await self._setting.write(lambda session: finish_recording(session, wish_id, result, now))

    async def _record(self, wish_id: int, device_id: int) -> RecordingResult:
        device = self._roll.devices.get(device_id)
        if device is None:
            return RecordingResult("not_watched")
        credential = self._roll.credential_of(device)
        if credential is None:
            shut = device.credential_id in self._roll.sealed_shut
            return RecordingResult("bad_credential" if shut else NO_CREDENTIAL)
        address = self._roll.addresses.get(device_id)
        if address is None:
            return RecordingResult("unknown_host", device.address)
        count = 0

        def told(so_far: int) -> None:
            nonlocal count
            count = so_far

        async def tell() -> None:
            while True:
                await asyncio.sleep(TELL_EVERY_S)
                await self._setting.try_write("recordings", lambda session: note_recording(session, wish_id, count))

        telling = asyncio.create_task(tell())
        try:
            return await self._reader.record(Subject(device, address, credential), told)
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
