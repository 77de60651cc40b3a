"""Speed and use of the ports at both ends of an edge, from the live table. One look-up a port, no query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dashboards.services import Services
from dashboards.status import STALE_INTERVALS
from inventory import TopologyEdge

USUAL_INTERVAL_S = 300.0  # slower devices than this are rare; their figures may miss on the map, not on their page
_METRICS = ("if_speed_bits_per_second", "if_in_octets_total", "if_out_octets_total", "if_oper_up")


@dataclass(frozen=True, slots=True)
class PortFigures:
    """Bits a second; None is unknown. `is_up` None: nobody told."""

    speed: float | None = None
    rate_in: float | None = None
    rate_out: float | None = None
    is_up: bool | None = None

    @property
    def used(self) -> float | None:
        """The busier direction's share of the speed, 0..1."""
        rates = [rate for rate in (self.rate_in, self.rate_out) if rate is not None]
        return min(max(rates) / self.speed, 1.0) if rates and self.speed else None


UNKNOWN_PORT = PortFigures()


def measure_edges(services: Services, edges: Iterable[TopologyEdge], now: float) -> dict[tuple[int, str], PortFigures]:
    """(device, part) to figures for the ports of these edges that are measured."""
    wanted = {
        pair for edge in edges
        for pair in ((edge.upper_device_id, edge.upper_part), (edge.lower_device_id, edge.lower_part))
        if pair[0] is not None and pair[1]
    }
    found = {}
    for device_id, part in wanted:
        figures = _measure(services, device_id or 0, part, now)
        if figures != UNKNOWN_PORT:
            found[device_id or 0, part] = figures
    return found


def figures_of(edge: TopologyEdge, measured: Mapping[tuple[int, str], PortFigures]) -> PortFigures:
    """The figures of an edge: those of its upper port, else of its lower one with the directions turned."""
    upper = measured.get((edge.upper_device_id or 0, edge.upper_part))
    if upper is not None:
        return upper
    lower = measured.get((edge.lower_device_id or 0, edge.lower_part))
    return UNKNOWN_PORT if lower is None else PortFigures(lower.speed, lower.rate_out, lower.rate_in, lower.is_up)


def _measure(services: Services, device_id: int, part: str, now: float) -> PortFigures:
    registry, live = services.registry, services.live
    if registry is None or live is None:
        return UNKNOWN_PORT
    values: list[float | None] = []
    for metric in _METRICS:
        series = registry.find(device_id, part, metric)
        is_known = series is not None and series < len(live)
        value, at = (float(live.value[series]), float(live.at[series])) if is_known else (0.0, 0.0)
        is_fresh = at > 0 and value == value and now - at <= STALE_INTERVALS * USUAL_INTERVAL_S
        values.append(value if is_fresh else None)
    speed, octets_in, octets_out, oper = values
    bits = [None if octets is None else octets * 8 for octets in (octets_in, octets_out)]
    return PortFigures(speed or None, *bits, None if oper is None else oper >= 1)
