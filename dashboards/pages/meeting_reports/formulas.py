"""The routes of formulas: change one with a preview of what it would do to the figures; its history; undo."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from conference import attendance
from core import Permission
from core import gettext as _
from dashboards.access import needs
from dashboards.gate import services
from dashboards.pages.meeting_reports.routes import blueprint, may_edit, period_now, persons_of, words
from dashboards.undo import flash_undo

FIELDS = ("counted_by", "least_percent", "least_share", "condition", "share_of", "only_important",
          "leaves_out_excused", "note")  # fmt: skip


@blueprint.get("/<any(assured, online, training, broadcast, observation):word>/formula")
@needs(Permission.VIEW)
def formula(word: str) -> str:
    """The formula in force, the form, and the versions before."""
    return _page(word, attendance.formula_now(g.session, word), {}, None)


def _page(word: str, shown: Any, errors: dict[str, str], preview: tuple[Any, Any] | None) -> str:
    versions = [(one, attendance.read_formula(word, one.content)) for one in attendance.history(g.session, word)]
    return render_template(
        "meeting_reports/formula.html", word=word, shown=shown, errors=errors, preview=preview, versions=versions,
        note=request.form.get("note", ""), standard=attendance.DEFAULTS[word], **words(period_now()),
    )  # fmt: skip


@blueprint.post("/<any(assured, online, training, broadcast, observation):word>/formula")
@needs(Permission.HOLD_MEETINGS)
def save_formula(word: str) -> Response | str | tuple[str, int]:
    """Show what a formula would do ("preview"), or put it in force ("save")."""
    if not may_edit():
        abort(403)
    form = request.form
    try:
        found = attendance.formula_of_form(word, form, form.getlist("kinds"))
    except attendance.BadFormula as bad:
        entered = {name: form.get(name, "") for name in FIELDS} | {"kinds": form.getlist("kinds")}
        return _page(word, entered, bad.problems, None), 422
    if form.get("deed") != "save":
        return _page(word, found, {}, _compare(word, found))
    now = services().clock()
    saved = attendance.Saved(word, found.to_json(), form.get("note", "").strip(), current_user.actor)
    row = attendance.save_formula(g.session, saved, now)
    undo = url_for("meeting_reports.undo_formula", word=word)
    flash_undo(_("The formula is in force. All figures follow it at once."), undo, (("version", str(row.id)),))
    return redirect(url_for("meeting_reports.show", word=word), 303)


def _compare(word: str, found: attendance.Formula) -> tuple[attendance.Report, attendance.Report]:
    """(figures by the formula in force, by the new one) over the months of the address."""
    period = period_now()
    counted = attendance.read_counted(g.session, g.scope, *period.months)
    persons = persons_of(g.scope, period)
    both = (attendance.formula_now(g.session, word), found)
    before, after = (attendance.make_report(word, one, counted, persons, period.months) for one in both)
    return before, after


@blueprint.post("/<any(assured, online, training, broadcast, observation):word>/formula/undo")
@needs(Permission.HOLD_MEETINGS)
def undo_formula(word: str) -> Response:
    """Take the newest version back."""
    if not may_edit():
        abort(403)
    number = request.form.get("version", "")
    is_number = number.isdecimal() and len(number) < 10
    if is_number and attendance.delete_newest(g.session, word, int(number), current_user.actor, services().clock()):
        flash(_("The formula before is in force again."), "success")
    else:
        flash(_("Somebody has changed the formula since: nothing was taken back."), "warning")
    return redirect(url_for("meeting_reports.show", word=word), 303)
