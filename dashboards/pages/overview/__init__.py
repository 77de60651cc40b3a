"""The overview: what is wrong now, and is it mine."""

from core import Permission
from core import lazy_gettext as _l
from dashboards.pages.overview.routes import blueprint
from dashboards.registry import MenuItem, Page

page = Page(
    blueprint, menu=(MenuItem("watch", "overview.index", _l("Overview"), "layout-dashboard", Permission.VIEW, 10),)
)

__all__ = ["page"]
