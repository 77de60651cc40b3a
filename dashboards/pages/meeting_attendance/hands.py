"""The routes of what people add: corrections, head counts, excuses, counting again."""

from __future__ import annotations

from flask import abort, flash, g, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from conference import ConferenceSettings, attendance
from core import Permission
from core import gettext as _
from dashboards.access import needs
from dashboards.gate import services
from dashboards.pages.meeting_attendance.routes import blueprint, line_page, may_edit, meeting_or_404
from dashboards.undo import flash_undo
from inventory import InvalidInput, NotFound

AnyAnswer = Response | tuple[str, int]


def _row(meeting_id: int, row_id: int) -> attendance.Attendance:
    try:
        return attendance.find_row(g.session, g.scope, meeting_id, row_id)
    except NotFound:
        abort(404)


def _refused(meeting_id: int, row_id: int, problem: InvalidInput) -> tuple[str, int]:
    errors = {one.column: one.message for one in problem.problems}
    return line_page(meeting_or_404(meeting_id), row_id, request.form.to_dict(), errors), 422


@blueprint.post("/<int:meeting_id>/attendance/<int:row_id>/correct")
@needs(Permission.HOLD_MEETINGS)
def correct(meeting_id: int, row_id: int) -> AnyAnswer:
    """Say how many minutes count, and why."""
    if not may_edit(meeting_or_404(meeting_id)):
        abort(403)
    row, form = _row(meeting_id, row_id), request.form
    before = "" if row.corrected_seconds is None else str(row.corrected_seconds // 60)
    undo = (("minutes", before), ("reason", row.correction or ""))
    try:
        attendance.correct(g.session, row, form.get("minutes", ""), form.get("reason", ""), current_user.actor,
                           services().clock())  # fmt: skip
    except InvalidInput as problem:
        return _refused(meeting_id, row_id, problem)
    here = url_for("meeting_attendance.correct", meeting_id=meeting_id, row_id=row_id)
    flash_undo(_("The correction is kept beside what was measured."), here, undo)
    return redirect(url_for("meeting_attendance.line", meeting_id=meeting_id, row_id=row_id), 303)


@blueprint.post("/<int:meeting_id>/attendance/<int:row_id>/heads")
@needs(Permission.HANDLE_INCIDENTS)
def heads(meeting_id: int, row_id: int) -> AnyAnswer:
    """Say how many people sat in the room: the school itself may."""
    row = _row(meeting_id, row_id)
    before = "" if row.head_count is None else str(row.head_count)
    try:
        attendance.set_heads(g.session, row, request.form.get("heads", ""), current_user.actor, services().clock())
    except InvalidInput as problem:
        return _refused(meeting_id, row_id, problem)
    here = url_for("meeting_attendance.heads", meeting_id=meeting_id, row_id=row_id)
    flash_undo(_("The number of people is kept."), here, (("heads", before),))
    return redirect(url_for("meeting_attendance.line", meeting_id=meeting_id, row_id=row_id), 303)


@blueprint.post("/<int:meeting_id>/attendance/count")
@needs(Permission.HOLD_MEETINGS)
def count(meeting_id: int) -> Response:
    """Count again now, out of all evidence there is."""
    meeting = meeting_or_404(meeting_id)
    if not may_edit(meeting):
        abort(403)
    note = request.form.get("note", "").strip()[:200] or _("asked for by a person")
    threshold = services().settings[ConferenceSettings].attendance_disagreement_minutes * 60
    quality = attendance.measured_quality(g.session, meeting.id, services().store, services().registry)
    found = attendance.settle(
        g.session, meeting.id, services().clock(), threshold_s=threshold, actor=current_user.actor, note=note
    )
    if found is None:
        flash(_("The meeting is not over yet: it is counted three minutes after its end."), "warning")
    elif found.evidence == attendance.GONE:
        flash(_("The evidence of this meeting was removed after its time; what was counted then stands."), "warning")
    else:
        attendance.keep_quality(g.session, meeting.id, quality)
        flash(_("Counted again: version %(n)s.", n=found.version), "success")
    return redirect(url_for("meeting_attendance.show", meeting_id=meeting_id), 303)
