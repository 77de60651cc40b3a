"""What the tests of telemetry share: a registry, a store of each kind, and a clock in epoch seconds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.victoria import running_victoria
from core import Database
from telemetry import DuckDBStore, SeriesKey, SeriesRegistry, Store, TelemetrySettings, open_store
from tests.telemetry.fake_influx import running_influx


@pytest.fixture
def registry(database: Database) -> SeriesRegistry:
    """An empty registry on the test's database."""
    registry = SeriesRegistry(database)
    registry.load()
    return registry


@pytest.fixture
def epoch(now: datetime) -> float:
    """The test's `now` in epoch seconds."""
    return now.timestamp()


@pytest.fixture
def settings() -> TelemetrySettings:
    """Settings with little memory and no spare disk space."""
    return TelemetrySettings(memory_mb=128, min_free_mb=0)


@pytest.fixture
def embedded(tmp_path: Path, settings: TelemetrySettings):
    """An empty embedded store."""
    store = DuckDBStore(tmp_path / "samples", settings)
    yield store
    store.close()


HOSTILE_PARTS = ('if:"x" y,z=1', "if:back\\slash\\", "sensor:Nhiệt độ phòng máy", "if:{a}|b.*", "if:a\tb'c\nd")


@pytest.fixture
def named(registry: SeriesRegistry) -> SeriesRegistry:
    """A registry with 310 series: device 1 has 300 parts, device 2 parts with hostile names."""
    registry.resolve(1, [SeriesKey(f"sensor:{i}", "temperature_celsius") for i in range(300)])
    registry.resolve(2, [SeriesKey(part, "temperature_celsius") for part in HOSTILE_PARTS])
    return registry


class SealedStore(DuckDBStore):
    """The embedded store with everything in files at once."""

    def flush(self) -> None:
        self.compact(datetime(2026, 11, 23, tzinfo=UTC), is_whole=True)


@contextmanager
def open_kind(kind: str, tmp_path: Path, settings: TelemetrySettings, registry: SeriesRegistry) -> Iterator[Store]:
    """A store of one kind with whatever it needs, the real thing except for the marked fake of InfluxDB."""
    if kind == "fake-influx":
        with running_influx() as server:
            reach = TelemetrySettings(store="influx", url=server.url, token=server.token)
            store = open_store(reach, tmp_path, registry)
            yield store
            store.close()
    elif kind == "victoria":
        with running_victoria(tmp_path / "victoria") as victoria:
            store = open_store(TelemetrySettings(store="victoria", url=victoria.url), tmp_path, registry)
            yield store
            store.close()
    else:
        store = (SealedStore if kind == "sealed" else DuckDBStore)(tmp_path / "samples", settings)
        yield store
        store.close()


@pytest.fixture(params=["embedded", "sealed", "victoria", "fake-influx"])
def store(request: pytest.FixtureRequest, tmp_path: Path, settings: TelemetrySettings, named: SeriesRegistry):
    """Every kind of store; "sealed" is the embedded one, compacted after every write."""
    with open_kind(request.param, tmp_path, settings, named) as store:
        yield store
