"""The routes of sites: the list, a site's page and its refreshing part, "my school"."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, current_app, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from core import Permission
from dashboards.access import needs
from dashboards.gate import services
from dashboards.listing import Listing, export, read_list_query
from dashboards.pages.devices.listing import STATE_LABELS
from dashboards.pages.devices.verdict import title_of
from dashboards.pages.sites import page
from dashboards.pages.sites.listing import COLUMNS, EXPORT_HEADS, FILTERS, export_rows, find_sites
from dashboards.pages.sites.store import Place, find_site, sites_in
from dashboards.pages.sites.words import WEEKDAYS_SHORT, phone_number
from dashboards.status import board_now
from dashboards.template_tools import seen
from dashboards.words import STATUS
from inventory import DEVICE_KINDS, ROOM_KINDS

blueprint = Blueprint("sites", __name__)
WORDS: dict[str, Any] = {
    "kinds": DEVICE_KINDS,
    "room_kinds": ROOM_KINDS,
    "state_labels": STATE_LABELS,
    "title_of": title_of,
    "weekdays": WEEKDAYS_SHORT,
    "phone_number": phone_number,
}


def _desk() -> page.Desk:
    return page.Desk(g.session, g.scope, services(), g.language, services().clock())


def _place(site_id: int) -> Place:
    place = find_site(g.session, g.scope, site_id)
    if place is None:
        abort(404)
    return place


def _url(endpoint: str, **values: Any) -> str:
    """The address of another page; empty in a build without it."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""


@blueprint.get("/sites")
@needs(Permission.VIEW)
def index() -> str | Response:
    """The list."""
    query = read_list_query(request.args, COLUMNS, FILTERS, "state")
    if query.format and not current_user.can(Permission.EXPORT):
        abort(403)
    found = find_sites(g.session, g.scope, board_now(), query)
    if query.format:
        return export("sites", EXPORT_HEADS, export_rows(found), query.format)
    return render_template(
        "sites/index.html", listing=Listing("sites", COLUMNS, found.lines, found.total, query), found=found,
        state_choices=[(word, str(STATUS[word].label)) for word in STATUS],
        provider_choices=[(isp, seen(isp, 60)) for isp in found.providers], new_url=_url("inventory.new", word="site"),
        import_url=_url("inventory.import_file"), **WORDS,
    )


@blueprint.get("/sites/<int:site_id>")
@needs(Permission.VIEW)
def show(site_id: int) -> str:
    """The page of one site."""
    desk, place = _desk(), _place(site_id)
    stock = page.take_stock(desk, place, board_now())
    reading = page.gateway_reading(desk, stock)
    return render_template(
        "sites/show.html",
        place=place,
        present=page.present(desk, place, stock, reading),
        stock=stock,
        around=page.surroundings(desk, place, stock),
        has_rtt=("", "ping_rtt_seconds") in reading.series,
        has_traffic=any(metric == "if_in_octets_total" for _part, metric in reading.series),
        edit_url=_url("inventory.edit", word="site", record_id=site_id),
        calendar_url=_url("calendar.index", unit=place.unit.id),
        **WORDS,
    )


@blueprint.get("/sites/<int:site_id>/now")
@needs(Permission.VIEW)
def now(site_id: int) -> str:
    """What refreshes itself."""
    desk, place = _desk(), _place(site_id)
    stock = page.take_stock(desk, place, board_now())
    return render_template(
        "sites/now.html",
        place=place,
        present=page.present(desk, place, stock, page.gateway_reading(desk, stock)),
        **WORDS,
    )


@blueprint.get("/my-school")
@needs(Permission.VIEW)
def mine() -> AnyResponse:
    """The one site that somebody sees; whoever sees several gets the list."""
    found = sites_in(g.session, g.scope, "", "") if not g.scope.is_everything else []
    return redirect(url_for("sites.show", site_id=found[0].id) if len(found) == 1 else url_for("sites.index"))
