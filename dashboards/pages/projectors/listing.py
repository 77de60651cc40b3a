"""The projector list and the replacement list: filters and order over arrays, one page of rows read from tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from core import Scope, Session
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.language import from_epoch
from dashboards.listing import Column, ListQuery
from dashboards.pages.projectors.fleet import STATES, WORDS, Projectors, load_projectors
from dashboards.pages.projectors.lamps import Wear, all_wear
from dashboards.pages.projectors.store import Line, ids_with, lines_of, models_of, refused_devices
from dashboards.services import Services
from dashboards.status import Board
from inventory import Site, Unit, rated_lives

COLUMNS = (
    Column("", hide=""),
    Column(_l("State"), "state"),
    Column(_l("Projector"), "name"),
    Column(_l("Site"), "site", hide="md"),
    Column(_l("Lamp"), "lamp", hide="sm"),
    Column(_l("Used up"), "ends", hide="sm"),
    Column(_l("Filter"), "filter", hide="lg"),
)
FILTERS = ("state", "unit", "site", "room_kind", "lamp")
LAMP_CHOICES = {"due": (0.9, 99.0), "soon": (0.75, 0.9)}
REPLACEMENT_COLUMNS = (
    Column(_l("Used up"), "ends"),
    Column(_l("Part"), hide="sm"),
    Column(_l("Projector"), "name"),
    Column(_l("Site"), hide="md"),
    Column(_l("Hours"), is_number=True, hide="sm"),
    Column(_l("A week"), is_number=True, hide="sm"),
    Column(_l("Part number"), hide="lg"),
)
SOON_DAYS = 365  # what is due within a year stands on the replacement list
NEVER = 1e18


@dataclass(frozen=True, slots=True)
class Row:
    """One projector of the list."""

    line: Line
    state: str
    lamp: Wear | None
    filter: Wear | None
    values: dict[str, float | None]

    @property
    def ends_at(self) -> datetime | None:
        """When its first lamp will be used up."""
        return from_epoch(self.lamp.outlook.ends_at) if self.lamp else None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of the list. `counts` pairs a state with its number among all that fit the other filters."""

    rows: list[Row]
    total: int
    counts: list[tuple[str, int]]
    unit: Unit | None
    site: Site | None
    device_ids: list[int]  # all that fit, for "everything of this list"


@dataclass(frozen=True, slots=True)
class Sight:
    """All projectors with their wear, read once a request. `worst` is the lamp or filter that ends first."""

    projectors: Projectors
    worst: dict[tuple[int, str], Wear]
    wear: Sequence[Wear]


def look(session: Session, board: Board, services: Services, now: datetime) -> Sight:
    """Every projector of the province, in some milliseconds."""
    at = now.timestamp()
    projectors = load_projectors(board, services, refused_devices(session), at)
    wear = all_wear(projectors.device, models_of(session), rated_lives(session), at)
    worst: dict[tuple[int, str], Wear] = {}
    for one in wear:
        known = worst.get((one.device_id, one.kind))
        if known is None or (one.outlook.used or 0) > (known.outlook.used or 0):
            worst[one.device_id, one.kind] = one
    return Sight(projectors, worst, wear)


def find_projectors(session: Session, scope: Scope, board: Board, sight: Sight, query: ListQuery) -> Found:
    """The page that a URL asks for, worst first unless it asks for another order."""
    all_of = sight.projectors
    unit = session.get(Unit, _number(query.filters.get("unit"))) if "unit" in query.filters else None
    site = session.get(Site, _number(query.filters.get("site"))) if "site" in query.filters else None
    mask = board.fleet.in_scope(scope.unit_path)[all_of.row] & _filtered(session, board, sight, query, unit)
    per_state = np.bincount(all_of.state[mask], minlength=len(WORDS))
    if query.filters.get("state") in STATES:
        mask &= all_of.state == WORDS.index(query.filters["state"])
    places = np.flatnonzero(mask)
    places = places[_order(board, sight, places, query)]
    shown = places[query.offset : query.offset + query.limit]
    by_device = {int(all_of.device[place]): int(place) for place in shown}
    return Found(
        rows=[row_of(line, sight, by_device[line.device.id]) for line in lines_of(session, list(by_device))],
        total=len(places),
        counts=[(word, int(count)) for word, count in zip(WORDS, per_state, strict=True) if count],
        unit=unit,
        site=site,
        device_ids=all_of.device[places].tolist(),
    )


def row_of(line: Line, sight: Sight, place: int) -> Row:
    """A projector ready to show."""
    all_of, device_id = sight.projectors, line.device.id
    lamp, filters = sight.worst.get((device_id, "lamp")), sight.worst.get((device_id, "filter"))
    values = {metric: all_of.value(place, metric) for metric in all_of.values}
    return Row(line, all_of.word(place), lamp, filters, values)


def _filtered(session: Session, board: Board, sight: Sight, query: ListQuery, unit: Unit | None) -> np.ndarray:
    all_of, filters = sight.projectors, query.filters
    mask = np.ones(len(all_of), bool)
    if "unit" in filters:
        mask &= board.fleet.in_scope(unit.path if unit else "/none/")[all_of.row]
    if "site" in filters:
        mask &= board.fleet.site[all_of.row] == _number(filters["site"])
    if filters.get("lamp") in LAMP_CHOICES:
        least, most = LAMP_CHOICES[filters["lamp"]]
        used = _used(sight, "lamp")
        mask &= (used >= least) & (used < most)
    chosen = ids_with(session, query.text, filters.get("room_kind", ""))
    if chosen is not None:
        mask &= np.isin(all_of.device, np.fromiter(chosen, np.int64, len(chosen)))
    return mask


def _used(sight: Sight, kind: str) -> np.ndarray:
    return np.array([
        found.outlook.used or 0.0 if (found := sight.worst.get((device, kind))) else -1.0
        for device in sight.projectors.device.tolist()
    ], float)  # fmt: skip


def _ends(sight: Sight) -> np.ndarray:
    return np.array([
        found.outlook.ends_at or NEVER if (found := sight.worst.get((device, "lamp"))) else NEVER
        for device in sight.projectors.device.tolist()
    ], float)  # fmt: skip


def _order(board: Board, sight: Sight, places: np.ndarray, query: ListQuery) -> np.ndarray:
    all_of, fleet = sight.projectors, board.fleet
    rows = all_of.row[places]
    keys: dict[str, Any] = {
        "state": lambda: all_of.state[places].astype(float), "name": lambda: fleet.name_order[rows].astype(float),
        "site": lambda: fleet.site_order[rows].astype(float), "lamp": lambda: -_used(sight, "lamp")[places],
        "filter": lambda: -_used(sight, "filter")[places], "ends": lambda: _ends(sight)[places],
    }  # fmt: skip
    first = keys.get(query.sort, keys["state"])()
    return np.lexsort((fleet.name_order[rows], fleet.site_order[rows], -first if query.is_descending else first))


def _number(word: str | None) -> int:
    return int(word) if word and word.isdecimal() and len(word) < 12 else 0


EXPORT_HEADS = (
    _l("State"), _l("Projector"), _l("Room"), _l("Site"), _l("Unit"), _l("Vendor"), _l("Model"), _l("Serial number"),
    _l("Address"), _l("Lamp hours"), _l("Lamp life"), _l("Hours a week"), _l("Used up"), _l("Filter hours"),
)  # fmt: skip


def export_rows(found: Found) -> Iterator[tuple[Any, ...]]:
    """The rows as a file holds them."""
    for row in found.rows:
        device, lamp = row.line.device, row.lamp.outlook if row.lamp else None
        yield (
            str(STATES[row.state].label), device.name, row.line.room_name, row.line.site.name, row.line.unit_name,
            device.vendor, device.model, device.serial, device.address, round(lamp.hours) if lamp else "",
            lamp.rated if lamp else "", round(lamp.a_week, 1) if lamp and lamp.a_week is not None else "",
            row.ends_at.date().isoformat() if row.ends_at else "",
            round(row.filter.outlook.hours) if row.filter else "",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Due:
    """One line of the replacement list."""

    line: Line
    wear: Wear
    ends_at: datetime | None
    part_number: str


def find_due(
    session: Session, sight: Sight, mask: np.ndarray, parts: dict[tuple[int, str], str], now: datetime
) -> list[Due]:
    """What must be replaced within a year or is past its life, the most urgent first. `mask`: projectors to look at."""
    seen = set(sight.projectors.device[mask].tolist())
    limit = now.timestamp() + SOON_DAYS * 86_400
    chosen = [
        one for one in sight.wear
        if one.device_id in seen and (
            (one.outlook.ends_at is not None and one.outlook.ends_at <= limit) or (one.outlook.used or 0) >= 0.9
        )
    ]
    chosen.sort(key=lambda one: (one.outlook.ends_at or NEVER, -(one.outlook.used or 0)))
    lines = {line.device.id: line for line in lines_of(session, list({one.device_id for one in chosen}))}
    return [
        Due(lines[one.device_id], one, from_epoch(one.outlook.ends_at), parts.get((one.device_id, one.kind), ""))
        for one in chosen if one.device_id in lines
    ]


DUE_HEADS = (
    _l("Used up"), _l("Part"), _l("Part number"), _l("Projector"), _l("Model"), _l("Room"), _l("Site"), _l("Unit"),
    _l("Hours"), _l("Life in hours"), _l("Hours a week"),
)  # fmt: skip


def part_name(wear: Wear) -> str:
    """"Lamp 2", "Filter"."""
    return _("Lamp %(n)s", n=wear.number) if wear.kind == "lamp" else _("Filter")


def due_rows(due: Sequence[Due]) -> Iterator[tuple[Any, ...]]:
    """The replacement list as a file holds it."""
    for one in due:
        look_out = one.wear.outlook
        yield (
            one.ends_at.date().isoformat() if one.ends_at else "", part_name(one.wear), one.part_number,
            one.line.device.name, one.line.device.model, one.line.room_name, one.line.site.name, one.line.unit_name,
            round(look_out.hours), look_out.rated or "",
            round(look_out.a_week, 1) if look_out.a_week is not None else "",
        )  # fmt: skip
