"""The routes of devices: list, page and its parts, charts, "poll now"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from collectors import explain, get_poll_request, request_poll
from core import Deed, Permission, append_audit
from core import gettext as _
from dashboards.access import needs
from dashboards.cabling import Cabling, cabling_of
from dashboards.charting import chart_answer, marks_of, read_span, span_times
from dashboards.gate import is_htmx, services
from dashboards.listing import Listing, export, read_list_query
from dashboards.pages.devices import asking, charts, page, recording
from dashboards.pages.devices.figures import brief, brief_bits, speed_text
from dashboards.pages.devices.links import page_of_number, page_url, site_url, unit_url
from dashboards.pages.devices.listing import (
    COLUMNS,
    EXPORT_HEADS,
    FILTERS,
    STATE_LABELS,
    export_rows,
    filter_choices,
    find_devices,
)
from dashboards.pages.devices.store import Place, find_place
from dashboards.pages.devices.verdict import title_of
from dashboards.pages.devices.words import FACT_NAMES
from dashboards.status import board_now
from dashboards.store import incidents_between
from inventory import DEVICE_KINDS

blueprint = Blueprint("devices", __name__)
recording.add_routes(blueprint)


def _desk() -> page.Desk:
    return page.Desk(g.session, g.scope, services(), g.language, services().clock())


def _place(device_id: int) -> Place:
    place = find_place(g.session, g.scope, device_id)
    if place is None:
        abort(404)
    return place


def _cabling(device_id: int) -> Cabling:
    return cabling_of(g.session, g.scope, board_now(), device_id)


# What every template of devices may name
WORDS: dict[str, Any] = {
    "kinds": DEVICE_KINDS,
    "state_labels": STATE_LABELS,
    "title_of": title_of,
    "explain": explain,
    "speed_text": speed_text,
    "brief": brief,
    "brief_bits": brief_bits,
    "site_url": site_url,
    "unit_url": unit_url,
}
# Parts that refresh themselves: word -> (template, its values)
PARTS: dict[str, Callable[[page.Desk, Place], tuple[str, dict[str, Any]]]] = {
    "now": lambda desk, place: ("now", {"present": page.present(desk, page.look(desk, place), board_now())}),
    "around": lambda desk, place: ("around", {"around": page.surroundings(desk, place, board_now())}),
    "measured": lambda desk, place: ("measured", {"groups": page.measured(desk, page.look(desk, place))}),
    "ports": lambda desk, place: (
        "ports_table",
        {"panel": page.look(desk, place).panel, "cabling": _cabling(place.device.id)},
    ),
}


@blueprint.get("/devices")
@needs(Permission.VIEW)
def index() -> str | Response:
    """The list."""
    query = read_list_query(request.args, COLUMNS, FILTERS, "state")
    if query.format and not current_user.can(Permission.EXPORT):
        abort(403)
    found = find_devices(g.session, g.scope, board_now(), query)
    if query.format:
        return export("devices", EXPORT_HEADS, export_rows(found), query.format)
    return render_template(
        "devices/index.html",
        listing=Listing("devices", COLUMNS, found.rows, found.total, query),
        found=found,
        state_labels=STATE_LABELS,
        kinds=DEVICE_KINDS,
        ways_url=page_url("start.ways"),
        site_url=site_url,
        **filter_choices(found),
    )


@blueprint.get("/devices/<int:device_id>")
@needs(Permission.VIEW)
def show(device_id: int) -> str | AnyResponse:
    """The page of one device; the number of a service, meeting server or endpoint leads to its own page."""
    elsewhere = page_of_number(device_id)
    if elsewhere:
        return redirect(elsewhere)
    desk, place, board = _desk(), _place(device_id), board_now()
    sight = page.look(desk, place)
    here = page.present(desk, sight, board)
    return render_template(
        "devices/show.html",
        present=here,
        place=place,
        around=page.surroundings(desk, place, board),
        groups=page.measured(desk, sight),
        known=page.known(desk, place),
        waiting=page.open_request_id(desk, place),
        charts=charts.charts_of(sight.reading, here.panel, sight.part_names, request.args.getlist("port")),
        chosen=request.args.getlist("port"),
        edit_url=page_url("inventory.edit", word="device", record_id=device_id),
        fact_names=FACT_NAMES,
        **WORDS,
    )


@blueprint.get("/devices/<int:device_id>/part/<word>")
@needs(Permission.VIEW)
def part(device_id: int, word: str) -> str:
    """One part of the page, for its refresh."""
    desk, place = _desk(), _place(device_id)
    make = PARTS.get(word)
    if make is None:
        abort(404)
    template, values = make(desk, place)
    return render_template(f"devices/{template}.html", place=place, **values, **WORDS)


@blueprint.get("/devices/<int:device_id>/port")
@needs(Permission.VIEW)
def port(device_id: int) -> str:
    """One port in detail, with its charts."""
    place = _place(device_id)
    found = page.look(_desk(), place).panel.find(request.args.get("key", ""))
    if found is None:
        abort(404)
    use = _cabling(device_id).of(found.key)
    return render_template("devices/port.html", place=place, port=found, use=use)


@blueprint.get("/devices/<int:device_id>/chart/<word>")
@needs(Permission.VIEW)
def chart(device_id: int, word: str) -> Response:
    """The samples of one chart, as its script wants them."""
    desk, place = _desk(), _place(device_id)
    sight = page.look(desk, place)
    drawn = charts.charts_of(sight.reading, sight.panel, sight.part_names, request.args.getlist("port"))
    lines = next((one.lines for one in drawn if one.name == word), None)
    if lines is None:
        abort(404)
    span = read_span(request.args, desk.now)
    stood = incidents_between(desk.session, [device_id], *span_times(span))
    return chart_answer(desk.services, lines, span, marks_of(stood, g.language))


@blueprint.post("/devices/<int:device_id>/poll")
@needs(Permission.POLL)
def poll_now(device_id: int) -> str | AnyResponse:
    """Ask for a reading now; the answer comes into the same place."""
    desk, place = _desk(), _place(device_id)
    asked = request_poll(g.session, device_id, current_user.actor, desk.now)
    text = _("Asked for a reading of %(name)s", name=place.device.name)
    append_audit(g.session, Deed(current_user.actor, "device.poll", "device", device_id, text), desk.now)
    if not is_htmx():
        return Response(status=303, headers={"Location": url_for("devices.show", device_id=device_id)})
    return render_template("devices/poll.html", place=place, asked=asked, waited=0.0, wait_most=asking.WAIT_S)


@blueprint.get("/devices/<int:device_id>/poll/<int:request_id>")
@needs(Permission.VIEW)
def poll_result(device_id: int, request_id: int) -> str:
    """How the reading goes: waiting, under way, or its explained result."""
    place, now = _place(device_id), services().clock()
    asked = get_poll_request(g.session, request_id)
    if asked is None or asked.device_id != device_id:
        abort(404)
    answer = asking.read_answer(asked, g.language) if asked.done_at else None
    waited = (now - asked.requested_at).total_seconds()
    return render_template(
        "devices/poll.html", place=place, asked=asked, answer=answer, waited=waited, wait_most=asking.WAIT_S
    )
