"""The form of a profile file: what may stand in it and what each field means."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from inventory import DEVICE_KINDS
from telemetry import METRICS

_OID = re.compile(r"(?:0|1|2)(?:\.\d{1,10}){1,127}")
_PLACE = re.compile(r"\{(\w+)\}")
INDEX = "index"


def _oid(text: str) -> str:
    if not _OID.fullmatch(text):
        raise ValueError("an OID is numbers with dots between them, without a leading dot: 1.3.6.1.2.1.1.5.0")
    return text


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return text


def _metric(name: str) -> str:
    if name not in METRICS:
        raise ValueError("no such metric; telemetry/metrics.py lists them")
    return name


Oid = Annotated[str, AfterValidator(_oid)]
Pattern = Annotated[str, AfterValidator(_pattern)]
MetricName = Annotated[str, AfterValidator(_metric)]
Scalar = int | float | str
# 3; [3, 4] (one of them); {not: 2}; {not: [2, 3]}; present (the device has the reading, whatever it is)
Condition = Scalar | tuple[Scalar, ...] | dict[Literal["not"], Scalar | tuple[Scalar, ...]]
PRESENT = "present"


class Form(BaseModel):
    """Unknown fields are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Match(Form):
    """How a device of this family is recognised: the longest sysObjectID prefix wins, then sysDescr, then a subtree."""

    sysobjectid: tuple[Oid, ...] = ()
    sysdescr: tuple[Pattern, ...] = ()
    probe: tuple[Oid, ...] = ()


class FactSource(Form):
    """Where a fact stands: a scalar (`oid`), a column (`column`, its first row that meets `where`), or another fact.

    `pattern` keeps its first group; `map` replaces what was found; `value` is a constant.
    """

    oid: Oid | None = None
    column: Oid | None = None
    where: dict[Oid, Condition] = Field(default_factory=dict)
    fact: Literal["sysdescr", "sysobjectid", "sysname", "vendor", "model"] | None = None
    pattern: Pattern | None = None
    map: dict[str, str] = Field(default_factory=dict)
    value: str | None = None

    @model_validator(mode="after")
    def _one_source(self) -> FactSource:
        if sum(source is not None for source in (self.oid, self.column, self.fact, self.value)) != 1:
            raise ValueError("give exactly one of oid, column, fact, value")
        return self


class Choice(Form):
    """One way to compute a sample: `value` (a column, or a signed sum of them) over `over`, by `scale`, plus `offset`.

    `above` and `sentinels` are tested on the survey's reading: a choice that fails gives way to the next.
    """

    value: str | tuple[str, ...]
    over: str | tuple[str, ...] = ()
    scale: float = 1.0
    scale_by: str | None = None  # a column that holds ENTITY-SENSOR's scale; `precision` holds its decimals
    precision: str | None = None
    offset: float = 0.0
    complement: bool = False
    above: float | None = None
    sentinels: tuple[float, ...] = ()


class Sample(Form):
    """One metric of a row (or of a scalar). `first` lists choices in order of preference, decided row by row."""

    metric: MetricName
    part: str | None = None
    when: dict[str, Condition] = Field(default_factory=dict)
    value: str | tuple[str, ...] | None = None
    over: str | tuple[str, ...] = ()
    scale: float = 1.0
    scale_by: str | None = None
    precision: str | None = None
    offset: float = 0.0
    complement: bool = False
    enum: dict[int, float] = Field(default_factory=dict)
    sentinels: tuple[float, ...] = ()
    low: float | None = None
    high: float | None = None
    first: tuple[Choice, ...] = ()
    mean: bool = False  # one sample for the whole table: the mean of its rows

    @model_validator(mode="after")
    def _one_way(self) -> Sample:
        if (self.value is None) == (not self.first):
            raise ValueError("give either value or first")
        if any(not 0 <= code < 64 for code in self.enum):
            raise ValueError("codes of an enum lie between 0 and 63")
        return self

    def choices(self) -> tuple[Choice, ...]:
        """The ways to compute it, in order of preference."""
        if self.first:
            return self.first
        assert self.value is not None
        return (Choice(value=self.value, over=self.over, scale=self.scale, scale_by=self.scale_by,
                       precision=self.precision, offset=self.offset, complement=self.complement,
                       sentinels=self.sentinels),)  # fmt: skip


class ScalarSample(Form):
    """Samples of single objects: `columns` names OIDs with their instance (.0)."""

    columns: dict[str, Oid]
    samples: tuple[Sample, ...]
    text: tuple[str, ...] = ()
    unsigned: tuple[str, ...] = ()
    part: str = ""


class Table(Form):
    """A table to walk. A column is an arc under `root`, or a whole OID of another table with the same index.

    `part` and `label` may hold {column} and {index}. `ports` marks the interface table, whose part is the port's key.
    """

    name: str = Field(pattern=r"^[a-z0-9-]+$")
    root: Oid
    columns: dict[str, int | Oid]
    samples: tuple[Sample, ...] = ()
    part: str = ""
    label: str = ""
    kind: str = Field("sensor", pattern=r"^[a-z_]+$")
    when: dict[str, Condition] = Field(default_factory=dict)
    text: tuple[str, ...] = ()
    unsigned: tuple[str, ...] = ()
    later: tuple[str, ...] = ()  # columns that agents fill in only after a while: asked even when the survey lacks them
    ports: bool = False

    @field_validator("columns")
    @classmethod
    def _column_names(cls, columns: dict[str, int | str]) -> dict[str, int | str]:
        if INDEX in columns:
            raise ValueError("a column cannot be called index")
        return columns

    @model_validator(mode="after")
    def _known_columns(self) -> Table:
        for sample in self.samples:
            for choice in sample.choices():
                for name in named_columns(choice):
                    if name not in self.columns:
                        raise ValueError(f"sample {sample.metric} uses the column {name!r}, which is not in columns")
        used = {*self.when, *self.text, *self.unsigned, *self.later, *(c for s in self.samples for c in s.when)}
        used |= set(_PLACE.findall(self.part + self.label)) - {INDEX}
        for name in sorted(used - set(self.columns)):
            raise ValueError(f"the column {name!r} is used but not in columns")
        return self

    def oid(self, column: str) -> str:
        """The column's OID, without index."""
        arc = self.columns[column]
        return f"{self.root}.{arc}" if isinstance(arc, int) else arc


class Quirks(Form):
    """What this family cannot bear. `skip` lists subtrees never asked; `repetitions` is where GETBULK starts."""

    skip: tuple[Oid, ...] = ()
    repetitions: int | None = Field(None, ge=1, le=100)


class ProfileForm(Form):
    """One file."""

    title: str
    includes: tuple[str, ...] = ()
    match: Match = Match()
    kind: str | None = None
    facts: dict[Literal["vendor", "model", "serial", "version", "hardware", "os"], tuple[FactSource, ...]] = Field(
        default_factory=dict
    )
    scalars: tuple[ScalarSample, ...] = ()
    tables: tuple[Table, ...] = ()
    quirks: Quirks = Quirks()

    @field_validator("kind")
    @classmethod
    def _device_kind(cls, kind: str | None) -> str | None:
        if kind is not None and kind not in DEVICE_KINDS:
            raise ValueError(f"no such kind of device; one of {', '.join(DEVICE_KINDS)}")
        return kind


def named_columns(choice: Choice) -> list[str]:
    """The columns that a choice reads, signs removed."""
    names = [name.lstrip("-") for name in (*as_tuple(choice.value), *as_tuple(choice.over))]
    return names + [name for name in (choice.scale_by, choice.precision) if name]


def as_tuple(value: str | tuple[str, ...]) -> tuple[str, ...]:
    """One name or several as several."""
    return (value,) if isinstance(value, str) else value
