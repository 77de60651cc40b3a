"""Figures about the alerts room itself, for /metrics."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

TICK_SECONDS = Histogram(
    "edunoc_alerts_tick_seconds", "Time one judging of all rules took, with folding and writing",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
LAST_TICK = Gauge("edunoc_alerts_last_tick_timestamp_seconds", "When the rules were last judged")
TICK_FAILURES = Counter("edunoc_alerts_tick_failures_total", "Judgings that failed and were tried again")
SERIES_BY_STATE = Gauge("edunoc_alerts_judged_series", "Rule and series pairs by state", ["state"])
OPEN_INCIDENTS = Gauge("edunoc_alerts_open_incidents", "Incidents that are open or acknowledged", ["severity"])
MESSAGES = Counter("edunoc_alerts_messages_total", "Attempts to hand over a message, by how they ended", ["state"])
WAITING_MESSAGES = Gauge("edunoc_alerts_waiting_messages", "Messages not yet handed over", ["state"])
TOPOLOGY_VERSION = Gauge("edunoc_alerts_topology_version", "Version of the sites' graphs that outages are folded along")
