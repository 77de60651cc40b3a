"""The charts of a device: which series, under which label and unit. Pure; dashboards.charting reads their samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core import LazyText
from core import lazy_gettext as _l
from dashboards.charting import Line
from dashboards.pages.devices.ports import Panel
from dashboards.pages.devices.reading import Reading

MOST_LINES = 40  # eight are drawn, the rest stands in the table
PORTS_DRAWN = 4  # in and out each: eight lines


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
    return [
        replace(chart, lines=[replace(line, unit=chart.unit) for line in chart.lines])
        for chart in charts if chart.lines
    ]


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
