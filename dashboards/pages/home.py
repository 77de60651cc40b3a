"""The door: / leads to the first page of the menu that the account may open, school staff to their school."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from core import Permission, Role
from dashboards.access import needs
from dashboards.gate import frame
from dashboards.registry import Page

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@needs(Permission.OWN_ACCOUNT)
def index() -> Response:
    """My school, or the overview, as it stands first in the menu."""
    if current_user.role is Role.SCHOOL_STAFF:
        return redirect(url_for("sites.mine"))
    groups = frame().menu(current_user)
    return redirect(url_for(groups[0].items[0].endpoint if groups else "account.profile"))


page = Page(blueprint)
