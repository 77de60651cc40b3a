"""The list of incidents: worst first, filtered by the URL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts import Incident, IncidentFilter, IncidentPage, list_incidents
from core import Scope, Session
from core import lazy_gettext as _l
from dashboards.listing import Column, ListQuery
from dashboards.pages.incidents.store import unit_of
from dashboards.words import INCIDENT_STATE, SEVERITY
from inventory import Unit

COLUMNS = (
    Column(""),
    Column(_l("Severity")),
    Column(_l("Incident")),
    Column(_l("Behind it"), is_number=True, hide="sm"),
    Column(_l("Began"), hide="md"),
    Column(_l("State"), hide="sm"),
)
FILTERS = ("state", "severity", "unit", "mine", "device", "site")
_STATES = {
    "": ("open", "acknowledged"),
    "open": ("open",),
    "acknowledged": ("acknowledged",),
    "closed": ("closed",),
    "all": (),
}
STATE_CHOICES = (
    ("open", _l("not taken yet")),
    ("acknowledged", _l("taken")),
    ("closed", _l("closed")),
    ("all", _l("all, also closed")),
)
EXPORT_PAGE = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, for what."""

    scope: Scope
    user_id: int | None
    query: ListQuery
    now: datetime | None = None


def filter_of(session: Session, asked: Asked) -> tuple[IncidentFilter, Unit | None]:
    """What the URL asks for, in the words of alerts."""
    filters = asked.query.filters
    unit = unit_of(session, asked.scope, _number(filters.get("unit")))
    wanted = IncidentFilter(
        states=_STATES.get(filters.get("state", ""), _STATES[""]),
        severity=filters["severity"] if filters.get("severity") in SEVERITY else "",
        unit_path=unit.path if unit else "",
        text=asked.query.text,
        owner_id=asked.user_id if filters.get("mine") else None,
        device_id=_number(filters.get("device")),
        site_id=_number(filters.get("site")),
        now=asked.now,
    )
    return wanted, unit


def find_incidents(session: Session, asked: Asked) -> tuple[IncidentPage, Unit | None]:
    """One page."""
    wanted, unit = filter_of(session, asked)
    return list_incidents(session, asked.scope, wanted, asked.query.page, asked.query.per_page), unit


EXPORT_HEADS = (
    _l("Number"),
    _l("Severity"),
    _l("State"),
    _l("Incident"),
    _l("Site"),
    _l("Device"),
    _l("Devices behind it"),
    _l("Began"),
    _l("Closed"),
    _l("Owner"),
    _l("Taken by"),
)


def export_rows(session: Session, asked: Asked, language: str, most: int) -> Iterator[tuple[Any, ...]]:
    """Every incident that fits, page by page."""
    wanted, _unit = filter_of(session, asked)
    page, seen = 1, 0
    while seen < most:
        found = list_incidents(session, asked.scope, wanted, page, EXPORT_PAGE)
        for one in found.rows:
            yield _cells(one, language)
        seen += len(found.rows)
        if len(found.rows) < EXPORT_PAGE:
            return
        page += 1


def _cells(one: Incident, language: str) -> tuple[Any, ...]:
    title = one.titles.get(language) or next(iter(one.titles.values()), one.cause)
    return (
        one.id,
        str(SEVERITY[one.severity].label),
        str(INCIDENT_STATE[one.state].label),
        title,
        one.site_name,
        one.device_name,
        one.behind_count,
        one.started_at,
        one.closed_at,
        one.owner_name,
        one.acknowledged_by,
    )


def _number(word: str | None) -> int | None:
    return int(word) if word and word.isdecimal() and len(word) < 12 else None


def lasted(incident: Incident, now: datetime) -> float:
    """Seconds from its beginning to its end, or to now."""
    return ((incident.closed_at or now) - incident.started_at).total_seconds()
