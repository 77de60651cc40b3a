"""The routes of meeting servers: list with today's forecast, one server with its history, "test now"."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from collectors import MeetingServerQuestion, ask_meeting_server, explain, latest_question
from core import Deed, Permission, append_audit
from core import gettext as _
from dashboards.access import needs
from dashboards.charting import chart_answer, marks_of, read_span, span_times
from dashboards.gate import services
from dashboards.listing import Listing, export, page_of, read_list_query
from dashboards.pages.devices.links import page_url
from dashboards.pages.devices.verdict import title_of
from dashboards.pages.meeting_servers.charts import CHARTS, lines_of
from dashboards.pages.meeting_servers.forecast import HourNeed, forecast
from dashboards.pages.meeting_servers.listing import COLUMNS, FILTERS, HEADS, export_rows, find, kind_label, why
from dashboards.pages.meeting_servers.reading import RANK, ServerView, look, totals_of
from dashboards.store import incidents_between
from dashboards.words import STATUS
from inventory import (
    MEETING_SERVER_KINDS,
    MeetingServer,
    NotFound,
    get_meeting_server,
    meeting_server_number,
    meeting_servers,
    meeting_systems,
)

blueprint = Blueprint("meeting_servers", __name__, url_prefix="/meeting-servers")
WAIT = timedelta(seconds=30)
WORDS = {
    "status": STATUS, "kind_label": kind_label, "why": why, "title_of": title_of, "page_url": page_url,
}
def _views(servers: Sequence[MeetingServer]) -> list[ServerView]:
    systems = {system.id: system for system in meeting_systems(g.session)}
    return look(g.session, services(), servers, systems, services().clock())


def _server(server_id: int) -> MeetingServer:
    """The servers are the whole department's: nobody who sees a part of it only sees them."""
    if not g.scope.is_everything:
        abort(404)
    try:
        return get_meeting_server(g.session, server_id)
    except NotFound:
        abort(404)


@blueprint.get("")
@needs(Permission.VIEW_SETTINGS)
def index() -> str | Response:
    """All servers, worst first, and what today asks of them."""
    if not g.scope.is_everything:
        abort(404)
    query = read_list_query(request.args, COLUMNS, FILTERS, "state")
    if query.format and not current_user.can(Permission.EXPORT):
        abort(403)
    views, systems = _views(meeting_servers(g.session)), meeting_systems(g.session)
    found = find(views, query)
    if query.format:
        return export("meeting-servers", HEADS, export_rows(found), query.format)
    rows, total = page_of(found, query)
    counts = [(word, count) for word in RANK if (count := sum(view.state == word for view in views))]
    kinds = {view.server.kind for view in views}
    return render_template(
        "meeting_servers/index.html", listing=Listing("meeting-servers", COLUMNS, rows, total, query), counts=counts,
        systems=systems, totals=[totals_of(system, views) for system in systems if system.is_enabled],
        days=_forecasts(), state_choices=[(word, str(STATUS[word].label)) for word, _count in counts],
        kind_choices=[(word, kind_label(word)) for word in MEETING_SERVER_KINDS if word in kinds],
        system_choices=[(system.id, system.name) for system in systems], **WORDS,
    )


def _forecasts() -> list[tuple[str, list[HourNeed]]]:
    """(system, hours) of the rest of today, of systems with booked meetings."""
    zone = ZoneInfo(services().settings.core.timezone)
    here = services().clock().astimezone(zone)
    start = here.replace(minute=0, second=0, microsecond=0)
    end = datetime.combine(here.date() + timedelta(days=1), time(), zone)
    found = [(one.name, forecast(g.session, one.id, start, end)) for one in meeting_systems(g.session, True)]
    return [(name, hours) for name, hours in found if hours]


@blueprint.get("/<int:server_id>")
@needs(Permission.VIEW_SETTINGS)
def show(server_id: int) -> str:
    """One server: how it is, what it told, its history."""
    server = _server(server_id)
    registry = services().registry
    charts = {
        word: (str(title), unit) for word, (title, unit, _metrics) in CHARTS.items()
        if lines_of(registry, server_id, word)
    }
    return render_template("meeting_servers/show.html", charts=charts, **_now_values(server))


@blueprint.get("/<int:server_id>/now")
@needs(Permission.VIEW_SETTINGS)
def now(server_id: int) -> str:
    """How it is, for the refresh."""
    return render_template("meeting_servers/now.html", **_now_values(_server(server_id)))


def _now_values(server: MeetingServer) -> dict[str, object]:
    (view,) = _views([server])
    asked = latest_question(g.session, server.id)
    moment = services().clock()
    is_waiting = asked is not None and asked.done_at is None and moment - asked.asked_at < WAIT
    return {
        "view": view, "server": server, "asked": asked, "waiting": is_waiting, "test": _test_of(asked),
        "is_late": asked is not None and asked.done_at is None and not is_waiting, **WORDS,
    }


def _test_of(asked: MeetingServerQuestion | None) -> dict[str, object] | None:
    """The last test in words: whether it worked, why not, how long it took."""
    if asked is None or asked.done_at is None:
        return None
    try:
        answer = json.loads(asked.answer)
    except ValueError:
        answer = {}
    is_good = asked.reason == "ok"
    return {"is_good": is_good, "told": None if is_good else explain(asked.reason), "detail": asked.detail,
            "seconds": answer.get("seconds"), "at": asked.done_at}


@blueprint.post("/<int:server_id>/test")
@needs(Permission.POLL)
def test(server_id: int) -> AnyResponse:
    """Ask the server now; the answer comes onto its page."""
    server = _server(server_id)
    moment = services().clock()
    ask_meeting_server(g.session, server_id, current_user.actor, moment)
    deed = Deed(current_user.actor, "meeting_server.test", "meeting_server", server_id,
                _("Asked %(name)s how it is", name=server.name))
    append_audit(g.session, deed, moment)
    return redirect(url_for("meeting_servers.show", server_id=server_id))


@blueprint.get("/<int:server_id>/chart/<word>")
@needs(Permission.VIEW_SETTINGS)
def chart(server_id: int, word: str) -> Response:
    """The samples of one chart."""
    server = _server(server_id)
    lines = lines_of(services().registry, server.id, word) if word in CHARTS else []
    if not lines:
        abort(404)
    span = read_span(request.args, services().clock())
    stood = incidents_between(g.session, [meeting_server_number(server.id)], *span_times(span))
    return chart_answer(services(), lines, span, marks_of(stood, g.language))
