"""Devices by family, each with the numbers that matter for it."""

from core import Permission
from core import lazy_gettext as _l
from dashboards.pages.families.routes import blueprint
from dashboards.registry import MenuItem, Page

page = Page(
    blueprint, menu=(MenuItem("watch", "families.index", _l("By family"), "list-details", Permission.VIEW, 42),)
)

__all__ = ["page"]
