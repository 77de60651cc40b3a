"""The school calendar: terms, holidays, teaching hours and examinations as a week to read."""

from core import Permission
from core import lazy_gettext as _l
from dashboards.pages.calendar.routes import blueprint
from dashboards.registry import MenuItem, Page

page = Page(
    blueprint, menu=(MenuItem("inventory", "calendar.index", _l("School calendar"), "calendar", Permission.VIEW, 40),)
)

__all__ = ["page"]
