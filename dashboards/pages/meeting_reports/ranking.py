"""The routes of the ranking of endpoints to upgrade, and of its published weights."""

from __future__ import annotations

import json

from flask import Response, abort, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from conference import attendance
from core import Permission
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.access import needs
from dashboards.gate import services
from dashboards.listing import Column, Listing, export, page_of, read_list_query
from dashboards.pages.meeting_reports.period import Period, read_period
from dashboards.pages.meeting_reports.routes import PERIOD_FILTERS, blueprint, local_now, may_edit, words
from dashboards.undo import flash_undo
from inventory import fold

COLUMNS = (
    Column(_l("Rank"), is_number=True), Column(_l("Endpoint")), Column(_l("Score"), is_number=True),
    Column(_l("What to upgrade")), Column(_l("Meetings attended"), is_number=True, hide="md"),
    Column(_l("Why"), hide="lg"),
)  # fmt: skip


def _period() -> Period:
    """The months of the address; without, the last six."""
    now = local_now()
    this = attendance.month_number(now.strftime("%Y-%m"))
    start = {"from": attendance.month_word(this - 5), "to": attendance.month_word(this)}
    return read_period({**start, **request.args.to_dict()}, now)


@blueprint.get("/ranking")
@needs(Permission.VIEW)
def ranking() -> str | Response:
    """Endpoints, the one to upgrade first at the top."""
    period = _period()
    query = read_list_query(request.args, COLUMNS, PERIOD_FILTERS)
    if query.format and not current_user.can(Permission.EXPORT):
        abort(403)
    weights = attendance.weights_now(g.session)
    found = attendance.ranked(g.session, g.scope, period.months, local_now().date(), weights)
    lines = list(enumerate(found, 1))
    if query.text:
        wanted = fold(query.text)
        lines = [one for one in lines if wanted in fold(f"{one[1].name} {one[1].site_name} {one[1].unit_name}")]
    if query.format:
        return _file(lines, query.format)
    rows, total = page_of(lines, query)
    return render_template(
        "meeting_reports/ranking.html", listing=Listing("ranking", COLUMNS, rows, total, query), weights=weights,
        factors=attendance.FACTORS, errors={}, history=attendance.history(g.session, attendance.WEIGHTS, 5),
        **words(period),
    )  # fmt: skip


def _file(lines: list[tuple[int, attendance.RankLine]], form: str) -> Response:
    factors = attendance.FACTORS
    heads = (_l("Rank"), _l("Endpoint"), _l("Code"), _l("Site"), _l("Unit"), _l("Score"), _l("What to upgrade"),
             _l("Meetings attended"), *(_(text) for text, _weight, _part in factors.values()))  # fmt: skip
    rows = (
        (place, one.name, one.code, one.site_name, one.unit_name, one.rank.score,
         _(factors[one.rank.worst][2]) if one.rank.worst else "", one.rank.record.meetings,
         *(round(one.rank.points.get(word, 0.0), 1) for word in factors))
        for place, one in lines
    )  # fmt: skip
    return export("ranking", heads, rows, form)


@blueprint.post("/ranking/weights")
@needs(Permission.HOLD_MEETINGS)
def save_weights() -> AnyResponse | tuple[str, int]:
    """Put other weights in force."""
    if not may_edit():
        abort(403)
    weights, errors = attendance.weights_of_form(request.form)
    if errors:
        shown = {word: request.form.get(word, "") for word in attendance.FACTORS}
        return render_template(
            "meeting_reports/ranking.html", listing=None, weights=shown, factors=attendance.FACTORS, errors=errors,
            history=attendance.history(g.session, attendance.WEIGHTS, 5), **words(_period()),
        ), 422  # fmt: skip
    saved = attendance.Saved(attendance.WEIGHTS, json.dumps(weights, sort_keys=True),
                             request.form.get("note", "").strip(), current_user.actor)  # fmt: skip
    row = attendance.save_formula(g.session, saved, services().clock())
    flash_undo(_("The weights are in force."), url_for("meeting_reports.undo_weights"), (("version", str(row.id)),))
    return redirect(url_for("meeting_reports.ranking"), 303)


@blueprint.post("/ranking/weights/undo")
@needs(Permission.HOLD_MEETINGS)
def undo_weights() -> AnyResponse:
    """Take the newest weights back."""
    if not may_edit():
        abort(403)
    number = request.form.get("version", "")
    if number.isdecimal() and len(number) < 10:
        attendance.delete_newest(
            g.session, attendance.WEIGHTS, int(number), current_user.actor, services().clock()
        )
    return redirect(url_for("meeting_reports.ranking"), 303)
