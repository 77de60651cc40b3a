"""The province's list: each site with access points, worst first. Judged over the arrays of all points at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from alerts import WifiDiagnosis, WifiLimits, WifiPicture, WifiVerdicts, diagnose_wifi, wifi_diagnosis
from core import Scope, Session
from core import lazy_gettext as _l
from dashboards.listing import Column, ListQuery, page_of
from dashboards.pages.sites.store import SiteRow, sites_in, unit_in
from dashboards.pages.wifi.words import WIFI_STATES, WORST_FIRST
from inventory import Unit, sort_key

COLUMNS = (
    Column(_l("State"), "state"),
    Column(_l("Site"), "name"),
    Column(_l("Diagnosis"), hide="sm"),
    Column(_l("Access points"), "points", is_number=True),
    Column(_l("Clients"), "clients", is_number=True, hide="sm"),
    Column(_l("Busiest channel"), "busy", hide="md"),
)
FILTERS = ("state", "unit")


@dataclass(frozen=True, slots=True)
class Line:
    """One site. `clients` and `busy` are None when not known; `group` is its number in the verdicts."""

    row: SiteRow
    group: int
    code: int
    tone: str
    total: int
    up: int
    clients: float | None
    busy: float | None
    channel: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of the list with a diagnosis each. `counts` pairs a tone with its number of sites."""

    rows: Sequence[tuple[Line, WifiDiagnosis]]
    total: int
    counts: Sequence[tuple[str, int]]
    unit: Unit | None


def find_wifi_sites(
    session: Session, scope: Scope, picture: WifiPicture | None, query: ListQuery, limits: WifiLimits
) -> Found:
    """The page that a URL asks for, worst first unless it asks for another order."""
    wanted = query.filters.get("unit", "")
    unit = unit_in(session, scope, int(wanted) if wanted.isdecimal() and len(wanted) < 12 else 0)
    path = (unit.path if unit else "/none/") if wanted else ""
    if picture is None:
        return Found((), 0, (), unit)
    sites = sites_in(session, scope, query.text, path)
    verdicts = judge_sites(picture, [site.id for site in sites], limits)
    lines = [line for line in _lines(sites, picture, verdicts) if line.total]
    counts = [(tone, sum(line.tone == tone for line in lines)) for tone in WIFI_STATES]
    if query.filters.get("state") in WIFI_STATES:
        lines = [line for line in lines if line.tone == query.filters["state"]]
    page, total = page_of(_sorted(lines, query), query)
    rows = [(line, wifi_diagnosis(picture, verdicts, line.group)) for line in page]
    return Found(rows, total, [pair for pair in counts if pair[1]], unit)


def judge_sites(picture: WifiPicture, site_ids: Sequence[int], limits: WifiLimits) -> WifiVerdicts:
    """Verdicts with one group for each of these sites, in their order."""
    ids = np.asarray(site_ids, np.int64)
    order = np.argsort(ids, kind="stable")
    site = picture.index.points.site
    if not len(ids):
        return diagnose_wifi(picture, np.full(len(site), -1, np.int64), 0, limits)
    place = np.minimum(np.searchsorted(ids[order], site), len(ids) - 1)
    return diagnose_wifi(picture, np.where(ids[order][place] == site, order[place], -1), len(ids), limits)


def _lines(sites: Sequence[SiteRow], picture: WifiPicture, verdicts: WifiVerdicts) -> Iterator[Line]:
    radios = verdicts.busiest
    has = radios >= 0
    busy = np.where(has, picture.busy[radios], np.nan) if len(picture.busy) else np.full(len(sites), np.nan)
    channel = np.where(has, picture.channel[radios], np.nan) if len(picture.channel) else busy
    clients_at = picture.clients_at(np.array([site.id for site in sites], np.int64), verdicts.clients)
    columns = (verdicts.group, verdicts.total, verdicts.up, clients_at, busy, channel)
    for number, (site, values) in enumerate(zip(sites, zip(*(c.tolist() for c in columns), strict=True), strict=True)):
        code, total, up, clients, share, where = values
        yield Line(
            site, number, code, verdicts.tone(code), total, up, _known(clients), _known(share),
            None if where != where else int(where),
        )


def _known(value: float) -> float | None:
    return None if value != value else value


def _sorted(lines: list[Line], query: ListQuery) -> list[Line]:
    # The rows come by name and sorting is stable: like stands by name
    key = {
        "state": lambda line: (WORST_FIRST[line.tone], line.code, -(line.busy or 0.0)),
        "points": lambda line: (line.up - line.total, line.total),
        "clients": lambda line: line.clients if line.clients is not None else -1.0,
        "busy": lambda line: line.busy if line.busy is not None else -1.0,
        "unit": lambda line: sort_key(line.row.unit_name),
    }.get(query.sort)
    if key is not None:
        return sorted(lines, key=key, reverse=query.is_descending)
    return lines[::-1] if query.is_descending else lines


EXPORT_HEADS = (
    _l("State"), _l("Site"), _l("Code"), _l("Unit"), _l("Diagnosis"), _l("What to do"), _l("Access points"),
    _l("of which up"), _l("Clients"), _l("Busiest channel"), _l("Busy, %"),
)  # fmt: skip


def export_rows(found: Found) -> Iterator[tuple[Any, ...]]:
    """The rows as a file holds them."""
    for line, diagnosis in found.rows:
        row = line.row
        yield (
            str(WIFI_STATES[line.tone].label), row.name, row.code, row.unit_name, diagnosis.line, diagnosis.action,
            line.total, line.up, None if line.clients is None else int(line.clients), line.channel,
            None if line.busy is None else round(line.busy * 100),
        )
