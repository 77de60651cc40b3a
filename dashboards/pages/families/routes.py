"""The routes of devices by family."""

from __future__ import annotations

from flask import Blueprint, Response, abort, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from core import Permission
from core import lazy_gettext as _l
from dashboards.access import needs
from dashboards.listing import Listing, export, read_list_query
from dashboards.pages.devices.figures import show
from dashboards.pages.devices.links import page_url, site_url
from dashboards.pages.devices.listing import STATE_LABELS
from dashboards.pages.families.figures import FAMILIES
from dashboards.pages.families.gathering import figures_now
from dashboards.pages.families.listing import FILTERS, export_heads, export_rows, find_family, head_columns
from dashboards.pages.families.ports import ROLES
from dashboards.status import STATES, WORST_FIRST, board_now
from dashboards.template_tools import seen
from inventory import DEVICE_KINDS

blueprint = Blueprint("families", __name__)
# Families with a page of their own: endpoint, label, icon
OTHERS = (
    ("projectors.index", _l("Projectors"), "device-projector"), ("power.index", _l("UPSes"), "battery"),
    ("printers.index", _l("Printers"), "printer"),
)  # fmt: skip


@blueprint.get("/families")
@needs(Permission.VIEW)
def index() -> AnyResponse:
    """The first family."""
    return redirect(url_for("families.show_one", word=next(iter(FAMILIES))))


@blueprint.get(f"/families/<any({', '.join(FAMILIES)}):word>")
@needs(Permission.VIEW)
def show_one(word: str) -> str | Response:
    """One family, worst first."""
    family = FAMILIES[word]
    columns = head_columns(family)
    query = read_list_query(request.args, columns, FILTERS, "state")
    if query.format and not current_user.can(Permission.EXPORT):
        abort(403)
    board = board_now()
    found = find_family(g.session, g.scope, board, figures_now(board), family, query)
    if query.format:
        return export(f"devices-{word}", export_heads(family), export_rows(family, found), query.format)
    return render_template(
        "families/index.html", family=family, families=FAMILIES, found=found,
        listing=Listing("family", columns, found.rows, found.total, query), kinds=DEVICE_KINDS,
        state_labels=STATE_LABELS, roles=ROLES, site_url=site_url, show=show,
        new_url=page_url("inventory.new", word="device"),
        state_choices=[(STATES[number], str(STATE_LABELS[STATES[number]].label)) for number in WORST_FIRST],
        others=[(page_url(endpoint), label, icon) for endpoint, label, icon in OTHERS if page_url(endpoint)],
        # A name that hides or turns characters is not offered: its value could not be shown as it is
        vendor_choices=[(vendor, vendor) for vendor in found.vendors if seen(vendor) == vendor],
    )
