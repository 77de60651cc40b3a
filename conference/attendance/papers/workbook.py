"""Attendance as a spreadsheet of several sheets. Every text is written as text: a name is never a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from conference.attendance.facts import Facts
from conference.attendance.papers.texts import clean, day_text
from conference.attendance.words import LINKED_BY, MARKS, REASONS, SOURCES, STATES
from core import gettext as _


def attendance_workbook(facts: Facts, zone: ZoneInfo) -> bytes:
    """Sheets: summary, everybody, by area, stretches of presence, not invited."""
    book = Workbook(write_only=True)
    invited = [one for one in facts.entries if one.participant is not None]
    strangers = [one for one in facts.entries if one.participant is None]
    _sheet(book, _("Summary"), (_("What"), _("Value")), _summary(facts, zone), (44, 60))
    _sheet(book, _("Attendance"), line_heads(), (line_cells(one, zone) for one in invited), (40, 34, 28, 22))
    _sheet(
        book, _("By area"),
        (_("Area"), _("Invited"), _("Present"), _("Partly"), _("Absent"), _("Excused"), _("Mean share of minutes")),
        ((one.name, one.invited, one.present, one.partial, one.absent, one.excused, round(one.percent, 4))
         for one in facts.totals), (36,),
    )  # fmt: skip
    _sheet(book, _("Stretches"), (_("Attendee"), _("From"), _("Until"), _("Minutes"), _("Seen by")),
           _stretches(facts, zone), (40, 20, 20, 12, 24))  # fmt: skip
    _sheet(book, _("Not invited"), line_heads(), (line_cells(one, zone) for one in strangers), (40, 34, 28, 22))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def line_heads() -> tuple[str, ...]:
    """Heads of the columns of `line_cells`."""
    return (
        _("Attendee"), _("Unit"), _("Area"), _("Attendance"), _("Marks"), _("Minutes counted"), _("Planned minutes"),
        _("Share of minutes"), _("Minutes by the server"), _("Minutes by the kiosk"), _("Came"), _("Left at"),
        _("Spoke (minutes)"), _("Connections"), _("Tied by"), _("Remark"), _("Correction"),
        _("Corrected by"), _("People in the room"),
    )  # fmt: skip


def line_cells(one: Any, zone: ZoneInfo) -> tuple[Any, ...]:
    """One line of attendance as files hold it."""
    return (
        one.name, one.unit_name, one.above_name, _(STATES[one.state]),
        ", ".join(_(MARKS[word]) for word in sorted(one.marks)), round(one.seconds / 60, 1),
        round(one.scheduled / 60, 1), one.percent / 100, round(one.server / 60, 1), round(one.client / 60, 1),
        moment_text(one.first, zone), moment_text(one.last, zone),
        round(one.spoke / 60, 1) if one.spoke is not None else "", one.connections, _(LINKED_BY[one.linked_by]),
        _(REASONS[one.reason]) if one.reason else "", one.correction, one.corrected_by,
        one.heads if one.heads is not None else "",
    )  # fmt: skip


def moment_text(moment: datetime | None, zone: ZoneInfo) -> str:
    """2026-11-21 08:05:09 in the zone of the house; "" for never."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if moment is not None else ""


def _summary(facts: Facts, zone: ZoneInfo) -> Iterable[tuple[Any, ...]]:
    meeting = facts.meeting
    yield _("Meeting"), meeting.title
    yield _("Organised by"), facts.unit_name
    yield _("Day"), day_text(meeting.starts_at, zone)
    yield _("Planned"), f"{moment_text(meeting.starts_at, zone)} – {moment_text(meeting.ends_at, zone)}"
    yield _("Invited"), facts.invited
    for word in ("present", "partial", "absent", "excused", "uninvited"):
        yield _(STATES[word]), facts.numbers[word]
    for word in ("late", "early"):
        yield _(MARKS[word]), facts.numbers[word]
    if facts.heads is not None:
        yield _("People in the room"), facts.heads
    yield _("Recording"), facts.minutes.recording_url


def _stretches(facts: Facts, zone: ZoneInfo) -> Iterable[tuple[Any, ...]]:
    for one in facts.entries:
        for start, end, source in one.intervals:
            moments = (datetime.fromtimestamp(edge, UTC) for edge in (start, end))
            yield (one.name, *(moment_text(moment, zone) for moment in moments), round((end - start) / 60, 1),
                   _(SOURCES.get(source, SOURCES["both"])))  # fmt: skip


def _sheet(
    book: Workbook, title: str, heads: Sequence[str], rows: Iterable[Sequence[Any]], widths: Sequence[int]
) -> None:
    sheet = book.create_sheet(title[:31])
    for place, width in enumerate(widths):
        sheet.column_dimensions["ABCDEFG"[place]].width = width
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, head, is_bold=True) for head in heads])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def _cell(sheet: Any, value: Any, is_bold: bool = False) -> Any:
    if isinstance(value, int | float):
        return value
    cell = WriteOnlyCell(sheet, value=clean(value))
    cell.data_type = "s"  # text, even when it begins with "="
    if is_bold:
        cell.font = Font(bold=True)
    return cell
