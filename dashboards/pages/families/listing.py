"""The devices of one family with their figures: which, in which order, on which page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core import Scope, Session
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.listing import Column as HeadColumn
from dashboards.listing import ListQuery
from dashboards.pages.devices.listing import STATE_LABELS
from dashboards.pages.devices.store import Line, ids_with_text, lines_of, unit_and_site
from dashboards.pages.families.figures import FAMILIES, Family, Figure
from dashboards.pages.families.gathering import Column, Reader, cells_of
from dashboards.pages.families.ports import ROLES
from dashboards.status import STATES, WORST_FIRST, Board
from inventory import DEVICE_KINDS, Site, Unit

FILTERS = ("state", "vendor", "unit", "site")
_SEVERITY = np.empty(len(STATES), np.int8)
_SEVERITY[list(WORST_FIRST)] = np.arange(len(STATES))
Cells = Mapping[str, tuple[float | None, float | None]]


@dataclass(frozen=True, slots=True)
class Found:
    """One page: (line, state, figures) of each row. `counts` as in the device list; `sizes` is devices by family."""

    rows: list[tuple[Line, str, Cells]]
    total: int
    counts: list[tuple[str, int]]
    sizes: dict[str, int]
    unit: Unit | None
    site: Site | None
    vendors: list[str]


def head_columns(family: Family) -> tuple[HeadColumn, ...]:
    """The columns of a family's list."""
    return (
        HeadColumn(_l("State"), "state"), HeadColumn(_l("Device"), "name"), HeadColumn(_l("Site"), "site", hide="md"),
        *(
            HeadColumn(one.label, one.word, is_number=one.form not in ("meter", "watts"), hide=one.hide)
            for one in family.figures
        ),
    )  # fmt: skip


def find_family(
    session: Session, scope: Scope, board: Board, reader: Reader, family: Family, query: ListQuery
) -> Found:
    """The page that a URL asks for, worst first unless it asks for another order."""
    fleet = board.fleet
    visible = fleet.in_scope(scope.unit_path)
    own = visible & _of_kinds(board, family.kinds)
    unit, site = unit_and_site(session, *(_number(query.filters.get(name)) for name in ("unit", "site")))
    mask = own.copy()
    if "unit" in query.filters:
        mask &= fleet.in_scope(unit.path if unit else "/none/")
    if "site" in query.filters:
        mask &= fleet.site == _number(query.filters["site"])
    if "vendor" in query.filters:
        mask &= fleet.vendor.is_text(query.filters["vendor"])
    if query.text:
        mask &= fleet.mask_of(ids_with_text(session, query.text))
    per_state = np.bincount(board.state[mask], minlength=len(STATES))
    if query.filters.get("state") in STATES:
        mask &= board.state == STATES.index(query.filters["state"])
    columns = reader.columns(family)
    rows = np.flatnonzero(mask)
    rows = rows[_order(board, rows, columns, family, query)][query.offset : query.offset + query.limit]
    lines = lines_of(session, fleet.device[rows].tolist())
    cells = dict(zip(fleet.device[rows].tolist(), cells_of(columns, rows), strict=True))
    states = board.states_of([line.device.id for line in lines])
    numbers = np.unique(fleet.vendor.number[own])
    return Found(
        rows=[(line, states[line.device.id], cells[line.device.id]) for line in lines], total=int(mask.sum()),
        counts=[(STATES[number], int(per_state[number])) for number in WORST_FIRST if per_state[number]],
        sizes={word: int((visible & _of_kinds(board, one.kinds)).sum()) for word, one in FAMILIES.items()},
        unit=unit, site=site,
        vendors=sorted((fleet.vendor.texts[n] for n in numbers.tolist() if fleet.vendor.texts[n]), key=str.lower)[:200],
    )


def _of_kinds(board: Board, kinds: Sequence[str]) -> np.ndarray:
    kind = board.fleet.kind
    return np.isin(kind.number, [number for number, text in enumerate(kind.texts) if text in kinds])


def _order(
    board: Board, rows: np.ndarray, columns: Mapping[str, Column], family: Family, query: ListQuery
) -> np.ndarray:
    fleet = board.fleet
    worst, name = _SEVERITY[board.state[rows]], fleet.name_order[rows]
    # Of like state the one with the worse first figure stands first
    trouble = np.nan_to_num(-_badness(family.figures, columns, rows), nan=1e9)
    if query.sort in columns:
        first = columns[query.sort].order[rows]
        unknown = np.isnan(first)
        first = np.nan_to_num(-first if query.is_descending else first)
        return np.lexsort((name, fleet.site_order[rows], first, unknown))  # what is not known stands last
    first = {"name": name, "site": fleet.site_order[rows]}.get(query.sort, worst)
    return np.lexsort((
        name, fleet.site_order[rows], trouble, worst, -first.astype(np.int64) if query.is_descending else first
    ))


def _badness(figures: Sequence[Figure], columns: Mapping[str, Column], rows: np.ndarray) -> np.ndarray:
    """float64[n]: how far the worst meter of each device is on its way to "down"; NaN when none is known."""
    found = np.full(len(rows), np.nan)
    for figure in figures:
        if figure.form in ("meter", "celsius", "watts"):
            found = np.fmax(found, columns[figure.word].order[rows] / figure.down)
        elif figure.word in ("disks", "raid", "cameras"):
            found = np.fmax(found, np.where(columns[figure.word].order[rows] < 1, 2.0, 0.0))
    return found


def _number(word: str | None) -> int:
    return int(word) if word and word.isdecimal() and len(word) < 12 else 0


def export_heads(family: Family) -> list[object]:
    """The heads of a family's file."""
    heads: list[object] = [_l("State"), _l("Device"), _l("Kind"), _l("Vendor"), _l("Model"), _l("Address"), _l("Site"),
                           _l("Unit")]
    for figure in family.figures:
        heads.append(f"{figure.label}, %" if figure.form in ("meter", "percent") else figure.label)
        if figure.form in ("pair", "watts"):
            heads.append(_("%(figure)s, of", figure=str(figure.label)))
        elif figure.is_of_port:
            heads.append(_("%(figure)s: which port", figure=str(figure.label)))
    return heads


def export_rows(family: Family, found: Found) -> Iterator[tuple[Any, ...]]:
    """The rows as a file holds them: shares in percent, times in seconds."""
    for line, state, cells in found.rows:
        device = line.device
        row: list[Any] = [
            str(STATE_LABELS[state].label), device.name, _(DEVICE_KINDS.get(device.kind, device.kind)), device.vendor,
            device.model, device.address, line.site_name, line.unit_name,
        ]
        for figure in family.figures:
            value, of = cells[figure.word]
            scale = 100 if figure.form in ("meter", "percent") else 1
            row.append(None if value is None else round(value * scale, 4 if figure.form == "seconds" else 1))
            if figure.form in ("pair", "watts"):
                row.append(of)
            elif figure.is_of_port:
                row.append(None if of is None else str(ROLES[int(of)]))
        yield tuple(row)
