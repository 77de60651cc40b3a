"""The routes of incidents: list, story, deeds, chart."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from alerts import Incident, disturbing_meetings, get_incident
from core import Permission, ngettext
from core import gettext as _
from dashboards.access import needs
from dashboards.charting import chart_answer, marks_of, read_span
from dashboards.gate import services
from dashboards.listing import EXPORT_LIMIT, Listing, export, read_list_query
from dashboards.pages.devices.links import site_url
from dashboards.pages.devices.words import FACT_NAMES
from dashboards.pages.incidents import acting, page
from dashboards.pages.incidents.listing import (
    COLUMNS,
    EXPORT_HEADS,
    FILTERS,
    STATE_CHOICES,
    Asked,
    export_rows,
    find_incidents,
    lasted,
)
from dashboards.pages.incidents.store import unit_choices
from dashboards.pages.incidents.words import DEEDS
from dashboards.returning import safe_return
from dashboards.undo import flash_undo
from dashboards.words import SEVERITY, STATUS

blueprint = Blueprint("incidents", __name__)
TONES = {**STATUS, "info": SEVERITY["info"]}


def _incident(incident_id: int) -> Incident:
    found = get_incident(g.session, g.scope, incident_id)
    if found is None:
        abort(404)
    return found


def _hand() -> acting.Hand:
    if current_user.user is None:
        abort(403, _("Only a person can do this, not a token."))
    return acting.Hand(g.session, g.scope, current_user.user, services().clock())


@blueprint.get("/incidents")
@needs(Permission.VIEW)
def index() -> str | Response:
    """The list."""
    query = read_list_query(request.args, COLUMNS, FILTERS)
    now = services().clock()
    asked = Asked(g.scope, current_user.id if current_user.kind == "user" else None, query, now)
    if query.format:
        if not current_user.can(Permission.EXPORT):
            abort(403)
        return export("incidents", EXPORT_HEADS, export_rows(g.session, asked, g.language, EXPORT_LIMIT), query.format)
    found, unit = find_incidents(g.session, asked)
    return render_template(
        "incidents/index.html",
        listing=Listing("incidents", COLUMNS, found.rows, found.total, query),
        unit=unit,
        units=unit_choices(g.session, g.scope),
        state_choices=STATE_CHOICES,
        title_of=page.title_of,
        lasted=lasted,
        disturbing=disturbing_meetings(g.session, [one.id for one in found.rows], now),
    )


@blueprint.post("/incidents/acknowledge")
@needs(Permission.HANDLE_INCIDENTS)
def take_many() -> AnyResponse:
    """Take all that were ticked."""
    taken = acting.take_many(_hand(), _ticked())
    if taken:
        told = ngettext("%(num)d incident is yours now.", "%(num)d incidents are yours now.", len(taken))
        values = [("incident", str(one)) for one in taken]
        back = safe_return(request.form.get("next")) or url_for("incidents.index")
        flash_undo(told, url_for("incidents.give_back_many"), [*values, ("next", back)])
    else:
        flash(_("Tick the incidents that you take. Those already taken or closed are left as they are."), "info")
    return redirect(safe_return(request.form.get("next")) or url_for("incidents.index"), 303)


@blueprint.post("/incidents/release")
@needs(Permission.HANDLE_INCIDENTS)
def give_back_many() -> AnyResponse:
    """Give back all that are named: the undo of taking many."""
    given = acting.give_back_many(_hand(), _ticked())
    told = ngettext("%(num)d incident was given back.", "%(num)d incidents were given back.", len(given))
    flash(told, "success" if given else "info")
    return redirect(safe_return(request.form.get("next")) or url_for("incidents.index"), 303)


def _ticked() -> list[int]:
    return [int(word) for word in request.form.getlist("incident") if word.isdecimal() and len(word) < 12]


@blueprint.get("/incidents/<int:incident_id>")
@needs(Permission.VIEW)
def show(incident_id: int) -> str:
    """The story of one incident."""
    incident = _incident(incident_id)
    desk = page.Desk(g.session, g.scope, services(), g.language, services().clock())
    return render_template(
        "incidents/show.html",
        incident=incident,
        told=page.tell(desk, incident),
        spans=acting.SPANS,
        lasted=lasted(incident, desk.now),
        title_of=page.title_of,
        fact_names=FACT_NAMES,
        deeds=DEEDS,
        tones=TONES,
        site_url=site_url,
    )


@blueprint.get("/incidents/<int:incident_id>/chart")
@needs(Permission.VIEW)
def chart(incident_id: int) -> Response:
    """The judged series around the incident."""
    incident = _incident(incident_id)
    desk = page.Desk(g.session, g.scope, services(), g.language, services().clock())
    lines = page.chart_lines(desk, incident)
    if not lines:
        abort(404)
    return chart_answer(desk.services, lines, read_span(request.args, desk.now), marks_of([incident], g.language))


def _form(name: str) -> str:
    return request.form.get(name, "")


def _owner() -> int | None:
    return int(_form("owner")) if _form("owner").isdecimal() and len(_form("owner")) < 12 else None


@blueprint.post("/incidents/<int:incident_id>/<any(acknowledge,release,comment,assign,close,reopen):word>")
@needs(Permission.HANDLE_INCIDENTS)
def act(incident_id: int, word: str) -> AnyResponse:
    """Take, give back, speak, give, close, open again."""
    hand, incident = _hand(), _incident(incident_id)
    deeds: dict[str, Callable[[], None]] = {
        "acknowledge": lambda: acting.take(hand, incident, _form("text")),
        "release": lambda: acting.give_back(hand, incident, _form("text")),
        "comment": lambda: acting.say(hand, incident, _form("text")),
        "assign": lambda: acting.give(hand, incident, _owner()),
        "close": lambda: acting.end(hand, incident, _form("text")),
        "reopen": lambda: acting.open_again(hand, incident, _form("text"), bool(_form("taken"))),
    }
    return _done(incident_id, deeds[word], page.DONE[word], acting.undo_of(hand, incident, word))


@blueprint.post("/incidents/<int:incident_id>/silence")
@needs(Permission.SILENCE)
def silence(incident_id: int) -> AnyResponse:
    """No messages about this device, site or unit for a while."""
    hand, incident = _hand(), _incident(incident_id)
    wanted = (_form("target"), _form("span"), _form("reason"))
    zone = services().settings.core.timezone
    return _done(incident_id, lambda: acting.hush(hand, incident, wanted, zone), page.DONE["silence"])


@blueprint.post("/incidents/<int:incident_id>/silence/<int:silence_id>/end")
@needs(Permission.SILENCE)
def end_silence(incident_id: int, silence_id: int) -> AnyResponse:
    """Let messages through again."""
    hand, incident = _hand(), _incident(incident_id)
    return _done(incident_id, lambda: acting.unhush(hand, incident, silence_id), page.DONE["unsilence"])


def _done(
    incident_id: int, deed: Callable[[], object], told: object, undo: tuple[str, dict[str, str]] | None = None
) -> AnyResponse:
    try:
        deed()
        if undo is None:
            flash(str(told), "success")
        else:
            url = url_for("incidents.act", incident_id=incident_id, word=undo[0])
            flash_undo(str(told), url, list(undo[1].items()))
    except acting.Refused as refusal:
        flash(str(refusal), "warning")
    return redirect(url_for("incidents.show", incident_id=incident_id), 303)
