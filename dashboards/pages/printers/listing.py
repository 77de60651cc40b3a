"""The list of printers with their supplies and pages, and the shopping list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from core import Scope, Session
from core import lazy_gettext as _l
from dashboards.listing import Column, ListQuery
from dashboards.pages.devices.store import Line, ids_with_text, lines_of, unit_and_site
from dashboards.pages.families.gathering import Gathered, Reader, cells_of
from dashboards.pages.printers.condition import (
    CONDITIONS,
    COUNTER,
    LOW,
    PAGES,
    PRINTERS,
    SUPPLY,
    WORDS,
    conditions_of,
)
from dashboards.pages.printers.pages import Printed, printed
from dashboards.status import STATES, Board
from inventory import Site, Unit

COLUMNS = (
    Column(_l("State"), "state"), Column(_l("Printer"), "name"), Column(_l("Site"), "site", hide="md"),
    Column(_l("Supplies"), "supply"), Column(_l("Paper"), "tray", hide="lg"),
    Column(_l("Pages this month"), is_number=True, hide="sm"),
    Column(_l("Pages last month"), is_number=True, hide="lg"),
    Column(_l("Page counter"), "pages", is_number=True, hide="md"),
)  # fmt: skip
FILTERS = ("state", "unit", "site")
SUPPLIES_SHOWN = 4
_DOWN, _UNWATCHED = STATES.index("down"), STATES.index("unwatched")


@dataclass(frozen=True, slots=True)
class Row:
    """One printer. `supplies` are (name, rest), the lowest first; `counter` is its page counter."""

    line: Line
    condition: str
    cells: Mapping[str, tuple[float | None, float | None]]
    supplies: Sequence[tuple[str, float]]
    counter: float | None
    printed: Printed


@dataclass(frozen=True, slots=True)
class Found:
    """One page of the list."""

    rows: Sequence[Row]
    total: int
    counts: dict[str, int]
    unit: Unit | None
    site: Site | None


def find_printers(
    session: Session, scope: Scope, board: Board, reader: Reader, query: ListQuery, now: datetime
) -> Found:
    """The page that a URL asks for, worst first unless it asks for another order."""
    fleet = board.fleet
    unit, site = unit_and_site(session, *(_number(query.filters.get(name)) for name in ("unit", "site")))
    mask = fleet.in_scope(scope.unit_path) & fleet.kind.is_text("printer")
    if "unit" in query.filters:
        mask &= fleet.in_scope(unit.path if unit else "/none/")
    if "site" in query.filters:
        mask &= fleet.site == _number(query.filters["site"])
    if query.text:
        mask &= fleet.mask_of(ids_with_text(session, query.text))
    columns = reader.columns(PRINTERS)
    condition = conditions_of(columns, board.state == _DOWN, board.state == _UNWATCHED)
    counts = np.bincount(condition[mask], minlength=len(WORDS))
    if query.filters.get("state") in WORDS:
        mask &= condition == WORDS.index(query.filters["state"])
    counter = _counters(reader)
    rows = np.flatnonzero(mask)
    name, place = fleet.name_order[rows], fleet.site_order[rows]
    figures = {"supply": columns["supply"].value, "tray": columns["tray"].value, "pages": counter}
    if query.sort in figures:
        key = figures[query.sort][rows]
        order = np.lexsort((name, place, np.nan_to_num(-key if query.is_descending else key), np.isnan(key)))
    else:
        key = {"name": name, "site": place}.get(query.sort, condition[rows]).astype(np.int64)
        least = np.nan_to_num(columns["supply"].value[rows], nan=9.0)
        order = np.lexsort((name, place, least, -key if query.is_descending else key))
    rows = rows[order][query.offset : query.offset + query.limit]
    return Found(
        list(_rows(session, board, reader, rows, _Known(columns, condition, counter, now))), int(mask.sum()),
        {word: int(n) for word, n in zip(WORDS, counts, strict=True) if n}, unit, site,
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """What was worked out for the whole fleet."""

    columns: Mapping[str, Any]
    condition: np.ndarray
    counter: np.ndarray
    now: datetime


def _rows(session: Session, board: Board, reader: Reader, rows: np.ndarray, known: _Known) -> Iterator[Row]:
    lines = lines_of(session, board.fleet.device[rows].tolist())
    supplies = _supplies(reader, set(rows.tolist()))
    months = printed(reader.services, _page_series(reader, set(rows.tolist())), known.now)
    cells = cells_of(known.columns, rows)
    for line, row, cell in zip(lines, rows.tolist(), cells, strict=True):
        total = float(known.counter[row])
        yield Row(
            line, WORDS[known.condition[row]], cell, supplies.get(row, ()), None if total != total else total,
            months.get(row, Printed()),
        )


def _page_series(reader: Reader, rows: set[int]) -> dict[int, list[int]]:
    """The page counters' series of some rows of the fleet."""
    found: dict[int, list[int]] = {}
    if reader.services.registry is not None:
        pages = reader.gather(PAGES, COUNTER)
        for row, series in zip(pages.row.tolist(), pages.series.tolist(), strict=True):
            if row in rows:
                found.setdefault(row, []).append(series)
    return found


def _counters(reader: Reader) -> np.ndarray:
    """float64[fleet]: the highest life count of each printer, as it was read last; NaN when never."""
    found = np.full(len(reader.fleet), np.nan)
    if reader.services.registry is None or reader.services.live is None:
        return found
    pages, live = reader.gather(PAGES, COUNTER), reader.services.live
    inside = pages.series < len(live)
    if len(pages.start) and len(live):
        counter = np.where(inside, live.counter[np.where(inside, pages.series, 0)], np.nan)
        found[pages.rows] = np.fmax.reduceat(counter, pages.start)
    return found


def _supplies(reader: Reader, rows: set[int]) -> dict[int, list[tuple[str, float]]]:
    found: dict[int, list[tuple[str, float]]] = {}
    for row, name, ratio in _every_supply(reader):
        if row in rows:
            found.setdefault(row, []).append((name, ratio))
    return {row: sorted(some, key=lambda one: (one[1], one[0]))[:SUPPLIES_SHOWN] for row, some in found.items()}


def _every_supply(reader: Reader, below: float = 2.0) -> Iterator[tuple[int, str, float]]:
    """(row of the fleet, the supply's name, its rest) of every supply that is known and below a share."""
    registry = reader.services.registry
    if registry is None or reader.services.live is None:
        return
    gathered: Gathered = reader.gather(PRINTERS, SUPPLY)
    values = reader.values(gathered)
    for at in np.flatnonzero((values >= 0) & (values < below)).tolist():
        part = registry.part_names[registry.part[gathered.series[at]]]
        yield int(gathered.row[at]), part.partition(":")[2] or part, float(values[at])


@dataclass(slots=True)
class Purchase:
    """One line of the shopping list: a supply for one model of printer, and where it is needed."""

    supply: str
    vendor: str
    model: str
    needs: list[tuple[Line, float]] = field(default_factory=list)

    @property
    def lowest(self) -> float:
        """The least rest among them."""
        return min(rest for _line, rest in self.needs)


def shopping_list(session: Session, scope: Scope, board: Board, reader: Reader, below: float = LOW) -> list[Purchase]:
    """What to buy: supplies below a share, together by model; the most needed first."""
    visible = board.fleet.in_scope(scope.unit_path)
    found = [one for one in _every_supply(reader, below) if visible[one[0]]]
    devices = board.fleet.device
    lines = {line.device.id: line for line in lines_of(session, sorted({int(devices[row]) for row, _n, _r in found}))}
    purchases: dict[tuple[str, str, str], Purchase] = {}
    for row, name, rest in found:
        line = lines.get(int(devices[row]))
        if line is not None:
            key = (name, line.device.vendor, line.device.model)
            purchases.setdefault(key, Purchase(*key)).needs.append((line, rest))
    for one in purchases.values():
        one.needs.sort(key=lambda need: need[1])
    return sorted(purchases.values(), key=lambda one: (-len(one.needs), one.supply, one.model))


def _number(word: str | None) -> int:
    return int(word) if word and word.isdecimal() and len(word) < 12 else 0


EXPORT_HEADS = (
    _l("State"), _l("Printer"), _l("Vendor"), _l("Model"), _l("Serial number"), _l("Site"), _l("Unit"),
    _l("Supplies"), _l("Lowest supply, %"), _l("Paper, %"), _l("Alerts"), _l("Pages this month"),
    _l("Pages last month"), _l("Page counter"),
)  # fmt: skip


def export_rows(found: Found) -> Iterator[tuple[Any, ...]]:
    """The rows as a file holds them."""
    for row in found.rows:
        device, cell = row.line.device, {word: pair[0] for word, pair in row.cells.items()}
        yield (
            str(CONDITIONS[row.condition].label), device.name, device.vendor, device.model, device.serial,
            row.line.site_name, row.line.unit_name,
            "; ".join(f"{name}: {round(rest * 100)} %" for name, rest in row.supplies), _percent(cell["supply"]),
            _percent(cell["tray"]), cell["alerts"], row.printed.this_month, row.printed.last_month, row.counter,
        )


def _percent(value: float | None) -> float | None:
    return None if value is None else round(value * 100)


SHOPPING_HEADS = (
    _l("Consumable"), _l("Printer's vendor"), _l("Printer's model"), _l("How many"), _l("Printer"), _l("Site"),
    _l("Unit"), _l("Left, %"),
)  # fmt: skip


def export_shopping(purchases: Sequence[Purchase]) -> Iterator[tuple[Any, ...]]:
    """The shopping list as a file: a line for each printer, the quantity on the first of its kind."""
    for one in purchases:
        for number, (line, rest) in enumerate(one.needs):
            yield (
                one.supply, one.vendor, one.model, len(one.needs) if number == 0 else None, line.device.name,
                line.site_name, line.unit_name, round(rest * 100),
            )
