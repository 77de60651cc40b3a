"""The worker's figures as prometheus-client reads them, for /metrics and the page about EduNOC itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client.core import GaugeMetricFamily, Metric


class WorkerFigures:
    """A collector over `Worker.figures`; register it once in a process.

    One family, `edunoc_collecting`, labelled by the figure's name: what the loops count differs by role.
    """

    def __init__(self, figures: Callable[[], Mapping[str, float]]) -> None:
        self._figures = figures

    def describe(self) -> list[Metric]:
        """Nothing to compare at registration: the names are known when there are figures."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The figures of this moment."""
        family = GaugeMetricFamily("edunoc_collecting", "Figures of ping, readings and checks", labels=["figure"])
        for name, value in sorted(self._figures().items()):
            family.add_metric([name], value)
        yield family
