"""The routes of UPSes and power."""

from __future__ import annotations

from flask import Blueprint, Response, abort, g, render_template, request
from flask_login import current_user

from core import Permission
from core import lazy_gettext as _l
from dashboards.access import needs
from dashboards.gate import services
from dashboards.listing import Column, Listing, export, read_list_query
from dashboards.pages.devices.figures import show
from dashboards.pages.devices.links import page_url, site_url
from dashboards.pages.families.gathering import figures_now
from dashboards.pages.power.condition import CONDITIONS, SHOWN, UPS
from dashboards.pages.power.listing import (
    COLUMNS,
    CUT_HEADS,
    EXPORT_HEADS,
    FILTERS,
    export_cuts,
    export_rows,
    find_upses,
    least_poe,
    power_cuts,
)
from dashboards.status import board_now

blueprint = Blueprint("power", __name__)
CUT_COLUMNS = (
    Column(_l("Site")), Column(_l("UPS"), hide="sm"), Column(_l("Began")), Column(_l("Lasted"), is_number=True),
)  # fmt: skip


@blueprint.get("/power")
@needs(Permission.VIEW)
def index() -> str | Response:
    """Every UPS, worst first, and what little PoE is left."""
    query = read_list_query(request.args, COLUMNS, FILTERS, "state")
    if query.format and not current_user.can(Permission.EXPORT):
        abort(403)
    board = board_now()
    reader = figures_now(board)
    found = find_upses(g.session, g.scope, board, reader, query)
    if query.format:
        return export("ups", EXPORT_HEADS, export_rows(found), query.format)
    return render_template(
        "power/index.html", listing=Listing("upses", COLUMNS, found.rows, found.total, query), found=found,
        conditions=CONDITIONS, figures=[one for one in UPS.figures if one.word in SHOWN], show=show,
        poe=least_poe(g.session, g.scope, board, reader), site_url=site_url,
        state_choices=[(word, str(entry.label)) for word, entry in CONDITIONS.items()],
        new_url=page_url("inventory.new", word="device", kind="ups"), discover_url=page_url("discovery.start"),
    )


@blueprint.get("/power/cuts")
@needs(Permission.VIEW)
def cuts() -> str | Response:
    """The power cuts of the last month."""
    query = read_list_query(request.args, CUT_COLUMNS)
    if query.format and not current_user.can(Permission.EXPORT):
        abort(403)
    found = power_cuts(g.session, g.scope, query, services().clock())
    if query.format:
        return export("power-cuts", CUT_HEADS, export_cuts(found), query.format)
    return render_template(
        "power/cuts.html", listing=Listing("cuts", CUT_COLUMNS, found.rows, found.total, query), site_url=site_url
    )
