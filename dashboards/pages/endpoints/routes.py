"""The routes of endpoints: list, page, charts, commands, a school's own."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from conference import kiosk
from core import Permission, Role
from core import gettext as _
from dashboards.access import needs
from dashboards.charting import chart_answer, marks_of, read_span, span_times
from dashboards.gate import services
from dashboards.listing import Listing, export, read_list_query
from dashboards.pages.endpoints import page, store
from dashboards.pages.endpoints.listing import (
    COLUMNS,
    FILTERS,
    export_rows,
    find,
    heads,
    rehearsal_word,
    rows_of,
    with_past,
)
from dashboards.pages.endpoints.words import STATES
from dashboards.store import incidents_between
from inventory import ENDPOINT_KINDS, NotFound, endpoint_number

blueprint = Blueprint("endpoints", __name__, url_prefix="/endpoints")
CHART = f"<any({','.join(page.CHARTS)}):word>"
MINE_SHOWN = 12


def words() -> dict[str, Any]:
    """What every template of endpoints asks for."""
    return {
        "states": STATES, "kinds": ENDPOINT_KINDS, "verbs": kiosk.KIOSK_VERBS, "groups": page.GROUPS,
        "command_words": page.COMMAND_WORDS, "conditions": kiosk.CONDITIONS, "device_names": kiosk.DEVICES,
        "broken": kiosk.BROKEN, "heights": kiosk.HEIGHTS, "kiosk_states": kiosk.KIOSK_STATES,
        "rehearsal_word": rehearsal_word, "verb_lists": {"camera": "camera", "mic": "mic", "speaker": "speaker"},
    }  # fmt: skip


def now_of(endpoint_id: int) -> page.Now:
    """The endpoint, or 404."""
    try:
        return page.now_of(g.session, g.scope, services(), endpoint_id, services().clock())
    except NotFound:
        abort(404)


@blueprint.get("")
@needs(Permission.VIEW)
def index() -> str | AnyResponse:
    """All endpoints, worst first. School staff come to their own."""
    if current_user.role is Role.SCHOOL_STAFF and not request.args:
        return redirect(url_for("endpoints.mine"))
    query = read_list_query(request.args, COLUMNS, FILTERS, "state")
    if query.format and not current_user.can(Permission.EXPORT):
        abort(403)
    units = store.units_above(g.session, g.scope)
    path = next((path for one, _name, path in units if str(one) == query.filters.get("unit")), "")
    rows = rows_of(g.session, g.scope, services(), services().clock())
    found = find(rows, query, path)
    if query.format:
        return export("endpoints", heads(), export_rows(with_past(g.session, found.rows)), query.format)
    cut = with_past(g.session, found.rows[query.offset : query.offset + query.limit])
    return render_template(
        "endpoints/index.html", listing=Listing("endpoints", COLUMNS, cut, len(found.rows), query),
        counts=found.counts, has_any=bool(rows), unit_choices=[(one, name) for one, name, _path in units],
        state_choices=[(word, str(STATES[word].label)) for word, _count in found.counts],
        kind_choices=[(word, _(label)) for word, label in ENDPOINT_KINDS.items()], **words(),
    )  # fmt: skip


@blueprint.get("/mine")
@needs(Permission.VIEW)
def mine() -> str | AnyResponse:
    """The endpoints of one's own school, made for a phone: is it ready, and what to do."""
    places = store.places_of(g.session, g.scope)
    if len(places) > MINE_SHOWN:
        return redirect(url_for("endpoints.index", q=""))
    moment = services().clock()
    found = [page.now_of(g.session, g.scope, services(), place.endpoint.id, moment) for place in places]
    pasts = [page.past_of(g.session, services(), one.endpoint, moment) for one in found]
    return render_template("endpoints/mine.html", found=list(zip(found, pasts, strict=True)), **words())


@blueprint.get("/<int:endpoint_id>")
@needs(Permission.VIEW)
def show(endpoint_id: int) -> str:
    """One endpoint: how good is this room."""
    now = now_of(endpoint_id)
    past = page.past_of(g.session, services(), now.endpoint, services().clock())
    return render_template("endpoints/show.html", now_there=now, past=past, charts=page.CHARTS, **words())


@blueprint.get("/<int:endpoint_id>/now")
@needs(Permission.VIEW)
def now(endpoint_id: int) -> str:
    """What is true at this moment, for the refresh."""
    return render_template("endpoints/now.html", now_there=now_of(endpoint_id), **words())


@blueprint.get("/<int:endpoint_id>/advice")
@needs(Permission.VIEW)
def advice(endpoint_id: int) -> str:
    """What to upgrade; read after the page, since it reads thirty days."""
    endpoint = now_of(endpoint_id).endpoint
    found = page.advice_of(g.session, services(), endpoint, services().clock(), g.language)
    return render_template("endpoints/advice.html", advice=found, endpoint=endpoint)


@blueprint.get(f"/<int:endpoint_id>/chart/{CHART}")
@needs(Permission.VIEW)
def chart(endpoint_id: int, word: str) -> Response:
    """The samples of one chart."""
    now_of(endpoint_id)
    lines = page.lines_of(services().registry, endpoint_id, word)
    if not lines:
        abort(404)
    span = read_span(request.args, services().clock())
    stood = incidents_between(g.session, [endpoint_number(endpoint_id)], *span_times(span))
    return chart_answer(services(), lines, span, marks_of(stood, g.language))


@blueprint.post("/<int:endpoint_id>/command")
@needs(Permission.CONTROL_MEETINGS)
def command(endpoint_id: int) -> AnyResponse:
    """Ask the room's page for something."""
    now_of(endpoint_id)
    ask = kiosk.Ask(request.form.get("verb", "")[:32], {"value": request.form.get("value", "")[:400]},
                    request.form.get("reason", "")[:300])
    try:
        given = kiosk.command_kiosk(g.session, [endpoint_id], ask, current_user.actor, services().clock())
    except kiosk.VerbProblem as problem:
        flash(_(str(problem)), "danger")
        return redirect(url_for("endpoints.show", endpoint_id=endpoint_id), 303)
    if given.commands:
        flash(_("“%(command)s” goes to the room with its next sign of life.",
                command=_(kiosk.KIOSK_VERBS[ask.verb].label)), "success")
    for why in given.refused.values():
        flash(_(kiosk.WHY_NOT[why]), "warning")
    return redirect(url_for("endpoints.show", endpoint_id=endpoint_id) + "#asked", 303)


@blueprint.post("/<int:endpoint_id>/command/<int:command_id>/<any(undo, cancel):deed>")
@needs(Permission.CONTROL_MEETINGS)
def take_back(endpoint_id: int, command_id: int, deed: str) -> AnyResponse:
    """Take a command back that was carried out, or that nobody fetched yet."""
    if all(one.command.id != command_id for one in now_of(endpoint_id).asked):
        abort(404)
    moment = services().clock()
    if deed == "cancel":
        is_done = kiosk.cancel_command(g.session, command_id, current_user.actor, moment)
        refused: list[str] = []
    else:
        given = kiosk.undo_command(g.session, command_id, current_user.actor, moment)
        is_done, refused = bool(given and given.commands), list(given.refused.values()) if given else []
    for why in refused:
        flash(_(kiosk.WHY_NOT[why]), "warning")
    if not is_done and not refused:
        flash(_("This command cannot be taken back any more."), "warning")
    return redirect(url_for("endpoints.show", endpoint_id=endpoint_id) + "#asked", 303)
