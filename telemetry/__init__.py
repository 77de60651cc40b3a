"""Samples and events: series, live table, stores, line protocol, roll-ups. Knows no protocol of any device."""

from telemetry.batch import Batch, make_batch
from telemetry.exposition import OWN_METRICS, own_exposition, own_registry
from telemetry.ingest import DROP_REASONS, Flushed, Ingest, IngestStats
from telemetry.keeping import keep_samples
from telemetry.lines import WriteReport, write_lines
from telemetry.live import LiveTable
from telemetry.metrics import METRIC_BY_ID, METRICS, Metric
from telemetry.models import Event
from telemetry.rates import significant
from telemetry.registry import SeriesKey, SeriesName, SeriesRegistry, UnknownMetricError
from telemetry.settings import TelemetrySettings
from telemetry.store import EventFilter, NewEvent, count_events, events, prune_events, record_event, record_events
from telemetry.stores.choice import open_store
from telemetry.stores.embedded import DuckDBStore
from telemetry.stores.protocol import Compaction, Store, Window

__all__ = [
    "DROP_REASONS", "METRICS", "METRIC_BY_ID", "OWN_METRICS", "Batch", "Compaction", "DuckDBStore",
    "Event", "EventFilter", "Flushed", "Ingest", "IngestStats", "LiveTable", "Metric", "NewEvent", "SeriesKey",
    "SeriesName", "SeriesRegistry", "Store", "TelemetrySettings", "UnknownMetricError", "Window", "WriteReport",
    "count_events", "events", "keep_samples", "make_batch", "open_store", "own_exposition",
    "own_registry", "prune_events", "record_event", "record_events", "significant", "write_lines",
]  # fmt: skip
