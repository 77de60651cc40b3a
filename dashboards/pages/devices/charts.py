"""The charts of a device: which series, under which label and unit; and their samples as the script wants them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from alerts import Incident
from core import LazyText, TryLater
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.api.lines import step_for, with_gaps
from dashboards.pages.devices.ports import Panel
from dashboards.pages.devices.reading import Reading
from dashboards.pages.devices.verdict import title_of
from telemetry import Store

MOST_LINES = 40  # eight are drawn, the rest stands in the table
PORTS_DRAWN = 4  # in and out each: eight lines
LONGEST_MS = 400 * 86_400_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart: the stored value times `scale`."""

    series: int
    label: str
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart of the page; `name` is its word in the address."""

    name: str
    title: LazyText
    unit: str
    lines: Sequence[Line]
    is_from_zero: bool = True


def charts_of(reading: Reading, panel: Panel, part_names: Mapping[str, str], chosen: Sequence[str]) -> list[Chart]:
    """The charts that this device has something for."""
    charts = [
        Chart("traffic", _l("Traffic"), "bit/s", _traffic(reading, panel, chosen)),
        Chart("rtt", _l("Ping time"), "seconds", _whole(reading, ("ping_rtt_seconds", "ping_jitter_seconds"))),
        Chart("loss", _l("Ping loss"), "ratio", _whole(reading, ("ping_loss_ratio",))),
        Chart("cpu", _l("Processor"), "ratio", _parts(reading, "cpu_used_ratio", part_names)),
        Chart("memory", _l("Memory"), "ratio", _parts(reading, "memory_used_ratio", part_names)),
        Chart("storage", _l("Storage"), "ratio", _parts(reading, "storage_used_ratio", part_names)),
        Chart("temperature", _l("Temperature"), "celsius", _parts(reading, "temperature_celsius", part_names), False),
        Chart(
            "ups",
            _l("Battery and load"),
            "ratio",
            _parts(reading, "ups_charge_ratio", part_names) + _parts(reading, "ups_load_ratio", part_names),
        ),
        Chart("clients", _l("Wi-Fi clients"), "", _parts(reading, "wifi_clients", part_names)),
        Chart("errors", _l("Errors and discards"), "", _errors(reading, panel, chosen)),
    ]
    return [chart for chart in charts if chart.lines]


_LABELS = {
    "ping_rtt_seconds": _l("Round trip"),
    "ping_jitter_seconds": _l("Jitter"),
    "ping_loss_ratio": _l("Loss"),
    "cpu_used_ratio": _l("Processor"),
    "memory_used_ratio": _l("Memory"),
    "storage_used_ratio": _l("Storage"),
    "temperature_celsius": _l("Temperature"),
    "ups_charge_ratio": _l("Charge"),
    "ups_load_ratio": _l("Load"),
    "wifi_clients": _l("Clients"),
}


def _whole(reading: Reading, metrics: Sequence[str]) -> list[Line]:
    return [
        Line(reading.series["", metric], str(_LABELS[metric])) for metric in metrics if ("", metric) in reading.series
    ]


def _parts(reading: Reading, metric: str, part_names: Mapping[str, str]) -> list[Line]:
    lines = []
    for (part, name), series in sorted(reading.series.items()):
        if name == metric:
            shown = part_names.get(part) or part.partition(":")[2]
            label = (
                f"{shown} · {_LABELS[metric]}" if shown and metric.startswith("ups") else shown or str(_LABELS[metric])
            )
            lines.append(Line(series, label))
    return lines[:MOST_LINES]


def chosen_ports(panel: Panel, chosen: Sequence[str]) -> list[str]:
    """The ports to draw: those asked for, else the busiest."""
    known = {port.key for port in panel.ports}
    asked = [key for key in dict.fromkeys(chosen) if key in known]
    return asked[: MOST_LINES // 2] or [port.key for port in panel.busiest(PORTS_DRAWN)]


def _traffic(reading: Reading, panel: Panel, chosen: Sequence[str]) -> list[Line]:
    lines = []
    for key in chosen_ports(panel, chosen):
        port = panel.find(key)
        for metric, text in (("if_in_octets_total", _l("in")), ("if_out_octets_total", _l("out"))):
            series = reading.series.get((key, metric))
            if series is not None and port is not None:
                lines.append(Line(series, f"{port.name} {text}", 8.0))
    return lines


def _errors(reading: Reading, panel: Panel, chosen: Sequence[str]) -> list[Line]:
    metrics = {
        "if_in_errors_total": _l("errors in"),
        "if_out_errors_total": _l("errors out"),
        "if_in_discards_total": _l("discards in"),
        "if_out_discards_total": _l("discards out"),
    }
    if not chosen:
        return []
    lines = []
    for key in chosen_ports(panel, chosen):
        port = panel.find(key)
        for metric, text in metrics.items():
            series = reading.series.get((key, metric))
            if series is not None and port is not None:
                lines.append(Line(series, f"{port.name} {text}"))
    return lines


@dataclass(frozen=True, slots=True)
class Span:
    """What a chart asks for: epoch milliseconds, and how many points it has room for."""

    start_ms: int
    end_ms: int
    points: int


def read_span(args: Mapping[str, str], now: datetime) -> Span:
    """The span of a chart's address; what makes no sense becomes the last day."""
    end = _whole_number(args.get("to"), int(now.timestamp() * 1000))
    start = _whole_number(args.get("from"), end - 86_400_000)
    if not 0 < end - start <= LONGEST_MS:
        start = end - 86_400_000
    return Span(start, end, min(max(_whole_number(args.get("points"), 600), 50), 2000))


def _whole_number(word: str | None, default: int) -> int:
    return int(word) if word and word.isdecimal() and len(word) < 15 else default


def samples(store: Store | None, lines: Sequence[Line], span: Span) -> dict[str, Any]:
    """{from, to, series: [{id, label, ts, mean}]}: a null stands in each gap. A store that is away gives no samples."""
    empty = {"from": span.start_ms, "to": span.end_ms, "series": []}
    if store is None or not lines:
        return empty
    step = step_for(span.end_ms - span.start_ms, span.points)
    try:
        window = store.window([line.series for line in lines], span.start_ms, span.end_ms, step)
    except TryLater as trouble:
        return {**empty, "trouble": trouble.reason}
    drawn = []
    for line in lines:
        own = window.of(line.series)
        ts, (mean,) = with_gaps(own.ts_ms, step, own.mean * line.scale)
        drawn.append({"id": line.series, "label": line.label, "ts": ts, "mean": mean})
    return {**empty, "series": drawn}


def marks_of(incidents: Sequence[Incident], language: str) -> list[dict[str, Any]]:
    """Incidents as the chart script marks them."""
    return [
        {
            "from": int(one.started_at.timestamp() * 1000),
            "label": _("#%(id)s %(title)s", id=one.id, title=title_of(one, language)),
            "to": int(one.closed_at.timestamp() * 1000) if one.closed_at else None,
        }
        for one in incidents
    ]


def span_times(span: Span) -> tuple[datetime, datetime]:
    """Begin and end as moments."""
    return datetime.fromtimestamp(span.start_ms / 1000, UTC), datetime.fromtimestamp(span.end_ms / 1000, UTC)
