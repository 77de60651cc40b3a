"""The list of maps: every site of the scope with what its map holds and what in it waits for a decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core import Scope, Session
from core import lazy_gettext as _l
from dashboards.listing import Column, ListQuery, page_of
from dashboards.pages.sites.store import SiteRow, sites_in
from dashboards.pages.topology.store import edge_counts, other_counts
from dashboards.status import Board

SITE_COLUMNS = (
    Column(_l("Site"), "name"),
    Column(_l("Unit"), hide="md"),
    Column(_l("Devices"), "devices", is_number=True),
    Column(_l("Lines on the map"), "lines", is_number=True),
    Column(_l("Unmanaged switches"), "hubs", is_number=True, hide="sm"),
    Column(_l("Not in the inventory"), "found", is_number=True, hide="sm"),
)
SITE_FILTERS = ("with",)


@dataclass(frozen=True, slots=True)
class MapLine:
    """One site of the list."""

    site: SiteRow
    devices: int
    lines: int
    hubs: int
    found: int


@dataclass(frozen=True, slots=True)
class FoundMaps:
    """One page of the list."""

    rows: Sequence[MapLine]
    total: int


def map_lines(session: Session, scope: Scope, board: Board, query: ListQuery) -> FoundMaps:
    """The page that a URL asks for."""
    edges, others = edge_counts(session), other_counts(session)
    ids, counts = np.unique(board.fleet.site, return_counts=True)
    devices = dict(zip(ids.tolist(), counts.tolist(), strict=True))
    lines = [
        MapLine(
            row, devices.get(row.id, 0), edges.get(row.id, 0), others.get((row.id, "hub"), 0),
            others.get((row.id, "found"), 0),
        )
        for row in sites_in(session, scope, query.text, "")
    ]
    wanted = query.filters.get("with", "")
    keep = {"map": lambda line: line.lines, "none": lambda line: not line.lines, "found": lambda line: line.found}
    if wanted in keep:
        lines = [line for line in lines if keep[wanted](line)]
    if query.sort in ("devices", "lines", "hubs", "found"):
        lines.sort(key=lambda line: getattr(line, query.sort), reverse=query.is_descending)
    elif query.is_descending:
        lines.reverse()
    rows, total = page_of(lines, query)
    return FoundMaps(rows, total)
