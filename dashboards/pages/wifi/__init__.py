"""Wi-Fi: which school's is slow and why, and one school's rooms, channels, radios and networks."""

from core import Permission
from core import lazy_gettext as _l
from dashboards.pages.wifi.routes import blueprint
from dashboards.registry import MenuItem, Page

page = Page(blueprint, menu=(MenuItem("watch", "wifi.index", _l("Wi-Fi"), "wifi", Permission.VIEW, 50),))

__all__ = ["page"]
