"""A device reading for people at a terminal. Texts are clean already; here they are only laid out."""

from __future__ import annotations

from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from collectors.snmp.reading import DeviceReading, Sample
from collectors.snmp.reasons import OK
from core import gettext as _
from telemetry import METRICS

_PREFIXES = ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def print_reading(reading: DeviceReading, console: Console | None = None) -> None:
    """Everything that was read, in the order of interest."""
    console = console or Console()
    survey = reading.survey
    console.print(Text(_("%(target)s answers.", target=reading.target), style="bold"))
    if reading.reason != OK:
        console.print(Text(f"{reading.explanation} {reading.detail}".strip(), style="yellow"))
    if survey is not None:
        console.print(_("Profile: %(title)s (chosen by %(by)s)", title=survey.profile.title, by=survey.matched_by))
    _print_rows(console, _("Facts"), (), [(name, text) for name, text in reading.facts.items() if text])
    _print_ports(console, reading)
    _print_samples(console, [s for s in reading.samples if not s.part.startswith("if:")])
    dropped = [(one.oid, str(one.value), one.reason) for one in reading.dropped]
    _print_rows(console, _("Not used"), (_("OID"), _("Value"), _("Why")), dropped)
    timing = reading.timing
    console.print(
        _("%(requests)d requests, %(timeouts)d without answer, %(seconds).2f s",
          requests=timing.requests, timeouts=timing.timeouts, seconds=timing.seconds))  # fmt: skip


def _print_rows(console: Console, title: str, heads: Iterable[str], rows: Iterable[tuple[str, ...]]) -> None:
    rows = list(rows)
    if not rows:
        return
    heads = tuple(heads)
    table = Table(title=title, title_justify="left", box=box.SIMPLE, show_header=bool(heads))
    for head in heads or [""] * len(rows[0]):
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)


def _print_ports(console: Console, reading: DeviceReading) -> None:
    links = {True: _("connected"), False: _("not connected"), None: _("unknown")}
    switches = {True: _("on"), False: _("off"), None: _("unknown")}
    rows = [
        (
            str(port.index), port.name, port.alias, links[port.oper_up], switches[port.admin_up],
            _short(port.speed_bps, "bit/s"), _short(port.in_octets, "B"), _short(port.out_octets, "B"),
        )
        for port in reading.interfaces
    ]  # fmt: skip
    heads = ("ifIndex", _("Port"), _("Alias"), _("Link"), _("Switched"), _("Speed"), _("In"), _("Out"))
    _print_rows(console, _("Ports"), heads, rows)


def _print_samples(console: Console, samples: Iterable[Sample]) -> None:
    rows = [
        (METRICS[s.metric].label, s.part or "-", s.label, f"{s.value:g} {s.unit}".strip()) for s in samples
    ]
    _print_rows(console, _("Readings"), (_("What"), _("Part"), _("Called"), _("Value")), rows)


def _short(value: int | None, unit: str) -> str:
    if value is None:
        return "-"
    for size, prefix in _PREFIXES:
        if value >= size:
            return f"{value / size:.3g} {prefix}{unit}"
    return f"{value} {unit}"
