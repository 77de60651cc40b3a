"""The routes of a meeting's invitations: who was told what, what was not delivered, which answers came by mail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from conference import ConferenceSettings, Meeting, capacity, invitations, schedule
from core import Deed, Permission, append_audit
from core import gettext as _
from core import lazy_gettext as _l
from core import ngettext as _n
from dashboards.access import needs
from dashboards.gate import services
from dashboards.listing import Column, Listing, export, page_of, read_list_query
from dashboards.pages.meeting_invitations.words import STATE_WORDS, failure_text, outcome_word
from inventory import NotFound, fold

blueprint = Blueprint("meeting_invitations", __name__)

COLUMNS = (Column(_l("Name")), Column(_l("Mail")), Column(_l("State")), Column(_l("E-mail"), hide="md"))
FILTERS = ("state",)
HEADS = (_l("Name"), _l("E-mail"), _l("Mail"), _l("State"), _l("Time"), _l("Why not"))
SHOWN_REPLIES = 50
SOON = timedelta(minutes=2)  # after the delay the loop has written them


def found(meeting_id: int) -> Meeting:
    """The meeting of an address, if it is held in one's own area; 404 or 403 otherwise."""
    try:
        meeting = schedule.find_meeting(g.session, g.scope, meeting_id)
    except NotFound:
        abort(404)
    if not schedule.is_held_in(g.session, g.scope, meeting):
        abort(403)
    return meeting


@blueprint.get("/meetings/<int:meeting_id>/invitations")
@needs(Permission.VIEW)
def show(meeting_id: int) -> str | Response:
    """Who was told what; ?format= as a file."""
    query = read_list_query(request.args, COLUMNS, FILTERS)
    if query.format and not current_user.can(Permission.EXPORT):
        abort(403)
    meeting = found(meeting_id)
    lines = _lines(meeting)
    counts: dict[str, int] = {}
    for line in lines:
        counts[line["state"]] = counts.get(line["state"], 0) + 1
    chosen = [line for line in lines if _fits(line, query)]
    if query.format:
        return export(f"invitations-{meeting.id}", HEADS, map(_export_row, chosen), query.format)
    rows, total = page_of(chosen, query)
    settings = services().settings[ConferenceSettings]
    return render_template(
        "meeting_invitations/show.html", meeting=meeting, listing=Listing("mails", COLUMNS, rows, total, query),
        counts=counts, state_words=STATE_WORDS, methods=invitations.METHODS, failure_text=failure_text,
        outcome_word=outcome_word, replies=invitations.replies_of(g.session, meeting.id)[:SHOWN_REPLIES],
        can_send=invitations.sending_account(settings) is not None,
        can_read=invitations.mailbox_account(settings) is not None,
        due=_due(meeting, settings),
        has_link=bool(services().settings.core.public_url), reply_words=_reply_words(),
        state_choices=[(word, str(entry.label)) for word, entry in STATE_WORDS.items()],
        may_hold=current_user.can(Permission.HOLD_MEETINGS),
    )


def _due(meeting: Meeting, settings: ConferenceSettings) -> int:
    """How many messages will leave; asked only while they can still be unwritten, for it is dear with 600 people."""
    now = services().clock()
    if now - meeting.updated_at > timedelta(seconds=settings.invitation_delay_s) + SOON:
        return 0
    return len(invitations.preview(g.session, meeting, now))


def _reply_words() -> dict[str, str]:
    return {word: _(text) for word, text in schedule.REPLIES.items()}


def _lines(meeting: Meeting) -> list[dict[str, Any]]:
    """Every participant with the newest message to their mailbox."""
    uid = invitations.uid_of(g.session, meeting)
    moment = meeting.occurrence_at if meeting.series_id is not None else None
    told = {capacity.address_key(one.email): one for one in invitations.latest_of(g.session, uid, moment)}
    lines = []
    for one in schedule.participants_of(g.session, meeting.id):
        message = told.pop(capacity.address_key(one.email), None) if one.email else None
        state = _state(message) if message else "none" if invitations.is_address(one.email) else "no_address"
        lines.append({"name": one.name, "email": one.email, "message": message, "state": state})
    lines += [{"name": one.name, "email": one.email, "message": one, "state": _state(one)} for one in told.values()]
    order = list(STATE_WORDS)
    rank = {"failed": 0, "no_address": 1, "retried": 2}
    return sorted(lines, key=lambda line: (rank.get(line["state"], 3 + order.index(line["state"])), line["name"]))


def _state(message: Any) -> str:
    return "retried" if message.state == "waiting" and message.failure else message.state


def _fits(line: dict[str, Any], query: Any) -> bool:
    text = fold(f"{line['name']} {line['email']}")
    return all(word in text for word in fold(query.text).split()) and (
        query.filters.get("state", line["state"]) == line["state"])


def _export_row(line: dict[str, Any]) -> tuple[Any, ...]:
    message = line["message"]
    if message is None:
        return (line["name"], line["email"], "", str(STATE_WORDS[line["state"]].label), None, "")
    return (line["name"], line["email"], _(invitations.METHODS[message.method]),
            str(STATE_WORDS[line["state"]].label), message.sent_at, failure_text(message.failure))


@blueprint.post("/meetings/<int:meeting_id>/invitations/again")
@needs(Permission.HOLD_MEETINGS)
def again(meeting_id: int) -> AnyResponse:
    """Send what was not delivered once more."""
    meeting = found(meeting_id)
    number = invitations.send_again(g.session, invitations.uid_of(g.session, meeting), services().clock())
    append_audit(g.session, Deed(current_user.actor, "meeting.invite_again", "meeting", meeting.id, meeting.title,
                                 {"messages": number}), services().clock())
    flash(_n("%(num)d message is sent again.", "%(num)d messages are sent again.", number), "success")
    return redirect(url_for("meeting_invitations.show", meeting_id=meeting.id), 303)
