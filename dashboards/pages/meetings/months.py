"""The calendar as one sees it: which days a view shows, what stands on each day, how many rooms at once. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

VIEWS = ("month", "week", "day", "list")
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One meeting of a calendar, in the time of the wall."""

    id: int
    title: str
    kind: str
    state: str
    begins: datetime
    ends: datetime
    unit_name: str = ""
    endpoints: int = 0
    is_series: bool = False


@dataclass(slots=True)
class Day:
    """One day with its meetings by start."""

    date: date
    is_inside: bool
    entries: list[Entry] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Span:
    """What a view shows: from `first` until before `after`; the days that lead on and back."""

    view: str
    day: date
    first: date
    after: date
    before_day: date
    after_day: date

    @property
    def last(self) -> date:
        """The last day that is shown."""
        return self.after - A_DAY

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The same as moments, in UTC."""
        begin, end = (datetime.combine(one, time(), zone).astimezone(UTC) for one in (self.first, self.after))
        return begin, end


def span_of(view: str, day: date) -> Span:
    """The span of a view around a day. A month shows whole weeks; a list the fortnight from the day on."""
    monday = day - A_DAY * day.weekday()
    if view == "week":
        return Span(view, day, monday, monday + 7 * A_DAY, day - 7 * A_DAY, day + 7 * A_DAY)
    if view == "day":
        return Span(view, day, day, day + A_DAY, day - A_DAY, day + A_DAY)
    if view == "list":
        return Span(view, day, day, day + 14 * A_DAY, day - 14 * A_DAY, day + 14 * A_DAY)
    first = day.replace(day=1)
    following = (first + 32 * A_DAY).replace(day=1)
    begin, last = first - A_DAY * first.weekday(), following - A_DAY
    return Span("month", day, begin, last + A_DAY * (7 - last.weekday()), (first - A_DAY).replace(day=1), following)


def days_of(span: Span, entries: Iterable[Entry]) -> list[Day]:
    """The days of a span; a meeting over midnight stands on each of its days."""
    number = (span.after - span.first).days
    is_month = span.view == "month"
    days = [Day(span.first + A_DAY * n, not is_month or (span.first + A_DAY * n).month == span.day.month)
            for n in range(number)]  # fmt: skip
    for one in sorted(entries, key=lambda entry: (entry.begins, entry.ends, entry.id)):
        last = (one.ends - timedelta(microseconds=1)).date()
        for n in range(max(0, (one.begins.date() - span.first).days), min(number - 1, (last - span.first).days) + 1):
            days[n].entries.append(one)
    return days


def weeks_of(days: Sequence[Day]) -> list[Sequence[Day]]:
    """The days in rows of seven."""
    return [days[n : n + 7] for n in range(0, len(days), 7)]


@dataclass(frozen=True, slots=True)
class Peak:
    """The most endpoints that are in meetings at once, and from when to when."""

    endpoints: int
    meetings: int
    begins: datetime
    ends: datetime


def peak_of(entries: Iterable[Entry]) -> Peak | None:
    """The busiest stretch of some meetings; None when there is none with an endpoint."""
    known = [one for one in entries if one.endpoints and one.state in ("scheduled", "running", "pending", "ended")]
    edges = sorted({moment for one in known for moment in (one.begins, one.ends)})
    best: Peak | None = None
    for begin, end in pairwise(edges):
        there = [one for one in known if one.begins <= begin < one.ends]
        total = sum(one.endpoints for one in there)
        if best is None or total > best.endpoints:
            best = Peak(total, len(there), begin, end)
        elif best.ends == begin and total == best.endpoints and len(there) == best.meetings:
            best = Peak(best.endpoints, best.meetings, best.begins, end)
    return best if best is not None and best.endpoints else None


def next_working_day(day: date) -> date:
    """The day after, or the Monday after a Friday."""
    return day + A_DAY * (1 if day.weekday() < 4 or day.weekday() == 6 else 7 - day.weekday())


def day_of(word: str, today: date) -> date:
    """The day of a URL; anything that is none is today."""
    try:
        day = date.fromisoformat(word) if word else today
    except ValueError:
        return today
    return day if 2000 <= day.year <= 2100 else today
