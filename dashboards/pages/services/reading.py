"""How services and their checks stand now: state, reason in plain words, times, certificate. Reads the live arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from alerts import Incident
from collectors import (
    CheckState,
    Explanation,
    ServiceState,
    check_answers,
    check_states,
    explain,
    service_part,
    service_states,
)
from core import LazyText, Session
from core import lazy_gettext as _l
from dashboards.pages.services.store import open_incidents_of
from dashboards.services import Services as Running
from inventory import Check, Service, checks_of_services, service_number

RANK = {"down": 0, "attention": 1, "unknown": 2, "maintenance": 3, "good": 4}
SOON_DAYS = 14
STALE_INTERVALS = 3.0
LEAST_STALE_S = 180.0
# What a check tells of its time, in the order in which it passes
STEPS: dict[str, LazyText] = {
    "check_dns_seconds": _l("name"),
    "check_connect_seconds": _l("connect"),
    "check_tls_seconds": _l("TLS"),
    "check_first_byte_seconds": _l("first byte"),
}


@dataclass(frozen=True, slots=True)
class CheckView:
    """One check as the page shows it. `state` is good, attention, down or unknown; times are seconds."""

    check: Check
    state: str
    told: Explanation | None
    detail: str = ""
    last_at: datetime | None = None
    since: datetime | None = None
    seconds: float | None = None
    steps: Sequence[tuple[LazyText, float]] = ()
    days_left: float | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    is_stale: bool = False


@dataclass(frozen=True, slots=True)
class ServiceView:
    """One service as list and page show it."""

    service: Service
    state: str
    since: datetime | None
    told: Explanation | None
    detail: str
    checks: Sequence[CheckView]
    incidents: Sequence[Incident]

    @property
    def days_left(self) -> float | None:
        """Days until the first of its certificates expires."""
        return min((one.days_left for one in self.checks if one.days_left is not None), default=None)

    @property
    def seconds(self) -> float | None:
        """How long its slowest check takes."""
        return max((one.seconds for one in self.checks if one.seconds is not None), default=None)


def look(session: Session, running: Running, services: Sequence[Service], now: datetime) -> list[ServiceView]:
    """All of these services; the scope chose them already."""
    ids = [service.id for service in services]
    checks = checks_of_services(session, ids)
    wanted = [check.id for mine in checks.values() for check in mine]
    known = {key: one for key, one in check_states(session).items() if key in set(wanted)}
    answers, states = check_answers(session, wanted), service_states(session, ids)
    incidents = open_incidents_of(session, services)
    found = []
    for service in services:
        mine = [_check(running, one, known.get(one.id), answers.get(one.id, {}), now) for one in checks[service.id]]
        found.append(_service(service, states.get(service.id), incidents.get(service.id, ()), mine))
    return found


def _service(
    service: Service, state: ServiceState | None, incidents: Sequence[Incident], checks: Sequence[CheckView]
) -> ServiceView:
    enabled = [one for one in checks if one.check.is_enabled]
    failing = [one for one in enabled if one.state == "down"]
    worst = next(iter(failing), None) or next((one for one in enabled if one.state == "attention"), None)
    if not enabled or state is None or state.is_up is None or all(one.is_stale for one in enabled):
        word = "unknown"
    elif not state.is_up:
        word = "down"
    else:
        word = "attention" if worst is not None else "good"
    if word == "down" and state is not None and worst is None:
        return ServiceView(service, word, state.since, explain(state.reason), state.detail, checks, incidents)
    told = worst.told if worst is not None else None
    since = state.since if state is not None and word in ("down", "good") else worst.since if worst else None
    return ServiceView(service, word, since, told, worst.detail if worst and told else "", checks, incidents)


def _check(
    running: Running, check: Check, state: CheckState | None, facts: Mapping[str, str], now: datetime
) -> CheckView:
    if state is None:
        return CheckView(check, "unknown", None, facts=facts)
    values = _values(running, check, now)
    left = values.get("certificate_remaining_seconds")
    days = left / 86400 if left is not None else None
    is_stale = (now - state.last_at).total_seconds() > max(STALE_INTERVALS * check.interval_s, LEAST_STALE_S)
    trouble = facts.get("certificate_trouble", "") if state.is_ok else ""
    word, told = "good" if state.is_ok else "down", None if state.is_ok else explain(state.reason)
    if state.is_ok and trouble:
        word, told = "attention", explain(trouble)
    elif state.is_ok and days is not None and days < SOON_DAYS:
        word, told = "attention", explain("certificate_soon")
    if is_stale or not check.is_enabled:
        word, told = "unknown", None
    return CheckView(
        check, word, told, state.detail, state.last_at, state.since,
        state.seconds if state.is_ok else None,
        [(label, values[name]) for name, label in STEPS.items() if name in values] if state.is_ok else (),
        days, facts, is_stale,
    )


def _values(running: Running, check: Check, now: datetime) -> dict[str, float]:
    """Live values of a check, those that are not too old."""
    registry, live = running.registry, running.live
    if registry is None or live is None or check.service_id is None:
        return {}
    found: dict[str, float] = {}
    oldest = now.timestamp() - max(STALE_INTERVALS * check.interval_s, LEAST_STALE_S)
    for metric in (*STEPS, "certificate_remaining_seconds"):
        series = registry.find(service_number(check.service_id), service_part(check.id, check.vantage), metric)
        if series is not None and series < len(live.value) and live.at[series] >= oldest:
            value = float(live.value[series])
            if value == value:
                found[metric] = value
    return found
