"""Sites: the list, and the page that answers "how is this school"."""

from core import Permission
from core import lazy_gettext as _l
from dashboards.pages.sites.finding import find_places
from dashboards.pages.sites.routes import blueprint
from dashboards.registry import MenuItem, Page, SearchProvider

page = Page(
    blueprint, menu=(MenuItem("watch", "sites.index", _l("Sites"), "school", Permission.VIEW, 30),),
    search=(SearchProvider(_l("Places and devices"), find_places),),
)

__all__ = ["page"]
