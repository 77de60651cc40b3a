"""The routes of "find MAC/IP": the search with its answer, the list of new and moved machines."""

from __future__ import annotations

from flask import Blueprint, Response, abort, g, render_template, request
from flask_login import current_user

from core import Permission
from dashboards.access import needs
from dashboards.gate import services
from dashboards.listing import Listing, ListQuery, export, read_list_query
from dashboards.pages.find.answer import answer_to
from dashboards.pages.find.news import COLUMNS, EXPORT_HEADS, FILTERS, KIND_CHOICES, export_rows, find_news
from dashboards.pages.topology.scene import port_name
from dashboards.template_tools import seen

blueprint = Blueprint("find", __name__)
LONGEST = 100
NEWS_SHOWN = 12


@blueprint.get("/find")
@needs(Permission.VIEW)
def index() -> str:
    """The search box; with ?q= also where that machine is and was."""
    text, now = request.args.get("q", "").strip()[:LONGEST], services().clock()
    news = find_news(g.session, g.scope, ListQuery(per_page=NEWS_SHOWN), now) if not text else None
    return render_template(
        "find/index.html", text=text, answer=answer_to(g.session, g.scope, text, now) if text else None, news=news,
        port_name=port_name,
    )


@blueprint.get("/find/news")
@needs(Permission.VIEW)
def news() -> str | Response:
    """Machines that came or moved in the last seven days."""
    query = read_list_query(request.args, COLUMNS, FILTERS)
    if query.format and not current_user.can(Permission.EXPORT):
        abort(403)
    found = find_news(g.session, g.scope, query, services().clock())
    if query.format:
        return export("new-machines", EXPORT_HEADS, export_rows(found), query.format)
    sites = [(site_id, f"{seen(name, 60)} ({count})") for site_id, name, count in found.sites]
    return render_template(
        "find/news.html", listing=Listing("news", COLUMNS, found.rows, found.total, query), found=found,
        kind_choices=KIND_CHOICES, site_choices=sites,
    )
