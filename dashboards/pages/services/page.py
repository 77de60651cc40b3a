"""The page of one service: its checks, what it needs and how that is, its past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from collectors import Availability, ServiceOutage, ServiceRequest, explain, outages_between, service_part
from core import LazyText, Scope, Session
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.charting import Line
from dashboards.pages.devices.links import page_url
from dashboards.pages.services.months import Desk, Month
from dashboards.pages.services.reading import CheckView, ServiceView, look
from dashboards.status import board_now
from inventory import Need, NotFound, Service, checks_of_services, get_record, needs_of, service_number

OUTAGES_OF = timedelta(days=90)
OUTAGES_SHOWN = 20
WAIT = timedelta(seconds=60)
# What a check was told, in the order of the page; other facts are for machines
FACTS: dict[str, LazyText] = {
    "status": _l("HTTP status"),
    "page": _l("Led to"),
    "server": _l("Server"),
    "answers": _l("DNS answers"),
    "greeting": _l("Greeting"),
    "offers": _l("Offers"),
    "naming_contexts": _l("Naming contexts"),
    "vendor": _l("Program"),
    "seen_as": _l("Sees us as"),
    "relayed": _l("Place given"),
    "realm": _l("Realm"),
    "software": _l("Program"),
    "cars": _l("Datagrams back"),
    "certificate_for": _l("Certificate for"),
    "certificate_issuer": _l("Issued by"),
    "tls_version": _l("Encryption"),
}


@dataclass(frozen=True, slots=True)
class NeedView:
    """One thing a service needs, with its state and its page ("" when it may not be seen)."""

    need: Need
    state: str
    url: str
    kind: LazyText


@dataclass(frozen=True, slots=True)
class Vantages:
    """One target seen from several places: place -> check."""

    target: str
    seen: Mapping[str, CheckView]


@dataclass(frozen=True, slots=True)
class Sight:
    """All of the page."""

    view: ServiceView
    needs: Sequence[NeedView]
    outages: Sequence[tuple[ServiceOutage, timedelta, str]]
    vantages: Sequence[Vantages]


_KINDS = {"device": _l("device"), "link": _l("line"), "service": _l("service")}


def with_maintenance(views: Sequence[ServiceView], maintained: set[int]) -> list[ServiceView]:
    """Services that planned work is going on for are shown so."""
    return [replace(one, state="maintenance") if one.service.id in maintained else one for one in views]


def sight_of(desk: Desk, scope: Scope, view: ServiceView) -> Sight:
    """Read what the page shows beside the service itself."""
    service_id = view.service.id
    start = desk.now - OUTAGES_OF
    outages = outages_between(desk.session, [service_id], start, desk.now)[service_id]
    told = [
        (one, (one.ended_at or desk.now) - one.started_at, explain(one.reason).message)
        for one in outages[::-1][:OUTAGES_SHOWN]
    ]
    return Sight(view, _needs(desk, scope, service_id), told, _vantages(view.checks))


def _needs(desk: Desk, scope: Scope, service_id: int) -> list[NeedView]:
    needed = needs_of(desk.session, [service_id])[service_id]
    devices = [one.device_id for one in needed if one.device_id is not None]
    states = board_now().states_of(devices) if devices else {}
    below = [one.id for one in needed if one.kind == "service"]
    others = {
        view.service.id: view.state
        for view in look(desk.session, desk.running, _visible(desk.session, scope, below), desk.now)
    }
    found = []
    for one in needed:
        if one.kind == "service":
            url = page_url("services.show", service_id=one.id) if one.id in others else ""
            found.append(NeedView(one, others.get(one.id, "unknown"), url, _KINDS[one.kind]))
        else:
            url = page_url("devices.show", device_id=one.device_id) if one.device_id is not None else (
                page_url("sites.show", site_id=one.site_id))
            found.append(NeedView(one, states.get(one.device_id or 0, "unknown"), url, _KINDS[one.kind]))
    return found


def _visible(session: Session, scope: Scope, ids: Sequence[int]) -> list[Service]:
    found = []
    for one in ids:
        try:
            found.append(get_record(session, scope, Service, one))
        except NotFound:
            continue
    return found


def _vantages(checks: Sequence[CheckView]) -> list[Vantages]:
    """Targets that are looked at from several places; nothing while there is one place."""
    by_target: dict[tuple[str, str], dict[str, CheckView]] = {}
    for one in checks:
        by_target.setdefault((one.check.kind, one.check.target), {})[one.check.vantage] = one
    return [Vantages(target, seen) for (_kind, target), seen in by_target.items() if len(seen) > 1]


def facts_of(view: CheckView) -> list[tuple[str, str]]:
    """(what, text) of a check's last answer."""
    return [(str(label), view.facts[name]) for name, label in FACTS.items() if view.facts.get(name)]


def known_months(
    history: Sequence[tuple[Month, Availability | None]]
) -> list[tuple[Month, Availability]]:
    """The months of which something is known; older ones without any sample are left out."""
    return [(month, one) for month, one in history if one is not None and one.ratio is not None]


def lines_of(session: Session, registry: Any, service_id: int, metric: str) -> list[Line]:
    """The lines of a chart: one a check, or the service as a whole."""
    if registry is None:
        return []
    number = service_number(service_id)
    if metric == "service_up":
        series = registry.find(number, "", metric)
        return [Line(series, _("works"), 1.0, "ratio")] if series is not None else []
    lines = []
    for check in checks_of_services(session, [service_id])[service_id]:
        series = registry.find(number, service_part(check.id, check.vantage), metric)
        if series is not None:
            lines.append(Line(series, check.name or check.target[:60], 1.0, "seconds"))
    return lines


def is_waiting(asked: ServiceRequest, now: datetime) -> bool:
    """Whether an answer to "check now" may still come: checks take their time after the wish was taken up."""
    since = now - asked.requested_at
    return since < (timedelta(seconds=15) if asked.done_at is not None else WAIT)
