"""The list of meeting servers: worst first, then by load; the same as a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core import gettext as _
from core import lazy_gettext as _l
from dashboards.listing import Column, ListQuery
from dashboards.pages.meeting_servers.reading import RANK, ServerView
from dashboards.words import STATUS
from inventory import MEETING_SERVER_KINDS, fold, sort_key

COLUMNS = (
    Column(_l("State"), "state"),
    Column(_l("Server"), "name"),
    Column(_l("Why"), "", hide="sm"),
    Column(_l("People"), "people", True, "sm"),
    Column(_l("Stress"), "stress", True),
    Column(_l("Sends"), "traffic", True, "md"),
    Column(_l("Loss"), "loss", True, "md"),
    Column(_l("Version"), "version", hide="lg"),
)
FILTERS = ("state", "kind", "system")
HEADS = (
    _l("Meeting system"), _l("Kind"), _l("Server"), _l("Address"), _l("State"), _l("Why"), _l("Meetings at once"),
    _l("People"),
    _l("Visitors"), _l("Stress (%)"), _l("Receives (Mbit/s)"), _l("Sends (Mbit/s)"), _l("Network card (Mbit/s)"),
    _l("Lost on the way in (%)"), _l("Lost on the way out (%)"), _l("Round trip (ms)"), _l("Version"),
)


def find(views: Sequence[ServerView], query: ListQuery) -> list[ServerView]:
    """Filter and sort."""
    words = fold(query.text).split()
    fitting = [view for view in views if _fits(view, query, words)]
    fitting.sort(key=lambda view: sort_key(view.server.name))
    fitting.sort(key=lambda view: _order(view, query.sort), reverse=query.is_descending)
    return fitting


def _fits(view: ServerView, query: ListQuery, words: Sequence[str]) -> bool:
    wanted, server = query.filters, view.server
    if wanted.get("state", view.state) != view.state or wanted.get("kind", server.kind) != server.kind:
        return False
    if wanted.get("system", str(server.system_id)) != str(server.system_id):
        return False
    text = fold(f"{server.name} {kind_label(server.kind)} {view.system.name} {server.url} {view.version}")
    return all(word in text for word in words)


def _order(view: ServerView, sort: str) -> tuple[float, ...] | str:
    here = view.now
    values = {"people": here.participants, "stress": here.stress, "traffic": here.out_bps, "loss": view.loss}
    if sort == "name":
        return sort_key(view.server.name)
    if sort == "version":
        return view.version
    if sort in values:
        value = values[sort]
        return (float(value is None), value or 0.0)
    kinds = list(MEETING_SERVER_KINDS)
    kind = kinds.index(view.server.kind) if view.server.kind in kinds else len(kinds)
    return (float(RANK[view.state]), float(kind), -(here.stress or 0.0))


def kind_label(kind: str) -> str:
    """What people call a kind of server."""
    return _(MEETING_SERVER_KINDS.get(kind, kind))


def why(view: ServerView) -> str:
    """Everything that is wrong, in sentences."""
    return " ".join([*([view.told.message] if view.told else []), *view.remarks])


def export_rows(views: Sequence[ServerView]) -> Iterator[list[object]]:
    """The list as a spreadsheet."""
    for view in views:
        here, server = view.now, view.server
        mega = [None if one is None else round(one / 1e6, 3) for one in (here.in_bps, here.out_bps, here.capacity_bps)]
        shares = [None if one is None else round(one * 100, 2) for one in (here.in_loss, here.out_loss)]
        cells: list[object | None] = [
            view.system.name, kind_label(server.kind), server.name, server.url, str(STATUS[view.state].label),
            why(view), here.conferences, here.participants, here.visitors,
            None if here.stress is None else round(here.stress * 100, 1), *mega, *shares,
            None if here.rtt_s is None else round(here.rtt_s * 1000, 1), view.version,
        ]
        yield ["" if cell is None else cell for cell in cells]
