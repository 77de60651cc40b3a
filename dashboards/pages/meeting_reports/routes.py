"""The routes of figures: all indicators, one with its origin, the meetings behind it, how units attended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from flask import Blueprint, Response, abort, g, render_template, request
from flask_login import current_user

from conference import attendance, schedule
from core import Permission, Scope
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.access import needs
from dashboards.gate import services
from dashboards.listing import Column, Listing, export, page_of, read_list_query
from dashboards.pages.meeting_reports.period import Period, named_periods, read_period
from dashboards.units import unit_names
from inventory import Unit, fold, names_of

blueprint = Blueprint("meeting_reports", __name__, url_prefix="/meetings/reports")

INDICATORS = tuple(attendance.DEFAULTS)
PERIOD_WORDS = {"this_month": _l("This month"), "last_month": _l("Last month"), "this_year": _l("This year"),
                "last_year": _l("Last year")}  # fmt: skip
MEETING_COLUMNS = (
    Column(_l("When"), "when"), Column(_l("Meeting")), Column(_l("Invited"), is_number=True, hide="sm"),
    Column(_l("Present"), is_number=True, hide="sm"), Column(_l("Counts"), "good"),
)  # fmt: skip
MEETING_FILTERS = ("from", "to", "month", "unit", "kind", "good")
UNIT_COLUMNS = (
    Column(_l("Unit"), "name"), Column(_l("Invited"), "invited", is_number=True),
    Column(_l("Present"), "present", is_number=True), Column(_l("Share of meetings"), "ratio"),
    Column(_l("Mean share of minutes"), "minutes", is_number=True, hide="md"),
)  # fmt: skip
PERIOD_FILTERS = ("from", "to")
FIGURE_HEADS = (_l("Indicator"), _l("By"), _l("Group"), _l("Fulfilled"), _l("Of"), _l("... in person (entered)"),
                _l("Share of meetings"))  # fmt: skip


def local_now() -> datetime:
    """Now on the wall's clock."""
    return services().clock().astimezone(ZoneInfo(services().settings.core.timezone))


def period_now() -> Period:
    """The months that the address asks for."""
    return read_period(request.args, local_now())


def persons_of(scope: Scope, period: Period) -> list[attendance.InPerson]:
    """Meetings in person, as entered."""
    rows = attendance.in_person(g.session, scope, *period.months)
    return [attendance.InPerson(one.month, one.unit_id, one.kind, one.count) for one in rows]


def may_edit() -> bool:
    """Whether the person may change formulas and weights: a holder of meetings who sees the whole province."""
    return current_user.can(Permission.HOLD_MEETINGS) and g.scope.is_everything


def words(period: Period) -> dict[str, Any]:
    """What every template of figures may name."""
    return {
        "period": period, "indicators": attendance.words.INDICATORS, "kinds": schedule.KINDS, "targets":
        attendance.TARGETS, "names": attendance.words.NAMES, "may_edit": may_edit(), "sentence": sentence,
        "periods": [(PERIOD_WORDS[word], one) for word, one in named_periods(local_now())],
        "local": lambda moment: moment.astimezone(ZoneInfo(services().settings.core.timezone)),
    }  # fmt: skip


COUNTED_WORDS = {"unit": _l("units"), "endpoint": _l("endpoints"), "person": _l("people")}


def sentence(formula: attendance.Formula) -> str:
    """A formula in words."""
    kinds = ", ".join(_(schedule.KINDS[one]).lower() for one in formula.kinds)
    text = _(
        "Of kinds: %(kinds)s. Counted are %(what)s that were there for at least %(percent)s %% of the planned minutes;"
        " least share of the invited: %(share)s %%. A meeting counts when: %(condition)s.",
        kinds=kinds, what=str(COUNTED_WORDS[formula.counted_by]), percent=formula.least_percent,
        share=formula.least_share, condition=formula.condition,
    )  # fmt: skip
    tail = _("Share of all meetings, those in person included.") if formula.share_of == "all" else _(
        "Share of the meetings booked here."
    )
    return f"{text} {tail}"


@blueprint.get("")
@needs(Permission.VIEW)
def index() -> str | Response:
    """All indicators over the months."""
    period = period_now()
    query = read_list_query(request.args, (), PERIOD_FILTERS)
    if query.format and not current_user.can(Permission.EXPORT):
        abort(403)
    counted = attendance.read_counted(g.session, g.scope, *period.months)
    persons = persons_of(g.scope, period)
    formulas = attendance.formulas_now(g.session)
    reports = [attendance.make_report(word, formulas[word], counted, persons, period.months) for word in INDICATORS]
    if query.format:
        return export("meeting-figures", FIGURE_HEADS, (row for one in reports for row in _cells(one)), query.format)
    return render_template("meeting_reports/index.html", reports=reports, size=len(counted), **words(period))


def _cells(report: attendance.Report) -> list[tuple[Any, ...]]:
    title = _(attendance.words.INDICATORS[report.word][0])
    names = unit_names(g.session, [number for number, _figure in report.units])
    groups = [(_("All"), "", report.total)]
    groups += [(_("Month"), month, one) for month, one in report.months]
    groups += [(_("Kind"), _(schedule.KINDS[kind]), one) for kind, one in report.kinds]
    groups += [(_("Unit"), names.get(unit, str(unit)), one) for unit, one in report.units]
    return [
        (title, by, group, one.good, one.all, one.in_person, "" if one.ratio is None else round(one.ratio, 4))
        for by, group, one in groups
    ]


def _indicator(word: str) -> str:
    if word not in INDICATORS:
        abort(404)
    return word


@blueprint.get("/<any(assured, online, training, broadcast, observation):word>")
@needs(Permission.VIEW)
def show(word: str) -> str:
    """One indicator: its formula, by month, kind and unit; every figure leads to its meetings."""
    period = period_now()
    counted = attendance.read_counted(g.session, g.scope, *period.months)
    formula = attendance.formula_now(g.session, _indicator(word))
    report = attendance.make_report(word, formula, counted, persons_of(g.scope, period), period.months)
    return render_template(
        "meeting_reports/show.html", report=report, word=word,
        unit_names=unit_names(g.session, [number for number, _figure in report.units]), **words(period),
    )  # fmt: skip


@blueprint.get("/<any(assured, online, training, broadcast, observation):word>/meetings")
@needs(Permission.VIEW)
def meetings(word: str) -> str | Response:
    """The meetings behind a figure: which count, which do not, by which numbers."""
    period = period_now()
    query = read_list_query(request.args, MEETING_COLUMNS, MEETING_FILTERS)
    if query.format and not current_user.can(Permission.EXPORT):
        abort(403)
    counted = attendance.read_counted(g.session, g.scope, *period.months)
    formula = attendance.formula_now(g.session, _indicator(word))
    judged = attendance.judge_meetings(formula, counted)
    places = np.flatnonzero(judged.is_in & _chosen(counted, judged, query.filters))
    found = _meeting_rows(counted, judged, places)
    if query.text:
        found = [one for one in found if fold(query.text) in fold(one[1])]
    found.sort(key=lambda one: (one[5] if query.sort == "good" else False, one[2]), reverse=not query.is_descending)
    if query.format:
        heads = (_l("Begins"), _l("Meeting"), _l("Kind"), _l("Invited"), _l("Present"), _l("Counts"))
        rows = ((one[2], one[1], _(schedule.KINDS.get(one[6], one[6])), one[3], one[4], _("yes") if one[5] else _("no"))
                for one in found)  # fmt: skip
        return export("meetings", heads, rows, query.format)
    rows, total = page_of(found, query)
    return render_template(
        "meeting_reports/meetings.html", listing=Listing("meetings", MEETING_COLUMNS, rows, total, query), word=word,
        formula=formula, unit=names_of(g.session, Unit, [_number(query.filters.get("unit"))]), **words(period),
    )  # fmt: skip


def _number(word: str | None) -> int:
    return int(word) if word and word.isdecimal() and len(word) < 10 else 0


def _chosen(counted: attendance.Counted, judged: attendance.Judged, filters: Any) -> np.ndarray:
    """Which meetings the filters of an address leave."""
    mask = np.ones(len(counted), bool)
    month = read_period({"to": filters.get("month", ""), "from": filters.get("month", "")}, local_now())
    if filters.get("month") == month.first:
        mask &= counted.month == attendance.month_number(month.first)
    if filters.get("unit"):
        mask &= counted.unit == _number(filters["unit"])
    if filters.get("kind") in schedule.KINDS:
        mask &= counted.kind == list(schedule.KINDS).index(filters["kind"])
    if filters.get("good") in ("yes", "no"):
        mask &= judged.is_good == (filters["good"] == "yes")
    return mask


def _meeting_rows(
    counted: attendance.Counted, judged: attendance.Judged, places: np.ndarray
) -> list[tuple[int, str, datetime, int, int, bool, str]]:
    """(number, title, start, invited, present, counts, kind) of the meetings at these places."""
    titles = attendance.titles_of(g.session, counted.meeting[places].tolist())
    found = []
    for place in places.tolist():
        number = int(counted.meeting[place])
        if number in titles:
            title, start, kind = titles[number]
            numbers = (int(judged.invited[place]), int(judged.present[place]), bool(judged.is_good[place]))
            found.append((number, title, start, *numbers, kind))
    return found


@blueprint.get("/units")
@needs(Permission.VIEW)
def units() -> str | Response:
    """How units attended what they were invited to: the share that enters the yearly index."""
    period = period_now()
    query = read_list_query(request.args, UNIT_COLUMNS, PERIOD_FILTERS, "ratio")
    if query.format and not current_user.can(Permission.EXPORT):
        abort(403)
    counted = attendance.read_counted(g.session, Scope.everything(), *period.months)
    formula = replace(attendance.formula_now(g.session, "online"), kinds=tuple(schedule.KINDS))
    rows = _unit_rows(formula, counted)
    if query.text:
        rows = [one for one in rows if fold(query.text) in fold(one[1])]
    keys: dict[str, Any] = {
        "name": lambda one: fold(one[1]), "invited": lambda one: one[2], "present": lambda one: one[3],
        "ratio": lambda one: (one[4], -one[2]), "minutes": lambda one: one[5],
    }  # fmt: skip
    rows.sort(key=keys.get(query.sort, keys["ratio"]), reverse=query.is_descending)
    if query.format:
        heads = (_l("Unit"), _l("Invited"), _l("Present"), _l("Share of meetings"), _l("Mean share of minutes"))
        return export("units", heads, (one[1:] for one in rows), query.format)
    shown, total = page_of(rows, query)
    return render_template("meeting_reports/units.html", formula=formula,
                           listing=Listing("units", UNIT_COLUMNS, shown, total, query), **words(period))  # fmt: skip


def _unit_rows(
    formula: attendance.Formula, counted: attendance.Counted
) -> list[tuple[int, str, int, int, float, float]]:
    """(unit, name, invited, present, share, mean share of minutes) of the scope's units."""
    found = attendance.attendance_by_unit(formula, counted, np.ones(len(counted), bool))
    own = attendance.units_of_scope(g.session, g.scope)
    names = unit_names(g.session, found.unit.tolist())
    columns: Sequence[list[Any]] = (found.unit.tolist(), found.invited.tolist(), found.present.tolist(),
                                    found.ratio().tolist(), (found.percent_sum / np.maximum(found.invited, 1)).tolist())
    return [
        (unit, names.get(unit, ""), invited, present, round(ratio, 4), round(percent / 100, 4))
        for unit, invited, present, ratio, percent in zip(*columns, strict=True) if own is None or unit in own
    ]
