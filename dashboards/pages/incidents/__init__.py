"""Incidents: the list, and the story of one."""

from core import Permission
from core import lazy_gettext as _l
from dashboards.pages.incidents.bell import waiting_for
from dashboards.pages.incidents.routes import blueprint
from dashboards.registry import MenuItem, Page

page = Page(
    blueprint,
    menu=(MenuItem("watch", "incidents.index", _l("Incidents"), "alert-triangle", Permission.VIEW, 20),),
    bell=(waiting_for,),
)

__all__ = ["page"]
