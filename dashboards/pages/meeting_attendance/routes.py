"""The routes that show: meetings that are over, one meeting's attendance, one participant, the seal; files of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, g, render_template, request
from flask_login import current_user

from conference import ConferenceSettings, Meeting, attendance, schedule
from core import Permission
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.access import needs
from dashboards.gate import services
from dashboards.listing import Column, Listing, export, page_of, read_list_query
from dashboards.pages.devices.links import page_url
from dashboards.pages.meeting_attendance.looking import COLUMNS, FILTERS, bars, chosen, counts
from dashboards.pages.meeting_attendance.words import MARK_WORDS, PAPER_WORDS, STATE_WORDS, TASK_WORDS
from dashboards.words import STATUS
from inventory import NotFound

blueprint = Blueprint("meeting_attendance", __name__, url_prefix="/meetings")

PAST_COLUMNS = (
    Column(_l("When")), Column(_l("Meeting")), Column(_l("State")), Column(_l("Invited"), is_number=True, hide="sm"),
    Column(_l("Present"), hide="sm"), Column(_l("Minutes of the meeting"), hide="lg"),
)  # fmt: skip
PAST_FILTERS = ("kind", "state", "month")
PAST_HEADS = (_l("Begins"), _l("Meeting"), _l("Kind"), _l("Held by"), _l("Invited"), _l("Present"), _l("State"))
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def zone_now() -> ZoneInfo:
    """The zone of the wall's clock."""
    return ZoneInfo(services().settings.core.timezone)


def meeting_or_404(meeting_id: int) -> Meeting:
    """The meeting, if the person's scope shows it."""
    try:
        return schedule.find_meeting(g.session, g.scope, meeting_id)
    except NotFound:
        abort(404)


def sheet_now(meeting: Meeting) -> attendance.Sheet:
    """The lines of a meeting within the person's scope."""
    settings = services().settings[ConferenceSettings]
    return attendance.sheet_of(g.session, g.scope, meeting, services().clock(), settings)


def facts_now(sheet: attendance.Sheet) -> attendance.Facts:
    """What papers are made of."""
    meeting = sheet.meeting
    return attendance.facts_of(
        sheet, attendance.organiser(g.session, meeting.unit_id),
        attendance.minutes_of(g.session, meeting, services().clock()), schedule.agenda_of(g.session, meeting.id),
    )  # fmt: skip


def may_edit(meeting: Meeting) -> bool:
    """Whether the person may correct, write and sign: a holder of meetings whose scope the meeting belongs to."""
    return current_user.can(Permission.HOLD_MEETINGS) and schedule.is_held_in(g.session, g.scope, meeting)


def local(moment: datetime) -> datetime:
    """A moment on the wall's clock."""
    return moment.astimezone(zone_now())


def words() -> dict[str, Any]:
    """Tables of words and tools that every template here may name."""
    return {
        "state_words": STATE_WORDS, "mark_words": MARK_WORDS, "paper_words": PAPER_WORDS, "task_words": TASK_WORDS,
        "kinds": schedule.KINDS, "reasons": attendance.words.REASONS, "linked_by": attendance.words.LINKED_BY,
        "sources": attendance.words.SOURCES, "local": local, "bars": bars, "page_url": page_url,
        "disagree": STATUS["attention"],
    }  # fmt: skip


@blueprint.get("/after")
@needs(Permission.VIEW)
def index() -> str | Response:
    """Meetings that have begun, newest first, with how many came."""
    query = read_list_query(request.args, PAST_COLUMNS, PAST_FILTERS)
    if query.format and not current_user.can(Permission.EXPORT):
        abort(403)
    wanted = {"q": query.text, **query.filters}
    rows, total = attendance.past_meetings(
        g.session, g.scope, services().clock(), wanted, (query.offset, query.limit)
    )
    formulas, units = attendance.formulas_now(g.session), attendance.units_of_scope(g.session, g.scope)
    shown = [(one, *_present(one, formulas, units)) for one in rows]
    if query.format:
        return export("attendance", PAST_HEADS, map(_past_cells, shown), query.format)
    return render_template(
        "meeting_attendance/index.html", listing=Listing("past", PAST_COLUMNS, shown, total, query),
        months=_months(), kind_choices=[(word, _(label)) for word, label in schedule.KINDS.items()], **words(),
    )  # fmt: skip


def _present(
    one: attendance.PastMeeting, formulas: Mapping[str, attendance.Formula], units: frozenset[int] | None
) -> tuple[int | None, int | None]:
    """(units invited, units present for the least share of minutes) of a counted meeting, of the person's scope."""
    if one.count is None:
        return None, None
    formula = formulas[attendance.OF_KIND.get(one.meeting.kind, "online")]
    return attendance.heads_of(one.count.units, formula.least_percent, units)


def _past_cells(shown: tuple[attendance.PastMeeting, int | None, int | None]) -> tuple[Any, ...]:
    one, invited, present = shown
    state = "signed" if one.is_signed else "counted" if one.count is not None else "waiting"
    return (one.meeting.starts_at, one.meeting.title, _(schedule.KINDS.get(one.meeting.kind, one.meeting.kind)),
            one.unit_name, invited, present, str(PAPER_WORDS[state].label))  # fmt: skip


def _months() -> list[tuple[str, str]]:
    """The last twelve months, for the filter."""
    newest = attendance.month_number(local(services().clock()).strftime("%Y-%m"))
    found = [attendance.month_word(newest - back) for back in range(12)]
    return [(word, f"{word[5:]}/{word[:4]}") for word in found]


@blueprint.get("/<int:meeting_id>/attendance")
@needs(Permission.VIEW)
def show(meeting_id: int) -> str | Response:
    """Who was there, how long, by which evidence."""
    meeting = meeting_or_404(meeting_id)
    query = read_list_query(request.args, COLUMNS, FILTERS, "state")
    if query.format and not current_user.can(Permission.EXPORT):
        abort(403)
    sheet = sheet_now(meeting)
    found = chosen(sheet.entries, query)
    if query.format:
        heads = attendance.line_heads()
        return export("attendance", heads, (attendance.line_cells(one, zone_now()) for one in found), query.format)
    rows, total = page_of(found, query)
    areas = sorted({one.above_name for one in sheet.entries if one.above_name})
    return render_template(
        "meeting_attendance/show.html", meeting=meeting, sheet=sheet, facts=facts_now(sheet),
        listing=Listing("attendance", COLUMNS, rows, total, query), counts=counts(sheet.entries, query),
        areas=areas, area_choices=[(one, one) for one in areas], over_at=attendance.over_at(meeting),
        may_edit=may_edit(meeting), numbers_sentence=attendance.numbers_sentence, **words(),
    )  # fmt: skip


@blueprint.get("/<int:meeting_id>/attendance/print")
@needs(Permission.VIEW)
def paper(meeting_id: int) -> str:
    """All lines on one page, for paper."""
    sheet = sheet_now(meeting_or_404(meeting_id))
    query = read_list_query({}, COLUMNS, FILTERS, "state")
    return render_template("meeting_attendance/print.html", meeting=sheet.meeting, sheet=sheet, facts=facts_now(sheet),
                           entries=chosen(sheet.entries, query), numbers_sentence=attendance.numbers_sentence,
                           **words())  # fmt: skip


@blueprint.get("/<int:meeting_id>/attendance/workbook")
@needs(Permission.EXPORT)
def workbook(meeting_id: int) -> Response:
    """Everything as a spreadsheet of several sheets."""
    body = attendance.attendance_workbook(facts_now(sheet_now(meeting_or_404(meeting_id))), zone_now())
    return Response(body, mimetype=XLSX, headers=_attached(f"attendance-{meeting_id}.xlsx"))


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


@blueprint.get("/<int:meeting_id>/attendance/check")
@needs(Permission.VIEW)
def check(meeting_id: int) -> str:
    """Whether the seal of the attendance is whole."""
    meeting = meeting_or_404(meeting_id)
    found = attendance.verify(g.session, meeting.id)
    if found is None:
        abort(404)
    return render_template(
        "meeting_attendance/check.html", meeting=meeting, check=found, problems=attendance.words.CHAIN_PROBLEMS,
        count=attendance.counts_by_meeting(g.session, [meeting.id])[meeting.id], **words(),
    )  # fmt: skip


@blueprint.get("/<int:meeting_id>/attendance/<int:row_id>")
@needs(Permission.VIEW)
def line(meeting_id: int, row_id: int) -> str:
    """One participant: the stretches, both sources, what people added."""
    meeting = meeting_or_404(meeting_id)
    return line_page(meeting, row_id, {}, {})


def line_page(meeting: Meeting, row_id: int, texts: dict[str, str], errors: dict[str, str]) -> str:
    """The page of one participant with its forms as they were entered."""
    sheet = sheet_now(meeting)
    entry = next((one for one in sheet.entries if one.row_id == row_id), None)
    if entry is None:
        abort(404)
    return render_template(
        "meeting_attendance/line.html", meeting=meeting, sheet=sheet, entry=entry, texts=texts, errors=errors,
        may_edit=may_edit(meeting), may_count=current_user.can(Permission.HANDLE_INCIDENTS),
        moments=[(attendance.moment_of(a), attendance.moment_of(b), source) for a, b, source in entry.intervals],
        **words(),
    )  # fmt: skip
