"""Figures of meetings for the leaders: the plans' indicators with their formulas, units, endpoints to upgrade."""

from core import Permission
from core import lazy_gettext as _l
from dashboards.pages.meeting_reports import entering, formulas, ranking
from dashboards.pages.meeting_reports.routes import blueprint
from dashboards.registry import MenuItem, Page

page = Page(
    blueprint,
    menu=(
        MenuItem("meetings", "meeting_reports.index", _l("Figures of meetings"), "chart-bar", Permission.VIEW, 70),
    ),
)
ROUTES = (entering, formulas, ranking)  # these hang their routes on the blueprint

__all__ = ["ROUTES", "page"]
