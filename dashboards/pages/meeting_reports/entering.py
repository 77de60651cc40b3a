"""The routes of meetings in person: what no server counts is entered here with its source."""

from __future__ import annotations

from flask import g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from conference import attendance, schedule
from core import Permission
from core import gettext as _
from dashboards.access import needs
from dashboards.gate import services
from dashboards.pages.meeting_reports.period import MONTH
from dashboards.pages.meeting_reports.routes import blueprint, period_now, words
from dashboards.undo import flash_undo
from dashboards.units import unit_code_of, unit_names, unit_of_code
from inventory import NotFound

FIELDS = ("unit", "month", "kind", "count", "source")
MOST = 10_000


@blueprint.get("/in-person")
@needs(Permission.VIEW)
def in_person() -> str:
    """What was entered, and the form for more."""
    return _page({}, {})


def _page(texts: dict[str, str], errors: dict[str, str]) -> str:
    period = period_now()
    rows = attendance.in_person(g.session, g.scope, *period.months)
    return render_template(
        "meeting_reports/in_person.html", rows=rows, texts=texts, errors=errors,
        unit_names=unit_names(g.session, [one.unit_id for one in rows]),
        may_enter=current_user.can(Permission.HOLD_MEETINGS),
        kind_choices=[(word, _(label)) for word, label in schedule.KINDS.items()], **words(period),
    )  # fmt: skip


@blueprint.post("/in-person")
@needs(Permission.HOLD_MEETINGS)
def save_in_person() -> Response | tuple[str, int]:
    """Enter how many; the same unit, month and kind again replaces; 0 takes out."""
    texts = {name: request.form.get(name, "").strip()[:300] for name in FIELDS}
    errors, now = _problems(texts), services().clock()
    unit_id = unit_of_code(g.session, texts["unit"])
    if unit_id is None:
        errors["unit"] = _("There is no unit with this code.")
    if errors or unit_id is None:
        return _page(texts, errors), 422
    known = attendance.in_person(g.session, g.scope, texts["month"], texts["month"])
    before = next((one for one in known if one.unit_id == unit_id and one.kind == texts["kind"]), None)
    undo = {"count": str(before.count) if before else "0", "source": before.source if before else "-"}
    entered = attendance.InPersonMeetings(
        unit_id=unit_id, month=texts["month"], kind=texts["kind"], count=int(texts["count"]), source=texts["source"],
        entered_by=current_user.actor, entered_at=now,
    )  # fmt: skip
    try:
        attendance.save_in_person(g.session, g.scope, entered, now)
    except NotFound:
        return _page(texts, {"unit": _("There is no unit with this code.")}), 422
    back = {**texts, **undo, "unit": unit_code_of(g.session, unit_id)}
    flash_undo(_("Entered."), url_for("meeting_reports.save_in_person"), tuple(back.items()))
    return redirect(url_for("meeting_reports.in_person", **period_now().args()), 303)


def _problems(texts: dict[str, str]) -> dict[str, str]:
    """What is wrong with the fields, by name."""
    errors = {}
    if not MONTH.fullmatch(texts["month"]):
        errors["month"] = _("Choose a month.")
    if texts["kind"] not in schedule.KINDS:
        errors["kind"] = _("Choose a kind.")
    count = texts["count"]
    if not (count.isascii() and count.isdecimal() and int(count) <= MOST):
        errors["count"] = _("Enter how many, as a whole number; 0 takes the entry out.")
    if not texts["source"]:
        errors["source"] = _("Say whence the number is: a report, its number and date.")
    return errors
