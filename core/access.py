"""Who may do what: roles, permissions and the scope of units a person sees.

Deciding only; who is signed in is the pages' business.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Permission(StrEnum):
    """One thing a person or a token may do."""

    VIEW = "view"                              # pages and lists of the own scope
    HANDLE_INCIDENTS = "handle_incidents"      # acknowledge, comment, assign, close
    SILENCE = "silence"                        # silences and maintenance windows
    POLL = "poll"                              # "poll now"
    CONTROL_PROJECTORS = "control_projectors"  # on, off, input, mute, freeze, volume; one or many
    HOLD_MEETINGS = "hold_meetings"            # book, change and cancel meetings of the own scope
    APPROVE_MEETINGS = "approve_meetings"      # say yes or no to large ones
    CONTROL_MEETINGS = "control_meetings"      # remedies, kiosk commands, end, remove, record, drain a bridge
    MANAGE_MEETING_SYSTEMS = "manage_meeting_systems"  # installations, their servers and secrets, pairing of kiosks
    DISCOVER = "discover"                      # look for devices and accept them
    EDIT_INVENTORY = "edit_inventory"          # units, sites, rooms, devices, links, assets, import
    EXPORT = "export"                          # lists as CSV and XLSX
    MANAGE_CREDENTIALS = "manage_credentials"  # communities, passwords, keys: write only
    MANAGE_RULES = "manage_rules"
    MANAGE_CHANNELS = "manage_channels"
    MANAGE_CALENDAR = "manage_calendar"
    MANAGE_USERS = "manage_users"
    MANAGE_TOKENS = "manage_tokens"
    VIEW_SETTINGS = "view_settings"            # effective settings, health of EduNOC itself
    VIEW_AUDIT = "view_audit"
    WRITE_SAMPLES = "write_samples"            # the line protocol door, for Telegraf and probes
    READ_METRICS = "read_metrics"              # /metrics
    OWN_ACCOUNT = "own_account"                # own password, language, theme


class Role(StrEnum):
    """What a person is here. One role a person; what it may do stands in ROLE_PERMISSIONS."""

    ADMINISTRATOR = "administrator"
    NETWORK_ENGINEER = "network_engineer"
    MEETING_TECHNICIAN = "meeting_technician"
    SECURITY_RESPONDER = "security_responder"
    SCHOOL_STAFF = "school_staff"
    VIEWER = "viewer"


_P = Permission
_EVERYONE = frozenset({_P.VIEW, _P.OWN_ACCOUNT})
_OPERATOR = _EVERYONE | {_P.HANDLE_INCIDENTS, _P.SILENCE, _P.POLL, _P.EXPORT}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset(Permission),
    Role.NETWORK_ENGINEER: _OPERATOR
    | {_P.CONTROL_PROJECTORS, _P.APPROVE_MEETINGS, _P.DISCOVER, _P.EDIT_INVENTORY, _P.MANAGE_CREDENTIALS,
       _P.MANAGE_RULES, _P.MANAGE_CALENDAR, _P.VIEW_SETTINGS, _P.READ_METRICS},
    Role.MEETING_TECHNICIAN: _OPERATOR
    | {_P.CONTROL_PROJECTORS, _P.HOLD_MEETINGS, _P.CONTROL_MEETINGS, _P.MANAGE_MEETING_SYSTEMS, _P.VIEW_SETTINGS},
    Role.SECURITY_RESPONDER: _OPERATOR | {_P.VIEW_AUDIT, _P.VIEW_SETTINGS},
    Role.SCHOOL_STAFF: _EVERYONE | {_P.HANDLE_INCIDENTS, _P.POLL, _P.CONTROL_PROJECTORS},
    Role.VIEWER: _EVERYONE | {_P.EXPORT},
}


def permissions_of(role: Role) -> frozenset[Permission]:
    """Everything the role may do."""
    return ROLE_PERMISSIONS[role]


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of the unit tree somebody sees: the unit with this path and all below it; None sees everything.

    A path is the chain of unit ids from the root, "/1/5/9/"; comparing with the closing slash keeps /1/5/ from
    including /1/55/.
    """

    unit_path: str | None

    def __post_init__(self) -> None:
        # An empty path would be the beginning of every path: a unit not yet stored must not open the whole province.
        path = self.unit_path
        if path is not None and not (len(path) > 2 and path.startswith("/") and path.endswith("/")):
            raise ValueError(f"a unit path looks like /1/5/, not like {self.unit_path!r}")

    @classmethod
    def everything(cls) -> Scope:
        """The scope of the department's own people."""
        return cls(None)

    @classmethod
    def nothing(cls) -> Scope:
        """The scope of somebody whose unit is gone: no path starts with it."""
        return cls("/none/")

    @property
    def is_everything(self) -> bool:
        """True when nothing is hidden."""
        return self.unit_path is None

    def includes(self, unit_path: str) -> bool:
        """True when a thing of the unit with this path may be seen."""
        return self.unit_path is None or unit_path.startswith(self.unit_path)
