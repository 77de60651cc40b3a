"""Printers: what runs out, what needs a hand, how much is printed, and what to buy."""

from core import Permission
from core import lazy_gettext as _l
from dashboards.pages.printers.routes import blueprint
from dashboards.registry import MenuItem, Page

page = Page(blueprint, menu=(MenuItem("watch", "printers.index", _l("Printers"), "printer", Permission.VIEW, 58),))

__all__ = ["page"]
