"""A school week as a grid: one column a day, one row between two moments at which something begins or ends. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from dashboards.pages.calendar.store import NamedLine

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Cell:
    """A field of the grid over `rows` rows. `kind` is teaching, exam, holiday or free."""

    kind: str
    text: str
    rows: int


@dataclass(frozen=True, slots=True)
class Week:
    """`edges` are the rows' beginnings and the end of the last; `cells[row]`, by day, the cells that begin there."""

    days: Sequence[date]
    edges: Sequence[time]
    cells: Sequence[Sequence[Cell]]
    term: str
    is_known: bool


def holding(lines: Sequence[NamedLine]) -> list[NamedLine]:
    """The lines that count: terms and teaching hours of the nearest unit that has some, the others of all."""
    nearest = {
        kind: max((one.depth for one in lines if one.line.kind == kind), default=-1) for kind in ("term", "teaching")
    }
    return [one for one in lines if one.depth == nearest.get(one.line.kind, one.depth)]


def week_of(lines: Sequence[NamedLine], monday: date) -> Week:
    """The seven days that begin on `monday`."""
    days = [monday + number * DAY for number in range(7)]
    terms = [one.line for one in lines if one.line.kind == "term"]
    columns = [_stretches(lines, day, not terms or any(_covers(term, day) for term in terms)) for day in days]
    edges = sorted({edge for column in columns for begin, end, _kind, _text in column for edge in (begin, end)})
    term = next((one.name for one in terms if _covers(one, monday) or _covers(one, days[-1])), "")
    hours = any(one.line.kind == "teaching" for one in lines)
    holidays = [_holiday(lines, day) for day in days]
    if len(edges) < 2:
        if not any(holidays):
            return Week(days, (), (), term, hours)
        edges = [time(7), time(17)]
    grid = [_cells(column, edges, holiday) for column, holiday in zip(columns, holidays, strict=True)]
    return Week(days, edges, [[cell for at, cell in _of_row(grid, row)] for row in range(len(edges) - 1)], term, hours)


def _of_row(grid: Sequence[Sequence[tuple[int, Cell]]], row: int) -> list[tuple[int, Cell]]:
    return [pair for column in grid for pair in column if pair[0] == row]


def _covers(line: object, day: date) -> bool:
    first = line.starts_on or line.ends_on  # type: ignore[attr-defined]
    return first is not None and first <= day <= (line.ends_on or first)  # type: ignore[attr-defined]


def _holiday(lines: Sequence[NamedLine], day: date) -> str:
    return ", ".join(
        dict.fromkeys(one.line.name for one in lines if one.line.kind == "holiday" and _covers(one.line, day))
    )


def _stretches(lines: Sequence[NamedLine], day: date, in_term: bool) -> list[tuple[time, time, str, str]]:
    found = []
    if in_term and not _holiday(lines, day):
        found += [
            (one.line.starts_at, one.line.ends_at, "teaching", one.line.name)
            for one in lines if one.line.kind == "teaching" and one.line.weekday == day.weekday()
        ]
    for one in lines:
        if one.line.kind == "exam" and _covers(one.line, day):
            first, last = one.line.starts_on or day, one.line.ends_on or one.line.starts_on or day
            begin = one.line.starts_at if one.line.starts_at and day == first else time(7)
            end = one.line.ends_at if one.line.ends_at and day == last else time(17)
            found.append((begin, end, "exam", one.line.name))
    return [(begin, end, kind, text) for begin, end, kind, text in found if begin and end and begin < end]


def _cells(
    column: Sequence[tuple[time, time, str, str]], edges: Sequence[time], holiday: str
) -> list[tuple[int, Cell]]:
    """(row, cell) of a day; like neighbours are one cell. An examination covers the lesson under it."""
    plain: list[tuple[str, str]] = []
    for begin in edges[:-1]:
        here = [(kind, text) for start, end, kind, text in column if start <= begin < end]
        exams = [one for one in here if one[0] == "exam"]
        chosen = exams or here
        free = ("holiday", holiday) if holiday else ("free", "")
        plain.append((chosen[0][0], ", ".join(dict.fromkeys(text for _kind, text in chosen))) if chosen else free)
    cells: list[tuple[int, Cell]] = []
    for row, (kind, text) in enumerate(plain):
        if cells and (cells[-1][1].kind, cells[-1][1].text) == (kind, text):
            at, last = cells[-1]
            cells[-1] = (at, Cell(kind, text, last.rows + 1))
        else:
            cells.append((row, Cell(kind, text, 1)))
    return cells
