"""The kiosk page: what stands on the screen of a meeting room, and the routes that its script asks."""

from dashboards.pages.kiosk.routes import blueprint
from dashboards.registry import Page

page = Page(blueprint)

__all__ = ["page"]
