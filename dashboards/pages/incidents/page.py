"""Puts together what an incident's page tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts import Incident, IncidentMember, Silence, folded_incidents, notifications_of
from alerts import explain as explain_stage
from alerts import story as read_story
from core import LazyText, Scope, Session, User
from core import lazy_gettext as _l
from dashboards.charting import Line
from dashboards.pages.devices.figures import show
from dashboards.pages.devices.tiles import metric_label
from dashboards.pages.devices.verdict import message_of, next_step_of, title_of
from dashboards.pages.incidents import story
from dashboards.pages.incidents.store import (
    Change,
    changes_before,
    channel_names,
    members_in,
    people_for,
    records_exist,
    silences_over,
)
from dashboards.services import Services
from telemetry import METRICS, SeriesName

__all__ = ["DONE", "Desk", "Told", "chart_lines", "tell", "title_of"]

DONE: dict[str, LazyText] = {
    "acknowledge": _l("The incident is yours now. No more messages about its standing."),
    "release": _l("You gave the incident back: it waits for somebody to take it."),
    "comment": _l("The comment is in the story."),
    "assign": _l("The incident was given."),
    "close": _l(
        "Closed. If the trouble still stands, it must end before a new incident can begin. You can open it again."
    ),
    "reopen": _l("The incident is open again."),
    "silence": _l("Silenced. Incidents are still kept; only the messages rest."),
    "unsilence": _l("The silence has ended."),
}
MEMBERS_SHOWN = 300
# Units that a chart scales itself: stored unit -> (the chart's unit, factor)
_CHART_UNITS = {
    "ratio": ("ratio", 1.0),
    "bytes/s": ("bit/s", 8.0),
    "bits/s": ("bit/s", 1.0),
    "seconds": ("seconds", 1.0),
    "celsius": ("celsius", 1.0),
    "volts": ("volts", 1.0),
    "bytes": ("bytes", 1.0),
}


@dataclass(frozen=True, slots=True)
class Desk:
    """What reading needs."""

    session: Session
    scope: Scope
    services: Services
    language: str
    now: datetime


@dataclass(frozen=True, slots=True)
class ChartHead:
    """The chart of the judged series. `start_ms` and `end_ms` frame the incident."""

    title: str
    unit: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Told:
    """Everything the page tells beside the incident's own columns."""

    message: str
    next_step: str
    value: str
    quiet: str
    close_reason: LazyText | str
    members: Sequence[IncidentMember]
    folded: Sequence[Incident]
    changes: Sequence[Change]
    lines: Sequence[story.Line]
    stages: Sequence[story.Stage]
    messages: Sequence[story.Message]
    people: Sequence[User]
    silences: Sequence[Silence]
    chart: ChartHead | None
    has_device: bool
    has_site: bool
    is_own: bool


def tell(desk: Desk, incident: Incident) -> Told:
    """Read and sort out the story. Of an incident that reaches beyond the viewer's unit only the own part is told."""
    is_own = desk.scope.includes(incident.unit_path)
    events = read_story(desk.session, incident.id)
    letters = notifications_of(desk.session, incident.id) if is_own else []
    has_device, has_site = records_exist(desk.session, incident)
    name = _series_name(desk, incident)
    return Told(
        message=message_of(incident, desk.language),
        next_step=next_step_of(incident, desk.language),
        value=show(name.metric, incident.value, desk.language) if name and incident.value is not None else "",
        quiet=explain_stage(incident.quiet_reason) if incident.quiet_reason else "",
        close_reason=story.CLOSE_REASONS.get(incident.close_reason, incident.close_reason),
        members=members_in(desk.session, desk.scope, incident.id, MEMBERS_SHOWN),
        folded=[one for one in folded_incidents(desk.session, incident.id) if desk.scope.includes(one.unit_path)],
        changes=changes_before(desk.session, incident, desk.language) if is_own else [],
        lines=story.lines_of(events),
        stages=story.latest_stages(events),
        messages=story.messages_of(letters, channel_names(desk.session, [one.channel_id for one in letters])),
        people=people_for(desk.session, incident) if is_own else [],
        silences=silences_over(desk.session, incident, desk.now),
        chart=_chart_head(desk, incident, name) if is_own else None,
        has_device=has_device and is_own,
        has_site=has_site and is_own,
        is_own=is_own,
    )


def _series_name(desk: Desk, incident: Incident) -> SeriesName | None:
    registry = desk.services.registry
    if registry is None:
        return None
    if incident.series_id is not None:
        return registry.describe(incident.series_id)
    if incident.device_id is not None and registry.find(incident.device_id, "", "ping_loss_ratio") is not None:
        return SeriesName(incident.device_id, "", "ping_loss_ratio")
    return None


def _chart_head(desk: Desk, incident: Incident, name: SeriesName | None) -> ChartHead | None:
    if name is None:
        return None
    unit, _scale = _unit_of(name.metric)
    part = name.part.partition(":")[2] or name.part
    margin = timedelta(hours=1)
    end = min((incident.closed_at or desk.now) + margin, desk.now)
    start = incident.started_at - max(margin, (end - incident.started_at) / 4)
    return ChartHead(
        f"{metric_label(name.metric)}{' · ' + part if part else ''}",
        unit,
        int(start.timestamp() * 1000),
        int(end.timestamp() * 1000),
    )


def _unit_of(metric: str) -> tuple[str, float]:
    known = METRICS.get(metric)
    return _CHART_UNITS.get(known.stored_unit if known else "", ("", 1.0))


def chart_lines(desk: Desk, incident: Incident) -> list[Line]:
    """The judged series; none when there is no series any more, or when it belongs to another unit."""
    name, registry = _series_name(desk, incident), desk.services.registry
    series = registry.find(*name) if name is not None else None
    if series is None or name is None or not desk.scope.includes(incident.unit_path):
        return []
    unit, scale = _unit_of(name.metric)
    return [Line(series, metric_label(name.metric), scale, unit)]
