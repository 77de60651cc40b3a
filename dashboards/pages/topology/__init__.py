"""The map of a site's network: who hangs on which port, who goes dark with whom."""

from core import Permission
from core import lazy_gettext as _l
from dashboards.pages.topology.routes import blueprint
from dashboards.registry import MenuItem, Page

page = Page(
    blueprint, menu=(MenuItem("watch", "topology.index", _l("Network map"), "topology-star-3", Permission.VIEW, 36),)
)

__all__ = ["page"]
