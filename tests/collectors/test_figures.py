"""The worker's figures on /metrics."""

from prometheus_client import CollectorRegistry, generate_latest

from collectors import WorkerFigures


def test_figures_are_read_at_each_scrape() -> None:
    counts = {"ping_rounds": 1.0}
    registry = CollectorRegistry()
    registry.register(WorkerFigures(lambda: counts))
    assert b'edunoc_collecting{figure="ping_rounds"} 1.0' in generate_latest(registry)
    counts["ping_rounds"] = 2.0
    assert b'edunoc_collecting{figure="ping_rounds"} 2.0' in generate_latest(registry)
