"""From a profile and what a device told to the samples it will give: rows to ask, outputs to compute, parts to name."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from collectors.profiles import Choice, Count, Profile, Sample
from collectors.profiles.spec import Criterion, as_tuple
from collectors.snmp.collect import Collected
from collectors.snmp.conditions import holds
from collectors.snmp.naming import named
from collectors.snmp.rows import PortPlaces, TableRow, rows_of, scalar_row, with_unique_parts
from collectors.snmp.text import number_in
from telemetry import METRICS

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
    """One OID with the factor it enters a sum with. `way`, `pattern` and `words` say how a text is read (see Row)."""

    oid: str
    factor: float = 1.0
    is_text: bool = False
    is_unsigned: bool = False
    way: str = ""
    pattern: str = ""
    words: tuple[tuple[str, float | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """One sample of a device: where it is read and what it is called. `width` is 32 or 64 for counters, else 0.

    A `count` (see template.Output) has no terms: its column is walked.
    """

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
    bit: int = -1
    is_delta: bool = False
    is_decibels: bool = False
    count: tuple[str, str, str] | tuple[()] = ()
    index: str = ""  # of the row
    about: tuple[tuple[str, str], ...] = ()  # of the part: mac, alias, description


def planned_samples(profile: Profile, known: Collected, ports: PortPlaces) -> list[Planned]:
    """All samples of a device; (metric, part) is unique."""
    found: list[Planned] = []
    taken: set[tuple[str, str]] = set()
    for table in profile.tables:
        rows = list(with_unique_parts(list(rows_of(table, known, ports)), taken))
        single = [sample for sample in table.samples if not sample.mean and not sample.sum]
        for row in rows:
            found += [planned for sample in single for planned in _planned(sample, row)]
        for sample in table.samples:
            if sample.mean or sample.sum:
                found += _mean(sample, rows) if sample.mean else _sum(sample, rows)
        taken.update((planned.metric, planned.part) for planned in found)
    for scalar in profile.scalars:
        row = scalar_row(scalar, known)
        for sample in scalar.samples:
            if sample.count is None or known.column(sample.count.column):
                found += _planned(sample, row)
    unique: dict[tuple[str, str], Planned] = {}
    for planned in found:
        unique.setdefault((planned.metric, planned.part), planned)
    return [mended for planned in unique.values() if (mended := _with_known_members(planned, unique))]


def _with_known_members(planned: Planned, unique: Mapping[tuple[str, str], Planned]) -> Planned | None:
    """A mean of those rows that give samples; None when none does."""
    if not planned.mean_of:
        return planned
    members = tuple(part for part in planned.mean_of if (planned.metric, part) in unique and part != planned.part)
    return replace(planned, mean_of=members) if members else None


def _planned(sample: Sample, row: TableRow) -> Iterator[Planned]:
    if not all(holds(condition, row.values.get(name)) for name, condition in sample.when.items()):
        return
    if sample.count is not None:
        yield _counted(sample, sample.count, row)
        return
    choices = sample.choices()
    for choice in choices:
        terms, over = _terms(choice.value, sample, row), _terms(choice.over, sample, row)
        if terms is None or over is None or not _is_usable(choice, row, terms, choice is choices[-1]):
            continue
        yield _build(sample, choice, row, terms, over)
        return


def _terms(names: str | tuple[str, ...], sample: Sample, row: TableRow) -> tuple[Term, ...] | None:
    terms = []
    for signed in as_tuple(names):
        name = signed.lstrip("-")
        if name not in row.oids or (name not in row.values and not row.is_lenient(name)):
            return None
        factor = -1.0 if signed.startswith("-") else 1.0
        terms.append(_term(row.oids[name], factor, name, sample, row))
    return tuple(terms)


def _term(oid: str, factor: float, name: str, sample: Sample, row: TableRow) -> Term:
    reads = row.reads
    if sample.words:
        return Term(oid, factor, True, False, "words", "", tuple(sample.words.items()))
    way = "size" if name in reads.sizes else "bits" if name in reads.bits else ""
    pattern = reads.text.get(name) or ""
    return Term(oid, factor, bool(way) or name in reads.text, name in reads.unsigned, way, pattern)


def _is_usable(choice: Choice, row: TableRow, terms: tuple[Term, ...], is_last: bool) -> bool:
    """Whether the survey's reading lets this choice stand where there are others (`above`, `sentinels`)."""
    if choice.above is None and (is_last or not choice.sentinels):
        return True
    reading = number_in(row.values.get(as_tuple(choice.value)[0].lstrip("-")))
    if reading is not None and terms[0].is_unsigned and reading < 0:
        reading += 2.0**32
    if choice.above is not None and (reading is None or reading <= choice.above):
        return False
    return is_last or reading not in choice.sentinels


def _build(sample: Sample, choice: Choice, row: TableRow, terms: tuple[Term, ...], over: tuple[Term, ...]) -> Planned:
    metric = METRICS[sample.metric]
    low, high = RANGES.get(metric.unit, (-math.inf, math.inf))
    if metric.kind == "counter":
        low, high = 0.0, math.inf
    return Planned(
        **_place(sample, row),
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
        bit=-1 if choice.bit is None else choice.bit,
        is_delta=choice.delta,
        is_decibels=choice.decibels,
    )


def _place(sample: Sample, row: TableRow) -> dict[str, Any]:
    """What the sample is called and what it hangs on. A part of its own is no port."""
    is_own = sample.part is None or sample.part == row.part
    return {
        "metric": sample.metric,
        "part": row.part if sample.part is None else named(sample.part, row.values, row.index),
        "label": named(sample.label, row.values, row.index) if sample.label is not None else row.label * is_own,
        "kind": sample.kind or row.kind,
        "is_port": row.is_port and is_own,
        "index": row.index,
        "about": row.about if is_own else (),
    }


def _counted(sample: Sample, count: Count, row: TableRow) -> Planned:
    if count.index is not None:
        rule = (count.column, "index", named(count.index, row.values, row.index))
    elif isinstance(count.equals, str):
        rule = (count.column, "equals", named(count.equals, row.values, row.index))
    elif isinstance(count.equals, Criterion):
        rule = (count.column, "test", count.equals.model_dump_json(by_alias=True, exclude_none=True))
    elif count.equals is None:
        rule = (count.column, "all", "")
    else:
        wanted = count.equals if isinstance(count.equals, tuple) else (count.equals,)
        rule = (count.column, "in", "\n".join(map(str, wanted)))
    return Planned(**_place(sample, row), terms=(), count=rule)


def _sensor_scale(choice: Choice, row: TableRow) -> float:
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


def _mean(sample: Sample, rows: Sequence[TableRow]) -> Iterator[Planned]:
    """One sample for the whole table: the mean of its rows' samples of the same metric that are known."""
    each = [(row.part, planned) for row in rows for planned in _planned(sample, row)]
    if each:
        yield replace(each[0][1], mean_of=tuple(part for part, _ in each))


def _sum(sample: Sample, rows: Sequence[TableRow]) -> Iterator[Planned]:
    """One sample for the whole table: readings added row by row, above and below the line."""
    each = [planned for row in rows for planned in _planned(sample, row)]
    if each:
        terms = tuple(term for planned in each for term in planned.terms)
        over = dict.fromkeys(term for planned in each for term in planned.over)
        yield replace(each[0], terms=terms, over=tuple(over))
