"""The routes of printers."""

from __future__ import annotations

from flask import Blueprint, Response, abort, g, render_template, request
from flask_login import current_user

from core import Permission
from core import lazy_gettext as _l
from dashboards.access import needs
from dashboards.gate import services
from dashboards.listing import Column, Listing, export, page_of, read_list_query
from dashboards.pages.devices.figures import show
from dashboards.pages.devices.links import page_url, site_url
from dashboards.pages.families.gathering import figures_now
from dashboards.pages.printers.condition import CONDITIONS, LOW
from dashboards.pages.printers.listing import (
    COLUMNS,
    EXPORT_HEADS,
    FILTERS,
    SHOPPING_HEADS,
    export_rows,
    export_shopping,
    find_printers,
    shopping_list,
)
from dashboards.status import board_now

blueprint = Blueprint("printers", __name__)
SHOPPING_COLUMNS = (
    Column(_l("Consumable")), Column(_l("For printers"), hide="sm"), Column(_l("How many"), is_number=True),
    Column(_l("Where"), hide="md"),
)  # fmt: skip


@blueprint.get("/printers")
@needs(Permission.VIEW)
def index() -> str | Response:
    """Every printer, worst first."""
    query = read_list_query(request.args, COLUMNS, FILTERS, "state")
    if query.format and not current_user.can(Permission.EXPORT):
        abort(403)
    board = board_now()
    found = find_printers(g.session, g.scope, board, figures_now(board), query, services().clock())
    if query.format:
        return export("printers", EXPORT_HEADS, export_rows(found), query.format)
    return render_template(
        "printers/index.html", listing=Listing("printers", COLUMNS, found.rows, found.total, query), found=found,
        conditions=CONDITIONS, state_choices=[(word, str(entry.label)) for word, entry in CONDITIONS.items()],
        show=show, site_url=site_url, new_url=page_url("inventory.new", word="device", kind="printer"),
        discover_url=page_url("discovery.start"),
    )


@blueprint.get("/printers/shopping")
@needs(Permission.VIEW)
def shopping() -> str | Response:
    """What to buy."""
    query = read_list_query(request.args, SHOPPING_COLUMNS)
    if query.format and not current_user.can(Permission.EXPORT):
        abort(403)
    board = board_now()
    purchases = shopping_list(g.session, g.scope, board, figures_now(board))
    if query.format:
        return export("supplies-to-buy", SHOPPING_HEADS, export_shopping(purchases), query.format)
    rows, total = page_of(purchases, query)
    return render_template(
        "printers/shopping.html", listing=Listing("shopping", SHOPPING_COLUMNS, rows, total, query), low=LOW
    )
