"""The routes of deeds: book, approve, refuse, cancel, restore, excuse; templates."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from conference import Meeting, schedule
from core import Permission
from core import gettext as _
from dashboards.access import needs
from dashboards.gate import services
from dashboards.pages.meetings.editing import told_state
from dashboards.pages.meetings.routes import approval_from, blueprint, found, own, words
from dashboards.undo import flash_undo
from inventory import InvalidInput, NotFound


def _done(meeting: Meeting, deed: Callable[[], str]) -> Response:
    """Do it and tell; a refusal is told in its own words."""
    try:
        flash(deed(), "success")
    except InvalidInput as problem:
        flash(problem.problems[0].message, "danger")
    return redirect(url_for("meetings.show", meeting_id=meeting.id), 303)


@blueprint.post("/<int:meeting_id>/submit")
@needs(Permission.HOLD_MEETINGS)
def submit(meeting_id: int) -> Response:
    """Book a draft, or hand it over for approval."""
    meeting, now = own(meeting_id), services().clock()
    return _done(meeting, lambda: told_state(
        schedule.submit(g.session, meeting, current_user.actor, now, approval_from())
    ))  # fmt: skip


@blueprint.post("/<int:meeting_id>/approve")
@needs(Permission.APPROVE_MEETINGS)
def approve(meeting_id: int) -> Response:
    """Say yes."""
    meeting, note = own(meeting_id), request.form.get("note", "")

    def deed() -> str:
        schedule.approve(g.session, meeting, current_user.actor, services().clock(), note)
        return _("The meeting is approved. Invitations are on their way.")

    return _done(meeting, deed)


@blueprint.post("/<int:meeting_id>/refuse")
@needs(Permission.APPROVE_MEETINGS)
def refuse(meeting_id: int) -> Response:
    """Say no, with a reason."""
    meeting, note = own(meeting_id), request.form.get("note", "")

    def deed() -> str:
        schedule.refuse(g.session, meeting, current_user.actor, services().clock(), note)
        return _("The meeting is refused; whoever asked for it reads why.")

    return _done(meeting, deed)


@blueprint.post("/<int:meeting_id>/cancel")
@needs(Permission.HOLD_MEETINGS)
def cancel(meeting_id: int) -> Response:
    """Cancel it, with `span` the following or all coming meetings of its series."""
    meeting, reason = own(meeting_id), request.form.get("reason", "")
    span = request.form.get("span", "one")
    try:
        gone = schedule.cancel_meeting(g.session, meeting, current_user.actor, services().clock(), reason,
                                       span if span in schedule.SPANS else "one")  # fmt: skip
    except InvalidInput as problem:
        flash(problem.problems[0].message, "danger")
    else:
        text = _("%(n)s meetings are cancelled.", n=len(gone)) if len(gone) > 1 else _("The meeting is cancelled.")
        flash_undo(text, url_for("meetings.restore", meeting_id=meeting.id))
    return redirect(url_for("meetings.show", meeting_id=meeting.id), 303)


@blueprint.post("/<int:meeting_id>/restore")
@needs(Permission.HOLD_MEETINGS)
def restore(meeting_id: int) -> Response:
    """Take a cancellation back."""
    meeting, now = own(meeting_id), services().clock()
    return _done(meeting, lambda: told_state(
        schedule.restore(g.session, meeting, current_user.actor, now, approval_from())
    ))  # fmt: skip


@blueprint.post("/<int:meeting_id>/participants/<int:participant_id>/excuse")
@needs(Permission.HOLD_MEETINGS)
def excuse(meeting_id: int, participant_id: int) -> Response:
    """Allow an absence, or with an empty reason take that back."""
    meeting, reason = own(meeting_id), request.form.get("reason", "")
    people = schedule.participants_of(g.session, meeting.id)
    one = next((one for one in people if one.id == participant_id), None)
    if one is None:
        abort(404)
    schedule.excuse(g.session, one, current_user.actor, services().clock(), reason)
    flash(_("%(name)s is excused.", name=one.name) if reason.strip() else
          _("%(name)s is expected again.", name=one.name), "success")  # fmt: skip
    return redirect(url_for("meetings.show", meeting_id=meeting.id, _anchor="people"), 303)


@blueprint.post("/<int:meeting_id>/template")
@needs(Permission.HOLD_MEETINGS)
def keep_template(meeting_id: int) -> Response:
    """Keep this meeting as a template."""
    meeting, name = found(meeting_id), request.form.get("name", "")

    def deed() -> str:
        draft = schedule.draft_of(g.session, meeting)
        kept = schedule.save_template(g.session, name, draft, current_user.actor, services().clock(), g.scope)
        return _("The template “%(name)s” is kept.", name=kept.name)

    return _done(meeting, deed)


@blueprint.get("/templates")
@needs(Permission.HOLD_MEETINGS)
def templates() -> str:
    """The templates, to begin a meeting from."""
    rows = schedule.templates(g.session, g.scope)
    shapes = {one.id: schedule.draft_from(one.content, services().clock()) for one in rows}
    return render_template("meetings/templates.html", rows=rows, shapes=shapes, **words())


@blueprint.post("/templates/<int:template_id>/delete")
@needs(Permission.HOLD_MEETINGS)
def delete_template(template_id: int) -> Response:
    """Forget a template; meetings made from it stay."""
    try:
        row = schedule.find_template(g.session, g.scope, template_id)
        schedule.delete_template(g.session, row, current_user.actor, services().clock(), g.scope)
        flash(_("The template “%(name)s” is deleted.", name=row.name), "success")
    except NotFound:
        abort(404)
    except InvalidInput as problem:
        flash(problem.problems[0].message, "danger")
    return redirect(url_for("meetings.templates"), 303)
