"""Measurements in the API: which series there are, their newest values, and windows of them for charts."""

from __future__ import annotations

from typing import Any

import numpy as np
from apiflask import APIBlueprint
from flask import abort, g
from pydantic import BaseModel, Field

from core import Permission
from core import gettext as _
from dashboards.access import needs
from dashboards.api.shapes import LiveShape, SeriesShape, WindowShape
from dashboards.charting import LONGEST_MS, Line, Span, chart_answer, marks_of, span_times
from dashboards.gate import services
from dashboards.language import from_epoch
from dashboards.services import Services
from dashboards.store import incidents_between
from inventory import Device, get_record, names_of, parts_of
from telemetry import METRICS

blueprint = APIBlueprint(
    "api_series",
    __name__,
    url_prefix="/api/v1",
    tag={"name": "series", "description": "Measurements: what there is, the newest values, windows for charts."},
)
MAX_SERIES = 64
_PREFIX = {"interface": "if"}  # how a kind of part begins its series' part


class WindowQuery(BaseModel):
    """Which series, and when. Either `series`, or `device` with `metric` and perhaps `part`."""

    series: str = Field("", max_length=1000, description="Series numbers, separated by commas")
    device: int | None = Field(None, ge=1, description="A device, together with `metric`")
    metric: str = Field("", max_length=1000, description="Names of metrics, separated by commas")
    part: str | None = Field(
        None, max_length=1000, description="Parts, separated by commas; left out: all parts of the metrics"
    )
    start: int | None = Field(
        None, alias="from", ge=0, description="Epoch milliseconds; left out: 24 hours before the end"
    )
    end: int | None = Field(None, alias="to", ge=0, description="Epoch milliseconds; left out: now")
    points: int = Field(600, ge=10, le=5000, description="About how many points a line shall have")
    bounds: bool = Field(True, description="With the smallest and largest value of each bucket")
    bits: bool = Field(False, description="Give bytes a second as bits a second")


class MetricQuery(BaseModel):
    """Which metrics of a device."""

    metric: str = Field("", max_length=1000, description="Names of metrics, separated by commas; left out: all")


@blueprint.get("/devices/<int:device_id>/series")
@needs(Permission.VIEW)
@blueprint.output(list[SeriesShape])
@blueprint.doc(summary="List the series of a device", responses=[401, 403, 404])
def of_device(device_id: int) -> Any:
    """Every series of a device, by part and metric."""
    get_record(g.session, g.scope, Device, device_id)
    registry = _measured().registry
    return [_series_shape(int(number)) for number in registry.of_device(device_id)]


@blueprint.get("/devices/<int:device_id>/live")
@needs(Permission.VIEW)
@blueprint.input(MetricQuery, location="query", arg_name="query")
@blueprint.output(list[LiveShape])
@blueprint.doc(summary="Read the newest values of a device", responses=[401, 403, 404])
def live(device_id: int, query: MetricQuery) -> Any:
    """The newest values; a series that never had one has nulls."""
    get_record(g.session, g.scope, Device, device_id)
    parts, wanted = _measured(), set(_words(query.metric))
    shapes = []
    for number in parts.registry.of_device(device_id).tolist():
        shape = _series_shape(number)
        if wanted and shape["metric"] not in wanted:
            continue
        value = float(parts.live.value[number]) if number < len(parts.live) else float("nan")
        at = from_epoch(float(parts.live.at[number])) if number < len(parts.live) else None
        known = {name: shape[name] for name in ("series", "part", "metric", "unit")}
        shapes.append({**known, "value": value if np.isfinite(value) else None, "at": at})
    return shapes


@blueprint.get("/window")
@needs(Permission.VIEW)
@blueprint.input(WindowQuery, location="query", arg_name="query")
@blueprint.output(WindowShape)
@blueprint.doc(summary="Read series over a time, for a chart", responses=[400, 401, 403, 404])
def window(query: WindowQuery) -> Any:
    """At most 64 series, in buckets that suit the asked number of points."""
    end = query.end or int(services().clock().timestamp() * 1000)
    start = query.start if query.start is not None else end - 86_400_000
    if not 0 < end - start <= LONGEST_MS:
        abort(400, _("The time asked for must end after it begins and span at most five years."))
    numbers = _chosen(query)
    span = Span(start, end, query.points, query.bounds)
    registry = _measured().registry
    devices = {registry.describe(number).device for number in numbers}
    marks = marks_of(incidents_between(g.session, sorted(devices), *span_times(span)), g.language)
    return chart_answer(services(), _lines(numbers, query.bits), span, marks)


def _measured() -> Services:
    """The measuring parts. Where they do not run, the answer says so."""
    parts = services()
    if parts.registry is None or parts.live is None or parts.store is None:
        abort(503, _("No measurements here: this process serves pages only."))
    return parts


def _words(text: str) -> list[str]:
    return [word for word in (part.strip() for part in text.split(",")) if word]


def _chosen(query: WindowQuery) -> list[int]:
    """The series that the query names, all of devices in the scope."""
    registry = _measured().registry
    if query.device is not None:
        get_record(g.session, g.scope, Device, query.device)
        numbers = _by_name(query)
    else:
        words = _words(query.series)
        if not all(word.isdecimal() and len(word) < 10 for word in words):
            abort(400, _("Series are numbers, separated by commas."))
        numbers = [int(word) for word in words]
    numbers = list(dict.fromkeys(numbers))[:MAX_SERIES]
    names = [registry.describe(number) for number in numbers]
    if any(name is None for name in names):
        abort(404)
    for device_id in {name.device for name in names}:
        get_record(g.session, g.scope, Device, device_id)
    return numbers


def _by_name(query: WindowQuery) -> list[int]:
    registry = _measured().registry
    metrics = _words(query.metric)
    if not metrics:
        abort(400, _("Name the metrics of the device."))
    if query.part is not None:
        keys = [(part, metric) for part in query.part.split(",") for metric in metrics]
        found = (registry.find(query.device, part.strip(), metric) for part, metric in keys)
        return [number for number in found if number is not None]
    wanted = {metric: place for place, metric in enumerate(metrics)}
    names = [(int(number), registry.describe(int(number))) for number in registry.of_device(query.device)]
    chosen = [(wanted[name.metric], name.part, number) for number, name in names if name and name.metric in wanted]
    return [number for _place, _part, number in sorted(chosen)]


def _series_shape(number: int) -> dict[str, Any]:
    name = _measured().registry.describe(number)
    metric = METRICS.get(name.metric)
    return {
        "series": number,
        "device_id": name.device,
        "part": name.part,
        "metric": name.metric,
        "unit": metric.stored_unit if metric else "",
        "meaning": metric.label if metric else name.metric,
    }


def _labels(numbers: list[int]) -> dict[int, str]:
    """What to call each line: what differs between them, in words."""
    shapes = {number: _series_shape(number) for number in numbers}
    devices = {shape["device_id"] for shape in shapes.values()}
    device_names = names_of(g.session, Device, devices) if len(devices) > 1 else {}
    parts = {
        (device_id, f"{_PREFIX.get(part.kind, part.kind)}:{part.key}"): part.alias or part.name
        for device_id in devices
        for part in parts_of(g.session, g.scope, device_id, with_vanished=True)
    }
    is_one_metric = len({shape["metric"] for shape in shapes.values()}) == 1
    labels = {}
    for number, shape in shapes.items():
        part = parts.get((shape["device_id"], shape["part"])) or shape["part"].partition(":")[2] or shape["part"]
        words = [device_names.get(shape["device_id"], ""), part, "" if is_one_metric and part else shape["meaning"]]
        labels[number] = " · ".join(word for word in words if word)
    return labels


def _lines(numbers: list[int], is_bits: bool) -> list[Line]:
    labels, lines = _labels(numbers), []
    for number in numbers:
        unit = _series_shape(number)["unit"]
        scale, unit = (8.0, "bit/s") if is_bits and unit == "bytes/s" else (1.0, unit)
        lines.append(Line(number, labels[number], scale, unit))
    return lines
