"""Opens the sample store that the settings name."""

from __future__ import annotations

from pathlib import Path

from telemetry.registry import SeriesRegistry
from telemetry.settings import TelemetrySettings
from telemetry.stores.embedded import DuckDBStore
from telemetry.stores.protocol import Store


def open_store(settings: TelemetrySettings, data_dir: Path, registry: SeriesRegistry) -> Store:
    """The store of the settings. `registry` gives names to series for the stores that keep names."""
    return STORES[settings.store](settings, data_dir, registry)


def _duckdb(settings: TelemetrySettings, data_dir: Path, _registry: SeriesRegistry) -> Store:
    return DuckDBStore(data_dir / "samples", settings)


STORES = {"duckdb": _duckdb}
