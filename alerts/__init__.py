"""What needs a person: rules, incidents and their notification."""

from __future__ import annotations

from alerts.models import (
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

__all__ = [
    "Channel", "Incident", "IncidentEvent", "IncidentMember", "Maintenance", "Notification", "Route", "RuleMemory",
    "RuleOverride", "Silence",
]
