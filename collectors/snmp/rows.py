"""The rows of a profile's tables as a device told them: joined with other tables, named, tied to ports. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from collectors.profiles import Join, ScalarSample, Table
from collectors.profiles.places import form_of
from collectors.snmp.collect import Collected
from collectors.snmp.conditions import holds
from collectors.snmp.naming import filled, is_filled, named
from collectors.snmp.text import clean_line
from collectors.snmp.wire import Value


@dataclass(frozen=True, slots=True)
class Reads:
    """How columns' values are read as numbers: with which pattern, as overflowed numbers, sizes or bits."""

    text: Mapping[str, str | None]
    unsigned: frozenset[str]
    sizes: frozenset[str]
    bits: frozenset[str]

    @staticmethod
    def of(form: Table | ScalarSample) -> Reads:
        """As a profile says."""
        return Reads(form.text, frozenset(form.unsigned), frozenset(form.sizes), frozenset(form.bits))


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of a table (or one group of scalars): readings by column, how to name a column's OID."""

    values: Mapping[str, Value]
    oids: Mapping[str, str]
    reads: Reads
    index: str
    part: str
    label: str
    kind: str
    is_port: bool = False
    later: tuple[str, ...] = ()
    about: tuple[tuple[str, str], ...] = ()

    def is_lenient(self, column: str) -> bool:
        """Whether a column may be planned although the survey lacks it."""
        return column in self.later


@dataclass(frozen=True, slots=True)
class PortPlaces:
    """The parts of a device's ports by ifIndex, and by every name under which only one of them is known."""

    by_index: Mapping[str, str] = field(default_factory=dict)
    by_name: Mapping[str, str] = field(default_factory=dict)

    def find(self, place: str) -> str | None:
        """The part of the port with this ifIndex or name."""
        return self.by_index.get(place) or self.by_name.get(place)


def rows_of(table: Table, known: Collected, ports: PortPlaces) -> Iterator[TableRow]:
    """The rows that the table's conditions let through, in the device's order; names may still repeat."""
    plain = {name: known.column(table.oid(name)) for name, at in table.columns.items() if not isinstance(at, Join)}
    if not any(plain.values()):
        return
    joins = [_Joined(name, at, known) for name, at in table.columns.items() if isinstance(at, Join)]
    own = [column for name, column in plain.items() if isinstance(table.columns[name], int) or table.ports]
    reads, distinct = Reads.of(table), set[str]()
    for index in dict.fromkeys(index for column in own for index in column):
        values = {name: column[index] for name, column in plain.items() if index in column}
        oids = {name: f"{table.oid(name)}.{index}" for name in (*values, *table.later)}
        for join in joins:
            join.add(values, oids, index)
        if not all(holds(condition, values.get(name)) for name, condition in table.when.items()):
            continue
        if table.distinct is not None:
            one = named(table.distinct, values, index)
            if one in distinct or not one:
                continue
            distinct.add(one)
        port = ports.by_index.get(index) if table.ports else _port(table, values, index, ports)
        part = port or ("" if table.ports else named(table.part, values, index))
        if part or not (table.ports or table.port):
            label = named(table.label, values, index).strip(" ·")  # where a place of "name · model" is empty
            about = tuple((name, named(text, values, index)) for name, text in table.about.items())
            yield TableRow(values, oids, reads, index, part, label, table.kind, port is not None, table.later, about)


def _port(table: Table, values: Mapping[str, Value], index: str, ports: PortPlaces) -> str | None:
    for text in table.port:
        form = form_of(text)
        if is_filled(form, values, index) and (found := ports.find(filled(form, values, index))):
            return found
    return None


class _Joined:
    """A column of another table, looked up row by row."""

    def __init__(self, name: str, join: Join, known: Collected) -> None:
        self._name, self._oid = name, join.oid
        self._column = known.column(join.oid)
        self._form = form_of(join.places)
        self._by_text: dict[str, str] | None = None
        if join.match is not None:
            self._by_text = {}
            for index, value in known.column(join.match).items():
                self._by_text.setdefault(clean_line(value), index)

    def add(self, values: dict[str, Value], oids: dict[str, str], index: str) -> None:
        """Put the joined value and its OID beside the row's own."""
        if not is_filled(self._form, values, index):
            return
        place = filled(self._form, values, index)
        at = place if self._by_text is None else self._by_text.get(place)
        if at is not None and at in self._column:
            values[self._name] = self._column[at]
            oids[self._name] = f"{self._oid}.{at}"


def scalar_row(scalar: ScalarSample, known: Collected) -> TableRow:
    """A group of scalars as one row."""
    values = {name: known.scalars[oid] for name, oid in scalar.columns.items() if oid in known.scalars}
    return TableRow(values, scalar.columns, Reads.of(scalar), "", scalar.part, scalar.label, scalar.kind)


def with_unique_parts(rows: Sequence[TableRow], taken: set[tuple[str, str]]) -> Iterator[TableRow]:
    """Rows of one name get ~2, ~3... in the table's order; names of other tables are not disturbed. Of a port, and of
    the device as a whole, several rows may tell (sensors of its module)."""
    seen: Counter[str] = Counter()
    used = {part for _, part in taken}
    for row in rows:
        seen[row.part] += 1
        if row.is_port or not row.part or seen[row.part] == 1:
            used.add(row.part)
            yield row
            continue
        part = f"{row.part}~{seen[row.part]}"
        while part in used:
            part += "~"
        used.add(part)
        yield replace(row, part=part)
