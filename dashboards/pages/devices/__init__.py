"""Devices: the list, and the page that answers "how is this device"."""

from core import Permission
from core import lazy_gettext as _l
from dashboards.pages.devices.routes import blueprint
from dashboards.registry import MenuItem, Page

page = Page(blueprint, menu=(MenuItem("watch", "devices.index", _l("Devices"), "server-2", Permission.VIEW, 40),))

__all__ = ["page"]
