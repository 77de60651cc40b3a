"""The form of a profile file: what may stand in it and what each field means."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    field_validator,
    model_validator,
)

from collectors.profiles.places import INDEX, PlaceError, form_of
from inventory import DEVICE_KINDS
from telemetry import METRICS

_OID = re.compile(r"(?:0|1|2)(?:\.\d{1,10}){1,127}")


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


def _places(text: str) -> str:
    try:
        form_of(text)
    except PlaceError as error:
        raise ValueError(str(error)) from error
    return text


Oid = Annotated[str, AfterValidator(_oid)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Places = Annotated[str, AfterValidator(_places)]
MetricName = Annotated[str, AfterValidator(_metric)]
Scalar = int | float | str
PRESENT = "present"


class Criterion(BaseModel):
    """What a reading must be like: `like` a pattern, `above`, `below` (both without the limit), `not` these values."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    like: Pattern | None = None
    above: float | None = None
    below: float | None = None
    is_not: Scalar | tuple[Scalar, ...] | None = Field(None, alias="not")


# 3; [3, 4] (one of them); {not: 2}; {not: [2, 3]}; {like: '(?i)temp'}; {above: 0}; present (whatever it is)
Condition = Scalar | tuple[Scalar, ...] | Criterion


class Form(BaseModel):
    """Unknown fields are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Match(Form):
    """How a device of this family is recognised: the longest sysObjectID prefix wins, then sysDescr, then a subtree.

    `last` families (an operating system's own agent) are tried when no other family matches in any of the three ways.
    A family that `refines` others takes over from them where one of its `sysdescr` patterns is found.
    """

    sysobjectid: tuple[Oid, ...] = ()
    sysdescr: tuple[Pattern, ...] = ()
    probe: tuple[Oid, ...] = ()
    last: bool = False
    refines: tuple[str, ...] = ()


class FactSource(Form):
    """Where a fact stands: a scalar (`oid`), a column (`column`, its first row that meets `where`), or another fact.

    `pattern` keeps its first group; `map` replaces what was found, `lookup` too, but what it does not list is nothing;
    `gives` stands for any text that was found; `value` is a constant, only where something stands under `present`.
    """

    oid: Oid | None = None
    column: Oid | None = None
    where: dict[Oid, Condition] = Field(default_factory=dict)
    fact: Literal["sysdescr", "sysobjectid", "sysname", "vendor", "model", "hardware", "os"] | None = None
    pattern: Pattern | None = None
    map: dict[str, str] = Field(default_factory=dict)
    lookup: dict[str, str] = Field(default_factory=dict)
    gives: str | None = None
    value: str | None = None
    present: Oid | None = None

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
    delta: bool = False  # of the growth since the last poll: a busy counter over a total one
    decibels: bool = False  # 10 log10 of the scaled value: milliwatts become dBm
    bit: int | None = Field(None, ge=0, le=47)  # of an octet string, 0 is the first byte's highest
    above: float | None = None
    sentinels: tuple[float, ...] = ()


class Count(Form):
    """How many rows of `column` there are: all, those whose value meets `equals`, or whose index begins with `index`.

    `equals` is a condition or a text with places of the row that the sample stands in.
    """

    column: Oid
    equals: Condition | None = None
    index: Places | None = None

    @field_validator("equals")
    @classmethod
    def _equals_places(cls, equals: Condition | None) -> Condition | None:
        if isinstance(equals, str):
            _places(equals)
        return equals


class Sample(Form):
    """One metric of a row (or of a scalar). `first` lists choices in order of preference, decided row by row."""

    metric: MetricName
    part: Places | None = None
    label: Places | None = None
    kind: str | None = Field(None, pattern=r"^[a-z_]+$")
    when: dict[str, Condition] = Field(default_factory=dict)
    value: str | tuple[str, ...] | None = None
    over: str | tuple[str, ...] = ()
    scale: float = 1.0
    scale_by: str | None = None
    precision: str | None = None
    offset: float = 0.0
    complement: bool = False
    delta: bool = False
    decibels: bool = False
    bit: int | None = Field(None, ge=0, le=47)
    enum: dict[int, float] = Field(default_factory=dict)
    words: dict[str, float | None] = Field(default_factory=dict)  # texts and their values; '*' is any other text
    sentinels: tuple[float, ...] = ()
    low: float | None = None
    high: float | None = None
    first: tuple[Choice, ...] = ()
    count: Count | None = None
    mean: bool = False  # one sample for the whole table: the mean of its rows
    sum: bool = False  # one sample for the whole table: all rows' readings added (and those under `over`)

    @model_validator(mode="after")
    def _one_way(self) -> Sample:
        if sum((self.value is not None, bool(self.first), self.count is not None)) != 1:
            raise ValueError("give exactly one of value, first, count")
        if self.mean and self.sum:
            raise ValueError("give either mean or sum")
        if self.count and (self.mean or self.sum or self.enum or self.words):
            raise ValueError("a count goes with metric, part, label, kind and when only")
        if any(not 0 <= code < 64 for code in self.enum):
            raise ValueError("codes of an enum lie between 0 and 63")
        return self

    _choices: tuple[Choice, ...] = PrivateAttr(())

    def model_post_init(self, context: Any) -> None:
        """Its one way stands as a choice, too: samples are planned for each of thousands of rows."""
        self._choices = self.first
        if self.value is not None:
            self._choices = (
                Choice(value=self.value, over=self.over, scale=self.scale, scale_by=self.scale_by,
                       precision=self.precision, offset=self.offset, complement=self.complement, delta=self.delta,
                       decibels=self.decibels, bit=self.bit, sentinels=self.sentinels),
            )  # fmt: skip

    def choices(self) -> tuple[Choice, ...]:
        """The ways to compute it, in order of preference."""
        return self._choices


def _columns_and_patterns(text: Any) -> Any:
    return dict.fromkeys(text) if isinstance(text, list | tuple) else text


# Columns whose numbers come as text: a list of names, or names with the pattern whose first group is the number.
Texts = Annotated[dict[str, Pattern | None], BeforeValidator(_columns_and_patterns)]


def _check_columns(samples: tuple[Sample, ...], used: set[str], columns: set[str]) -> None:
    """Every column that is used must be there. Raises ValueError."""
    words: dict[str, dict[str, float | None]] = {}
    for sample in samples:
        named = [name for choice in sample.choices() for name in named_columns(choice)]
        lacking = [name for name in named if name not in columns]
        if lacking:
            raise ValueError(f"sample {sample.metric} uses the column {lacking[0]!r}, which is not in columns")
        for name in named if sample.words else ():
            if words.setdefault(name, sample.words) != sample.words:
                raise ValueError(f"the column {name!r} is read with two different lists of words")
        count = sample.count
        places = [sample.part, sample.label, count and count.index, count and count.equals]
        used |= {*sample.when, *(c for text in places if isinstance(text, str) for c in form_of(text).columns)}
    for name in sorted(used - columns):
        raise ValueError(f"the column {name!r} is used but not in columns")


class ScalarSample(Form):
    """Samples of single objects: `columns` names OIDs with their instance (.0)."""

    columns: dict[str, Oid] = Field(default_factory=dict)
    samples: tuple[Sample, ...]
    text: Texts = Field(default_factory=dict)
    unsigned: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    bits: tuple[str, ...] = ()
    part: str = ""
    label: str = ""
    kind: str = Field("sensor", pattern=r"^[a-z_]+$")

    @model_validator(mode="after")
    def _known_columns(self) -> ScalarSample:
        _check_columns(self.samples, {*self.text, *self.unsigned, *self.sizes, *self.bits}, set(self.columns))
        return self


class Join(Form):
    """A column of another table: its row is found by `at`, an index with places, or is the first whose column `match`
    has the text `equals`.
    """

    oid: Oid
    at: Places | None = None
    match: Oid | None = None
    equals: Places | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Join:
        if (self.at is None) == (self.match is None) or (self.match is None) != (self.equals is None):
            raise ValueError("give either at, or match with equals")
        return self

    @property
    def places(self) -> str:
        """The text with places that finds the row."""
        return self.at or self.equals or ""


class Table(Form):
    """A table to walk. A column is an arc under `root`, a whole OID of another table with the same index, or a join.

    `part` and `label` may hold {column} and {index}. `ports` marks the interface table, whose part is the port's key.
    `port` says which port a row belongs to (ifIndex or name; several are tried): its part is then the port's.
    `about` is what inventory keeps of the part beside its label.
    """

    name: str = Field(pattern=r"^[a-z0-9-]+$")
    root: Oid
    columns: dict[str, int | Oid | Join]
    samples: tuple[Sample, ...] = ()
    part: Places = ""
    label: Places = ""
    about: dict[Literal["mac", "alias", "description"], Places] = Field(default_factory=dict)
    kind: str = Field("sensor", pattern=r"^[a-z_]+$")
    when: dict[str, Condition] = Field(default_factory=dict)
    text: Texts = Field(default_factory=dict)
    unsigned: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()  # texts such as "19G", "210.082 MB", read in bytes
    bits: tuple[str, ...] = ()  # octet strings whose single bits count
    later: tuple[str, ...] = ()  # columns that agents fill in only after a while: asked even when the survey lacks them
    ports: bool = False
    port: tuple[Places, ...] = ()
    distinct: Places | None = None  # of rows that give the same text here only the first is taken

    @field_validator("columns")
    @classmethod
    def _column_names(cls, columns: dict[str, int | str | Join]) -> dict[str, int | str | Join]:
        if INDEX in columns:
            raise ValueError("a column cannot be called index")
        if not any(isinstance(column, int) for column in columns.values()):
            raise ValueError("at least one column must be an arc under the root: its rows are the table's rows")
        return columns

    @field_validator("port", mode="before")
    @classmethod
    def _one_or_several(cls, port: Any) -> Any:
        return (port,) if isinstance(port, str) else port

    @model_validator(mode="after")
    def _known_columns(self) -> Table:
        used = {*self.when, *self.text, *self.unsigned, *self.sizes, *self.bits, *self.later}
        for text in (self.part, self.label, self.distinct or "", *self.port, *self.about.values()):
            used |= form_of(text).columns
        seen: set[str] = set()
        for name, column in self.columns.items():
            if isinstance(column, Join) and (lacking := sorted(form_of(column.places).columns - seen)):
                raise ValueError(f"the join {name!r} needs the column {lacking[0]!r}, not in columns before it")
            seen.add(name)
        _check_columns(self.samples, used, seen)
        return self

    def oid(self, column: str) -> str:
        """The column's OID, without index."""
        place = self.columns[column]
        return f"{self.root}.{place}" if isinstance(place, int) else place.oid if isinstance(place, Join) else place


class Quirks(Form):
    """What this family cannot bear. `skip` lists subtrees never asked; `repetitions` is where GETBULK starts,
    `most_repetitions` what it never exceeds (1: GETNEXT only).
    """

    skip: tuple[Oid, ...] = ()
    repetitions: int | None = Field(None, ge=1, le=100)
    most_repetitions: int | None = Field(None, ge=1, le=100)


FactName = Literal["vendor", "model", "serial", "version", "hardware", "os", "kind"]


class ProfileForm(Form):
    """One file."""

    title: str
    includes: tuple[str, ...] = ()
    match: Match = Match()
    kind: str | None = None
    facts: dict[FactName, tuple[FactSource, ...]] = Field(default_factory=dict)
    scalars: tuple[ScalarSample, ...] = ()
    tables: tuple[Table, ...] = ()
    quirks: Quirks = Quirks()

    @field_validator("kind")
    @classmethod
    def _device_kind(cls, kind: str | None) -> str | None:
        if kind is not None and kind not in DEVICE_KINDS:
            raise ValueError(f"no such kind of device; one of {', '.join(DEVICE_KINDS)}")
        return kind

    @field_validator("facts")
    @classmethod
    def _known_kinds(cls, facts: dict[str, tuple[FactSource, ...]]) -> dict[str, tuple[FactSource, ...]]:
        for source in facts.get("kind", ()):
            for kind in (*source.map.values(), *source.lookup.values(), source.value, source.gives):
                if kind is not None and kind not in DEVICE_KINDS:
                    raise ValueError(f"{kind!r} is no kind of device; one of {', '.join(DEVICE_KINDS)}")
        return facts


def named_columns(choice: Choice) -> list[str]:
    """The columns that a choice reads, signs removed."""
    names = [name.lstrip("-") for name in (*as_tuple(choice.value), *as_tuple(choice.over))]
    return names + [name for name in (choice.scale_by, choice.precision) if name]


def as_tuple(value: str | tuple[str, ...]) -> tuple[str, ...]:
    """One name or several as several."""
    return (value,) if isinstance(value, str) else value
