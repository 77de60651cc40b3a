"""The routes of the live board: running meetings, the board with its feed, one endpoint, the table, the wall."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, g, jsonify, render_template, request
from flask_login import current_user

from conference import Meeting, live
from core import Permission
from core import gettext as _
from dashboards.access import needs
from dashboards.gate import services
from dashboards.listing import export
from dashboards.pages.meeting_live.panel import evidence_of
from dashboards.pages.meeting_live.sources import board_of, feed_now, meeting_or_404
from dashboards.pages.meeting_live.store import ended_lately, endpoint_counts, running_in
from dashboards.pages.meeting_live.table import EXPORT_HEADS, export_rows
from dashboards.pages.meeting_live.wall import wall_pages
from dashboards.pages.meeting_live.words import (
    MARK_WORDS,
    NOTE_ICONS,
    QUALITY_WORDS,
    STATE_WORDS,
    TONE_ICONS,
    bridge_load,
    script_words,
)

blueprint = Blueprint("meeting_live", __name__, url_prefix="/meeting-live")


def words() -> dict[str, Any]:
    """Tables of words for the templates."""
    return {
        "states": STATE_WORDS, "marks": MARK_WORDS, "qualities": QUALITY_WORDS, "note_icons": NOTE_ICONS,
        "tones": TONE_ICONS,
        "bridge_load": bridge_load, "title_of": live.title_of, "finding_sentence": live.finding_sentence,
        "may_control": current_user.can(Permission.CONTROL_MEETINGS),
    }  # fmt: skip


@blueprint.get("")
@needs(Permission.VIEW)
def index() -> str:
    """The meetings whose rooms are open now, and those of the last day."""
    now = services().clock()
    running = running_in(g.session, g.scope, now)
    ids = {one.id for one in running}
    past = [one for one in ended_lately(g.session, g.scope, now, 12) if one.id not in ids]
    sizes = endpoint_counts(g.session, [one.id for one in (*running, *past)])
    # The largest ones are counted; forty boards at once would cost a second
    boards = {one.id: board_of(one).counts for one in sorted(running, key=lambda one: -sizes.get(one.id, 0))[:4]}
    return render_template(
        "meeting_live/index.html", running=running, past=past, sizes=sizes, boards=boards, at=now, **words()
    )


@blueprint.get("/<int:meeting_id>")
@needs(Permission.VIEW)
def board(meeting_id: int) -> str:
    """The live board; ?wall=1 is the board for the wall."""
    meeting = meeting_or_404(meeting_id)
    if request.args.get("wall") == "1":
        return render_template("meeting_live/wall.html", meeting=meeting, **_wall(meeting))
    return render_template(
        "meeting_live/board.html", meeting=meeting, live_words=script_words(), **words()
    )


def _wall(meeting: Meeting) -> dict[str, Any]:
    board = board_of(meeting)
    return {"board": board, "pages": wall_pages(board), **words()}


@blueprint.get("/<int:meeting_id>/wall")
@needs(Permission.VIEW)
def wall(meeting_id: int) -> str:
    """What the wall refreshes."""
    meeting = meeting_or_404(meeting_id)
    return render_template("meeting_live/wall_part.html", meeting=meeting, **_wall(meeting))


@blueprint.get("/<int:meeting_id>/data")
@needs(Permission.VIEW)
def data(meeting_id: int) -> Response:
    """The board as JSON: what differs from the version in ?v=, everything when that is not known."""
    found = board_of(meeting_or_404(meeting_id))
    return jsonify(feed_now().answer(found, (g.scope, g.language), request.args.get("v", "")))


@blueprint.get("/<int:meeting_id>/table")
@needs(Permission.VIEW)
def table(meeting_id: int) -> str | Response:
    """The same as a table, to read without script, to print or to export."""
    meeting = meeting_or_404(meeting_id)
    found = board_of(meeting)
    if request.args.get("format") in ("csv", "xlsx"):
        if not current_user.can(Permission.EXPORT):
            abort(403)
        return export(f"live-{meeting.id}", EXPORT_HEADS, export_rows(found), request.args["format"])
    return render_template("meeting_live/table.html", meeting=meeting, board=found, **words())


@blueprint.get("/<int:meeting_id>/endpoint/<int:endpoint_id>")
@needs(Permission.VIEW)
def endpoint(meeting_id: int, endpoint_id: int) -> str:
    """One endpoint with the evidence behind its state: for the side panel."""
    meeting = meeting_or_404(meeting_id)
    found = next((row for row in board_of(meeting).rows if row.endpoint_id == endpoint_id), None)
    if found is None:
        abort(404, _("This endpoint takes no part in the meeting."))
    return render_template(
        "meeting_live/endpoint.html", meeting=meeting, row=found,
        evidence=evidence_of(g.session, meeting, found, services().clock()), **words(),
    )  # fmt: skip
