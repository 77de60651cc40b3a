"""Forwarding tables and neighbours beside polling: what they cost a 52-port switch, and whether huge ones stall others.

A switch is polled each minute and its layer-2 tables are read each half hour, all of it stored. Then a small switch is
polled alone and beside a 20,000-entry forwarding table and a 500-interface chassis in the same process.
Usage: python -m benchmarks.layer2 [--quick] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from benchmarks.networks import NEIGHBOURS
from benchmarks.result import Result, print_results
from benchmarks.switches import PORTS
from collectors.layer2 import Layer2Order, Layer2Reading, ports_of, read_layer2
from collectors.profiles import load_profiles
from collectors.snmp import (
    DeviceState,
    Patience,
    Poller,
    PollPlan,
    Target,
    TemplateCache,
    build_plan,
    community,
    read_device,
    series_keys,
)
from collectors.store.networks import NetworkOutcome, ports_of_device, save_network_state
from core import Database, sqlite_url
from inventory import Device, Site, Unit, record_layer2, sync_parts
from telemetry import DuckDBStore, Ingest, LiveTable, SeriesRegistry, TelemetrySettings

FIRST_PORT, HUGE_PORT, CHASSIS_PORT = 23_000, 23_600, 23_700
DEVICES, ADDRESSES, HUGE = 60, 200, 20_000
POLLS = 30  # a poll each minute, the tables each half hour
LEAST_PER_SECOND = 1_000.0
MOST_STALL_S = 0.25
PATIENCE = Patience(timeout_s=5.0)
CREDENTIAL = community()
START = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)


def run(quick: bool) -> list[Result]:
    """Processor time of both readings together; then the worst poll of a small switch alone and beside huge ones."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(_agents(FIRST_PORT, DEVICES, ADDRESSES))
        stack.enter_context(_agents(HUGE_PORT, 1, HUGE))
        stack.enter_context(_agents(CHASSIS_PORT, 1, 0, 500))
        school = stack.enter_context(School(folder))
        costs = school.costs(2 if quick else 6)
        alone, beside, huge_s = school.stalls(2.0 if quick else 6.0)
    poll_s, tables_s, keep_s = costs
    own = POLLS / (POLLS * poll_s + tables_s + keep_s)
    what = f"{PORTS} ports, {ADDRESSES} addresses, {NEIGHBOURS} neighbours"
    return [
        Result(f"devices per CPU-second, a poll a minute, layer 2 each half hour ({what})", own, "1/s",
               budget=f">= {LEAST_PER_SECOND:g} 1/s", is_within=own >= LEAST_PER_SECOND),
        Result("CPU of one layer-2 reading", tables_s, "s"),
        Result("CPU of keeping it in the database, unchanged, ports and state included", keep_s, "s"),
        Result("a 20,000-entry forwarding table, read and kept", huge_s, "s"),
        Result("worst poll of a small switch beside it and a 500-interface chassis", float(beside.max()), "s",
               "alone", float(alone.max()), float(beside.max() / alone.max()), budget=f"<= {MOST_STALL_S:g} s",
               is_within=bool(beside.max() <= MOST_STALL_S)),
        Result("median poll of a small switch beside them", float(np.median(beside)), "s", "alone",
               float(np.median(alone)), float(np.median(beside) / np.median(alone))),
    ]  # fmt: skip


@contextmanager
def _agents(first: int, count: int, addresses: int, ports: int = PORTS) -> Iterator[None]:
    command = [sys.executable, "-m", "benchmarks.networks", *map(str, (first, count, addresses, ports))]
    root = Path(__file__).parent.parent
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        try:
            assert process.stdout is not None
            if process.stdout.readline().strip() != "ready":
                raise RuntimeError(f"the fake switches did not start; is a port from {first} on in use?")
            yield
        finally:
            process.terminate()


class School:
    """Poller, ingest, store and inventory in this process."""

    def __init__(self, folder: Path) -> None:
        self._database = Database(sqlite_url(folder))
        self._database.create_all()
        registry = SeriesRegistry(self._database)
        registry.load()
        self._store = DuckDBStore(folder / "samples", TelemetrySettings())
        self._ingest = Ingest(LiveTable(), registry, self._store)
        self._loop = asyncio.new_event_loop()
        self._poller = Poller(time.time)
        self._profiles = load_profiles()
        self._threads = ThreadPoolExecutor(1)
        self._cache = TemplateCache()
        self._now = START
        self._targets = [Target("127.0.0.1", FIRST_PORT + n) for n in range(DEVICES)]
        self._huge, self._chassis = Target("127.0.0.1", HUGE_PORT), Target("127.0.0.1", CHASSIS_PORT)
        self._ids = self._devices(DEVICES + 2)
        known = [self._loop.run_until_complete(self._survey(n, one)) for n, one in enumerate(self._all)]
        self._plans = [plan for plan, _ in known]
        self._orders = [order for _, order in known]
        self._states = [DeviceState() for _ in known]
        gc.collect()
        gc.freeze()  # as a role does at its start

    @property
    def _all(self) -> list[Target]:
        return [*self._targets, self._huge, self._chassis]

    def _devices(self, count: int) -> list[int]:
        with self._database.session() as session:
            unit = Unit(name="Department", kind="department", code="D", path="/1/")
            session.add(unit)
            session.flush()
            site = Site(unit_id=unit.id, name="School", code="S")
            session.add(site)
            session.flush()
            made = [Device(site_id=site.id, name=f"d{n}", address=f"10.0.0.{n}", kind="switch") for n in range(count)]
            session.add_all(made)
            session.flush()
            return [device.id for device in made]

    async def _survey(self, number: int, target: Target) -> tuple[PollPlan, Layer2Order]:
        found = await read_device(target, CREDENTIAL, PATIENCE, self._profiles, self._poller)
        if found.survey is None:
            raise RuntimeError(f"a fake switch gave nothing: {found.reason} {found.detail}")
        parts = found.survey.parts()
        with self._database.session() as session:
            sync_parts(session, self._ids[number], parts, self._now, frozenset(part.kind for part in parts))
        keys = series_keys(found.survey)
        plan = build_plan(found.survey, self._ingest.registry.resolve(self._ids[number], keys), self._cache)
        return plan, Layer2Order(target, CREDENTIAL, PATIENCE, ports_of(found.interfaces))

    async def _poll(self, number: int) -> None:
        result = await self._poller.poll(
            self._all[number], CREDENTIAL, self._plans[number], self._states[number], PATIENCE
        )
        if result.batch is None:
            raise RuntimeError(f"a fake switch gave nothing: {result.reason} {result.detail}")
        for batch in result.batches:
            self._ingest.submit(batch)

    async def _tables(self, number: int) -> Layer2Reading:
        reading = await read_layer2(self._poller, self._profiles, self._orders[number])
        if reading.report.reason != "ok":
            raise RuntimeError(f"layer 2 was not read: {reading.report.reason} {reading.report.detail}")
        return reading

    def _keep(self, number: int, reading: Layer2Reading) -> None:
        report, device_id = reading.report, self._ids[number]
        outcome = NetworkOutcome(self._now, report.reason, is_ok=True, fdb_entries=len(report.fdb))
        with self._database.session() as session:
            ports_of_device(session, device_id)
            record_layer2(session, device_id, report, self._now)
            save_network_state(session, device_id, outcome)

    def costs(self, rounds: int) -> tuple[float, float, float]:
        """CPU seconds of one poll (stored), one layer-2 reading, one keeping; the first round only warms up."""
        totals = np.zeros(3)
        for number in range(rounds + 1):
            self._now += timedelta(minutes=30)
            found: list[Layer2Reading] = []

            async def read(found: list[Layer2Reading] = found) -> None:
                found += [await self._tables(n) for n in range(DEVICES)]

            spent = [_cpu(lambda: self._run(self._poll_all)), _cpu(lambda read=read: self._run(read)),  # type: ignore[misc]
                     _cpu(lambda found=found: [self._keep(n, one) for n, one in enumerate(found)])]  # type: ignore[misc]
            totals += np.array(spent) if number else 0
        poll, tables, keep = (totals / rounds / DEVICES).tolist()
        return poll, tables, keep

    async def _poll_all(self) -> None:
        for start in range(0, DEVICES, 30):
            await asyncio.gather(*(self._poll(n) for n in range(start, start + 30)))
        self._ingest.flush(time.time())

    def _run(self, work: Callable[[], Awaitable[None]]) -> None:
        async def wrapped() -> None:
            await work()

        self._loop.run_until_complete(wrapped())

    def stalls(self, seconds: float) -> tuple[np.ndarray, np.ndarray, float]:
        """Seconds of each poll of a small switch: alone, then beside the huge ones; and how long those took."""
        alone: list[float] = []
        beside: list[float] = []
        took: list[float] = []

        async def small(times: list[float], until: Callable[[], bool]) -> None:
            while not until():
                began = time.perf_counter()
                await self._poll(0)
                times.append(time.perf_counter() - began)
                await asyncio.sleep(0.01)

        async def huge() -> None:
            while sum(took) < seconds:
                began = time.perf_counter()
                self._now += timedelta(minutes=30)
                reading = await self._tables(DEVICES)
                await self._loop.run_in_executor(self._threads, self._keep, DEVICES, reading)
                took.append(time.perf_counter() - began)

        async def chassis(is_over: Callable[[], bool]) -> None:
            while not is_over():
                await self._poll(DEVICES + 1)
                await asyncio.sleep(0.1)

        async def together() -> None:
            ends = time.perf_counter() + seconds
            await small(alone, lambda: time.perf_counter() > ends)
            task = asyncio.create_task(huge())
            await asyncio.gather(task, chassis(task.done), small(beside, task.done))

        self._loop.run_until_complete(together())
        return np.array(alone), np.array(beside), sum(took) / len(took)

    def __enter__(self) -> School:
        return self

    def __exit__(self, *error: object) -> None:
        gc.unfreeze()
        self._threads.shutdown()
        self._poller.close()
        self._loop.close()
        self._store.close()
        self._database.close()


def _cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    print_results(run(arguments.quick), arguments.json)


if __name__ == "__main__":
    main()
