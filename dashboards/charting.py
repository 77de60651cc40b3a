"""The data of charts, for the API and for every page alike: one shape (api/shapes.py, WindowShape), made here alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from flask import Response, abort, current_app

from alerts import Incident
from core import TryLater
from core import gettext as _
from dashboards.lines import step_for, with_gaps
from dashboards.services import Services
from telemetry import Window

LONGEST_MS = 5 * 366 * 86_400_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart: the stored value times `scale`, in `unit`."""

    series: int
    label: str
    scale: float = 1.0
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """What a chart asks for: epoch milliseconds, how many points it has room for, and whether it wants the smallest
    and largest value of each bucket beside the mean."""

    start_ms: int
    end_ms: int
    points: int
    has_bounds: bool = True


def read_span(args: Mapping[str, str], now: datetime) -> Span:
    """The span of a chart's address; what makes no sense becomes the last day."""
    end = _whole_number(args.get("to"), int(now.timestamp() * 1000))
    start = _whole_number(args.get("from"), end - 86_400_000)
    if not 0 < end - start <= LONGEST_MS:
        start = end - 86_400_000
    points = min(max(_whole_number(args.get("points"), 600), 50), 2000)
    return Span(start, end, points, args.get("bounds") not in ("false", "0"))


def _whole_number(word: str | None, default: int) -> int:
    return int(word) if word and word.isdecimal() and len(word) < 15 else default


def span_times(span: Span) -> tuple[datetime, datetime]:
    """Begin and end as moments."""
    return datetime.fromtimestamp(span.start_ms / 1000, UTC), datetime.fromtimestamp(span.end_ms / 1000, UTC)


def chart_answer(parts: Services, lines: Sequence[Line], span: Span, markers: Sequence[dict[str, Any]]) -> Response:
    """The answer to a chart. 503 in words where nothing is measured, or where the store does not answer now."""
    if parts.registry is None or parts.store is None:
        abort(503, _("No measurements here: this process serves pages only."))
    step = step_for(span.end_ms - span.start_ms, span.points)
    try:
        found = parts.store.window([line.series for line in lines], span.start_ms, span.end_ms, step)
    except TryLater:
        abort(503, _("The stored measurements cannot be read just now. Try again in a minute."))
    body = {
        "from": span.start_ms,
        "to": span.end_ms,
        "step_ms": step,
        "tier": found.tier,
        "series": [_line(parts, line, found.of(line.series), step, span.has_bounds) for line in lines],
        "markers": list(markers),
    }
    # Built by hand: checking some ten thousand numbers once more would take longer than reading them
    return current_app.json.response(body)


def _line(parts: Services, line: Line, found: Window, step: int | None, has_bounds: bool) -> dict[str, Any]:
    wanted = (found.mean, found.min, found.max) if has_bounds else (found.mean,)
    times, columns = with_gaps(found.ts_ms, step, *(np.multiply(column, line.scale) for column in wanted))
    name = parts.registry.describe(line.series)
    return {
        "series": line.series,
        "device_id": name.device,
        "part": name.part,
        "metric": name.metric,
        "label": line.label,
        "unit": line.unit,
        "ts": times,
        "mean": columns[0],
        "min": columns[1] if has_bounds else [],
        "max": columns[2] if has_bounds else [],
    }


def marks_of(incidents: Sequence[Incident], language: str) -> list[dict[str, Any]]:
    """Incidents as charts mark them: until the trouble was gone, not until the paper was closed."""
    return [_mark(one, one.returned_at or one.closed_at, one.titles or {}, language) for one in incidents]


def _mark(incident: Incident, end: datetime | None, titles: Mapping[str, str], language: str) -> dict[str, Any]:
    return {
        "from": int(incident.started_at.timestamp() * 1000),
        "to": int(end.timestamp() * 1000) if end else None,
        "label": titles.get(language) or next(iter(titles.values()), ""),
        "severity": incident.severity,
        "url": f"/incidents/{incident.id}",
    }
