"""The pages that the wall board turns. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.pages.overview.board import Overview

INCIDENTS_A_PAGE = 8
UNITS_A_PAGE = 24
MOST_INCIDENT_PAGES = 4
MOST_UNIT_PAGES = 5


@dataclass(frozen=True, slots=True)
class WallPage:
    """One page: `kind` is incidents, units or sums; `number` counts among its kind."""

    kind: str
    rows: Sequence[Any]
    number: int = 1
    of: int = 1


def wall_pages(overview: Overview) -> list[WallPage]:
    """Incidents first; units with the worst in front; then providers and kinds."""
    pages = _chunks("incidents", overview.incidents, INCIDENTS_A_PAGE, MOST_INCIDENT_PAGES)
    units = sorted(overview.units, key=lambda one: (-one.counts["down"], -one.counts["attention"], one.name.lower()))
    pages += _chunks("units", units, UNITS_A_PAGE, MOST_UNIT_PAGES) if units else []
    if overview.providers or overview.kinds:
        pages.append(WallPage("sums", ()))
    return pages


def _chunks(kind: str, rows: Sequence[Any], size: int, most: int) -> list[WallPage]:
    parts = [rows[start : start + size] for start in range(0, max(len(rows), 1), size)][:most]
    return [WallPage(kind, part, number, len(parts)) for number, part in enumerate(parts, 1)]
