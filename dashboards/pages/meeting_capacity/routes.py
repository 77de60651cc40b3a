"""The routes of a meeting's capacity plan: what it needs, what is too little, and the quality that is planned."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from conference import Meeting, capacity, schedule
from core import Permission
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.access import needs
from dashboards.gate import services
from dashboards.listing import Column, Listing, export, page_of, read_list_query
from dashboards.words import Word
from inventory import NotFound, fold

blueprint = Blueprint("meeting_capacity", __name__)

COLUMNS = (
    Column(_l("Line")), Column(_l("Enough")), Column(_l("Receives"), is_number=True),
    Column(_l("Bought"), is_number=True, hide="sm"), Column(_l("In use at that hour"), is_number=True, hide="md"),
    Column(_l("Sends"), is_number=True, hide="md"),
)
FILTERS = ("state",)
HEADS = (_l("Line"), _l("Enough"), _l("Receives (bit/s)"), _l("Bought down (bit/s)"), _l("In use down (bit/s)"),
         _l("Sends (bit/s)"), _l("Bought up (bit/s)"), _l("In use up (bit/s)"))
LINE_WORDS: dict[str, Word] = {
    "short": Word("down", "circle-x", _l("too little")),
    "tight": Word("attention", "alert-triangle", _l("little to spare")),
    "unknown": Word("unknown", "help-circle", _l("speed not entered")),
    "good": Word("good", "circle-check", _l("enough")),
}
SEVERITY_WORDS: dict[str, Word] = {
    "critical": Word("down", "circle-x", _l("Will not work")),
    "warning": Word("attention", "alert-triangle", _l("At risk")),
    "info": Word("info", "info-circle", _l("To know")),
}
LIMIT_WORDS = {
    "planner": _l("slower than the servers need it"),
    "prosody": _l("as many as Prosody lets in"),
    "bridges": _l("as many as the bridges bear at once"),
}


def found(meeting_id: int) -> Meeting:
    """The meeting of an address, if it is held in one's own area; 404 or 403 otherwise."""
    try:
        meeting = schedule.find_meeting(g.session, g.scope, meeting_id)
    except NotFound:
        abort(404)
    if not schedule.is_held_in(g.session, g.scope, meeting):
        abort(403)
    return meeting


def plan_of(meeting: Meeting) -> tuple[capacity.Proposal, capacity.CapacityPlan]:
    """The meeting as planning sees it, and its plan, with the measured use of the lines."""
    proposal = capacity.proposal_of(g.session, meeting)
    return proposal, capacity.plan_meeting(g.session, proposal, _usage(proposal))


def _usage(proposal: capacity.Proposal) -> Mapping[int, tuple[float, float]]:
    parts = services()
    if parts.registry is None or parts.store is None:
        return {}
    links = capacity.lines_of_endpoints(g.session, proposal.endpoint_ids)
    return capacity.line_usage(links, parts.registry, parts.store, proposal.starts_at, proposal.ends_at)


@blueprint.get("/meetings/<int:meeting_id>/capacity")
@needs(Permission.VIEW)
def show(meeting_id: int) -> str | Response:
    """The plan; ?format= its lines as a file."""
    query = read_list_query(request.args, COLUMNS, FILTERS)
    if query.format and not current_user.can(Permission.EXPORT):
        abort(403)
    meeting = found(meeting_id)
    proposal, plan = plan_of(meeting)
    words = fold(query.text).split()
    chosen = [need for need in plan.lines if query.filters.get("state", need.state) == need.state
              and all(word in fold(need.line.name) for word in words)]
    if query.format:
        return export(f"capacity-{meeting.id}", HEADS, map(_export_row, chosen), query.format)
    rows, total = page_of(chosen, query)
    zone = ZoneInfo(meeting.timezone)
    return render_template(
        "meeting_capacity/show.html", meeting=meeting, plan=plan, standard=proposal.quality.standard,
        lowered=len(proposal.quality.by_endpoint or {}), listing=Listing("lines", COLUMNS, rows, total, query),
        line_words=LINE_WORDS, severity_words=SEVERITY_WORDS, kinds=capacity.KINDS, limit_words=LIMIT_WORDS,
        speed=capacity.speed_text, local=lambda moment: _local(moment, zone), quality_words=quality_words,
        steps=_steps(), may_hold=current_user.can(Permission.HOLD_MEETINGS) and meeting.state in (
            "draft", "pending", "scheduled", "running"),
        state_choices=[(word, str(entry.label)) for word, entry in LINE_WORDS.items()],
    )


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone)


def _export_row(need: capacity.LineNeed) -> tuple[Any, ...]:
    line = need.line
    used = (None if value is None else round(value) for value in (line.used_down_bps, line.used_up_bps))
    used_down, used_up = used
    return (line.name, str(LINE_WORDS[need.state].label), need.need_down, line.down_bps, used_down, need.need_up,
            line.up_bps, used_up)


def quality_words(quality: capacity.Quality) -> str:
    """720p, 5 pictures."""
    return _("%(size)s, %(count)d pictures", size=quality.stage, count=quality.last_n)


def _steps() -> list[tuple[str, str]]:
    """Qualities to choose from: those of the ladder."""
    ladder = capacity.shipped_figures().ladder
    return [(f"{stage}:{count}", quality_words(capacity.Quality(stage=stage, last_n=count))) for stage, count in ladder]


@blueprint.post("/meetings/<int:meeting_id>/capacity")
@needs(Permission.HOLD_MEETINGS)
def keep(meeting_id: int) -> AnyResponse:
    """Plan with a quality for all, or take over the lower ones that are proposed for endpoints on slow lines."""
    meeting, now = found(meeting_id), services().clock()
    if meeting.state not in ("draft", "pending", "scheduled", "running"):
        abort(409)
    planned = capacity.proposal_of(g.session, meeting).quality
    word = request.form.get("quality", "")
    if word:
        if word not in dict(_steps()):
            abort(400)
        stage, _colon, count = word.partition(":")
        planned = capacity.PlannedQuality(capacity.Quality(planned.standard.codec, stage, int(count)))
        flash(_("The meeting is planned with %(quality)s.", quality=quality_words(planned.standard)), "success")
    else:
        planned = _lowered(meeting, planned)
        flash(_("The lower quality is planned for endpoints on slow lines."), "success")
    capacity.keep_plan(g.session, meeting, planned, current_user.actor, now)
    return redirect(url_for("meeting_capacity.show", meeting_id=meeting.id), 303)


def _lowered(meeting: Meeting, planned: capacity.PlannedQuality) -> capacity.PlannedQuality:
    by_endpoint = dict(planned.by_endpoint or {})
    for proposed in plan_of(meeting)[1].classes:
        if proposed.quality is not None:
            by_endpoint |= dict.fromkeys(proposed.endpoint_ids, proposed.quality)
    return capacity.PlannedQuality(planned.standard, by_endpoint or None)
