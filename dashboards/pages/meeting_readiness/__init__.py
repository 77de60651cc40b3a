"""Readiness: which endpoints will not manage the meeting, why, and what can be done from here or by telephone."""

from core import Permission
from core import lazy_gettext as _l
from dashboards.pages.meeting_readiness import acting, rehearsing
from dashboards.pages.meeting_readiness.routes import blueprint
from dashboards.registry import MenuItem, Page

page = Page(
    blueprint,
    menu=(MenuItem("meetings", "meeting_readiness.index", _l("Readiness"), "checks", Permission.VIEW, 20),),
)

ROUTES = (acting, rehearsing)  # these hang their routes on the blueprint

__all__ = ["ROUTES", "page"]
