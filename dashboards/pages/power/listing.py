"""The list of UPSes, the switches with the least PoE left, and the power cuts of the last month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from alerts import Incident, IncidentFilter, list_incidents
from core import Scope, Session
from core import lazy_gettext as _l
from dashboards.listing import Column, ListQuery
from dashboards.pages.devices.store import Line, ids_with_text, lines_of, unit_and_site
from dashboards.pages.families.gathering import Reader, cells_of
from dashboards.pages.power.condition import CONDITIONS, POE, SHOWN, UPS, WORDS, conditions_of, is_on_battery
from dashboards.status import STATES, Board
from inventory import Site, Unit

COLUMNS = (
    Column(_l("State"), "state"), Column(_l("UPS"), "name"), Column(_l("Site"), "site", hide="md"),
    *(Column(one.label, one.word, is_number=one.form not in ("meter", "rest"), hide=one.hide)
      for one in UPS.figures if one.word in SHOWN),
)  # fmt: skip
FILTERS = ("state", "unit", "site")
POE_SHOWN = 8
CUTS = timedelta(days=30)
_DOWN, _UNWATCHED = STATES.index("down"), STATES.index("unwatched")


@dataclass(frozen=True, slots=True)
class Row:
    """One UPS: its condition and figures."""

    line: Line
    condition: str
    cells: dict[str, tuple[float | None, float | None]]


@dataclass(frozen=True, slots=True)
class Found:
    """One page. `shortest` is the least time that a UPS on battery will last, in seconds."""

    rows: Sequence[Row]
    total: int
    counts: dict[str, int]
    on_battery: int
    shortest: float | None
    unit: Unit | None
    site: Site | None


def find_upses(session: Session, scope: Scope, board: Board, reader: Reader, query: ListQuery) -> Found:
    """The page that a URL asks for, worst first unless it asks for another order."""
    fleet = board.fleet
    unit, site = unit_and_site(session, *(_number(query.filters.get(name)) for name in ("unit", "site")))
    mask = fleet.in_scope(scope.unit_path) & fleet.kind.is_text("ups")
    if "unit" in query.filters:
        mask &= fleet.in_scope(unit.path if unit else "/none/")
    if "site" in query.filters:
        mask &= fleet.site == _number(query.filters["site"])
    if query.text:
        mask &= fleet.mask_of(ids_with_text(session, query.text))
    columns = reader.columns(UPS)
    condition = conditions_of(columns, board.state == _DOWN, board.state == _UNWATCHED)
    counts = np.bincount(condition[mask], minlength=len(WORDS))
    on = mask & is_on_battery(columns)
    lasts = columns["lasts"].value[on]
    lasts = lasts[np.isfinite(lasts)]
    if query.filters.get("state") in WORDS:
        mask &= condition == WORDS.index(query.filters["state"])
    rows = np.flatnonzero(mask)
    name, place = fleet.name_order[rows], fleet.site_order[rows]
    if query.sort in SHOWN:
        key = columns[query.sort].order[rows]
        order = np.lexsort((name, place, np.nan_to_num(-key if query.is_descending else key), np.isnan(key)))
    else:
        key = {"name": name, "site": place}.get(query.sort, condition[rows]).astype(np.int64)
        least = np.nan_to_num(columns["lasts"].value[rows], nan=1e9)
        order = np.lexsort((name, place, least, -key if query.is_descending else key))
    rows = rows[order][query.offset : query.offset + query.limit]
    cells = cells_of(columns, rows)
    lines = lines_of(session, fleet.device[rows].tolist())
    return Found(
        rows=[Row(line, WORDS[code], cell) for line, code, cell in zip(lines, condition[rows], cells, strict=True)],
        total=int(mask.sum()), counts={word: int(n) for word, n in zip(WORDS, counts, strict=True) if n},
        on_battery=int(on.sum()), shortest=float(lasts.min()) if len(lasts) else None, unit=unit, site=site,
    )


def least_poe(session: Session, scope: Scope, board: Board, reader: Reader) -> list[tuple[Line, float, float]]:
    """(switch, watts used, watts there are) of the switches with the least left."""
    column = reader.columns(POE)["poe"]
    share = np.where(board.fleet.in_scope(scope.unit_path), column.order, np.nan)
    rows = np.argsort(np.nan_to_num(-share, nan=1.0), kind="stable")[:POE_SHOWN]
    rows = rows[np.isfinite(share[rows])]
    lines = lines_of(session, board.fleet.device[rows].tolist())
    return [(line, float(column.value[row]), float(column.of[row])) for line, row in zip(lines, rows, strict=True)]


@dataclass(frozen=True, slots=True)
class Cuts:
    """Power cuts as UPSes told them: (incident, place, seconds it lasted so far)."""

    rows: Sequence[tuple[Incident, Line | None, float]]
    total: int


def power_cuts(session: Session, scope: Scope, query: ListQuery, now: datetime) -> Cuts:
    """The power cuts of the last month, the newest first."""
    wanted = IncidentFilter(
        states=("open", "acknowledged", "closed"), rule_id="ups_on_battery", text=query.text, since=now - CUTS,
        has_folded=True,
    )
    size = 500 if query.format else query.per_page
    page = list_incidents(session, scope, wanted, 1 if query.format else query.page, size)
    places = {line.device.id: line for line in lines_of(session, [i.device_id for i in page.rows if i.device_id])}
    rows = [
        (one, places.get(one.device_id or 0), ((one.returned_at or one.closed_at or now) - one.started_at)
         .total_seconds())
        for one in page.rows
    ]
    return Cuts(rows, page.total)


def _number(word: str | None) -> int:
    return int(word) if word and word.isdecimal() and len(word) < 12 else 0


EXPORT_HEADS = (
    _l("State"), _l("UPS"), _l("Vendor"), _l("Model"), _l("Site"), _l("Unit"), _l("On battery for"), _l("Lasts"),
    _l("Charge, %"), _l("Load, %"), _l("Input, V"), _l("Battery, °C"),
)  # fmt: skip


def export_rows(found: Found) -> Iterator[tuple[Any, ...]]:
    """The rows as a file holds them; times in seconds."""
    for row in found.rows:
        device, cell = row.line.device, {word: pair[0] for word, pair in row.cells.items()}
        yield (
            str(CONDITIONS[row.condition].label), device.name, device.vendor, device.model, row.line.site_name,
            row.line.unit_name, cell["elapsed"], cell["lasts"], _percent(cell["charge"]), _percent(cell["load"]),
            cell["volts"], cell["celsius"],
        )


def _percent(value: float | None) -> float | None:
    return None if value is None else round(value * 100, 1)


CUT_HEADS = (_l("Site"), _l("UPS"), _l("Began"), _l("Ended"), _l("Seconds"))


def export_cuts(cuts: Cuts) -> Iterator[tuple[Any, ...]]:
    """The power cuts as a file holds them."""
    for one, line, seconds in cuts.rows:
        yield (line.site_name if line else "", one.device_name, one.started_at, one.returned_at or one.closed_at,
               round(seconds))
