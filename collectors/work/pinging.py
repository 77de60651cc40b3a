"""Carries the ping plane: its thread, its targets, and its news into ingest, log, event log and the poll schedule."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import numpy as np
import structlog

from collectors.ping import (
    DeviceTransition,
    PingPlane,
    PingRefused,
    PingRules,
    PingTarget,
    PlaneOutlets,
    ReachabilityView,
)
from collectors.reasons import explain
from collectors.settings import CollectorSettings
from collectors.work.roll import OwnSeries, Roll
from collectors.work.setting import WorkSetting
from core import Session
from telemetry import Batch, NewEvent, record_events

log = structlog.get_logger(__name__)

STOP_WITHIN_S = 1.5
# One line a device in the log, unless a whole school or more goes at once.
SINGLE_LINES = 20


class Pinging:
    """One for a worker. `on_transitions` is called on the loop, in the order of happening."""

    def __init__(
        self,
        setting: WorkSetting,
        view: ReachabilityView,
        on_transitions: Callable[[Sequence[DeviceTransition]], None],
    ) -> None:
        self._setting = setting
        self._on_transitions = on_transitions
        self._names: dict[int, str] = {}
        self._news: asyncio.Queue[list[DeviceTransition]] = asyncio.Queue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_refused = False
        settings = setting.settings
        outlets = PlaneOutlets(self._emit, setting.wall, self._take_news, self._refused)
        self.plane = PingPlane(
            rules_of(settings),
            view,
            outlets,
            packets_a_second=settings.ping_packets_per_second,
            anchors=settings.anchors,
        )

    def apply(self, roll: Roll, series: OwnSeries) -> None:
        """Watch these devices from the next tick on."""
        self._names = {device.id: device.name for device in roll.devices.values()}
        self.plane.load(
            [
                PingTarget(device_id, address, series.ping[device_id])
                for device_id, address in roll.addresses.items()
                if device_id in series.ping
            ]
        )

    async def run(self) -> None:
        """Run the plane's thread until cancelled, and handle its news."""
        self._loop = asyncio.get_running_loop()
        stop = threading.Event()
        with ThreadPoolExecutor(1, thread_name_prefix="ping") as thread:
            running = self._loop.run_in_executor(thread, self.plane.run, stop)
            handling = asyncio.create_task(self._handle())
            try:
                done, _ = await asyncio.wait([running, handling], return_when=asyncio.FIRST_COMPLETED)
                for one in done:
                    one.result()
            finally:
                stop.set()
                handling.cancel()
                await asyncio.wait([running, handling], timeout=STOP_WITHIN_S)

    def _emit(self, series: np.ndarray, values: np.ndarray, at: float) -> None:
        self._setting.submit(Batch(series, values, at))

    def _take_news(self, changes: list[DeviceTransition]) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._news.put_nowait, changes)

    async def _handle(self) -> None:
        while True:
            changes = await self._news.get()
            while not self._news.empty():
                changes = changes + self._news.get_nowait()
            self._log(changes)
            self._on_transitions(changes)
            happened = [one for one in changes if is_told(one)]
            if happened:
                await self._setting.try_write("events", lambda session, told=happened: self._record(session, told))

    def _record(self, session: Session, told: Sequence[DeviceTransition]) -> None:
        record_events(
            session,
            [
                NewEvent(
                    happened_at=datetime.fromtimestamp(one.at, UTC),
                    source="ping",
                    kind=f"device_{one.after}",
                    text=one.reason,
                    device_id=one.device_id,
                    raw={"before": one.before, "after": one.after, "reason": one.reason},
                )
                for one in told
            ],
        )

    def _log(self, changes: Sequence[DeviceTransition]) -> None:
        for word in ("down", "unknown", "up"):
            told = [one for one in changes if one.after == word and is_told(one)]
            write = log.info if word == "up" else log.warning
            for one in told[:SINGLE_LINES]:
                said = explain(one.reason)
                name = self._names.get(one.device_id, "")
                write(f"device is {word}", id=one.device_id, name=name, reason=one.reason, message=said.message)
            if len(told) > SINGLE_LINES:
                write(f"and more devices are {word}", number=len(told) - SINGLE_LINES)

    def _refused(self, refusal: PingRefused) -> None:
        self._setting.counts["ping_refused"] += 1
        if not self._is_refused:
            self._is_refused = True
            log.warning("ping is not possible on this machine", reason=refusal.reason, next_step=refusal.detail)


def rules_of(settings: CollectorSettings) -> PingRules:
    """The plane's patience as set."""
    return PingRules(
        interval=settings.ping_interval_s,
        timeout=settings.ping_timeout_s,
        quick_packets=settings.ping_quick_packets,
    )


def is_told(change: DeviceTransition) -> bool:
    """Whether a change goes into log and event log: down, returned, cut off; not suspects and first answers."""
    return "down" in (change.before, change.after) or change.after == "unknown"
