"""The routes of Wi-Fi: the province's list, a site's page and its charts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, abort, g, render_template, request
from flask_login import current_user

from alerts import AlertsSettings, WifiLimits, clients_by_network, wifi_limits
from core import Permission
from dashboards.access import needs
from dashboards.charting import chart_answer, marks_of, read_span, span_times
from dashboards.gate import services
from dashboards.listing import Listing, export, page_of, read_list_query
from dashboards.pages.devices.links import page_url, site_url
from dashboards.pages.devices.verdict import title_of
from dashboards.pages.sites.store import Place, find_site, incidents_between, rooms_at
from dashboards.pages.wifi.listing import COLUMNS, EXPORT_HEADS, FILTERS, export_rows, find_wifi_sites
from dashboards.pages.wifi.site import EXPORT_HEADS as RADIO_HEADS
from dashboards.pages.wifi.site import RADIO_COLUMNS, SiteView, export_radios, sorted_radios
from dashboards.pages.wifi.words import WIFI_RULES, WIFI_STATES
from dashboards.status import wifi_now
from dashboards.store import incidents_between as incidents_of_devices

blueprint = Blueprint("wifi", __name__)
HISTORY = timedelta(days=7)


def _limits() -> WifiLimits:
    return wifi_limits(services().settings[AlertsSettings])


def _place(site_id: int) -> Place:
    place = find_site(g.session, g.scope, site_id)
    if place is None:
        abort(404)
    return place


def _view(place: Place) -> SiteView | None:
    picture, parts = wifi_now(), services()
    if picture is None or parts.live is None:
        return None
    clients = clients_by_network(picture.index.networks, parts.live, parts.clock().timestamp())
    return SiteView(picture, place.site.id, rooms_at(g.session, place.site.id), _limits(), clients)


@blueprint.get("/wifi")
@needs(Permission.VIEW)
def index() -> str | Response:
    """Every site with access points, worst first."""
    query = read_list_query(request.args, COLUMNS, FILTERS, "state")
    if query.format and not current_user.can(Permission.EXPORT):
        abort(403)
    found = find_wifi_sites(g.session, g.scope, wifi_now(), query, _limits())
    if query.format:
        return export("wifi", EXPORT_HEADS, export_rows(found), query.format)
    return render_template(
        "wifi/index.html", listing=Listing("wifi", COLUMNS, found.rows, found.total, query), found=found,
        states=WIFI_STATES, limits=_limits(),
        state_choices=[(tone, str(word.label)) for tone, word in WIFI_STATES.items()],
        new_url=page_url("inventory.new", word="device"), discover_url=page_url("discovery.start"),
    )


@blueprint.get("/wifi/<int:site_id>")
@needs(Permission.VIEW)
def site(site_id: int) -> str | Response:
    """One site."""
    place = _place(site_id)
    query = read_list_query(request.args, RADIO_COLUMNS, (), "state")
    if query.format and not current_user.can(Permission.EXPORT):
        abort(403)
    view = _view(place)
    found = view.read() if view else None
    radios = sorted_radios(found.radios, query.sort, query.is_descending) if found else []
    if query.format:
        return export(f"wifi-{place.site.code}", RADIO_HEADS, export_radios(radios), query.format)
    now = services().clock()
    past = [one for one in incidents_between(g.session, site_id, now - HISTORY, now) if one.rule_id in WIFI_RULES]
    rows, total = page_of(radios, query)
    return render_template(
        "wifi/site.html", place=place, found=found, listing=Listing("radios", RADIO_COLUMNS, rows, total, query),
        states=WIFI_STATES, limits=_limits(), past=past[::-1], title_of=title_of, site_url=site_url(site_id),
        charts=_charts(view), new_url=page_url("inventory.new", word="device", site_id=site_id, kind="ap"),
    )


def _charts(view: SiteView | None) -> dict[str, bool]:
    return {"busy": bool(view and view.busy_lines()), "clients": bool(view and view.client_lines())}


@blueprint.get("/wifi/<int:site_id>/chart/<any(busy, clients):word>")
@needs(Permission.VIEW)
def chart(site_id: int, word: str) -> Response:
    """The samples of one chart."""
    view = _view(_place(site_id))
    lines: Any = (view.busy_lines() if word == "busy" else view.client_lines()) if view else []
    if not lines:
        abort(404)
    span = read_span(request.args, services().clock())
    stood = incidents_of_devices(g.session, view.device_ids(), *span_times(span)) if view else []
    return chart_answer(services(), lines, span, marks_of(stood, g.language))
