"""The words, icons and colours of states, severities, roles and permissions: one table each, used by every page."""

from __future__ import annotations

from dataclasses import dataclass

from core import LazyText, Permission, Role
from core import lazy_gettext as _l


@dataclass(frozen=True, slots=True)
class Word:
    """How one state is shown: never by colour alone.

    `tone` is good, attention, minor, down, unknown, idle (known to rest), maintenance or info.
    """

    tone: str
    icon: str
    label: LazyText


# The five status words of the house. Unknown is a state of its own and is never drawn as good.
STATUS = {
    "good": Word("good", "circle-check", _l("good")),
    "attention": Word("attention", "alert-triangle", _l("needs attention")),
    "down": Word("down", "circle-x", _l("down")),
    "unknown": Word("unknown", "help-circle", _l("unknown")),
    "maintenance": Word("maintenance", "tool", _l("maintenance")),
}
# What other rooms call the same things
STATUS_ALIASES = {
    "up": "good",
    "ok": "good",
    "suspect": "attention",
    "warning": "attention",
    "critical": "down",
    "": "unknown",
}

SEVERITY = {
    "critical": Word("down", "alert-octagon", _l("critical")),
    "major": Word("attention", "alert-triangle", _l("major")),
    "minor": Word("minor", "alert-circle", _l("minor")),
    "info": Word("info", "info-circle", _l("information")),
}

INCIDENT_STATE = {
    "open": Word("down", "circle-dashed", _l("open")),
    "acknowledged": Word("info", "user-check", _l("acknowledged")),
    "closed": Word("unknown", "checks", _l("closed")),
}

ROLES = {
    Role.ADMINISTRATOR: _l("administrator"),
    Role.NETWORK_ENGINEER: _l("network engineer"),
    Role.MEETING_TECHNICIAN: _l("online-meeting technician"),
    Role.SECURITY_RESPONDER: _l("security responder"),
    Role.SCHOOL_STAFF: _l("school staff"),
    Role.VIEWER: _l("viewer"),
}

PERMISSIONS = {
    Permission.VIEW: _l("see pages and lists"),
    Permission.HANDLE_INCIDENTS: _l("handle incidents"),
    Permission.SILENCE: _l("silence alerts and plan maintenance"),
    Permission.POLL: _l("poll a device now"),
    Permission.DISCOVER: _l("discover devices"),
    Permission.EDIT_INVENTORY: _l("edit the inventory"),
    Permission.EXPORT: _l("export lists"),
    Permission.MANAGE_CREDENTIALS: _l("manage device credentials"),
    Permission.MANAGE_RULES: _l("manage alert rules"),
    Permission.MANAGE_CHANNELS: _l("manage alert channels"),
    Permission.CONTROL_PROJECTORS: _l("switch and steer projectors"),
    Permission.HOLD_MEETINGS: _l("book, change and cancel meetings"),
    Permission.APPROVE_MEETINGS: _l("approve large meetings"),
    Permission.CONTROL_MEETINGS: _l("help and control running meetings"),
    Permission.MANAGE_MEETING_SYSTEMS: _l("manage meeting systems and pair kiosks"),
    Permission.MANAGE_CALENDAR: _l("manage the school calendar"),
    Permission.MANAGE_USERS: _l("manage users"),
    Permission.MANAGE_TOKENS: _l("manage API tokens"),
    Permission.VIEW_SETTINGS: _l("see settings and EduNOC's own health"),
    Permission.VIEW_AUDIT: _l("see the audit"),
    Permission.WRITE_SAMPLES: _l("write samples"),
    Permission.READ_METRICS: _l("read /metrics"),
    Permission.OWN_ACCOUNT: _l("own password, language and theme"),
}


def status_word(state: object) -> Word:
    """The word of a state; whatever is not known is unknown, never good."""
    name = str(getattr(state, "value", state) or "").lower()
    return STATUS.get(STATUS_ALIASES.get(name, name), STATUS["unknown"])
