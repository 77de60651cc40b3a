"""The school calendar's pure answers."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.calendar import CalendarLine, calendar_of

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MORNINGS = [CalendarLine("teaching", "Sáng", d, starts_at=time(7), ends_at=time(11, 30)) for d in range(5)]
TERM = CalendarLine("term", "HK1", starts_on=date(2026, 9, 5), ends_on=date(2027, 1, 15))
TEACHERS_DAY = CalendarLine("holiday", "20/11", starts_on=date(2026, 11, 20), ends_on=date(2026, 11, 20))
EXAM = CalendarLine("exam", "Thi", starts_on=date(2026, 12, 21), ends_on=date(2026, 12, 22), starts_at=time(7, 30),
                    ends_at=time(16))


def at(text: str) -> datetime:
    """A moment in local time."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.fixture
def calendar():
    return calendar_of([[TERM, TEACHERS_DAY, EXAM], MORNINGS], ZONE)


@pytest.mark.parametrize(("moment", "teaching", "holiday", "exam"), [
    ("2026-11-23 07:00", True, False, False),
    ("2026-11-23 06:59", False, False, False),
    ("2026-11-23 11:30", False, False, False),   # the end is not included
    ("2026-11-22 08:00", False, False, False),   # Sunday
    ("2026-11-20 08:00", False, True, False),
    ("2026-08-31 08:00", False, False, False),   # before the term
    ("2027-01-15 08:00", True, False, False),    # its last day
    ("2026-12-21 07:29", True, False, False),
    ("2026-12-21 23:00", False, False, True),
    ("2026-12-22 16:00", False, False, False),
])
def test_answers(calendar, moment, teaching, holiday, exam):
    now = at(moment)
    assert (calendar.is_teaching(now), calendar.is_holiday(now), calendar.is_exam(now)) == (teaching, holiday, exam)


@pytest.mark.parametrize(("moment", "change"), [
    ("2026-11-23 08:00", "2026-11-23 11:30"),
    ("2026-11-23 12:00", "2026-11-24 07:00"),
    ("2026-11-19 12:00", "2026-11-20 00:00"),   # a holiday begins
    ("2026-11-20 12:00", "2026-11-21 00:00"),   # and ends
    ("2026-12-21 07:10", "2026-12-21 07:30"),   # the examination begins
    ("2026-06-01 12:00", "2026-09-07 07:00"),   # the whole summer
])
def test_next_change(calendar, moment, change):
    assert calendar.next_change(at(moment)) == at(change)


def test_nothing_changes_where_nothing_is_entered():
    empty = calendar_of([], ZONE)
    assert empty.next_change(at("2026-11-23 08:00")) is None
    assert not empty.is_known
    assert not empty.is_teaching(at("2026-11-23 08:00"))
    assert empty.teaching_minutes(at("2026-01-01 00:00"), at("2027-01-01 00:00")) == 0


@pytest.mark.parametrize(("start", "end", "minutes"), [
    ("2026-11-23 08:00", "2026-11-23 09:00", 60),
    ("2026-11-23 06:00", "2026-11-23 12:00", 270),
    ("2026-11-20 00:00", "2026-11-23 07:30", 30),    # holiday and weekend do not count
    ("2026-11-23 12:00", "2026-11-23 13:00", 0),
    ("2026-11-23 09:00", "2026-11-23 08:00", 0),
])
def test_teaching_minutes(calendar, start, end, minutes):
    assert calendar.teaching_minutes(at(start), at(end)) == minutes


def test_overlapping_hours_count_once():
    hours = [CalendarLine("teaching", "a", 0, starts_at=time(7), ends_at=time(9)),
             CalendarLine("teaching", "b", 0, starts_at=time(8), ends_at=time(10))]
    assert calendar_of([hours], ZONE).teaching_minutes(at("2026-11-23 00:00"), at("2026-11-24 00:00")) == 180


def test_own_hours_replace_those_above_and_holidays_add_up():
    own = [CalendarLine("teaching", "Chiều", 0, starts_at=time(13), ends_at=time(17)),
           CalendarLine("holiday", "Bão", starts_on=date(2026, 11, 30), ends_on=date(2026, 11, 30))]
    calendar = calendar_of([[TERM, TEACHERS_DAY, *MORNINGS], own], ZONE)
    assert not calendar.is_teaching(at("2026-11-23 08:00"))
    assert calendar.is_teaching(at("2026-11-23 14:00"))
    assert calendar.is_holiday(at("2026-11-20 08:00"))
    assert calendar.is_holiday(at("2026-11-30 08:00"))


def test_whole_day_examination():
    calendar = calendar_of([[CalendarLine("exam", "x", starts_on=date(2026, 6, 11), ends_on=date(2026, 6, 12))]], ZONE)
    assert calendar.is_exam(at("2026-06-11 00:00"))
    assert calendar.is_exam(at("2026-06-12 23:59"))
    assert not calendar.is_exam(at("2026-06-13 00:00"))


BEGIN = datetime(2026, 8, 1, tzinfo=UTC)
moments = st.integers(0, 150 * 24 * 60).map(lambda minutes: BEGIN + timedelta(minutes=minutes))


@given(moments, moments, moments)
def test_minutes_of_two_neighbours_are_those_of_the_whole(a, b, c):
    calendar = calendar_of([[TERM, TEACHERS_DAY], MORNINGS], ZONE)
    a, b, c = sorted((a, b, c))
    minutes = calendar.teaching_minutes
    assert minutes(a, b) + minutes(b, c) == pytest.approx(minutes(a, c))


@given(moments)
def test_nothing_changes_before_the_next_change(moment):
    calendar = calendar_of([[TERM, TEACHERS_DAY, EXAM], MORNINGS], ZONE)
    change = calendar.next_change(moment)
    assert change is not None
    assert change > moment
    before = change - timedelta(seconds=1)
    if before > moment:
        assert calendar.is_teaching(before) == calendar.is_teaching(moment)
    assert calendar._answers(change) != calendar._answers(moment)
