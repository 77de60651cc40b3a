"""What the tests of telemetry share: a registry, a store of each kind, and a clock in epoch seconds."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from core import Database
from telemetry import DuckDBStore, SeriesKey, SeriesRegistry, TelemetrySettings


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


STORES = {
    "embedded": lambda tmp_path, settings, _registry: DuckDBStore(tmp_path / "samples", settings),
    "sealed": lambda tmp_path, settings, _registry: SealedStore(tmp_path / "samples", settings),
}


@pytest.fixture(params=["embedded", "sealed"])
def store(request: pytest.FixtureRequest, tmp_path: Path, settings: TelemetrySettings, named: SeriesRegistry):
    """Every kind of store; "sealed" is the embedded one, compacted after every write."""
    store = STORES[request.param](tmp_path, settings, named)
    yield store
    store.close()
