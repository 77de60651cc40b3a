"""The list of endpoints: worst first, with what the kiosk told last, rehearsal, meetings, quality; as a spreadsheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np

from conference import RehearsalEntry, kiosk, schedule
from core import Scope, Session
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.listing import Column, ListQuery
from dashboards.pages.endpoints import store
from dashboards.pages.endpoints.words import RANK, STATES, state_of, why
from dashboards.services import Services
from inventory import ENDPOINT_KINDS, endpoint_number, fold, sort_key

COLUMNS = (
    Column(_l("State"), "state"),
    Column(_l("Endpoint"), "name"),
    Column(_l("Why"), "", hide="lg"),
    Column(_l("Kiosk seen"), "seen", hide="sm"),
    Column(_l("Last rehearsal"), "", hide="md"),
    Column(_l("Last meeting"), "", hide="md"),
    Column(_l("Troubles, 30 days"), "troubles", True, "lg"),
    Column(_l("Speech (MOS)"), "mos", True, "sm"),
)
FILTERS = ("state", "kind", "unit")


@dataclass(frozen=True, slots=True)
class Row:
    """An endpoint in the list."""

    place: store.Place
    kiosk: kiosk.KioskNow
    state: str
    troubles: int
    mos: float | None
    rehearsal: RehearsalEntry | None = None
    met_at: datetime | None = None

    @property
    def why(self) -> str:
        """What is behind the state."""
        return why(self.state, self.kiosk)


def rows_of(session: Session, scope: Scope, parts: Services, now: datetime) -> list[Row]:
    """Every endpoint of the scope, by a handful of questions however many there are."""
    places = store.places_of(session, scope)
    ids = [place.endpoint.id for place in places]
    kiosks = kiosk.kiosk_states(session, ids)
    running = store.running_endpoints(session, [one.id for one in schedule.running_meetings(session, now)])
    counts, scores = store.troubles(session, now), last_values(parts, ids, "endpoint_mos")
    return [
        Row(place, kiosks[one], state_of(place.endpoint, kiosks[one], now, one in running), counts.get(one, 0),
            scores.get(one))
        for place, one in zip(places, ids, strict=True)
    ]


def with_past(session: Session, rows: Sequence[Row]) -> list[Row]:
    """The rows that are shown, with their last rehearsal and meeting."""
    ids = [row.place.endpoint.id for row in rows]
    rehearsals, met = store.last_rehearsals(session, ids), store.last_meetings(session, ids)
    pairs = zip(rows, ids, strict=True)
    return [replace(row, rehearsal=rehearsals.get(one), met_at=met.get(one)) for row, one in pairs]


def last_values(parts: Services, endpoint_ids: Sequence[int], metric: str) -> dict[int, float]:
    """Endpoint to the newest value of a metric, whenever it was measured."""
    if parts.registry is None or parts.live is None:
        return {}
    series = parts.registry.of_metric(metric)
    series = series[series < len(parts.live)]
    values, owners = parts.live.value[series], parts.registry.device[series]
    known = np.isfinite(values)
    found = dict(zip(owners[known].tolist(), values[known].tolist(), strict=True))
    return {one: found[number] for one in endpoint_ids if (number := endpoint_number(one)) in found}


@dataclass(frozen=True, slots=True)
class Found:
    """The rows that fit, sorted; `counts` of all by state, worst first."""

    rows: Sequence[Row]
    counts: Sequence[tuple[str, int]]


def find(rows: Sequence[Row], query: ListQuery, unit_path: str = "") -> Found:
    """Filter and sort."""
    counts = Counter(row.state for row in rows)
    words = fold(query.text).split()
    fitting = [row for row in rows if _fits(row, query, words, unit_path)]
    fitting.sort(key=lambda row: sort_key(row.place.endpoint.name))
    fitting.sort(key=lambda row: _order(row, query.sort), reverse=query.is_descending)
    return Found(fitting, [(state, counts[state]) for state in STATES if counts[state]])


def _fits(row: Row, query: ListQuery, words: Sequence[str], unit_path: str) -> bool:
    place, wanted = row.place, query.filters
    if wanted.get("state", row.state) != row.state or wanted.get("kind", place.endpoint.kind) != place.endpoint.kind:
        return False
    if unit_path and not place.unit_path.startswith(unit_path):
        return False
    text = fold(f"{place.endpoint.name} {place.endpoint.code} {place.site_name} {place.unit_name} {place.room_name}")
    return all(word in text for word in words)


def _order(row: Row, sort: str) -> tuple[Any, ...] | str:
    if sort == "name":
        return sort_key(row.place.endpoint.name)
    values: dict[str, float | None] = {
        "seen": row.kiosk.at.timestamp() if row.kiosk.at else None,
        "troubles": -float(row.troubles), "mos": row.mos,
    }  # fmt: skip
    if sort in values:
        value = values[sort]
        return (value is None, value or 0.0)
    return (RANK[row.state], -row.troubles)


def heads() -> list[str]:
    """The headings of the spreadsheet."""
    return [
        _("Endpoint"), _("Endpoint code"), _("Unit"), _("Site"), _("Room"), _("Kind"), _("State"), _("Why"),
        _("Kiosk seen"), _("Last rehearsal"), _("Last meeting"), _("Troubles, 30 days"), _("Speech (MOS)"),
        _("Contact"), _("Telephone"),
    ]  # fmt: skip


def export_rows(rows: Sequence[Row]) -> Iterator[list[object]]:
    """The list as a spreadsheet."""
    for row in rows:
        place, endpoint = row.place, row.place.endpoint
        yield [
            endpoint.name, endpoint.code, place.unit_name, place.site_name, place.room_name,
            _(ENDPOINT_KINDS.get(endpoint.kind, endpoint.kind)), str(STATES[row.state].label), row.why,
            row.kiosk.at or "", rehearsal_word(row.rehearsal), row.met_at or "", row.troubles,
            round(row.mos, 2) if row.mos is not None else "", endpoint.contact, endpoint.phone,
        ]  # fmt: skip


def rehearsal_word(entry: RehearsalEntry | None) -> str:
    """How a rehearsal went."""
    words = {"passed": _("passed"), "failed": _("failed"), "absent": _("was not there"), "waiting": _("waits")}
    return words.get(entry.state, entry.state) if entry is not None else ""
