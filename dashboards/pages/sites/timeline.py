"""Seven days of a site as lanes of bars: incidents by severity over the hours of teaching. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerts import Incident
from inventory import CalendarView

DAYS = 7
WIDTH = 1000.0
THINNEST = 2.5  # an incident of a minute must still be seen
LANES = ("critical", "major", "minor", "info")


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch: begin and width in thousandths of the seven days; `incident` for a bar of a lane."""

    begin: float
    width: float
    incident: Incident | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """`days` are the local midnights' days; `lanes` only those with something in them, worst first. `disturbed_minutes`
    is how long teaching stood under a critical or major incident, None when nobody entered teaching hours."""

    days: Sequence[datetime]
    teaching: Sequence[Bar]
    lanes: Sequence[tuple[str, Sequence[Bar]]]
    disturbed_minutes: float | None


def timeline_of(incidents: Sequence[Incident], calendar: CalendarView, zone: ZoneInfo, now: datetime) -> Timeline:
    """Today and the six days before it."""
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    start, end = days[0], today + timedelta(days=1)

    def bar(begin: datetime, until: datetime, incident: Incident | None = None) -> Bar:
        scale = WIDTH / (end - start).total_seconds()
        left = max(0.0, (begin - start).total_seconds() * scale)
        width = (min(until, end) - max(begin, start)).total_seconds() * scale
        return Bar(round(left, 1), round(max(width, THINNEST if incident else 0.0), 1), incident)

    lanes = [
        (word, [bar(one.started_at, one.closed_at or now, one) for one in incidents if one.severity == word])
        for word in LANES
    ]
    teaching = calendar.teaching_intervals(start, end) if calendar.is_known else []
    return Timeline(
        days, [bar(*stretch) for stretch in teaching], [lane for lane in lanes if lane[1]],
        _disturbed(incidents, calendar, start, now) if calendar.is_known else None,
    )


def _disturbed(incidents: Sequence[Incident], calendar: CalendarView, start: datetime, now: datetime) -> float:
    """Minutes of teaching under at least one critical or major incident; what overlaps counts once."""
    stretches = sorted(
        (max(one.started_at, start), one.closed_at or now) for one in incidents if one.severity in ("critical", "major")
    )
    minutes, reached = 0.0, start
    for begin, until in stretches:
        begin = max(begin, reached)
        if begin < until:
            minutes += calendar.teaching_minutes(begin, until)
            reached = until
    return minutes
