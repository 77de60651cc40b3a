"""Projectors: which lamps and filters need a person; switch one or a group; by schedule; what to buy."""

from core import Permission
from core import lazy_gettext as _l
from dashboards.pages.projectors.routes import blueprint
from dashboards.pages.projectors.schedule_routes import add_lives, add_schedules
from dashboards.registry import MenuItem, Page

add_schedules(blueprint)
add_lives(blueprint)
page = Page(
    blueprint, menu=(MenuItem("watch", "projectors.index", _l("Projectors"), "device-projector", Permission.VIEW, 60),)
)

__all__ = ["page"]
