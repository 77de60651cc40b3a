"""The list of services: worst first, with state, availability and certificate; the same as a spreadsheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from collectors import Availability
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.listing import Column, ListQuery
from dashboards.pages.services.months import Month
from dashboards.pages.services.reading import RANK, ServiceView
from dashboards.words import STATUS
from inventory import SERVICE_IMPORTANCES, SERVICE_KINDS, Unit, fold, sort_key

COLUMNS = (
    Column(_l("State"), "state"),
    Column(_l("Service"), "name"),
    Column(_l("Why"), "", hide="sm"),
    Column(_l("This month"), "month", True),
    Column(_l("Last month"), "before", True, "md"),
    Column(_l("Response"), "seconds", True, "md"),
    Column(_l("Certificate"), "days", True, "lg"),
)
FILTERS = ("state", "kind", "importance")
_IMPORTANCE = {"critical": 0, "normal": 1, "low": 2}


@dataclass(frozen=True, slots=True)
class Row:
    """A service in the list, with this month's and last month's availability (None = not known)."""

    view: ServiceView
    unit: Unit | None
    month: Availability | None
    before: Availability | None

    @property
    def misses_target(self) -> bool:
        """Whether this month is below what was promised."""
        ratio = self.month.ratio if self.month else None
        return ratio is not None and ratio * 100 < self.view.service.target_percent


@dataclass(frozen=True, slots=True)
class Found:
    """The rows that fit, sorted; `counts` of all by state, for the strip."""

    rows: Sequence[Row]
    counts: Sequence[tuple[str, int]]


def find(rows: Sequence[Row], query: ListQuery) -> Found:
    """Filter and sort."""
    counts = Counter(row.view.state for row in rows)
    words = fold(query.text).split()
    fitting = [row for row in rows if _fits(row, query, words)]
    fitting.sort(key=lambda row: sort_key(row.view.service.name))
    fitting.sort(key=lambda row: _order(row, query.sort), reverse=query.is_descending)
    return Found(fitting, [(state, counts[state]) for state in RANK if counts[state]])


def _fits(row: Row, query: ListQuery, words: Sequence[str]) -> bool:
    service = row.view.service
    wanted = query.filters
    if wanted.get("state", row.view.state) != row.view.state or wanted.get("kind", service.kind) != service.kind:
        return False
    if wanted.get("importance", service.importance) != service.importance:
        return False
    text = fold(f"{service.name} {_(SERVICE_KINDS.get(service.kind, ''))} {row.unit.name if row.unit else ''}")
    return all(word in text for word in words)


def _order(row: Row, sort: str) -> tuple[float, ...] | str:
    service = row.view.service
    worst_first = (float(RANK[row.view.state]), float(_IMPORTANCE.get(service.importance, 1)))
    values: Mapping[str, float | None] = {
        "month": row.month.ratio if row.month else None,
        "before": row.before.ratio if row.before else None,
        "seconds": row.view.seconds,
        "days": row.view.days_left,
    }
    if sort == "name":
        return sort_key(service.name)
    if sort in values:
        value = values[sort]
        return (float(value is None), value or 0.0)
    return worst_first


def heads(months: Sequence[Month]) -> list[str]:
    """The headings of the spreadsheet."""
    found = [_("Service"), _("Kind"), _("Unit"), _("Importance"), _("State"), _("Why"), _("Promised availability (%)")]
    for month in months:
        found += [
            _("%(month)s: available (%%)", month=month.name), _("%(month)s: minutes down", month=month.name),
            _("%(month)s: minutes unknown", month=month.name), _("%(month)s: outages", month=month.name),
        ]
    return [*found, _("Certificate (days)"), _("Response (seconds)")]


def export_rows(rows: Sequence[Row]) -> Iterator[list[object]]:
    """The list as a spreadsheet, with minutes for those who add up."""
    for row in rows:
        service, view = row.view.service, row.view
        cells: list[object] = [
            service.name, _(SERVICE_KINDS.get(service.kind, service.kind)), row.unit.name if row.unit else "",
            _(SERVICE_IMPORTANCES.get(service.importance, "")), str(STATUS[view.state].label),
            view.told.message if view.told else "", service.target_percent,
        ]
        for one in (row.month, row.before):
            cells += month_cells(one)
        days, seconds = view.days_left, view.seconds
        cells += [round(days, 1) if days is not None else "", round(seconds, 3) if seconds is not None else ""]
        yield cells


def month_cells(one: Availability | None) -> list[object]:
    """Percent up, minutes down, minutes unknown, outages; empty where nothing is known."""
    if one is None:
        return ["", "", "", ""]
    ratio = one.ratio
    return [
        round(ratio * 100, 3) if ratio is not None else "", round(one.down_s / 60), round(one.unknown_s / 60),
        one.outages,
    ]
