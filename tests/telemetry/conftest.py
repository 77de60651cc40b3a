"""What the tests of telemetry share: a registry, a store of each kind, and a clock in epoch seconds."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from core import Database
from telemetry import DuckDBStore, SeriesRegistry, TelemetrySettings


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
