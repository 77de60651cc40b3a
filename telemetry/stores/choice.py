"""Opens the sample store that the settings name."""

from __future__ import annotations

from pathlib import Path

from core import GiveUp
from telemetry.registry import SeriesRegistry
from telemetry.settings import TelemetrySettings
from telemetry.stores.embedded import DuckDBStore
from telemetry.stores.influx import InfluxStore
from telemetry.stores.protocol import Store
from telemetry.stores.victoria import VictoriaStore


def open_store(settings: TelemetrySettings, data_dir: Path, registry: SeriesRegistry) -> Store:
    """The store of the settings. `registry` gives names to series for the stores that keep names."""
    return STORES[settings.store](settings, data_dir, registry)


def _duckdb(settings: TelemetrySettings, data_dir: Path, _registry: SeriesRegistry) -> Store:
    return DuckDBStore(data_dir / "samples", settings)


def _influx(settings: TelemetrySettings, _data_dir: Path, registry: SeriesRegistry) -> Store:
    return InfluxStore(_with_address(settings), registry)


def _victoria(settings: TelemetrySettings, _data_dir: Path, registry: SeriesRegistry) -> Store:
    return VictoriaStore(_with_address(settings), registry)


def _with_address(settings: TelemetrySettings) -> TelemetrySettings:
    if not settings.url.startswith(("http://", "https://")):
        raise GiveUp(
            "store_has_no_address",
            f"telemetry.store is {settings.store}, but telemetry.url is {settings.url!r}; "
            "write its address there, such as http://127.0.0.1:8428",
        )
    return settings


STORES = {"duckdb": _duckdb, "influx": _influx, "victoria": _victoria}
