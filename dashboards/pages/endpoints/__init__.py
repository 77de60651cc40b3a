"""Endpoints (điểm cầu): how good is each room, what is wrong with it, pairing, commands, and a school's own."""

from core import Permission
from core import lazy_gettext as _l
from dashboards.pages.endpoints import making
from dashboards.pages.endpoints.routes import blueprint
from dashboards.registry import MenuItem, Page

making.add_to(blueprint)
page = Page(
    blueprint,
    menu=(MenuItem("meetings", "endpoints.index", _l("Endpoints"), "video", Permission.VIEW, 40),),
)

__all__ = ["page"]
