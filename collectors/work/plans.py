"""The plans in use: made by surveys, kept in the database, taken up again at the start: polling begins at once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from collectors.store.plans import StoredPlan, keep_plan, kept_plans, prune_pieces
from collectors.work.reader import Packed, Reader, Subject, Surveyed
from collectors.work.roll import Roll
from collectors.work.setting import WorkSetting
from core import Session
from inventory import MonitoredDevice

log = structlog.get_logger(__name__)

# After an update of the profiles every device is surveyed anew, but not all at once.
RENEW_WITHIN_S = 3600.0


@dataclass(slots=True)
class InUse:
    """A plan, until when (the loop's clock) it holds, and the lasting defect that its survey found."""

    plan: Any
    until: float
    defect: tuple[str, str] | None = None


class Plans:
    """One for a Polling; by device id."""

    def __init__(self, setting: WorkSetting, reader: Reader) -> None:
        self._setting, self._reader = setting, reader
        self.in_use: dict[int, InUse] = {}

    async def restore(self, roll: Roll, now: float) -> None:
        """Take up the plans of the last run. What cannot be used is left to a survey."""
        if self._setting.shard == (0, 1):
            await self._setting.try_write("plans", prune_pieces)
        stored = await self._setting.read(kept_plans)
        self.in_use.update(await self._setting.in_thread(lambda: self._usable(stored, roll, now)))
        if stored:
            log.info("plans taken up from the last run", kept=len(stored), usable=len(self.in_use))

    def _usable(self, stored: list[StoredPlan], roll: Roll, now: float) -> dict[int, InUse]:
        found: dict[int, InUse] = {}
        today, life = self._setting.now(), self._setting.settings.survey_hours * 3600
        for one in stored:
            device = roll.devices.get(one.device_id)
            if device is None or one.wish != wish_of(device, roll):
                continue
            plan = self._reader.unpack(device.id, Packed(one.body, one.pieces))
            if plan is None:
                continue
            left = life - (today - one.surveyed_at).total_seconds()
            if one.profiles != self._reader.fingerprint:
                left = min(left, RENEW_WITHIN_S * (device.id % 997) / 997)
            defect = (one.reason, one.detail) if one.reason != "ok" else None
            found[device.id] = InUse(plan, now + left, defect)
        return found

    def keep(self, session: Session, subject: Subject, surveyed: Surveyed, roll: Roll, now: datetime) -> None:
        """Write a survey's plan down, in the transaction that writes what it found."""
        packed = surveyed.packed
        if packed is None:
            return
        device = subject.device
        keep_plan(session, StoredPlan(
            device.id, wish_of(device, roll), self._reader.fingerprint, now, surveyed.reason, surveyed.detail,
            packed.body, packed.pieces,
        ))  # fmt: skip


def wish_of(device: MonitoredDevice, roll: Roll) -> str:
    """A digest of where and as whom a device is surveyed: with another one, another plan may come out."""
    credential = roll.credential_of(device)
    version = credential.version if credential else ""
    wish = (device.address, device.snmp_port, device.profile, device.credential_id, version)
    return hashlib.sha256(repr(wish).encode()).hexdigest()
