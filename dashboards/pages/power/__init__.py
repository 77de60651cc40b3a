"""UPSes and power: who runs on battery now and for how long, batteries to replace, power cuts, PoE budgets."""

from core import Permission
from core import lazy_gettext as _l
from dashboards.pages.power.routes import blueprint
from dashboards.registry import MenuItem, Page

page = Page(blueprint, menu=(MenuItem("watch", "power.index", _l("UPS and power"), "bolt", Permission.VIEW, 56),))

__all__ = ["page"]
