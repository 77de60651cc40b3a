"""/metrics in Prometheus' text format: EduNOC itself, and on request the newest values of a site or device."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from flask import Blueprint, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest

from core import Permission, Scope, Session
from dashboards.access import needs
from dashboards.gate import services
from dashboards.services import Services
from inventory import Device, ListQuery, Site, get_record, list_records
from telemetry import METRICS, own_exposition, own_registry

blueprint = Blueprint("metrics", __name__)
STALE_S = 900.0  # older values are left out: Prometheus would store them as new
PAGE = 500


@blueprint.get("/metrics")
@needs(Permission.READ_METRICS, is_open_to_networks=True)
def own() -> Response:
    """EduNOC itself; with `site` or `device` (a number) what is measured there."""
    if not request.args:
        return Response(_own(services()), content_type=CONTENT_TYPE_LATEST)
    if request.args.get("device", "").isdecimal():
        devices = [get_record(g.session, g.scope, Device, int(request.args["device"]))]
    elif request.args.get("site", "").isdecimal():
        site = get_record(g.session, g.scope, Site, int(request.args["site"]))
        devices = list(_devices_of(g.session, g.scope, site.id))
    else:
        return Response(
            "ask with ?device=NUMBER or ?site=NUMBER\n", status=400, content_type="text/plain; charset=utf-8"
        )
    text = "".join(exposition(services(), devices))
    return Response(text, content_type=CONTENT_TYPE_LATEST)


def _own(parts: Services) -> bytes:
    """The process, alerts and collecting (all in the default registry), and samples where they are kept here."""
    text = generate_latest(REGISTRY)
    if parts.ingest is not None and parts.store is not None:
        text += own_exposition(own_registry(parts.ingest, parts.store))
    return text


def _devices_of(session: Session, scope: Scope, site_id: int) -> Iterator[Device]:
    page = 1
    while True:
        found = list_records(session, scope, Device, ListQuery(filters={"site_id": site_id}, page=page, page_size=PAGE))
        yield from found.rows
        if page >= found.pages:
            return
        page += 1


def exposition(parts: Services, devices: Iterable[Device]) -> Iterator[str]:
    """The newest values of these devices, grouped by metric as the format wants it. Counters give their total."""
    if parts.registry is None or parts.live is None:
        return
    registry, live = parts.registry, parts.live
    now = parts.clock().timestamp()
    lines: dict[str, list[str]] = {}
    for device in devices:
        labels = f'device_id="{device.id}",device="{_escape(device.name)}",site_id="{device.site_id}"'
        series = registry.of_device(device.id)
        series = series[series < len(live)]
        fresh = series[(now - live.at[series] <= STALE_S) & (live.at[series] > 0)]
        for number in fresh.tolist():
            name = registry.describe(number)
            metric = METRICS.get(name.metric)
            is_counter = metric is not None and metric.kind == "counter"
            value = live.counter[number] if is_counter else live.value[number]
            if np.isfinite(value):
                part = f',part="{_escape(name.part)}"' if name.part else ""
                lines.setdefault(name.metric, []).append(
                    f"edunoc_{name.metric}{{{labels}{part}}} {float(value):.10g}\n"
                )
    for name, rows in sorted(lines.items()):
        metric = METRICS.get(name)
        kind = "counter" if metric is not None and metric.kind == "counter" else "gauge"
        yield f"# HELP edunoc_{name} {_escape(metric.meaning if metric else name)}\n# TYPE edunoc_{name} {kind}\n"
        yield from rows


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
