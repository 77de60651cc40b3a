"""What the calendar and a meeting's page show: rows gathered and put beside each other. Knows no route."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from conference import Meeting, schedule
from core import Scope, Session
from dashboards.pages.meetings.months import Entry, Peak, Span, peak_of
from dashboards.pages.meetings.store import (
    Wanted,
    count_waiting,
    double_booked,
    endpoint_counts,
    find_meetings,
    readiness_counts,
)
from dashboards.pages.meetings.words import READY_WORDS

COMING = 4
AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Ready:
    """How many endpoints of a meeting are in which state; `segments` as the overview's bars want them."""

    counts: Mapping[str, int]
    total: int

    @property
    def segments(self) -> list[tuple[str, float, float]]:
        """(tone, begin, width) in percent, worst first."""
        found, begin = [], 0.0
        for state in ("not_ready", "risk", "unknown", "ready"):
            if self.total and self.counts.get(state):
                width = 100 * self.counts[state] / self.total
                found.append((READY_WORDS[state].tone, round(begin, 2), round(width, 2)))
                begin += width
        return found


@dataclass(frozen=True, slots=True)
class Line:
    """A meeting of a list."""

    meeting: Meeting
    unit_name: str
    endpoints: int
    ready: Ready
    shared: int          # endpoints that another meeting has at the same time


def lines_of(session: Session, rows: Sequence[tuple[Meeting, str]]) -> list[Line]:
    """Meetings with their counts, by three statements."""
    ids = [meeting.id for meeting, _name in rows]
    counts, ready = endpoint_counts(session, ids), readiness_counts(session, ids)
    open_ids = [meeting.id for meeting, _name in rows if meeting.state in schedule.BOOKED_STATES]
    shared = double_booked(session, open_ids)
    return [
        Line(meeting, name, counts.get(meeting.id, 0), ready_of(ready[meeting.id], counts.get(meeting.id, 0)),
             shared.get(meeting.id, 0))
        for meeting, name in rows
    ]  # fmt: skip


def ready_of(counts: Counter[str], endpoints: int) -> Ready:
    """The bar of a meeting: an endpoint that nobody has looked at is unknown, never ready."""
    known = sum(counts.values())
    return Ready({**counts, "unknown": counts["unknown"] + max(0, endpoints - known)}, max(endpoints, known))


def coming(session: Session, scope: Scope, now: datetime, most: int = COMING) -> list[Line]:
    """The running meetings and the next ones."""
    wanted = Wanted(now - timedelta(hours=8), now + AHEAD, states=("scheduled", "running"))
    rows = [row for row in find_meetings(session, scope, wanted)
            if row[0].ends_at > now or (row[0].state == "running" and schedule.closes_at(row[0]) > now)]  # fmt: skip
    rows.sort(key=lambda row: (row[0].state != "running", row[0].starts_at))
    return lines_of(session, rows[:most])


def entries_of(
    rows: Sequence[tuple[Meeting, str]], counts: Mapping[int, int], zone: ZoneInfo
) -> list[Entry]:
    """The meetings of a calendar."""
    return [
        Entry(one.id, one.title, one.kind, one.state, one.starts_at.astimezone(zone), one.ends_at.astimezone(zone),
              name, counts.get(one.id, 0), one.series_id is not None)
        for one, name in rows
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Today:
    """The figures above the calendar."""

    running: int
    today: int
    peak: Peak | None
    waiting: int


def today_of(session: Session, scope: Scope, span: Span, zone: ZoneInfo) -> Today:
    """Count what is held on one day."""
    start, end = span.moments(zone)
    rows = find_meetings(session, scope, Wanted(start, end))
    held = [row for row in rows if row[0].state in ("pending", "scheduled", "running", "ended")]
    counts = endpoint_counts(session, [meeting.id for meeting, _name in held])
    return Today(sum(meeting.state == "running" for meeting, _name in held), len(held),
                 peak_of(entries_of(held, counts, zone)), count_waiting(session, scope))  # fmt: skip
