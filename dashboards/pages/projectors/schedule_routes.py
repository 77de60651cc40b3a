"""The routes of projector schedules and of rated lives: kept by people, carried out by the worker."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from core import Deed, Permission, append_audit
from core import gettext as _
from dashboards.access import needs
from dashboards.gate import services
from dashboards.pages.projectors.store import names_of_places, places
from inventory import ROOM_KINDS, InvalidInput, NotFound, set_rated_life
from playbooks import projectors

FIELDS = ("id", "name", "place", "room_kind", "command", "runs_at", "days", "wait_minutes", "is_enabled")
BLANK = {"command": "off", "runs_at": "17:30", "days": "school_days", "wait_minutes": "180", "is_enabled": "true"}
MOST_HOURS = 100_000


def add_schedules(blueprint: Blueprint) -> None:
    """Hang the routes of schedules on the projectors' blueprint."""

    @blueprint.get("/schedules")
    @needs(Permission.VIEW)
    def schedules() -> str:
        """What is switched by the calendar, and the form for one more."""
        return _page(_texts(request.args.get("edit", "")), {})

    @blueprint.post("/schedules")
    @needs(Permission.CONTROL_PROJECTORS)
    def save_schedule() -> Response | tuple[str, int]:
        """Make or change a schedule."""
        texts = {name: request.form.get(name, "")[:300] for name in FIELDS}
        try:
            saved = projectors.save_schedule(g.session, g.scope, texts, current_user.actor, services().clock())
        except NotFound as problem:
            flash(str(problem), "danger")
            return redirect(url_for("projectors.schedules"), 303)
        except InvalidInput as problem:
            return _page(texts, {one.column: one.message for one in problem.problems}), 422
        flash(_("The schedule “%(name)s” is kept.", name=saved.name), "success")
        return redirect(url_for("projectors.schedules"), 303)

    @blueprint.post("/schedules/<int:schedule_id>/delete")
    @needs(Permission.CONTROL_PROJECTORS)
    def delete_schedule(schedule_id: int) -> Response:
        """Delete a schedule; what it has ordered already goes on."""
        try:
            now = services().clock()
            name = projectors.delete_schedule(g.session, g.scope, schedule_id, current_user.actor, now)
            flash(_("The schedule “%(name)s” is deleted.", name=name), "success")
        except NotFound as problem:
            flash(str(problem), "danger")
        return redirect(url_for("projectors.schedules"), 303)


def add_lives(blueprint: Blueprint) -> None:
    """Hang the route of rated lives on the projectors' blueprint."""

    @blueprint.post("/lives")
    @needs(Permission.EDIT_INVENTORY)
    def save_life() -> Response:
        """Say how long the lamp and filter of a model last."""
        model = request.form.get("model", "").strip()[:200]
        try:
            lamp, filters = (_hours(request.form.get(name, "")) for name in ("lamp_hours", "filter_hours"))
        except ValueError:
            flash(_("Enter whole hours from 50 to 100,000, or leave the field empty."), "danger")
            return redirect(url_for("projectors.replacements"), 303)
        if not model:
            flash(_("Choose a model first."), "danger")
            return redirect(url_for("projectors.replacements"), 303)
        set_rated_life(g.session, model, lamp, filters)
        deed = Deed(current_user.actor, "rated_life.save", "model", model, f"{lamp} h, {filters} h")
        append_audit(g.session, deed, services().clock())
        flash(_("The life of %(model)s is kept.", model=model), "success")
        return redirect(url_for("projectors.replacements"), 303)


def _hours(text: str) -> int | None:
    """Hours, None for an empty field. Raises ValueError."""
    plain = text.strip()
    if not plain:
        return None
    if not (plain.isascii() and plain.isdecimal() and 50 <= int(plain) <= MOST_HOURS):
        raise ValueError(plain)
    return int(plain)


def _texts(number: str) -> dict[str, str]:
    if not (number.isdecimal() and len(number) < 10):
        return dict(BLANK)
    try:
        found = projectors.get_schedule(g.session, g.scope, int(number))
    except NotFound:
        return dict(BLANK)
    return {
        "id": str(found.id), "name": found.name, "room_kind": found.room_kind, "command": found.command,
        "place": f"site:{found.site_id}" if found.site_id else f"unit:{found.unit_id}", "days": found.days,
        "runs_at": found.runs_at.strftime("%H:%M"), "wait_minutes": str(found.wait_minutes),
        "is_enabled": "true" if found.is_enabled else "",
    }  # fmt: skip


def _page(texts: dict[str, str], errors: dict[str, str]) -> str:
    found = projectors.list_schedules(g.session, g.scope)
    may_control = current_user.can(Permission.CONTROL_PROJECTORS)
    return render_template(
        "projectors/schedules.html", texts=texts, errors=errors, may_control=may_control,
        schedules=[(one, names_of_places(g.session, one.unit_id, one.site_id)) for one in found],
        places=places(g.session, g.scope) if may_control else [], days=projectors.DAYS,
        commands={word: projectors.COMMANDS[word] for word in projectors.SCHEDULED}, room_kinds=ROOM_KINDS,
    )  # fmt: skip
