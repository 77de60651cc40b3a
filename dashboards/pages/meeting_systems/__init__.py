"""Meeting systems: installations, how tokens are signed, secrets and servers, what to put into their files."""

from core import Permission
from core import lazy_gettext as _l
from dashboards.pages.meeting_systems.routes import blueprint
from dashboards.pages.meeting_systems.server_routes import add_servers
from dashboards.registry import MenuItem, Page

add_servers(blueprint)
page = Page(
    blueprint,
    menu=(
        MenuItem("meetings", "meeting_systems.index", _l("Meeting systems"), "broadcast",
                 Permission.MANAGE_MEETING_SYSTEMS, 80),
    ),
)

__all__ = ["page"]
