"""The school calendar: a week as a grid, which lines hold, who may edit them."""

from __future__ import annotations

from datetime import date, time

import pytest
from bs4 import BeautifulSoup

from core import Role, Scope
from dashboards.pages.calendar.store import NamedLine
from dashboards.pages.calendar.week import holding, week_of
from inventory import CalendarEntry, CalendarLine, create_record

MONDAY = date(2026, 11, 23)
HOSTILE = "<img src=x onerror=alert(1)>"


def line(kind: str, name: str, depth: int = 0, **fields) -> NamedLine:
    return NamedLine(1, 1, "Sở", depth, CalendarLine(kind, name, **fields))


def morning(weekday: int, depth: int = 0) -> NamedLine:
    return line("teaching", "Buổi sáng", depth, weekday=weekday, starts_at=time(7), ends_at=time(11, 30))


def test_an_empty_calendar_is_not_known() -> None:
    week = week_of([], MONDAY)
    assert not week.is_known
    assert not week.cells
    assert [day.weekday() for day in week.days] == list(range(7))


def test_a_week_has_one_column_a_day_whatever_overlaps() -> None:
    lines = [morning(day) for day in range(5)] + [
        line("teaching", "Buổi chiều", weekday=1, starts_at=time(13, 30), ends_at=time(16)),
        line("exam", "Thi giữa kỳ", starts_on=MONDAY, ends_on=MONDAY, starts_at=time(8), ends_at=time(9)),
        line("holiday", "Nghỉ bão", starts_on=date(2026, 11, 25), ends_on=date(2026, 11, 26)),
    ]
    week = week_of(lines, MONDAY)
    rows = len(week.edges) - 1
    assert sum(cell.rows for row in week.cells for cell in row) == 7 * rows
    assert len(week.cells[0]) == 7
    flat = [(cell.kind, cell.text) for row in week.cells for cell in row]
    assert flat.count(("holiday", "Nghỉ bão")) == 2
    assert ("exam", "Thi giữa kỳ") in flat
    assert flat.count(("teaching", "Buổi sáng")) == 2 + 1 + 1, "Monday's morning is cut in two by the examination"


def test_holidays_alone_are_drawn_and_terms_bound_teaching() -> None:
    holiday = line("holiday", "Tết", starts_on=MONDAY, ends_on=date(2026, 11, 29))
    assert [cell.kind for cell in week_of([holiday], MONDAY).cells[0]] == ["holiday"] * 7
    term = line("term", "Học kỳ I", starts_on=date(2026, 9, 5), ends_on=date(2026, 11, 24))
    week = week_of([term, *(morning(day) for day in range(7))], MONDAY)
    assert week.term == "Học kỳ I"
    assert [cell.kind for cell in week.cells[0]] == ["teaching"] * 2 + ["free"] * 5


def test_the_nearest_unit_with_hours_decides_and_holidays_add_up() -> None:
    lines = [
        morning(0, 0),
        morning(1, 2),
        line("holiday", "a", 0, starts_on=MONDAY),
        line("holiday", "b", 2, starts_on=MONDAY),
    ]
    assert [one.line.weekday for one in holding(lines) if one.line.kind == "teaching"] == [1]
    assert len([one for one in holding(lines) if one.line.kind == "holiday"]) == 2


@pytest.fixture
def hours(database, places) -> None:
    """Teaching hours of the department, with a hostile name."""
    with database.session() as session:
        for day in range(5):
            create_record(session, Scope.everything(), CalendarEntry, {
                "unit_id": places.top, "kind": "teaching", "name": f"Sáng {HOSTILE}", "weekday": day,
                "starts_at": "07:00", "ends_at": "11:30",
            })


def test_school_staff_read_what_the_department_set_but_edit_nothing(as_role, places, hours) -> None:
    person = as_role(Role.SCHOOL_STAFF)
    answer = person.get("/calendar?week=2026-11-25")
    soup = BeautifulSoup(answer.text, "html.parser")
    assert len(soup.select(".slot-teaching")) == 5
    assert "<img src=x" not in answer.text
    assert not soup.select("main a[href*='/inventory/']")
    assert person.get(f"/calendar?unit={places.unit2}").status_code == 404
    assert person.get(f"/calendar?unit={places.top}").status_code == 404


@pytest.mark.parametrize("week", ["", "nonsense", "0001-01-01", "9999-12-31", "2026-02-30"])
def test_no_week_in_the_address_breaks_the_page(as_role, hours, week: str) -> None:
    assert as_role(Role.VIEWER).get(f"/calendar?week={week}").status_code == 200


def test_lines_are_made_through_the_form(as_role, places, database) -> None:
    person = as_role(Role.NETWORK_ENGINEER)
    person.get(f"/inventory/calendar/new?unit_id={places.unit1}")
    form = {
        "unit_id": "TH1",
        "kind": "teaching",
        "name": "Buổi sáng",
        "weekday": "2",
        "starts_at": "07:00",
        "ends_at": "11:30",
    }
    answer = person.post("/inventory/calendar/new", form)
    assert answer.location == f"/calendar?unit={places.unit1}"
    assert "Buổi sáng" in person.get(answer.location).text
    with database.reading() as session:
        assert session.query(CalendarEntry.weekday).scalar() == 2, "Wednesday, not thứ 2"
    wrong = person.post("/inventory/calendar/new", {**form, "name": "x", "ends_at": "06:00"})
    assert wrong.status_code == 422
    assert BeautifulSoup(wrong.text, "html.parser").find(id="ends_at-error")
