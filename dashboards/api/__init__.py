"""The JSON API, InfluxDB's write door and /metrics. BLUEPRINTS lists them all."""

from dashboards.api import (
    document,
    heartbeats,
    incidents,
    jitsi,
    jobs,
    meetings,
    metrics,
    projectors,
    records,
    series,
    write,
)

BLUEPRINTS = (
    *records.BLUEPRINTS,
    series.blueprint,
    incidents.blueprint,
    heartbeats.blueprint,
    jobs.blueprint,
    jitsi.blueprint,
    meetings.blueprint,
    projectors.blueprint,
    write.blueprint,
    metrics.blueprint,
    document.blueprint,
)
describe = document.describe

__all__ = ["BLUEPRINTS", "describe"]
