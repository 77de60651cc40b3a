"""All of conference's work in one TaskGroup: each loop in its turn, in threads beside the event loop."""

from __future__ import annotations

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import structlog

from conference import attendance, invitations, jitsi, kiosk, live, readiness, retention, schedule
from conference.bench import Bench, Loop

log = structlog.get_logger(__name__)

LOOPS: tuple[Loop, ...] = (
    schedule.LOOP, *invitations.LOOPS, jitsi.LOOP, attendance.LOOP, kiosk.LOOP, *readiness.LOOPS, live.LOOP,
    retention.LOOP,
)
THREADS = 8  # one that waits for a network must not hold up the others


class Worker:
    """Does what meetings need, until cancelled. `failures` counts failed turns by loop, for /metrics and tests."""

    def __init__(self, bench: Bench, loops: tuple[Loop, ...] = LOOPS) -> None:
        self._bench = bench
        self._loops = loops
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="conference")
        self.failures: Counter[str] = Counter()

    async def run(self) -> None:
        """Work until cancelled; a loop's failure is its own."""
        try:
            async with asyncio.TaskGroup() as group:
                for loop in self._loops:
                    group.create_task(self._repeat(loop), name=loop.name)
        finally:
            self._threads.shutdown(wait=False, cancel_futures=True)

    async def _repeat(self, loop: Loop) -> None:
        events = asyncio.get_running_loop()
        was_failing = False
        while True:
            began = events.time()
            try:
                await events.run_in_executor(self._threads, loop.step, self._bench, self._bench.clock())
                if was_failing:
                    log.info("a loop of meetings works again", loop=loop.name)
                was_failing = False
            except Exception:
                self.failures[loop.name] += 1
                if not was_failing:
                    log.exception("a loop of meetings failed and is tried again", loop=loop.name)
                was_failing = True
            await asyncio.sleep(max(0.2, loop.every_s - (events.time() - began)))
