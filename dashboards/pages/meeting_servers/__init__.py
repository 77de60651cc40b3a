"""Meeting servers: how bridges, Jicofo, Prosody, recorders, gateway and relay are, and what today asks of them."""

from core import Permission
from core import lazy_gettext as _l
from dashboards.pages.meeting_servers.routes import blueprint
from dashboards.registry import MenuItem, Page

page = Page(
    blueprint,
    menu=(
        MenuItem("meetings", "meeting_servers.index", _l("Meeting servers"), "server-2", Permission.VIEW_SETTINGS, 70),
    ),
)

__all__ = ["page"]
