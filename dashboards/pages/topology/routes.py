"""The routes of the network map: the list of sites, a site's map with its table, its data, its panel, its places."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, flash, g, jsonify, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from core import Deed, Permission, append_audit
from core import gettext as _
from core import ngettext as _n
from dashboards.access import needs
from dashboards.cabling import seen_devices
from dashboards.gate import services
from dashboards.listing import Listing, export, page_of, read_list_query
from dashboards.pages.devices.figures import brief_bits, speed_text
from dashboards.pages.devices.listing import STATE_LABELS
from dashboards.pages.devices.verdict import title_of
from dashboards.pages.sites.store import Place, devices_at, find_site, sites_in
from dashboards.pages.topology.accepting import accept_hub
from dashboards.pages.topology.advice import advise
from dashboards.pages.topology.edges import COLUMNS, EXPORT_HEADS, FILTERS, NOW_CHOICES, edge_rows, export_rows
from dashboards.pages.topology.measuring import measure_edges
from dashboards.pages.topology.overview import SITE_COLUMNS, SITE_FILTERS, map_lines
from dashboards.pages.topology.panel import panel_of
from dashboards.pages.topology.placing import read_places
from dashboards.pages.topology.scene import KIND_ICONS, Knowledge, draw, names_on_map, node_label, veiled
from dashboards.status import board_now
from dashboards.template_tools import seen
from inventory import (
    DEVICE_KINDS,
    HOW_WORDS,
    InvalidInput,
    NotFound,
    forget_map_places,
    keep_map_places,
    map_places,
    site_topology,
)

blueprint = Blueprint("topology", __name__)
MOST_OPENED = 60  # groups opened at once: the address carries them
WORDS: dict[str, Any] = {
    "kinds": DEVICE_KINDS, "kind_icons": KIND_ICONS, "state_labels": STATE_LABELS, "speed_text": speed_text,
    "brief_bits": brief_bits, "title_of": title_of,
}


def _place(site_id: int) -> Place:
    place = find_site(g.session, g.scope, site_id)
    if place is None:
        abort(404)
    return place


def _knowledge(site_id: int) -> Knowledge:
    topology, board = site_topology(g.session, site_id), board_now()
    ids = [node.device_id for node in topology.nodes if node.device_id is not None]
    states = board.states_of(ids)
    topology = veiled(topology, seen_devices(board, g.scope, ids))
    measured = measure_edges(services(), topology.edges, services().clock().timestamp())
    return Knowledge(topology, states, measured, map_places(g.session, site_id), g.language)


@blueprint.get("/topology")
@needs(Permission.VIEW)
def index() -> str | AnyResponse:
    """The sites with what their maps hold; whoever sees one site gets its map at once."""
    sites = sites_in(g.session, g.scope, "", "") if not g.scope.is_everything else []
    if len(sites) == 1:
        return redirect(url_for("topology.show", site_id=sites[0].id))
    query = read_list_query(request.args, SITE_COLUMNS, SITE_FILTERS, "name")
    found = map_lines(g.session, g.scope, board_now(), query)
    listing = Listing("maps", SITE_COLUMNS, found.rows, found.total, query)
    return render_template("topology/index.html", listing=listing, **WORDS)


@blueprint.get("/sites/<int:site_id>/topology")
@needs(Permission.VIEW)
def show(site_id: int) -> str | Response:
    """The map of one site, and its edges as a table."""
    place, knowledge = _place(site_id), _knowledge(site_id)
    query = read_list_query(request.args, COLUMNS, FILTERS, "upper")
    if query.format and not current_user.can(Permission.EXPORT):
        abort(403)
    rows = edge_rows(knowledge, query)
    if query.format:
        return export(f"network-{place.site.code or site_id}", EXPORT_HEADS, export_rows(rows), query.format)
    shown, total = page_of(rows, query)
    return render_template(
        "topology/show.html", place=place, listing=Listing("edges", COLUMNS, shown, total, query),
        advice=advise(devices_at(g.session, site_id), knowledge.topology),
        how_choices=[(word, _(label)) for word, label in HOW_WORDS.items()], now_choices=NOW_CHOICES,
        undecided=[one for one in knowledge.topology.nodes if one.kind != "device"], label_of=node_label, **WORDS,
    )


@blueprint.get("/sites/<int:site_id>/topology/data")
@needs(Permission.VIEW)
def data(site_id: int) -> Response:
    """The drawing as the map's script wants it."""
    _place(site_id)
    scene = draw(_knowledge(site_id), frozenset(request.args.getlist("open")[:MOST_OPENED]))
    return jsonify(scene.as_json())


@blueprint.get("/sites/<int:site_id>/topology/node")
@needs(Permission.VIEW)
def node(site_id: int) -> str:
    """What there is to say of one node of the map."""
    place = _place(site_id)
    view = panel_of(_knowledge(site_id), request.args.get("key", ""))
    if view is None:
        abort(404)
    return render_template("topology/panel.html", place=place, view=view, **WORDS)


@blueprint.post("/sites/<int:site_id>/topology/places")
@needs(Permission.EDIT_INVENTORY)
def keep(site_id: int) -> tuple[Response, int] | Response:
    """Remember where nodes were put, for everybody."""
    _place(site_id)
    places = read_places(request.get_json(silent=True), names_on_map(site_topology(g.session, site_id)))
    if places is None:
        return jsonify({"detail": _("The places of the nodes could not be read. Reload the page and try again.")}), 422
    return jsonify({"kept": keep_map_places(g.session, site_id, places)})


@blueprint.post("/sites/<int:site_id>/topology/arrange")
@needs(Permission.EDIT_INVENTORY)
def rearrange(site_id: int) -> Response:
    """Put all nodes back automatically; the answer holds the places they had, for "undo"."""
    place, before = _place(site_id), map_places(g.session, site_id)
    forget_map_places(g.session, site_id)
    text = _("The network map of %(site)s was arranged automatically", site=place.site.name)
    deed = Deed(current_user.actor, "topology.arrange", "site", site_id, text, {"places": len(before)})
    append_audit(g.session, deed, services().clock())
    return jsonify({"places": {key: list(spot) for key, spot in before.items()}})


@blueprint.post("/sites/<int:site_id>/topology/accept")
@needs(Permission.EDIT_INVENTORY)
def accept(site_id: int) -> AnyResponse:
    """Enter an unmanaged switch that was inferred, with what hangs on it."""
    _place(site_id)
    topology, back = site_topology(g.session, site_id), redirect(url_for("topology.show", site_id=site_id), 303)
    try:
        found = accept_hub(g.session, g.scope, topology, request.form.get("key", ""), request.form.get("name", ""))
    except (InvalidInput, NotFound) as error:
        g.session.rollback()
        problems = [one.message for one in error.problems] if isinstance(error, InvalidInput) else [str(error)]
        flash(" ".join(problems), "danger")
        return back
    device, detail = found.device, {"behind": found.moved}
    deed = Deed(current_user.actor, "topology.accept", "device", device.id, device.name, detail)
    append_audit(g.session, deed, services().clock())
    flash(_n(
        "%(name)s was added, and %(num)d device hangs on it. The map follows within a minute.",
        "%(name)s was added, and %(num)d devices hang on it. The map follows within a minute.",
        found.moved, name=seen(device.name, 80),
    ), "success")
    return back
