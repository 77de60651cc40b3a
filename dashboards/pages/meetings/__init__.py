"""Meetings: the calendar, the form, one meeting, approvals, templates; and the pages of people who are invited."""

from core import Permission
from core import lazy_gettext as _l
from dashboards.pages.meetings import deciding, editing
from dashboards.pages.meetings.finding import find_meetings, waiting_for
from dashboards.pages.meetings.joining import blueprint as joining
from dashboards.pages.meetings.routes import blueprint
from dashboards.registry import MenuItem, Page, SearchProvider

page = Page(
    blueprint,
    menu=(
        MenuItem("meetings", "meetings.index", _l("Meeting calendar"), "calendar-event", Permission.VIEW, 10),
    ),
    search=(SearchProvider(_l("Meetings"), find_meetings),),
    bell=(waiting_for,),
)
join_page = Page(joining)
ROUTES = (deciding, editing)  # these hang their routes on the blueprint

__all__ = ["ROUTES", "join_page", "page"]
