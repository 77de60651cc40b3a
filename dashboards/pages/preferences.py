"""Language and theme: remembered in a cookie for everyone, and with the person who is signed in."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from core import LANGUAGES, set_preferences
from dashboards.access import public
from dashboards.registry import Page
from dashboards.returning import safe_return

blueprint = Blueprint("preferences", __name__)
THEMES = ("auto", "light", "dark")
YEAR = 31_536_000


@blueprint.post("/preferences")
@public
def choose() -> Response:
    """Take the choice and go back to where the person was."""
    language, theme = request.form.get("language"), request.form.get("theme")
    response = redirect(safe_return(request.form.get("next")) or url_for("home.index"))
    if language in LANGUAGES:
        response.set_cookie("language", language, max_age=YEAR, samesite="Lax")
    if theme in THEMES:
        response.set_cookie("theme", theme, max_age=YEAR, samesite="Lax")
    if current_user.user is not None:
        set_preferences(current_user.user, language, theme)
    return response


page = Page(blueprint)
