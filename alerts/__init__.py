"""What needs a person: rules, incidents and their notification."""

from __future__ import annotations

from alerts.channels import CHANNELS, ChannelKind, ChannelSettings, Environment
from alerts.message import duration_text, value_text
from alerts.models import (
    INCIDENT_STATES,
    SEVERITIES,
    Channel,
    Incident,
    IncidentEvent,
    IncidentMember,
    Maintenance,
    Notification,
    Route,
    RuleMemory,
    RuleOverride,
    Silence,
)
from alerts.reasons import REASONS, explain
from alerts.retry import RetryPolicy, after_attempt
from alerts.rule import Rule
from alerts.rule_file import RuleFileError
from alerts.sending import send_test
from alerts.settings import AlertsSettings
from alerts.situation import load_rules
from alerts.store.channels import (
    ChannelProblem,
    TestTarget,
    forget_secrets,
    list_channels,
    list_routes,
    save_channel,
    save_route,
    shown_settings,
)
from alerts.store.handling import IncidentError, acknowledge, assign, close, comment, release, reopen
from alerts.store.reading import (
    IncidentFilter,
    IncidentPage,
    count_open,
    disturbing_meetings,
    folded_incidents,
    get_incident,
    list_incidents,
    members_of,
    notifications_of,
    open_incidents,
    story,
    worst_by_site,
)
from alerts.store.windows import WindowProblem, add_window, cancel_window, list_windows, save_override
from alerts.wifi import (
    WifiCache,
    WifiDiagnosis,
    WifiLimits,
    WifiPicture,
    WifiVerdicts,
    band_name,
    clients_by_network,
    diagnose_wifi,
    radio_diagnosis,
    read_wifi,
    wifi_diagnosis,
    wifi_limits,
)
from alerts.words import (
    SEVERITY_LABELS,
    STATUS_LABELS,
)
from alerts.worker import Worker

__all__ = [
    "CHANNELS", "INCIDENT_STATES", "REASONS", "SEVERITIES", "SEVERITY_LABELS", "STATUS_LABELS", "AlertsSettings",
    "Channel", "ChannelKind", "ChannelProblem", "ChannelSettings", "Environment", "Incident", "IncidentError",
    "IncidentEvent", "IncidentFilter", "IncidentMember", "IncidentPage", "Maintenance", "Notification", "RetryPolicy",
    "Route", "Rule", "RuleFileError", "RuleMemory", "RuleOverride", "Silence", "TestTarget", "WifiCache",
    "WifiDiagnosis", "WifiLimits", "WifiPicture", "WifiVerdicts", "WindowProblem", "Worker", "acknowledge",
    "add_window", "after_attempt", "assign",
    "band_name", "cancel_window", "clients_by_network", "close", "comment", "count_open", "diagnose_wifi",
    "disturbing_meetings",
    "duration_text", "explain", "folded_incidents", "forget_secrets", "get_incident", "list_channels",
    "list_incidents", "list_routes", "list_windows", "load_rules", "members_of", "notifications_of",
    "open_incidents", "radio_diagnosis", "read_wifi", "release", "reopen", "save_channel", "save_override",
    "save_route", "send_test", "shown_settings", "story", "value_text", "wifi_diagnosis", "wifi_limits",
    "worst_by_site",
]
