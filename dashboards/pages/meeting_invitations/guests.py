"""What invited people do without signing in: answer, and go on to the meeting of a series that is next."""

from __future__ import annotations

from flask import abort, flash, g, redirect, request, url_for
from werkzeug.wrappers import Response

from conference import Meeting, Participant, invitations, schedule
from core import gettext as _
from dashboards.access import public
from dashboards.gate import services
from dashboards.limits import limiter
from dashboards.pages.meeting_invitations.routes import blueprint

ASKED = "120 per minute"  # from one address: a school sits behind one
HIDDEN = ("draft", "pending", "refused")


def participant_of(code: str) -> tuple[Meeting, Participant]:
    """The meeting and the participant of a personal address; 404 otherwise."""
    pair = schedule.participant_of_invite_code(g.session, code) if len(code) <= 64 else None
    if pair is None or pair[0].state in HIDDEN:
        abort(404)
    return pair


@blueprint.get("/invited/<token>")
@public
@limiter.limit(ASKED)
def lead_on(token: str) -> Response:
    """From the address in a series' invitation to one's own page of the meeting that runs or comes next."""
    pair = schedule.participant_of_invite_code(g.session, token) if len(token) <= 64 else None
    if pair is None:
        abort(404)
    code = invitations.next_code(g.session, *pair, services().clock())
    answer = redirect(url_for("meetings_join.show_own", code=code), 302)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@blueprint.post("/i/<token>/answer")
@public
@limiter.limit(ASKED)
def answer(token: str) -> Response:
    """Yes, no or perhaps, with a note."""
    _meeting, participant = participant_of(token)
    reply = request.form.get("reply", "")
    if reply not in invitations.ANSWERS:
        abort(400)
    if invitations.set_reply(g.session, participant.id, reply, request.form.get("note", ""), services().clock()):
        flash(_("Thank you. Your answer is noted."), "success")
    else:
        flash(_("This meeting is over or called off; nothing was changed."), "warning")
    return redirect(url_for("meetings_join.show_own", code=token), 303)
