"""EduNOC's own figures about samples for /metrics, by prometheus-client. Devices' values are the pages' business."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from telemetry.ingest import DROP_REASONS, Ingest
from telemetry.stores.protocol import Store

# name -> meaning; docs/telemetry.md lists them, a test compares
OWN_METRICS: Mapping[str, str] = {
    "edunoc_samples_total": "Readings submitted since start",
    "edunoc_samples_stored_total": "Samples handed to the store since start",
    "edunoc_samples_dropped_total": "Readings that gave no sample, by reason",
    "edunoc_batches_total": "Batches submitted since start",
    "edunoc_flushes_total": "Flushes since start",
    "edunoc_flush_seconds_total": "Time spent in flushes since start",
    "edunoc_samples_waiting": "Samples that wait in memory because the store cannot take them",
    "edunoc_store_ok": "1 when the last flush could store its samples",
    "edunoc_store_bytes": "Bytes that samples take on disk",
    "edunoc_series": "Series known",
    "edunoc_series_live": "Series whose present value is known",
}


class OwnFigures:
    """A prometheus-client collector over ingest and store; read at each scrape, so nothing is counted twice."""

    def __init__(self, ingest: Ingest, store: Store) -> None:
        self._ingest, self._store = ingest, store

    def collect(self) -> Iterator[Metric]:
        """The figures of this moment."""
        stats = self._ingest.stats
        counters = {
            "edunoc_samples_total": stats.samples, "edunoc_samples_stored_total": stats.stored,
            "edunoc_batches_total": stats.batches, "edunoc_flushes_total": stats.flushes,
            "edunoc_flush_seconds_total": stats.flush_seconds,
        }  # fmt: skip
        for name, value in counters.items():
            yield CounterMetricFamily(name, OWN_METRICS[name], value=value)
        dropped = CounterMetricFamily(
            "edunoc_samples_dropped_total", OWN_METRICS["edunoc_samples_dropped_total"], labels=["reason"]
        )
        for reason in DROP_REASONS:
            dropped.add_metric([reason], stats.dropped[reason])
        yield dropped
        gauges = {
            "edunoc_samples_waiting": stats.waiting, "edunoc_store_ok": 0 if stats.trouble else 1,
            "edunoc_store_bytes": self._store.size_bytes(), "edunoc_series": len(self._ingest.registry),
            "edunoc_series_live": int(np.count_nonzero(np.isfinite(self._ingest.live.value))),
        }  # fmt: skip
        for name, value in gauges.items():
            yield GaugeMetricFamily(name, OWN_METRICS[name], value=value)


def own_registry(ingest: Ingest, store: Store) -> CollectorRegistry:
    """A prometheus-client registry with EduNOC's own figures; other rooms may register theirs in it."""
    registry = CollectorRegistry()
    registry.register(OwnFigures(ingest, store))
    return registry


def own_exposition(registry: CollectorRegistry) -> bytes:
    """Prometheus text of EduNOC itself."""
    return generate_latest(registry)
