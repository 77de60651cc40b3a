"""Calendars to subscribe to: answered under a secret address; their addresses shown to whom they belong."""

from __future__ import annotations

from flask import Response, abort, flash, g, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from conference import ConferenceSettings, invitations
from core import Permission
from core import gettext as _
from dashboards.access import needs, public
from dashboards.gate import services
from dashboards.limits import limiter
from dashboards.pages.meeting_invitations.guests import ASKED, participant_of
from dashboards.pages.meeting_invitations.routes import blueprint
from inventory import Endpoint, NotFound, get_record


@blueprint.get("/calendars/<token>.ics")
@public
@limiter.limit(ASKED)
def feed(token: str) -> Response:
    """The meetings of an endpoint or a person (text/calendar); with an ETag, so that asking often costs little."""
    settings = services().settings[ConferenceSettings]
    sender = invitations.Sender(settings.mail_sender or "edunoc@localhost.invalid", settings.mail_sender_name)
    links = invitations.Links(services().settings.core.public_url or request.url_root.rstrip("/"))
    found = invitations.find_feed(g.session, token, sender, links, services().clock()) if len(token) <= 64 else None
    if found is None:
        abort(404)
    answer = make_response(found.content)
    answer.set_etag(found.tag)
    answer.headers["Content-Type"] = "text/calendar; charset=utf-8; method=PUBLISH"
    answer.headers["Content-Disposition"] = 'inline; filename="edunoc.ics"'
    answer.headers["Cache-Control"] = "private, max-age=300"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.make_conditional(request)
    return answer


def _address(token: str) -> str:
    return url_for("meeting_invitations.feed", token=token, _external=True)


@blueprint.post("/i/<token>/calendar")
@public
@limiter.limit("20 per minute")
def subscribe(token: str) -> str:
    """The address of the calendar of all meetings to which this mailbox is invited."""
    meeting, participant = participant_of(token)
    if not invitations.is_address(participant.email):
        abort(404)
    secret = invitations.feed_token(g.session, services().vault, services().clock(), email=participant.email)
    return render_template(
        "meeting_invitations/subscribe.html", meeting=meeting, participant=participant, address=_address(secret))


def _endpoint(endpoint_id: int) -> Endpoint:
    try:
        return get_record(g.session, g.scope, Endpoint, endpoint_id)
    except NotFound:
        abort(404)


@blueprint.get("/endpoints/<int:endpoint_id>/calendar")
@needs(Permission.HOLD_MEETINGS)
def of_endpoint(endpoint_id: int) -> str:
    """The calendar address of an endpoint, for the screen beside the door or the school's own calendar."""
    endpoint = _endpoint(endpoint_id)
    secret = invitations.known_feed(g.session, services().vault, endpoint_id=endpoint.id)
    return render_template(
        "meeting_invitations/endpoint.html", endpoint=endpoint, address=_address(secret) if secret else "")


@blueprint.post("/endpoints/<int:endpoint_id>/calendar")
@needs(Permission.HOLD_MEETINGS)
def renew(endpoint_id: int) -> AnyResponse:
    """Make the address, or a new one in place of one that came into the wrong hands."""
    endpoint, now = _endpoint(endpoint_id), services().clock()
    invitations.renew_feed(g.session, services().vault, current_user.actor, now, endpoint_id=endpoint.id)
    flash(_("The calendar has a new address."), "success")
    return redirect(url_for("meeting_invitations.of_endpoint", endpoint_id=endpoint.id), 303)
