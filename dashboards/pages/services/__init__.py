"""Services: are portal, mail and e-office well, and how much of the month were they there."""

from core import Permission
from core import lazy_gettext as _l
from dashboards.pages.services.routes import blueprint, find_services
from dashboards.registry import MenuItem, Page, SearchProvider

page = Page(
    blueprint,
    menu=(MenuItem("watch", "services.index", _l("Services"), "activity-heartbeat", Permission.VIEW, 45),),
    search=(SearchProvider(_l("Services"), find_services),),
)

__all__ = ["page"]
