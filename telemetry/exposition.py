"""What /metrics shows: EduNOC's own figures by prometheus-client, and devices' live values as OpenMetrics text.

Formats: https://prometheus.io/docs/specs/om/open_metrics_spec/ - a counter's live value is its rate, so it is exposed
as a gauge named ..._per_second.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from telemetry.ingest import DROP_REASONS, Ingest
from telemetry.live import LiveTable
from telemetry.metrics import METRIC_BY_ID
from telemetry.registry import SeriesRegistry
from telemetry.stores.protocol import Store

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
STALE_AFTER_S = 1800.0

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


def device_exposition(
    registry: SeriesRegistry, live: LiveTable, device_ids: Iterable[int], now: float | None = None
) -> str:
    """OpenMetrics text of some devices' live values; unknown ones are left out, never shown as 0.

    With `now` (epoch seconds), values older than half an hour are left out as well.
    """
    found = [registry.of_device(device) for device in device_ids]
    series = np.concatenate(found) if found else np.empty(0, np.int32)
    series = series[series < len(live)]
    value, at = live.value[series], live.at[series]
    shown = np.isfinite(value) & (at >= (0.0 if now is None else now - STALE_AFTER_S))
    series, value, at = series[shown], value[shown], at[shown]
    lines: dict[int, list[str]] = defaultdict(list)
    names: dict[int, str] = {}
    parts = registry.part_names
    columns = (registry.metric[series], registry.device[series], registry.part[series], value, at)
    for metric, device, part, number, when in zip(*(column.tolist() for column in columns), strict=True):
        if metric not in names:
            names[metric] = exposed_name(registry, metric)
        label = f'device="{device}"' + (f',part="{_escape(parts[part])}"' if parts[part] else "")
        lines[metric].append(f"{names[metric]}{{{label}}} {number!r} {when:.3f}\n")
    text = []
    for metric in sorted(lines):
        known = METRIC_BY_ID.get(metric)
        text.append(f"# TYPE {names[metric]} gauge\n")
        if known is not None:
            text.append(f"# HELP {names[metric]} {_escape(known.meaning)}\n")
        text.extend(lines[metric])
    text.append("# EOF\n")
    return "".join(text)


def exposed_name(registry: SeriesRegistry, metric: int) -> str:
    """The name under which a metric's live values are exposed."""
    name = registry.metric_name(metric)
    known = METRIC_BY_ID.get(metric)
    if known is not None and known.kind == "counter":
        return f"edunoc_{name.removesuffix('_total')}_per_second"
    return f"edunoc_{name}"


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
