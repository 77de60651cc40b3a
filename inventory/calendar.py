"""When a school teaches, rests and examines: pure questions on a calendar that the store put together.

A unit without its own terms or teaching hours uses those of the nearest unit above that has them; holidays and
examinations of all units above add up. Days and times are local to `zone`; moments are aware.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Interval = tuple[datetime, datetime]
LOOK_AHEAD = timedelta(days=400)  # longer than any summer holiday
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CalendarLine:
    """One line of a calendar, as `CalendarEntry` keeps it."""

    kind: str
    name: str
    weekday: int = -1
    starts_on: date | None = None
    ends_on: date | None = None
    starts_at: time | None = None
    ends_at: time | None = None


@dataclass(frozen=True, slots=True)
class CalendarView:
    """The calendar that holds for one unit.

    terms and holidays: (first, last) day, both included. hours: (weekday, from, until), Monday = 0. exams: intervals
    in UTC. Without terms the teaching hours hold all the year; without hours nothing is ever taught.
    """

    terms: tuple[tuple[date, date], ...]
    hours: tuple[tuple[int, time, time], ...]
    holidays: tuple[tuple[date, date], ...]
    exams: tuple[Interval, ...]
    zone: ZoneInfo

    @property
    def is_known(self) -> bool:
        """False when nobody entered teaching hours: "not teaching" then means "unknown"."""
        return bool(self.hours)

    def is_holiday(self, at: datetime) -> bool:
        """True on a day that a holiday covers."""
        return self._is_holiday_on(at.astimezone(self.zone).date())

    def is_exam(self, at: datetime) -> bool:
        """True while an examination runs; the end is not included."""
        return any(start <= at < end for start, end in self.exams)

    def is_teaching(self, at: datetime) -> bool:
        """True within teaching hours of a term's day that is no holiday; the end of an hour is not included."""
        local = at.astimezone(self.zone)
        if not self._is_school_day(local.date()):
            return False
        now = local.time()
        return any(day == local.weekday() and start <= now < end for day, start, end in self.hours)

    def next_change(self, at: datetime) -> datetime | None:
        """The first moment after `at` when one of the three answers becomes another; None within LOOK_AHEAD."""
        before = self._answers(at)
        first_day = at.astimezone(self.zone).date()
        for number in range(LOOK_AHEAD.days + 1):
            for moment in self._edges(first_day + number * _DAY):
                if moment > at and self._answers(moment) != before:
                    return moment
        return None

    def teaching_intervals(self, start: datetime, end: datetime) -> list[Interval]:
        """The stretches of teaching between two moments, in UTC, in order, without overlap."""
        found: list[Interval] = []
        today, last = start.astimezone(self.zone).date(), end.astimezone(self.zone).date()
        while today <= last:
            if self._is_school_day(today):
                found.extend(self._hours_of(today))
            today += _DAY
        cut = ((max(start, a), min(end, b)) for a, b in _merged(found))
        return [(a, b) for a, b in cut if a < b]

    def teaching_minutes(self, start: datetime, end: datetime) -> float:
        """How many minutes of teaching an outage from `start` to `end` touched."""
        return sum((b - a).total_seconds() for a, b in self.teaching_intervals(start, end)) / 60

    def _answers(self, at: datetime) -> tuple[bool, bool, bool]:
        return self.is_teaching(at), self.is_holiday(at), self.is_exam(at)

    def _is_holiday_on(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.holidays)

    def _is_school_day(self, day: date) -> bool:
        in_term = not self.terms or any(first <= day <= last for first, last in self.terms)
        return in_term and not self._is_holiday_on(day)

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, tzinfo=self.zone).astimezone(UTC)

    def _hours_of(self, day: date) -> Iterator[Interval]:
        for weekday, start, end in self.hours:
            if weekday == day.weekday():
                yield self._moment(day, start), self._moment(day, end)

    def _edges(self, day: date) -> list[datetime]:
        midnight, next_midnight = self._moment(day, time()), self._moment(day + _DAY, time())
        edges = {midnight, *(edge for hour in self._hours_of(day) for edge in hour)}
        edges |= {edge for exam in self.exams for edge in exam if midnight <= edge < next_midnight}
        return sorted(edges)


def calendar_of(chain: Sequence[Iterable[CalendarLine]], zone: ZoneInfo) -> CalendarView:
    """The calendar of a unit from the lines of all units above it: the root's first, its own last."""
    by_kind = [_by_kind(lines) for lines in chain]
    nearest = {
        kind: next((lines[kind] for lines in reversed(by_kind) if lines.get(kind)), []) for kind in ("term", "teaching")
    }
    everything = {kind: [line for lines in by_kind for line in lines.get(kind, ())] for kind in ("holiday", "exam")}
    return CalendarView(
        terms=tuple(sorted(_days(line) for line in nearest["term"])),
        hours=tuple(sorted((line.weekday, line.starts_at or time(), line.ends_at or time.max)
                           for line in nearest["teaching"])),
        holidays=tuple(sorted({_days(line) for line in everything["holiday"]})),
        exams=tuple(sorted({exam_interval(line, zone) for line in everything["exam"]})),
        zone=zone,
    )


def _by_kind(lines: Iterable[CalendarLine]) -> dict[str, list[CalendarLine]]:
    found: dict[str, list[CalendarLine]] = {}
    for line in lines:
        found.setdefault(line.kind, []).append(line)
    return found


def _days(line: CalendarLine) -> tuple[date, date]:
    first = line.starts_on or line.ends_on or date.min
    return first, line.ends_on or first


def exam_interval(line: CalendarLine, zone: ZoneInfo) -> Interval:
    """From when until when an examination line holds, in UTC; without times its whole days."""
    first, last = _days(line)
    if line.starts_at is None or line.ends_at is None:
        start, end = datetime.combine(first, time(), zone), datetime.combine(last + _DAY, time(), zone)
    else:
        start, end = datetime.combine(first, line.starts_at, zone), datetime.combine(last, line.ends_at, zone)
    return start.astimezone(UTC), end.astimezone(UTC)


def _merged(intervals: Iterable[Interval]) -> list[Interval]:
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
