"""Will the meeting fit: lines, servers, joining; the quality that is planned for it."""

from dashboards.pages.meeting_capacity.routes import blueprint
from dashboards.registry import Page

page = Page(blueprint)

__all__ = ["page"]
