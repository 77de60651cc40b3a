"""What people see and programs ask: pages, JSON API, /metrics. The face for the composition root."""

from dashboards.application import create_app
from dashboards.server import make_server, serve
from dashboards.services import Services
from dashboards.settings import DashboardsSettings

__all__ = ["DashboardsSettings", "Services", "create_app", "make_server", "serve"]
