"""The frame's own parts: search box and bell."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request
from flask_login import current_user

from core import Permission
from dashboards.access import needs
from dashboards.gate import frame, is_htmx
from dashboards.registry import Page

blueprint = Blueprint("frame", __name__)
LEAST = 2  # letters; one letter finds everything and helps nobody


@blueprint.get("/search")
@needs(Permission.VIEW)
def search() -> str:
    """Results by kind: the list for the search box, or a page of its own without JavaScript."""
    text = request.args.get("q", "").strip()[:100]
    groups = frame().search(g.session, current_user, text) if len(text) >= LEAST else []
    return render_template("search_part.html" if is_htmx() else "search.html", text=text, groups=groups, least=LEAST)


@blueprint.get("/bell")
@needs(Permission.VIEW)
def bell() -> str:
    """What waits for this person."""
    count, items = frame().bell(g.session, current_user)
    return render_template("bell_part.html", count=count, items=items)


page = Page(blueprint)
