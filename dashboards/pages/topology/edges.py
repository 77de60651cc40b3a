"""The map's edges as a list: what stands in the table under it and in its export. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from core import gettext as _
from core import lazy_gettext as _l
from dashboards.listing import Column, ListQuery
from dashboards.pages.devices.ports import natural
from dashboards.pages.topology.measuring import PortFigures, figures_of
from dashboards.pages.topology.scene import Knowledge, how_text, is_inferred, kind_of, node_label, port_name
from inventory import TopologyEdge, TopologyNode, fold

COLUMNS = (
    Column(_l("Upper device"), "upper"),
    Column(_l("Port"), hide="sm"),
    Column(_l("What hangs on it"), "lower"),
    Column(_l("Its port"), hide="md"),
    Column(_l("Known by"), "how", hide="sm"),
    Column(_l("Speed"), "speed", is_number=True, hide="lg"),
    Column(_l("In use"), "used", hide="md"),
    Column(_l("Last seen"), "seen", hide="lg"),
)
FILTERS = ("how", "now")
NOW_CHOICES = (("yes", _l("there now")), ("no", _l("not seen any more")), ("odd", _l("something speaks against it")))


@dataclass(frozen=True, slots=True)
class EdgeRow:
    """One edge with its ends and figures."""

    edge: TopologyEdge
    upper: TopologyNode
    lower: TopologyNode
    figures: PortFigures

    @property
    def upper_label(self) -> str:
        """What the upper end is called."""
        return node_label(self.upper)

    @property
    def lower_label(self) -> str:
        """What the lower end is called."""
        return node_label(self.lower)

    @property
    def upper_port(self) -> str:
        """The upper port as its device calls it."""
        return port_name(self.edge.upper_part)

    @property
    def lower_port(self) -> str:
        """The lower port as its device calls it."""
        return port_name(self.edge.lower_part)

    @property
    def lower_kind(self) -> str:
        """The word by which the lower end gets its icon."""
        return kind_of(self.lower)

    @property
    def how(self) -> str:
        """How the edge is known, in words."""
        return how_text(self.edge)

    @property
    def is_inferred(self) -> bool:
        """True when neither end named the other."""
        return is_inferred(self.edge)


def edge_rows(knowledge: Knowledge, query: ListQuery) -> list[EdgeRow]:
    """The edges that a URL asks for, in the order it asks for."""
    nodes = {node.key: node for node in knowledge.topology.nodes}
    rows = [
        EdgeRow(edge, nodes[edge.upper], nodes[edge.lower], figures_of(edge, knowledge.measured))
        for edge in knowledge.topology.edges if edge.upper in nodes and edge.lower in nodes
    ]
    rows = [row for row in rows if _fits(row, query)]
    keys = {
        "upper": lambda row: (natural(row.upper_label), natural(row.upper_port), natural(row.lower_label)),
        "lower": lambda row: natural(row.lower_label),
        "how": lambda row: row.how,
        "speed": lambda row: row.figures.speed or 0.0,
        "used": lambda row: -1.0 if row.figures.used is None else row.figures.used,
        "seen": lambda row: row.edge.last_seen,
    }
    rows.sort(key=keys["upper"])
    return sorted(rows, key=keys.get(query.sort, keys["upper"]), reverse=query.is_descending)


def _fits(row: EdgeRow, query: ListQuery) -> bool:
    text = fold(" ".join((row.upper_label, row.upper_port, row.lower_label, row.lower_port, row.lower.mac)))
    if not all(word in text for word in fold(query.text).split()):
        return False
    how, now = query.filters.get("how"), query.filters.get("now")
    if how and how not in row.edge.how:
        return False
    return {
        "yes": row.edge.is_current, "no": not row.edge.is_current, "odd": row.edge.is_disputed,
    }.get(now or "", True)


EXPORT_HEADS = (
    _l("Upper device"), _l("Port"), _l("What hangs on it"), _l("Its port"), _l("Known by"), _l("Speed, bit/s"),
    _l("In, bit/s"), _l("Out, bit/s"), _l("There now"), _l("First seen"), _l("Last seen"),
)


def export_rows(rows: Sequence[EdgeRow]) -> Iterator[tuple[Any, ...]]:
    """The rows as a file holds them."""
    for row in rows:
        yield (
            row.upper_label, row.upper_port, row.lower_label, row.lower_port, row.how, row.figures.speed,
            row.figures.rate_in, row.figures.rate_out, _("yes") if row.edge.is_current else _("no"),
            row.edge.first_seen, row.edge.last_seen,
        )
