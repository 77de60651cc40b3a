"""The routes of the minutes: write, sign, reopen, take as a Word document."""

from __future__ import annotations

from flask import Response, abort, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from conference import Meeting, attendance
from core import Permission
from core import gettext as _
from dashboards.access import needs
from dashboards.gate import services
from dashboards.pages.meeting_attendance.routes import (
    blueprint,
    facts_now,
    may_edit,
    meeting_or_404,
    sheet_now,
    words,
    zone_now,
)
from inventory import InvalidInput

FIELDS = ("number", "place", "chair", "secretary", "recipients", "recording_url", "content", "conclusions")
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@blueprint.get("/<int:meeting_id>/minutes")
@needs(Permission.VIEW)
def minutes(meeting_id: int) -> str:
    """The minutes beside the counted figures."""
    return _page(meeting_or_404(meeting_id), {})


def _page(meeting: Meeting, errors: dict[str, str], texts: dict[str, str] | None = None) -> str:
    sheet = sheet_now(meeting)
    facts = facts_now(sheet)
    own = facts.minutes
    return render_template(
        "meeting_attendance/minutes.html", meeting=meeting, sheet=sheet, facts=facts, minutes=own, errors=errors,
        texts=texts if texts is not None else {name: getattr(own, name) or "" for name in FIELDS},
        may_edit=may_edit(meeting), numbers_sentence=attendance.numbers_sentence,
        speakers_sentence=attendance.speakers_sentence, **words(),
    )  # fmt: skip


def _own(meeting_id: int) -> Meeting:
    meeting = meeting_or_404(meeting_id)
    if not may_edit(meeting):
        abort(403)
    return meeting


@blueprint.post("/<int:meeting_id>/minutes")
@needs(Permission.HOLD_MEETINGS)
def save_minutes(meeting_id: int) -> AnyResponse | tuple[str, int]:
    """Keep what was written; "sign" keeps and signs."""
    meeting = _own(meeting_id)
    texts = {name: request.form.get(name, "") for name in FIELDS}
    now, actor = services().clock(), current_user.actor
    is_signing = request.form.get("deed") == "sign"
    try:
        attendance.save_minutes(g.session, meeting, texts, actor, now)
        if is_signing:
            attendance.sign(g.session, meeting, actor, now)
    except InvalidInput as problem:
        return _page(meeting, {one.column: one.message for one in problem.problems}, texts), 422
    flash(_("The minutes are signed.") if is_signing else _("The minutes are kept."), "success")
    return redirect(url_for("meeting_attendance.minutes", meeting_id=meeting_id), 303)


@blueprint.post("/<int:meeting_id>/minutes/reopen")
@needs(Permission.HOLD_MEETINGS)
def reopen_minutes(meeting_id: int) -> AnyResponse:
    """Open signed minutes again, with a reason."""
    meeting = _own(meeting_id)
    try:
        attendance.reopen(g.session, meeting, request.form.get("reason", ""), current_user.actor, services().clock())
        flash(_("The minutes are open again."), "success")
    except InvalidInput as problem:
        flash(problem.problems[0].message, "danger")
    return redirect(url_for("meeting_attendance.minutes", meeting_id=meeting_id), 303)


@blueprint.get("/<int:meeting_id>/minutes/document")
@needs(Permission.EXPORT)
def document(meeting_id: int) -> Response:
    """The minutes as a Word document."""
    body = attendance.minutes_document(facts_now(sheet_now(meeting_or_404(meeting_id))), zone_now())
    name = f"minutes-{meeting_id}.docx"
    return Response(body, mimetype=DOCX, headers={"Content-Disposition": f'attachment; filename="{name}"'})
