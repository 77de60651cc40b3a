"""Reads who is connected where (forwarding tables, ARP, neighbours, Wi-Fi clients) at a slow pace of its own.

Only devices that answer are asked, a few at a time, and between two questions whoever else wants the loop has it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import numpy as np
import structlog

from collectors import schedule
from collectors.layer2 import TABLES, Layer2Limits, Layer2Order, Layer2Reading, read_layer2
from collectors.layer2.reasons import REASONS as LAYER2_REASONS
from collectors.profiles import ProfileSet
from collectors.reasons import INTERNAL_ERROR, explain
from collectors.schedule import Entry, Limits, Timetable
from collectors.snmp import Poller, Target
from collectors.store.networks import NetworkOutcome, network_states, ports_of_device, save_network_state
from collectors.work.roll import Roll
from collectors.work.setting import WorkSetting
from collectors.work.snmp import patience_of
from core import Session, refusal_of
from inventory import Layer2Change, MonitoredDevice, record_layer2
from telemetry import Batch, NewEvent, SeriesKey, record_events

log = structlog.get_logger(__name__)

TICK_S = 0.5
SOURCE = "topology"
# Kinds that have neighbours, a forwarding table, ARP or Wi-Fi clients worth asking for
KINDS = frozenset({"router", "switch", "firewall", "ap", "wlan_controller", "server", "other"})
POSTPONED_S = 3.0  # a device that has not answered its poll yet is looked at again so soon
LOOKED_AT = 256  # at the first start of a province everyone waits: not all are looked at each time
# So many begin at each look; where all are due (the first start of a province), twice the steady pace
LEAST_STARTS, CATCH_UP = 4, 2.0
A_SITE = 2
TOLD = frozenset({*LAYER2_REASONS, "loop"})
TURN_S, TURNS = 0.02, 250  # a poll has the device for itself, but not for longer than five seconds
SLACK_S = 30.0


class Polls(Protocol):
    """What this loop wants to know of the polls."""

    def is_answering(self, device_id: int) -> bool:
        """Whether its last poll gave data."""

    def is_reading(self, device_id: int) -> bool:
        """Whether it is being polled right now."""


class Networks:
    """One for a worker. All methods run on the loop."""

    def __init__(self, setting: WorkSetting, profiles: ProfileSet, polls: Polls) -> None:
        self._setting, self._profiles, self._polls = setting, profiles, polls
        settings = setting.settings
        self._limits = Limits(
            overall=settings.topology_at_once, a_site=A_SITE, longest_interval=4 * settings.topology_interval_s
        )
        self._reading = Layer2Limits(most_rows=settings.topology_rows)
        self._poller = Poller(wall=setting.wall)
        self._roll = Roll()
        self._table = Timetable.of([], 0.0)
        self._rows: dict[int, int] = {}
        self._reasons: dict[int, str] = {}  # of devices that were read before
        self._again: set[int] = set()  # wished for while they were being read
        self._is_first = True

    async def restore(self) -> None:
        """Remember who was read before the restart."""
        self._reasons = await self._setting.read(
            lambda session: {key: state.reason for key, state in network_states(session).items()}
        )

    def apply(self, roll: Roll, now: float) -> None:
        """Read these devices from now on; one that never was read is due as soon as it answers."""
        self._roll = roll
        interval = float(self._setting.settings.topology_interval_s)
        read = [device for device in roll.devices.values() if device.kind in KINDS and roll.is_read(device)]
        entries = [Entry(device.id, device.site_id, interval) for device in read]
        known = set(self._rows)
        self._table = Timetable.of(entries, now, self._table, self._is_first)
        self._rows = {int(key): row for row, key in enumerate(self._table.device)}
        self._is_first = False
        new = [device.id for device in read if device.id not in self._reasons and device.id not in known]
        schedule.hasten(self._table, schedule.rows_of(self._table, new), now)
        self._reasons = {key: reason for key, reason in self._reasons.items() if key in roll.devices}

    def hasten(self, device_ids: Sequence[int]) -> None:
        """Read these at the next look; those that are just being read once more after that."""
        now = asyncio.get_running_loop().time()
        rows = schedule.rows_of(self._table, device_ids)
        self._again.update(self._table.device[rows[self._table.is_running[rows]]].tolist())
        schedule.hasten(self._table, rows, now)

    async def run(self) -> None:
        """Read until cancelled."""
        loop = asyncio.get_running_loop()
        self._table.is_running[:] = False
        async with asyncio.TaskGroup() as group:
            while True:
                now = loop.time()
                for device_id in self.due(now):
                    group.create_task(self._turn(device_id))
                await asyncio.sleep(TICK_S)

    def due(self, now: float) -> list[int]:
        """Devices to read now, marked as being read; those that do not answer are put off."""
        waiting = np.flatnonzero((self._table.next_at <= now) & ~self._table.is_running)
        self._put_off(waiting[np.argsort(self._table.next_at[waiting], kind="stable")][:LOOKED_AT], now)
        interval = self._setting.settings.topology_interval_s
        most = max(LEAST_STARTS, int(np.ceil(CATCH_UP * len(self._table) / interval * TICK_S)))
        rows = schedule.due(self._table, now, self._limits)[:most]
        rows = np.setdiff1d(rows, self._put_off(rows, now))
        schedule.begin(self._table, rows)
        return [int(device) for device in self._table.device[rows]]

    def _put_off(self, rows: np.ndarray, now: float) -> list[int]:
        """Those of the rows whose devices do not answer; they are looked at again soon."""
        pairs = zip(rows.tolist(), self._table.device[rows].tolist(), strict=True)
        silent = [row for row, device in pairs if not self._polls.is_answering(device)]
        self._table.next_at[silent] = now + POSTPONED_S
        return silent

    def load(self) -> dict[str, float]:
        """Figures of the schedule, for /metrics."""
        return schedule.load_of(self._table)

    def close(self) -> None:
        """Give up sockets."""
        self._poller.close()

    async def _turn(self, device_id: int) -> None:
        """One device's turn. Whatever happens in it stays in it."""
        device = self._roll.devices.get(device_id)
        is_ok = False
        try:
            if device is not None:
                async with asyncio.timeout(self._reading.total_s + SLACK_S):
                    is_ok = await self._read(device)
        except TimeoutError:
            self._setting.counts["topology_too_slow"] += 1
        except Exception as error:
            if refusal_of(error) is not None:
                self._setting.refused("layer-2 tables", error)
                return
            self._setting.counts[INTERNAL_ERROR] += 1
            log.exception("reading layer-2 tables failed inside EduNOC", id=device_id)
        finally:
            row = self._rows.get(device_id)
            if row is not None:
                now = asyncio.get_running_loop().time()
                schedule.finish(self._table, row, now, not is_ok, self._limits)
                if device_id in self._again:
                    self._again.discard(device_id)
                    self._table.next_at[row] = now

    async def _read(self, device: MonitoredDevice) -> bool:
        credential, address = self._roll.credential_of(device), self._roll.addresses.get(device.id)
        if credential is None or address is None:
            return False
        ports = await self._setting.read(lambda session: ports_of_device(session, device.id))
        order = Layer2Order(
            Target(address, device.snmp_port), credential, patience_of(device), ports, self._reading, device.profile
        )

        async def wait_turn() -> None:
            for _ in range(TURNS):
                if not self._polls.is_reading(device.id):
                    return
                await asyncio.sleep(TURN_S)

        reading = await read_layer2(self._poller, self._profiles, order, wait_turn)
        await self._keep(device, reading)
        if not is_answered(reading):
            return False  # the polls tell who is silent
        self._note(device.id, reading.report.reason, reading.report.detail)
        return True

    async def _keep(self, device: MonitoredDevice, reading: Layer2Reading) -> None:
        now = self._setting.now()

        def keep(session: Session) -> list[Layer2Change]:
            changes = record_layer2(session, device.id, reading.report, now) if is_answered(reading) else []
            record_events(session, [event_of(change, now) for change in changes])
            save_network_state(session, device.id, outcome_of(reading, now))
            return changes

        await self._setting.write(keep)
        self._setting.accepted("layer-2 tables")
        figures = figures_of(reading)
        if figures:
            keys = [SeriesKey("", name) for name in figures]
            registry = self._setting.registry
            series = await self._setting.in_thread(lambda: registry.resolve(device.id, keys))
            self._setting.submit(Batch(series, np.array(list(figures.values())), self._setting.wall()))

    def _note(self, device_id: int, reason: str, detail: str) -> None:
        """Log when a device's tables begin or cease to be lacking; of silence and slowness the polls tell."""
        reason = reason if reason in TOLD else "ok"
        before, self._reasons[device_id] = self._reasons.get(device_id, "ok"), reason
        device = self._roll.devices.get(device_id)
        if device is None or reason == before or (reason == "ok" and before not in TOLD):
            return
        if reason == "ok":
            log.info("layer-2 tables are read whole again", id=device_id, name=device.name, was=before)
            return
        said = explain(reason)
        log.warning("layer-2 tables are not read whole", id=device_id, name=device.name, reason=reason, detail=detail,
                    message=said.message, next_step=said.advice)  # fmt: skip


def is_answered(reading: Layer2Reading) -> bool:
    """Whether anything came that can be kept."""
    return len(reading.report.missing) < len(TABLES)


def outcome_of(reading: Layer2Reading, now: datetime) -> NetworkOutcome:
    """How the reading went, as a row."""
    report = reading.report
    return NetworkOutcome(
        now, report.reason, report.detail, is_answered(reading), reading.requests, reading.timeouts, reading.seconds,
        len(report.fdb), len(report.neighbours),
    )  # fmt: skip


def figures_of(reading: Layer2Reading) -> dict[str, float]:
    """Samples of a reading; a device without a forwarding table or ARP table gives none of it."""
    report = reading.report
    found: dict[str, float] = {}
    if reading.forwarding and "fdb" not in report.missing:
        found["fdb_entries"] = float(len(report.fdb))
    if report.arp and "arp" not in report.missing:
        found["arp_entries"] = float(len(report.arp))
    return found


def event_of(change: Layer2Change, now: datetime) -> NewEvent:
    """What changed in a network, as an event of the device on which it was seen."""
    return NewEvent(
        happened_at=now, source=SOURCE, kind=change.kind, device_id=change.device_id,
        text=" ".join(one for one in (change.mac, change.name, change.part, change.remote_part) if one),
        raw={
            "mac": change.mac, "part": change.part, "vlan": change.vlan, "from_device_id": change.from_device_id,
            "from_part": change.from_part, "name": change.name, "remote_part": change.remote_part,
            "protocol": change.protocol,
        },
    )  # fmt: skip
