"""Find MAC/IP: where is this machine now, where was it before, which machines are new."""

from core import Permission
from core import lazy_gettext as _l
from dashboards.pages.find.finder import find_machines
from dashboards.pages.find.routes import blueprint
from dashboards.registry import MenuItem, Page, SearchProvider

page = Page(
    blueprint,
    menu=(MenuItem("watch", "find.index", _l("Find MAC/IP"), "map-search", Permission.VIEW, 46),),
    search=(SearchProvider(_l("Machines by MAC or IP"), find_machines),),
)

__all__ = ["page"]
