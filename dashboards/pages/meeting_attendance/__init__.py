"""After a meeting: who was there how long, the minutes, the tasks that came of it."""

from core import Permission
from core import lazy_gettext as _l
from dashboards.pages.meeting_attendance import hands, minutes, tasks
from dashboards.pages.meeting_attendance.routes import blueprint
from dashboards.registry import MenuItem, Page

SEE = Permission.VIEW
page = Page(
    blueprint,
    menu=(
        MenuItem("meetings", "meeting_attendance.index", _l("Attendance and minutes"), "user-check", SEE, 60),
        MenuItem("meetings", "meeting_attendance.tasks", _l("Tasks after meetings"), "clipboard-list", SEE, 65),
    ),
)
ROUTES = (hands, minutes, tasks)  # these hang their routes on the blueprint

__all__ = ["ROUTES", "page"]
