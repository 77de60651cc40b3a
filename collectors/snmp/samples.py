"""From a profile and what a device told to the samples it will give: rows to ask, outputs to compute, parts to name."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from collectors.profiles import Choice, Profile, Sample, ScalarSample, Table
from collectors.profiles.spec import as_tuple
from collectors.snmp.collect import Collected
from collectors.snmp.conditions import holds
from collectors.snmp.text import clean_line, number_in
from collectors.snmp.wire import Value
from telemetry import METRICS

_PLACE = re.compile(r"\{(\w+)\}")
_PART_LIMIT = 120
_COUNTER64_FROM = "1.3.6.1.2.1.31.1.1.1."  # ifXTable's HC counters
_HC_COLUMNS = range(6, 14)

# What is physically possible, by unit; a sample outside is unknown (devices.md section 5). A profile may say otherwise.
RANGES: dict[str, tuple[float, float]] = {
    "celsius": (-40.0, 150.0),
    "ratio": (0.0, 1.0),
    "volts": (0.0, 500.0),
    "hertz": (0.0, 70.0),
    "rpm": (0.0, 100_000.0),
    "seconds": (0.0, math.inf),
    "bytes": (0.0, math.inf),
    "bits/s": (0.0, 1e13),
}
_LEAST_HERTZ = 40.0


@dataclass(frozen=True, slots=True)
class Term:
    """One OID with the factor it enters a sum with."""

    oid: str
    factor: float = 1.0
    is_text: bool = False
    is_unsigned: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """One sample of a device: where it is read and what it is called. `width` is 32 or 64 for counters, else 0."""

    metric: str
    part: str
    terms: tuple[Term, ...]
    over: tuple[Term, ...] = ()
    scale: float = 1.0
    offset: float = 0.0
    is_complement: bool = False
    enum: tuple[tuple[int, float], ...] = ()
    sentinels: tuple[float, ...] = ()
    low: float = -math.inf
    high: float = math.inf
    floor: float = 0.0
    width: int = 0
    label: str = ""
    kind: str = ""
    is_port: bool = False
    mean_of: tuple[str, ...] = ()  # parts of the same metric


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of a table (or one group of scalars): readings by column, how to name a column's OID."""

    values: Mapping[str, Value]
    oids: Mapping[str, str]
    text: frozenset[str]
    unsigned: frozenset[str]
    part: str
    label: str
    kind: str
    is_port: bool = False
    later: tuple[str, ...] = ()

    def is_lenient(self, column: str) -> bool:
        """Whether a column may be planned although the survey lacks it."""
        return column in self.later


def planned_samples(profile: Profile, known: Collected, port_parts: Mapping[str, str]) -> list[Planned]:
    """All samples of a device. `port_parts` gives the part of an interface's index. (metric, part) is unique."""
    found: list[Planned] = []
    taken: set[tuple[str, str]] = set()
    for table in profile.tables:
        rows = list(_with_unique_parts(list(_rows(table, known, port_parts)), taken))
        for row in rows:
            found += [planned for sample in table.samples if not sample.mean for planned in _planned(sample, row)]
        found += [planned for sample in table.samples if sample.mean for planned in _mean(sample, rows)]
        taken.update((planned.metric, planned.part) for planned in found)
    for scalar in profile.scalars:
        row = _scalar_row(scalar, known)
        found += [planned for sample in scalar.samples for planned in _planned(sample, row)]
    unique: dict[tuple[str, str], Planned] = {}
    for planned in found:
        unique.setdefault((planned.metric, planned.part), planned)
    return list(unique.values())


def _rows(table: Table, known: Collected, port_parts: Mapping[str, str]) -> Iterator[_Row]:
    columns = {name: known.column(table.oid(name)) for name in table.columns}
    own = [column for name, column in columns.items() if isinstance(table.columns[name], int) or table.ports]
    text, unsigned = frozenset(table.text), frozenset(table.unsigned)
    for index in dict.fromkeys(index for column in own for index in column):
        values = {name: column[index] for name, column in columns.items() if index in column}
        if not all(holds(condition, values.get(name)) for name, condition in table.when.items()):
            continue
        if table.ports and index not in port_parts:
            continue
        part = port_parts[index] if table.ports else _named(table.part, values, index)
        oids = {name: f"{table.oid(name)}.{index}" for name in (*values, *table.later)}
        label = _named(table.label, values, index)
        yield _Row(values, oids, text, unsigned, part, label, table.kind, table.ports, table.later)


def _scalar_row(scalar: ScalarSample, known: Collected) -> _Row:
    values = {name: known.scalars[oid] for name, oid in scalar.columns.items() if oid in known.scalars}
    return _Row(values, scalar.columns, frozenset(scalar.text), frozenset(scalar.unsigned), scalar.part, "", "")


def _named(form: str, values: Mapping[str, Value], index: str) -> str:
    text = _PLACE.sub(lambda m: index if m[1] == "index" else clean_line(values.get(m[1])), form)
    return " ".join(text.split())[:_PART_LIMIT]


def _with_unique_parts(rows: Sequence[_Row], taken: set[tuple[str, str]]) -> Iterator[_Row]:
    """Rows of one name get ~2, ~3... in the table's order; names of other tables are not disturbed."""
    seen: Counter[str] = Counter()
    used = {part for _, part in taken}
    for row in rows:
        seen[row.part] += 1
        part = row.part if seen[row.part] == 1 else f"{row.part}~{seen[row.part]}"
        while not row.is_port and part in used and seen[row.part] > 1:
            part += "~"
        used.add(part)
        yield replace(row, part=part)


def _planned(sample: Sample, row: _Row) -> Iterator[Planned]:
    if not all(holds(condition, row.values.get(name)) for name, condition in sample.when.items()):
        return
    for choice in sample.choices():
        terms, over = _terms(choice.value, row), _terms(choice.over, row)
        if terms is None or over is None or not _is_usable(choice, row):
            continue
        yield _build(sample, choice, row, terms, over)
        return


def _terms(names: str | tuple[str, ...], row: _Row) -> tuple[Term, ...] | None:
    terms = []
    for signed in as_tuple(names):
        name = signed.lstrip("-")
        if name not in row.oids or (name not in row.values and not row.is_lenient(name)):
            return None
        factor = -1.0 if signed.startswith("-") else 1.0
        terms.append(Term(row.oids[name], factor, name in row.text, name in row.unsigned))
    return tuple(terms)


def _is_usable(choice: Choice, row: _Row) -> bool:
    """Whether the survey's reading lets this choice stand where there are others (`above`)."""
    if choice.above is None:
        return True
    reading = number_in(row.values.get(as_tuple(choice.value)[0].lstrip("-")))
    return reading is not None and reading > choice.above


def _build(sample: Sample, choice: Choice, row: _Row, terms: tuple[Term, ...], over: tuple[Term, ...]) -> Planned:
    metric = METRICS[sample.metric]
    low, high = RANGES.get(metric.unit, (-math.inf, math.inf))
    if metric.kind == "counter":
        low, high = 0.0, math.inf
    return Planned(
        metric=sample.metric,
        part=row.part if sample.part is None else _named(sample.part, row.values, ""),
        terms=terms,
        over=over,
        scale=choice.scale * _sensor_scale(choice, row),
        offset=choice.offset,
        is_complement=choice.complement,
        enum=tuple(sorted(sample.enum.items())),
        sentinels=(*choice.sentinels, *(sample.sentinels if sample.first else ())),
        low=low if sample.low is None else sample.low,
        high=high if sample.high is None else sample.high,
        floor=_LEAST_HERTZ if metric.unit == "hertz" and sample.high is None else 0.0,
        width=_width(terms[0].oid) if metric.kind == "counter" else 0,
        label=row.label,
        kind=row.kind,
        is_port=row.is_port,
    )


def _sensor_scale(choice: Choice, row: _Row) -> float:
    """RFC 3433: 10^(3*(scale-9)-precision), scale 9 being units."""
    if choice.scale_by is None:
        return 1.0
    scale = number_in(row.values.get(choice.scale_by, 9))
    precision = number_in(row.values.get(choice.precision, 0)) if choice.precision else 0.0
    exponent = 3 * ((scale or 9) - 9) - (precision or 0)
    return 10.0 ** max(-30.0, min(30.0, exponent))


def _width(oid: str) -> int:
    """Bits of the counter behind an OID of the standards; 64 when not known, which never invents a wrap."""
    if oid.startswith(_COUNTER64_FROM):
        column = oid[len(_COUNTER64_FROM) :].split(".")[0]
        return 64 if int(column) in _HC_COLUMNS else 32
    return 32 if oid.startswith("1.3.6.1.2.1.") else 64


def _mean(sample: Sample, rows: Sequence[_Row]) -> Iterator[Planned]:
    """One sample for the whole table: the mean of its rows' samples of the same metric that are known."""
    each = [(row.part, planned) for row in rows for planned in _planned(sample, row)]
    if each:
        first = each[0][1]
        yield replace(first, kind="", label="", mean_of=tuple(part for part, _ in each))
