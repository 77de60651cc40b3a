"""The routes of readiness: which meetings, the board and its wall, one endpoint, the judging on demand."""

from __future__ import annotations

import time
from typing import Any

from flask import Blueprint, Response, abort, g, redirect, render_template, request, url_for
from flask_login import current_user

from conference import Meeting, live, readiness
from core import Permission
from dashboards.access import needs
from dashboards.gate import services
from dashboards.pages.meeting_live.words import AIR_ICONS, air_deed
from dashboards.pages.meeting_readiness.board import (
    WORST_FIRST,
    Tile,
    Wanted,
    findings_of,
    load_tiles,
    make_board,
    sentence_of,
    stamp_of,
    title_of,
)
from dashboards.pages.meeting_readiness.store import coming_in, endpoint_counts, find_meeting
from dashboards.pages.meeting_readiness.words import LEVELS, OUTCOMES, REHEARSAL, STATES
from playbooks import meetings

blueprint = Blueprint("meeting_readiness", __name__, url_prefix="/readiness")

REFRESH_S = 2
_hours = readiness.Instruments().hours  # kept between requests: a look into the store is dear


def meeting_or_404(meeting_id: int) -> Meeting:
    """A meeting of the scope."""
    found = find_meeting(g.session, g.scope, meeting_id)
    if found is None:
        abort(404)
    return found


def words() -> dict[str, Any]:
    """Tables of words, and tools that every template here may name."""
    now = services().clock()
    return {
        "states": STATES, "levels": LEVELS, "outcomes": OUTCOMES, "rehearsal_words": REHEARSAL,
        "actions": readiness.ACTIONS, "reasons": readiness.REASONS, "title_of": title_of, "worst_first": WORST_FIRST,
        "say": lambda tile: sentence_of(tile, now), "may_act": current_user.can(Permission.CONTROL_MEETINGS),
        "may_plan": current_user.can(Permission.HOLD_MEETINGS),
    }


@blueprint.get("")
@needs(Permission.VIEW)
def index() -> str:
    """The meetings to be made ready."""
    meetings = coming_in(g.session, g.scope, services().clock())
    ids = [one.id for one in meetings]
    return render_template(
        "meeting_readiness/index.html", meetings=meetings, counts=readiness.counts_by_meeting(g.session, ids),
        totals=endpoint_counts(g.session, ids), **words())


def wanted_now() -> Wanted:
    """What the address asks for."""
    given = request.args
    return Wanted(given.get("state", ""), given.get("reason", "")[:40], given.get("unit", "")[:200],
                  given.get("who", ""), given.get("q", "").strip()[:100])  # fmt: skip


@blueprint.get("/<int:meeting_id>")
@needs(Permission.VIEW)
def show(meeting_id: int) -> str:
    """The board, or with ?wall=1 the one for the wall."""
    template = "wall.html" if request.args.get("wall") == "1" else "board.html"
    return render_template(f"meeting_readiness/{template}", **_board(meeting_id))


@blueprint.get("/<int:meeting_id>/part")
@needs(Permission.VIEW)
def part(meeting_id: int) -> str | tuple[str, int]:
    """What refreshes itself; 204 while nothing has changed."""
    meeting = meeting_or_404(meeting_id)
    if request.args.get("stamp") == stamp_of(readiness.run_of(g.session, meeting.id), air_of(meeting)):
        return "", 204
    template = "wall_part.html" if request.args.get("wall") == "1" else "part.html"
    return render_template(f"meeting_readiness/{template}", **_board(meeting_id))


def air_of(meeting: Meeting) -> list[live.Airing]:
    """Whether recorders are healthy and free for the planned stream and recording, and whether these run."""
    own = services()
    return live.broadcast_now(g.session, own.registry, own.live, meeting, own.clock()).shown


def _board(meeting_id: int) -> dict[str, Any]:
    meeting, wanted = meeting_or_404(meeting_id), wanted_now()
    now = services().clock()
    board = make_board(g.session, g.scope, meeting, wanted, now, request.args.get("wall") == "1")
    asked = {name: value for name, value in request.args.items() if name not in ("stamp",) and value}
    air = air_of(meeting)
    stamp = stamp_of(board.run, air)
    refresh = url_for("meeting_readiness.part", meeting_id=meeting_id, stamp=stamp, **asked)
    return {
        "board": board, "meeting": meeting, "wanted": wanted, "asked": asked, "refresh_url": refresh,
        "air": air, "air_icons": AIR_ICONS, "air_deed": air_deed, "verbs": meetings.VERBS,
        "refresh_s": REFRESH_S, "milestones": readiness.milestones_of(g.session, meeting_id),
        "milestone_words": readiness.MILESTONES, "path_text": readiness.PATH_CAUSES.get(board.path, ""), **words(),
    }  # fmt: skip


def tile_or_404(meeting: Meeting, endpoint_id: int) -> Tile:
    """One endpoint of a meeting, in the scope."""
    found = load_tiles(g.session, g.scope, meeting, endpoint_id)
    if not found:
        abort(404)
    return found[0]


@blueprint.get("/<int:meeting_id>/endpoints/<int:endpoint_id>")
@needs(Permission.VIEW)
def endpoint(meeting_id: int, endpoint_id: int) -> str:
    """The side panel of one endpoint; a page of its own where nothing asked for a part."""
    meeting = meeting_or_404(meeting_id)
    tile = tile_or_404(meeting, endpoint_id)
    template = "panel.html" if request.headers.get("HX-Request") else "endpoint.html"
    return render_template(
        f"meeting_readiness/{template}", meeting=meeting, tile=tile,
        findings=findings_of(tile.details, services().clock()),
        calls=readiness.calls_about(g.session, meeting_id, endpoint_id), **words())


@blueprint.post("/<int:meeting_id>/judge")
@needs(Permission.CONTROL_MEETINGS)
def judge(meeting_id: int) -> Response:
    """Judge now: for a meeting that is more than a day ahead, or when nobody wants to wait for the next turn."""
    meeting, own = meeting_or_404(meeting_id), services()
    now = own.clock()
    instruments = readiness.Instruments(own.registry, own.live, own.reachability, own.store, _hours)
    before = time.monotonic()
    verdicts = readiness.assess(g.session, instruments, meeting, now)
    path = readiness.diagnose_path(readiness.paths_of(g.session, meeting.system_id, now).get("department", {}))
    readiness.save_verdicts(
        g.session, meeting, verdicts, now, time.monotonic() - before, "" if path == "unknown" else path)
    return redirect(url_for("meeting_readiness.show", meeting_id=meeting_id), 303)  # type: ignore[return-value]
