"""A worker with real parts: database, vault, registry, a real snmpd; only the sample store is a list."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pytest

from collectors import CollectorSettings, Options, Worker
from core import Database, Secret, Vault
from inventory import Device, Site, Unit, create_credential, touch_inventory
from telemetry import Batch, SeriesRegistry

FAST = {
    "ping_interval_s": 1.0,
    "ping_timeout_s": 0.2,
    "ping_quick_packets": 1,
    "reload_s": 0.2,
    "save_states_s": 1.0,
}


class Sink:
    """Stands where ingest does: keeps every batch, and tells the newest value of a metric of a device."""

    def __init__(self, registry: SeriesRegistry) -> None:
        self.registry = registry
        self.batches: list[Batch] = []
        self._lock = threading.Lock()

    def submit(self, batch: Batch) -> bool:
        with self._lock:
            self.batches.append(batch)
        return True

    def value(self, device_id: int, metric: str, part: str | None = None) -> float | None:
        wanted = set()
        for series in self.registry.of_device(device_id):
            name = self.registry.describe(int(series))
            if name.metric == metric and part in (None, name.part):
                wanted.add(int(series))
        with self._lock:
            for batch in reversed(self.batches):
                for series, value in zip(batch.series, batch.value, strict=True):
                    if int(series) in wanted:
                        return float(value)
        return None


@pytest.fixture
def registry(database: Database) -> SeriesRegistry:
    registry = SeriesRegistry(database)
    registry.load()
    return registry


@pytest.fixture
def sink(registry: SeriesRegistry) -> Sink:
    return Sink(registry)


@pytest.fixture
def site_id(database: Database) -> int:
    with database.session() as session:
        unit = Unit(name="Sở Giáo dục", kind="department", code="SO", path="/1/")
        session.add(unit)
        session.flush()
        site = Site(unit_id=unit.id, name="THPT Lê Lợi", code="LL")
        session.add(site)
        session.flush()
        return site.id


@pytest.fixture
def credential_id(database: Database, vault: Vault) -> int:
    with database.session() as session:
        form = {"name": "schools", "kind": "snmp_v2c", "community": Secret("school")}
        return create_credential(session, vault, form).id


@pytest.fixture
def add_device(database: Database, site_id: int) -> Callable[..., int]:
    def add(name: str, address: str, **values) -> int:
        with database.session() as session:
            defaults = {"interval_s": 2, "timeout_s": 0.3, "retries": 0}
            device = Device(site_id=site_id, name=name, address=address, **{**defaults, **values})
            session.add(device)
            session.flush()
            touch_inventory(session)
            return device.id

    return add


@pytest.fixture
async def start(
    database: Database, vault: Vault, registry: SeriesRegistry, sink: Sink
) -> AsyncIterator[Callable[..., Worker]]:
    """Run a worker until the test ends; then it must stop by itself."""
    running: list[asyncio.Task] = []

    def begin(options: Options = Options(), **settings) -> Worker:
        own = CollectorSettings(**{**FAST, **settings})
        worker = Worker(database, vault, registry, sink, own, lambda: datetime.now(UTC)).choose(options)
        running.append(asyncio.create_task(worker.run()))
        return worker

    yield begin
    for task in running:
        task.cancel()
    done, late = await asyncio.wait(running, timeout=20.0) if running else (set(), set())
    assert not late
    for task in done:
        assert task.cancelled() or task.exception() is None, task.exception()
