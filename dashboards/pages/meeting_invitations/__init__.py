"""Invitations of a meeting and what came of them; answers of invited people; calendars under a secret address."""

from dashboards.pages.meeting_invitations import calendars, guests
from dashboards.pages.meeting_invitations.routes import blueprint
from dashboards.registry import Page

page = Page(blueprint)
ROUTES = (calendars, guests)  # these hang their routes on the blueprint

__all__ = ["ROUTES", "page"]
