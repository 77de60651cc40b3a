"""The alerts room at work: judging at each tick, beside it the sender and the drawing of the sites' graphs; none waits
for another."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

import structlog

from alerts import health
from alerts.board import SeriesTable
from alerts.drawing import Drawing
from alerts.judge import Live
from alerts.reach import View
from alerts.sending import Sender
from alerts.settings import AlertsSettings
from alerts.situation import load_rules
from alerts.store.queue import queue_counts
from alerts.store.reading import count_open
from alerts.watch import Watch
from core import Clock, Database, Scope, Settings, Vault, refusal_of
from inventory import InventorySettings

log = structlog.get_logger("alerts")

IDLE_SEND_S = 1.0
DRAW_PAUSE_S = 5.0
FIGURES_PAUSE_S = 15.0


@dataclass(slots=True)
class Worker:
    """Runs until cancelled. `registry`, `live` and `reachability` are telemetry's and collectors' own objects."""

    database: Database
    vault: Vault
    registry: SeriesTable
    live: Live
    reachability: View
    settings: Settings
    clock: Clock
    watch: Watch = field(init=False)
    sender: Sender = field(init=False)
    drawing: Drawing = field(init=False)
    _is_failing: bool = False
    _figures_at: float = 0.0

    def __post_init__(self) -> None:
        mine, core = self.settings[AlertsSettings], self.settings.core
        rules = {rule.id: rule for rule in load_rules(mine.rules_dir)}
        self.watch = Watch(self.database, self.registry, self.live, self.reachability, mine, core, rules)
        self.sender = Sender(self.database, self.vault, mine, self.clock, core.public_url)
        self.drawing = Drawing(self.database, self.settings[InventorySettings])

    async def run(self) -> None:
        """Start, then judge and send until cancelled."""
        await asyncio.to_thread(self.watch.start, self.clock())
        await asyncio.to_thread(self.sender.recover)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._judge_loop())
            group.create_task(self._send_loop())
            group.create_task(self._draw_loop())

    async def _judge_loop(self) -> None:
        tick_s = self.settings[AlertsSettings].tick_s
        while True:
            began = time.monotonic()
            await self.judge_once()
            # A tick that took too long is followed by the next at once, but never by two.
            await asyncio.sleep(max(tick_s - (time.monotonic() - began), 0.01))

    async def judge_once(self) -> None:
        """One tick. A failure is logged once and tried again at the next: the loop never dies of it."""
        began = time.monotonic()
        try:
            await asyncio.to_thread(self.watch.tick, self.clock())
        except Exception as error:
            health.TICK_FAILURES.inc()
            refusal = refusal_of(error)
            if not self._is_failing and refusal is not None:
                log.warning("judging cannot be written down; it is tried again at each tick", reason=refusal.reason,
                            detail=refusal.detail)  # fmt: skip
            elif not self._is_failing:
                log.exception("judging failed; it is tried again at each tick")
            self._is_failing = True
            return
        if self._is_failing:
            log.info("judging works again")
        self._is_failing = False
        health.TICK_SECONDS.observe(time.monotonic() - began)
        health.LAST_TICK.set(self.clock().timestamp())
        if self.watch.situation is not None:
            health.TOPOLOGY_VERSION.set(self.watch.situation.topology)
        if began - self._figures_at >= FIGURES_PAUSE_S:
            self._figures_at = began
            await asyncio.to_thread(self._figures)

    async def _send_loop(self) -> None:
        is_failing = False
        while True:
            try:
                count = await self.sender.send_due()
                is_failing = False
            except Exception:
                if not is_failing:
                    log.exception("the queue of messages cannot be worked on; it is tried again")
                is_failing, count = True, 0
            for state in list(self.sender.counts):
                health.MESSAGES.labels(state).inc(self.sender.counts.pop(state))
            await asyncio.sleep(0.01 if count else IDLE_SEND_S)

    async def _draw_loop(self) -> None:
        while True:
            has_more = await asyncio.to_thread(self.drawing.step, self.clock())
            await asyncio.sleep(0.5 if has_more else DRAW_PAUSE_S)

    def _figures(self) -> None:
        with self.database.reading() as session:
            counts, waiting = count_open(session, Scope.everything()), queue_counts(session)
        for severity in ("critical", "major", "minor", "info"):
            health.OPEN_INCIDENTS.labels(severity).set(counts.get(severity, 0))
        for state, number in waiting.items():
            health.WAITING_MESSAGES.labels(state).set(number)
        if self.watch.situation is not None:
            for state, number in self.watch.situation.board.counts().items():
                health.SERIES_BY_STATE.labels(state).set(number)
