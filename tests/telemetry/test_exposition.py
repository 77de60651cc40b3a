"""/metrics: text that a real parser reads, unknown values left out, hostile names escaped."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families as parse_prometheus

from telemetry import (
    DROP_REASONS,
    OWN_METRICS,
    DuckDBStore,
    Ingest,
    LiveTable,
    SeriesKey,
    SeriesRegistry,
    make_batch,
    own_exposition,
    own_registry,
)


@pytest.fixture
def ingest(registry: SeriesRegistry, embedded: DuckDBStore, epoch: float) -> Ingest:
    ids = registry.resolve(4, [
        SeriesKey("", "cpu_used_ratio"), SeriesKey('if:"a\\b" {x}', "if_in_octets_total"), SeriesKey("", "load1"),
    ])  # fmt: skip
    ingest = Ingest(LiveTable(), registry, embedded)
    for i in range(2):
        ingest.submit(make_batch(ids[:2], [0.25, 6000 * i], epoch + 60 * i))
        ingest.flush(epoch + 60 * i)
    return ingest


def test_own_figures(ingest: Ingest, embedded: DuckDBStore):
    families = {f.name: f for f in parse_prometheus(own_exposition(own_registry(ingest, embedded)).decode())}
    assert {name.removesuffix("_total") for name in OWN_METRICS} == set(families)
    dropped = {s.labels["reason"]: s.value for s in families["edunoc_samples_dropped"].samples}
    assert set(dropped) == set(DROP_REASONS) and dropped["first_reading"] == 1
    assert families["edunoc_samples"].samples[0].value == 4
    assert families["edunoc_series"].samples[0].value == 3
    assert families["edunoc_series_live"].samples[0].value == 2
    assert families["edunoc_store_ok"].samples[0].value == 1
