"""Reads projectors over PJLink: quick in school hours, slow outside of them, at once when one says that it changed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import timedelta

import numpy as np
import structlog

from collectors import schedule
from collectors.pjlink import Asked, Known, Reading, ask_projector, changed_lamps, facts, learn, parts, samples
from collectors.reasons import INTERNAL_ERROR, RESTING, explain
from collectors.schedule import Entry, Limits, Timetable
from collectors.store import RequestResult, poll_states, save_poll_states
from collectors.work.ground import Ground, Usual, read_ground
from collectors.work.journal import Ending, Journal, poll_outcomes
from collectors.work.roll import Roll
from collectors.work.setting import WorkSetting
from core import GiveUp, OutsideFailure, Session, pjlink, refusal_of
from inventory import MonitoredDevice, complete_device, record_facts, sync_parts
from telemetry import Batch, NewEvent, SeriesKey, record_event

log = structlog.get_logger(__name__)

TICK_S = 0.25
SAVE_EVERY_S = 2.0
LOOK_EVERY_S = 60.0  # at calendar and room uses
LEAST_S, MOST_S = 60.0, 300.0
AT_ONCE_A_SITE = 8
CHANGE_S = 20.0  # warming up takes half a minute, cooling down one to two
HINT_GAP_S = 5.0  # a flood of notices makes one reading in this time
COUNTS = "projectors"


class Projecting:
    """One for a worker. All methods run on the loop."""

    def __init__(self, setting: WorkSetting, board: pjlink.Switchboard, usual: Usual) -> None:
        self._setting, self._board, self._usual = setting, board, usual
        self._limits = Limits(
            overall=setting.settings.projectors_at_once, a_site=AT_ONCE_A_SITE,
            longest_interval=float(setting.settings.projector_rest_s),
        )
        self._roll, self._ground = Roll(), Ground(usual)
        self._known: dict[int, Known] = {}
        self._locked: dict[int, tuple[object, ...]] = {}  # password refused: where and by what; not asked again
        self._series: dict[tuple[int, tuple[tuple[str, str], ...]], np.ndarray] = {}
        self._hinted: dict[int, float] = {}
        self._changing: set[int] = set()  # warming up or cooling down, and waited for
        self._again: set[int] = set()  # hinted at while they were being read
        self._table = Timetable.of([], 0.0)
        self._rows: dict[int, int] = {}
        self._by_address: dict[str, int] = {}
        self._is_first = True
        self.journal = Journal("projector")

    async def restore(self) -> None:
        """Remember how reading went before the restart."""
        states = await self._setting.read(lambda session: list(poll_states(session).values()))
        self.journal.restore_polls(states)

    def apply(self, roll: Roll, now: float) -> None:
        """Read these projectors from now on."""
        self._roll = roll
        mine = {device.id: device for device in roll.devices.values() if roll.is_projector(device)}
        self._by_address = {roll.addresses[one]: one for one in mine if one in roll.addresses}
        entries = [Entry(one.id, one.site_id, self._interval(one)) for one in mine.values()]
        self._table = Timetable.of(entries, now, self._table, self._is_first)
        self._rows = {int(key): row for row, key in enumerate(self._table.device)}
        self._is_first = False
        for gone in self._known.keys() - mine.keys():
            self._known.pop(gone)
        self._series = {key: found for key, found in self._series.items() if key[0] in mine}
        self.journal.keep_only(mine)

    def _interval(self, device: MonitoredDevice) -> float:
        quick = min(max(float(device.interval_s), LEAST_S), MOST_S)
        if device.id not in self._known:  # nothing is known since the start: not a quarter of an hour of "unknown"
            return quick
        is_quiet = self._ground.is_wanted(device, self._setting.now()) is False
        return max(quick, float(self._setting.settings.projector_rest_s)) if is_quiet else quick

    async def run(self) -> None:
        """Read projectors until cancelled."""
        loop = asyncio.get_running_loop()
        self._table.is_running[:] = False
        saved_at, looked_at = loop.time(), -LOOK_EVERY_S
        ear = await self._listen()
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    if self._rows and loop.time() - looked_at >= LOOK_EVERY_S:
                        looked_at = loop.time()
                        await self._look_at_schools()
                    for device_id in self._board.take_to_read():
                        self._read_soon(device_id, loop.time())
                    rows = schedule.due(self._table, loop.time(), self._limits)
                    schedule.begin(self._table, rows)
                    for row in rows.tolist():
                        group.create_task(self._turn(int(self._table.device[row])))
                    if loop.time() - saved_at >= SAVE_EVERY_S:
                        saved_at = loop.time()
                        await self.save()
                    await asyncio.sleep(TICK_S)
        finally:
            if ear is not None:
                ear.close()

    async def _listen(self) -> pjlink.Ear | None:
        port = self._setting.settings.projector_notice_port
        if not port:
            return None
        try:
            return await pjlink.listen(self._hear, port=port)
        except OSError as error:
            log.warning("projectors' notices are not heard: another program has the port", port=port, detail=str(error))
            return None

    def _hear(self, sender: str, notice: pjlink.Notice) -> None:
        """A notice is a hint to ask; anybody could have sent it."""
        device_id, now = self._by_address.get(sender), asyncio.get_running_loop().time()
        if device_id is None or notice.word == "ACKN" or now - self._hinted.get(device_id, -HINT_GAP_S) < HINT_GAP_S:
            return
        self._hinted[device_id] = now
        self._setting.counts["projector_notices"] += 1
        self._read_soon(device_id, now)

    def _read_soon(self, device_id: int, now: float) -> None:
        if device_id in self._rows:
            self._again.add(device_id)
            self._heed_hint(device_id, now)

    def _follow_change(self, device_id: int) -> None:
        """A projector that warms up or cools down is looked at again before long, also where it is read seldom."""
        known = self._known.get(device_id)
        if known is None or known.power not in (pjlink.values.COOLING, pjlink.values.WARMING):
            return
        if device_id not in self._changing:
            self._changing.add(device_id)
            asyncio.get_running_loop().call_later(CHANGE_S, self._look_after_change, device_id)

    def _look_after_change(self, device_id: int) -> None:
        self._changing.discard(device_id)
        self._read_soon(device_id, asyncio.get_running_loop().time())

    def _heed_hint(self, device_id: int, now: float) -> None:
        """Read it at the next look; one that is being read, once more after that."""
        row = self._rows.get(device_id)
        if device_id in self._again and row is not None and not self._table.is_running[row]:
            self._again.discard(device_id)
            schedule.hasten(self._table, np.array([row]), now)

    async def _look_at_schools(self) -> None:
        now = self._setting.now()
        try:
            self._ground = await self._setting.read(lambda session: read_ground(session, self._usual, now))
        except Exception as error:
            self._setting.refused("schools", error)
            return
        self.apply(self._roll, asyncio.get_running_loop().time())

    async def save(self, is_all: bool = False) -> None:
        """Write what changed, and from time to time what did not. SNMP's own states come first."""
        within = timedelta(0) if is_all else timedelta(seconds=self._setting.settings.save_states_s)
        devices = self._roll.devices
        entries = [
            entry for entry in self.journal.take_unsaved(self._setting.now(), within)
            if entry[0] in self._rows and not self._roll.is_read(devices[entry[0]])
        ]
        rows = poll_outcomes(entries)
        if rows and not await self._setting.try_write(COUNTS, lambda session: save_poll_states(session, rows)):
            self.journal.put_back(entries)

    async def _turn(self, device_id: int) -> None:
        device = self._roll.devices.get(device_id)
        is_silent = False
        try:
            if device is not None:
                is_silent = not (await self._read(device)).reading
        except Exception as error:
            if refusal_of(error) is not None:
                self._setting.refused(COUNTS, error)
                return
            self._setting.counts[INTERNAL_ERROR] += 1
            ending = Ending(INTERNAL_ERROR, type(error).__name__)
            if self.journal.note(device_id, device.name if device else "", ending, self._setting.now()):
                log.exception("reading a projector failed inside EduNOC", id=device_id)
        finally:
            row = self._rows.get(device_id)
            if row is not None:
                now = asyncio.get_running_loop().time()
                schedule.finish(self._table, row, now, is_silent, self._limits)
                self._heed_hint(device_id, now)
                self._follow_change(device_id)

    async def explain(self, device: MonitoredDevice) -> RequestResult:
        """A reading on a person's request, with everything asked anew; a refused password is tried once more."""
        self._locked.pop(device.id, None)
        self._known[device.id] = Known(power=self._known.get(device.id, Known()).power)
        asked = await self._read(device)
        shown: dict[str, object] = {"reason": asked.reason, "explanation": explain(asked.reason).message}
        if asked.reading is not None:
            shown |= {
                "profile": f"PJLink {asked.reading.grade}",
                "facts": facts(asked.reading, asked.spoken),
                "samples": [
                    {"part": part, "metric": metric, "value": value}
                    for part, metric, value in samples(asked.reading, self._ground.lives_of(device.model))
                ],
                "timing": {"requests": asked.requests, "seconds": round(asked.seconds, 3), "timeouts": 0},
            }
        return RequestResult(asked.reason, asked.detail, json.dumps(shown, ensure_ascii=False))

    async def _read(self, device: MonitoredDevice) -> Asked:
        address = self._roll.addresses.get(device.id)
        if address is None:
            return self._note(device, Asked("unknown_host", device.address))
        endpoint = pjlink.Endpoint(address, device.pjlink_port or pjlink.PORT)
        credential = self._roll.pjlink_of(device)
        password = credential.password if credential else None
        lock = (endpoint, credential)
        if device.id in self._locked and self._locked[device.id] == lock:
            return Asked(pjlink.reasons.WRONG_PASSWORD)
        known = self._known.get(device.id, Known())
        try:
            asked = await ask_projector(
                self._board, endpoint, password, patience_of(device), known, self._setting.wall()
            )
        except OutsideFailure as failure:
            if isinstance(failure, GiveUp):
                self._locked[device.id] = lock
            return await self._fail(device, known, failure)
        if asked.reading is not None:
            await self._conclude(device, known, asked.reading, asked.spoken)
        return self._note(device, asked)

    async def _fail(self, device: MonitoredDevice, known: Known, failure: OutsideFailure) -> Asked:
        """Nothing came. Silence is sleep outside of teaching, and after the projector was seen in standby."""
        reason = failure.reason
        if reason in pjlink.reasons.SILENT:
            is_resting = known.power in (pjlink.values.STANDBY, pjlink.values.COOLING)
            is_resting = is_resting or self._ground.is_wanted(device, self._setting.now()) is False
            reason = RESTING if is_resting else reason
            await self._submit(device, [("", "projector_answers", 2.0 if is_resting else 0.0)])
            self._known[device.id] = Known(power=known.power, lamps=known.lamps)
        return self._note(device, Asked(reason, failure.detail))

    def _note(self, device: MonitoredDevice, asked: Asked) -> Asked:
        ending = Ending(
            asked.reason, asked.detail, asked.reading is not None, requests=asked.requests, seconds=asked.seconds
        )
        self.journal.note(device.id, device.name, ending, self._setting.now())
        return asked

    async def _conclude(self, device: MonitoredDevice, known: Known, reading: Reading, spoken: str) -> None:
        now, wall = self._setting.now(), self._setting.wall()
        found = samples(reading, self._ground.lives_of(device.model))
        found.append(("", "projector_answers", 1.0))
        is_wanted = self._ground.is_wanted(device, now)
        if is_wanted is not None and reading.power is not None:
            found.append(("", "projector_left_on", float(reading.power == pjlink.values.ON and not is_wanted)))
        await self._submit(device, found)
        told, lamps = facts(reading, spoken), parts(reading)
        news = changed_lamps(known, reading)

        def keep(session: Session) -> None:
            if told:
                record_facts(session, device.id, told, now)
                complete_device(session, device.id, told)
            if reading.value("LAMP") is not None:
                sync_parts(session, device.id, lamps, now, frozenset({"lamp"}))
            for number, old, new in news:
                raw = {"lamp": number, "hours_before": old, "hours": new}
                record_event(session, NewEvent(now, "pjlink", "lamp_changed", f"{old} h -> {new} h", device.id, raw))

        if told or news or len(reading.lamps) != len(known.lamps):
            await self._setting.write(keep)
            self._setting.accepted(COUNTS)
        self._known[device.id] = learn(known, reading, wall)

    async def _submit(self, device: MonitoredDevice, found: list[tuple[str, str, float]]) -> None:
        keys = tuple((part, metric) for part, metric, _value in found)
        series = self._series.get((device.id, keys))
        if series is None:
            wanted = [SeriesKey(part, metric) for part, metric in keys]
            registry = self._setting.registry
            series = await self._setting.in_thread(lambda: registry.resolve(device.id, wanted))
            self._series[device.id, keys] = series
        values = np.array([value for _part, _metric, value in found], np.float64)
        self._setting.submit(Batch(series, values, self._setting.wall()))

    def load(self) -> Mapping[str, float]:
        """Figures of the schedule, for /metrics."""
        return schedule.load_of(self._table)


def patience_of(device: MonitoredDevice) -> pjlink.Patience:
    """A device's patience: PJLink devices may take 2 s and are given 5, 10 for power and input, or more."""
    wait = max(5.0, float(device.timeout_s))
    return pjlink.Patience(wait, wait, 2 * wait, float(device.spacing_s))
