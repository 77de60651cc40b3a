"""The routes of the overview: the page, its refreshing part, the wall board."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template, request
from flask_login import current_user

from core import Permission
from dashboards.access import needs
from dashboards.gate import services
from dashboards.pages.devices.links import page_url, unit_url
from dashboards.pages.devices.listing import STATE_LABELS
from dashboards.pages.devices.verdict import title_of
from dashboards.pages.meetings.looking import coming
from dashboards.pages.meetings.routes import local
from dashboards.pages.meetings.words import READY_WORDS
from dashboards.pages.overview.board import INCIDENTS_SHOWN, Viewer, sum_up
from dashboards.pages.overview.wall import INCIDENTS_A_PAGE, MOST_INCIDENT_PAGES, wall_pages
from dashboards.status import board_now
from inventory import DEVICE_KINDS

blueprint = Blueprint("overview", __name__)

# The first steps of a fresh install: word -> endpoint
STEPS = {"discover": "discovery.start", "import": "inventory.import_file", "ways": "start.ways"}


@blueprint.get("/overview")
@needs(Permission.VIEW)
def index() -> str:
    """The overview, or with ?wall=1 the board for the wall."""
    template = "overview/wall.html" if _is_wall() else "overview/index.html"
    return render_template(template, **_values())


@blueprint.get("/overview/part")
@needs(Permission.VIEW)
def part() -> str:
    """What refreshes itself."""
    template = "overview/wall_part.html" if _is_wall() else "overview/part.html"
    return render_template(template, **_values())


def _is_wall() -> bool:
    return request.args.get("wall") == "1"


def _values() -> dict[str, Any]:
    viewer = Viewer(g.session, g.scope, current_user.id if current_user.kind == "user" else None, services().clock())
    shown = INCIDENTS_A_PAGE * MOST_INCIDENT_PAGES if _is_wall() else INCIDENTS_SHOWN
    overview = sum_up(viewer, board_now(), shown)
    return {
        "overview": overview,
        "pages": wall_pages(overview) if _is_wall() else (),
        "meetings": () if _is_wall() else coming(viewer.session, viewer.scope, viewer.now),
        "ready_words": READY_WORDS,
        "local": local,
        "state_labels": STATE_LABELS,
        "kinds": DEVICE_KINDS,
        "title_of": title_of,
        "unit_url": unit_url,
        "steps": {name: page_url(endpoint) for name, endpoint in STEPS.items()},
    }
