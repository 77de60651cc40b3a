"""The device list: which devices, in which order, on which page. Filters run over arrays; a page's rows are read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from core import Scope, Session
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.listing import Column, ListQuery
from dashboards.pages.devices.store import Line, ids_with_text, lines_of, unit_and_site
from dashboards.status import STATES, WORST_FIRST, Board, Fleet
from dashboards.words import STATUS, Word
from inventory import DEVICE_KINDS, Site, Unit

COLUMNS = (
    Column(_l("State"), "state"),
    Column(_l("Device"), "name"),
    Column(_l("Kind"), "kind", hide="md"),
    Column(_l("Vendor, model"), "model", hide="lg"),
    Column(_l("Site"), "site", hide="sm"),
    Column(_l("Address"), hide="md"),
)
FILTERS = ("state", "kind", "vendor", "unit", "site")
_SEVERITY = np.empty(len(STATES), np.int8)
_SEVERITY[list(WORST_FIRST)] = np.arange(len(STATES))
STATE_LABELS: dict[str, Word] = {**STATUS, "unwatched": Word("unknown", "eye-off", _l("not watched"))}


@dataclass(frozen=True, slots=True)
class Found:
    """One page of the list. `counts` pairs a state with its number among all that fit the other filters."""

    rows: list[tuple[Line, str]]
    total: int
    counts: list[tuple[str, int]]
    unit: Unit | None
    site: Site | None
    vendors: list[str]
    kinds: list[str]


def find_devices(session: Session, scope: Scope, board: Board, query: ListQuery) -> Found:
    """The page that a URL asks for, worst first unless it asks for another order."""
    fleet = board.fleet
    visible = fleet.in_scope(scope.unit_path)
    unit, site = unit_and_site(session, *(_number(query.filters.get(name)) for name in ("unit", "site")))
    mask = visible & _filtered(session, fleet, query, unit)
    per_state = np.bincount(board.state[mask], minlength=len(STATES))
    if query.filters.get("state") in STATES:
        mask &= board.state == STATES.index(query.filters["state"])
    rows = np.flatnonzero(mask)
    rows = rows[_order(board, rows, query)][query.offset : query.offset + query.limit]
    lines = lines_of(session, fleet.device[rows].tolist())
    states = board.states_of([line.device.id for line in lines])
    return Found(
        rows=[(line, states[line.device.id]) for line in lines],
        total=int(mask.sum()),
        counts=[(STATES[number], int(per_state[number])) for number in WORST_FIRST if per_state[number]],
        unit=unit,
        site=site,
        vendors=_used(fleet.vendor, visible)[:200],
        kinds=_used(fleet.kind, visible),
    )


def _filtered(session: Session, fleet: Fleet, query: ListQuery, unit: Unit | None) -> np.ndarray:
    filters = query.filters
    mask = np.ones(len(fleet), bool)
    if "kind" in filters:
        mask &= fleet.kind.is_text(filters["kind"])
    if "vendor" in filters:
        mask &= fleet.vendor.is_text(filters["vendor"])
    if "unit" in filters:
        mask &= fleet.in_scope(unit.path if unit else "/none/")
    if "site" in filters:
        mask &= fleet.site == _number(filters["site"])
    if query.text:
        mask &= fleet.mask_of(ids_with_text(session, query.text))
    return mask


def _order(board: Board, rows: np.ndarray, query: ListQuery) -> np.ndarray:
    fleet = board.fleet
    worst, name = _SEVERITY[board.state[rows]], fleet.name_order[rows]
    first = {
        "state": worst,
        "name": name,
        "kind": fleet.kind.order[rows],
        "site": fleet.site_order[rows],
        "model": fleet.vendor.order[rows] * np.int64(1 << 31) + fleet.model.order[rows],
    }.get(query.sort, worst)
    # Of like state, what stands together is listed together
    return np.lexsort((name, fleet.site_order[rows], worst, -first.astype(np.int64) if query.is_descending else first))


def _used(words: Any, visible: np.ndarray) -> list[str]:
    numbers = np.unique(words.number[visible])
    return sorted((words.texts[number] for number in numbers.tolist() if words.texts[number]), key=str.lower)


def _number(word: str | None) -> int:
    return int(word) if word and word.isdecimal() and len(word) < 12 else 0


EXPORT_HEADS = (
    _l("State"),
    _l("Device"),
    _l("Kind"),
    _l("Vendor"),
    _l("Model"),
    _l("Serial number"),
    _l("Firmware"),
    _l("Address"),
    _l("MAC"),
    _l("Site"),
    _l("Unit"),
)


def export_rows(found: Found) -> Iterator[tuple[Any, ...]]:
    """The rows as a file holds them."""
    for line, state in found.rows:
        device = line.device
        yield (
            str(STATE_LABELS[state].label),
            device.name,
            _(DEVICE_KINDS.get(device.kind, device.kind)),
            device.vendor,
            device.model,
            device.serial,
            device.firmware,
            device.address,
            device.mac,
            line.site_name,
            line.unit_name,
        )


def filter_choices(found: Found) -> dict[str, list[tuple[str, str]]]:
    """The choices of the list's filters: (value, text)."""
    kinds = sorted(((kind, _(DEVICE_KINDS.get(kind, kind))) for kind in found.kinds), key=lambda choice: choice[1])
    return {
        "state_choices": [(STATES[number], str(STATE_LABELS[STATES[number]].label)) for number in WORST_FIRST],
        "kind_choices": kinds,
        "vendor_choices": [(vendor, vendor) for vendor in found.vendors],
    }
