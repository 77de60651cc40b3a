"""The site list: which sites, in which order, on which page. Judged over the arrays of all devices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from alerts import worst_by_site
from core import Scope, Session
from core import lazy_gettext as _l
from dashboards.listing import Column, ListQuery, page_of
from dashboards.pages.overview.board import Share
from dashboards.pages.sites.health import site_states
from dashboards.pages.sites.store import SiteRow, providers_by_site, sites_in, unit_in
from dashboards.status import STATES, WORST_FIRST, Board
from dashboards.words import STATUS
from inventory import Unit, sort_key

COLUMNS = (
    Column(_l("State"), "state"),
    Column(_l("Site"), "name"),
    Column(_l("Unit"), "unit", hide="md"),
    Column(_l("Line"), "isp", hide="sm"),
    Column(_l("Devices"), "devices", is_number=True),
    Column(_l("In which state"), hide="lg"),
)
FILTERS = ("state", "unit", "isp")
_WORST = {STATES[number]: place for place, number in enumerate(WORST_FIRST)}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the list. `severity` is that of the worst open incident, "" for none."""

    row: SiteRow
    state: str
    share: Share
    providers: tuple[str, ...]
    severity: str


@dataclass(frozen=True, slots=True)
class Found:
    """One page of the list. `counts` pairs a state with its number among all that fit the other filters."""

    lines: Sequence[Line]
    total: int
    counts: Sequence[tuple[str, int]]
    unit: Unit | None
    providers: Sequence[str]


def find_sites(session: Session, scope: Scope, board: Board, query: ListQuery) -> Found:
    """The page that a URL asks for, worst first unless it asks for another order."""
    wanted = query.filters.get("unit", "")
    unit = unit_in(session, scope, int(wanted) if wanted.isdecimal() and len(wanted) < 12 else 0)
    path = (unit.path if unit else "/none/") if wanted else ""
    lines = _lines(session, scope, board, sites_in(session, scope, query.text, path))
    providers = sorted({isp for line in lines for isp in line.providers}, key=str.lower)
    if "isp" in query.filters:
        lines = [line for line in lines if query.filters["isp"] in line.providers]
    counts = [(word, sum(line.state == word for line in lines)) for word in _WORST]
    if query.filters.get("state") in STATUS:
        lines = [line for line in lines if line.state == query.filters["state"]]
    rows, total = page_of(_sorted(lines, query), query)
    return Found(rows, total, [pair for pair in counts if pair[1]], unit, providers)


def sites_of(session: Session, scope: Scope, board: Board, unit: Unit) -> list[Line]:
    """A unit's own sites, by name; those of the units below it are not among them."""
    rows = [row for row in sites_in(session, scope, "", unit.path) if row.unit_id == unit.id]
    return _lines(session, scope, board, rows) if rows else []


def _lines(session: Session, scope: Scope, board: Board, rows: Sequence[SiteRow]) -> list[Line]:
    severities, providers = worst_by_site(session, scope), providers_by_site(session)
    states, table = site_states(board, [row.id for row in rows], severities)
    return [
        Line(row, state, _share(row, counts), providers.get(row.id, ()), severities.get(row.id, ""))
        for row, state, counts in zip(rows, states, table.tolist(), strict=True)
    ]


def _share(row: SiteRow, counts: Sequence[int]) -> Share:
    return Share(row.id, row.name, {word: n for word, n in zip(STATES, counts, strict=True) if word != "unwatched"})


def _sorted(lines: list[Line], query: ListQuery) -> list[Line]:
    # The rows come by name and sorting is stable: like stands by name
    key = {
        "state": lambda line: (_WORST[line.state], -line.share.counts["down"], -line.share.counts["attention"]),
        "unit": lambda line: sort_key(line.row.unit_name),
        "isp": lambda line: (not line.providers, line.providers),
        "devices": lambda line: line.share.total,
    }.get(query.sort)
    if key is not None:
        return sorted(lines, key=key, reverse=query.is_descending)
    return lines[::-1] if query.is_descending else lines


EXPORT_HEADS = (
    _l("State"),
    _l("Site"),
    _l("Code"),
    _l("Unit"),
    _l("Postal address"),
    _l("Contact"),
    _l("Provider"),
    _l("Devices watched"),
    _l("good"),
    _l("needs attention"),
    _l("down"),
    _l("unknown"),
    _l("maintenance"),
)


def export_rows(found: Found) -> Iterator[tuple[Any, ...]]:
    """The rows as a file holds them."""
    for line in found.lines:
        row, counts = line.row, line.share.counts
        yield (
            str(STATUS[line.state].label), row.name, row.code, row.unit_name, row.address, row.contact,
            ", ".join(line.providers), line.share.total,
            *(counts[word] for word in ("good", "attention", "down", "unknown", "maintenance")),
        )
