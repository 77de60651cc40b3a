"""The live board of running meetings: who is in, lost or bad, for what cause, and what can be done from here."""

from core import Permission
from core import lazy_gettext as _l
from dashboards.pages.meeting_live.control import add_control
from dashboards.pages.meeting_live.routes import blueprint
from dashboards.registry import MenuItem, Page

add_control(blueprint)

page = Page(
    blueprint,
    menu=(MenuItem("meetings", "meeting_live.index", _l("Live board"), "activity-heartbeat", Permission.VIEW, 30),),
)

__all__ = ["page"]
