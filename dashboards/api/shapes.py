"""The JSON shapes of the API. Those of inventory's records are made from inventory's own table of fields."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from core import gettext
from inventory import SUBJECTS

_READS_ROWS = ConfigDict(from_attributes=True)
# What a record has besides the fields that people fill in
_GIVEN: dict[str, dict[str, Any]] = {"unit": {"path": (str, Field(description="Chain of unit ids from the root"))}}


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str = ""
    request_id: str = ""
    errors: list[FieldError] = Field(default_factory=list, description="Every field that needs correction")


class FieldError(BaseModel):
    """One field that needs correction, and how."""

    field: str
    message: str


def record_shapes(word: str, model: type[Any]) -> tuple[type[BaseModel], type[BaseModel], type[BaseModel]]:
    """(shape of a record read, of a new one, of a change) for a subject of inventory."""
    subject, name = SUBJECTS[word], word.capitalize()
    read: dict[str, Any] = {"id": (int, ...), **_GIVEN.get(word, {})}
    new: dict[str, Any] = {}
    change: dict[str, Any] = {}
    for field in subject.fields:
        column = model.__table__.columns[field.name]
        kind = column.type.python_type
        about = gettext(field.help) or gettext(field.title)
        read[field.name] = (kind | None if column.nullable else kind, Field(description=about))
        first = ... if field.required else None
        new[field.name] = (kind if field.required else kind | None, Field(first, description=about))
        change[field.name] = (kind | None, Field(None, description=about))
    strict = ConfigDict(extra="forbid")
    return (
        create_model(name, __config__=_READS_ROWS, **read),
        create_model(f"New{name}", __config__=strict, **new),
        create_model(f"{name}Change", __config__=strict, **change),
    )


class PartShape(BaseModel):
    """A port, disk, sensor or radio of a device."""

    model_config = _READS_ROWS
    id: int
    kind: str
    key: str = Field(description="Stable key; the part of a series is written with it")
    index: int | None
    name: str
    alias: str
    description: str
    type: str
    mac: str | None
    speed_bps: int | None
    is_watched: bool


class FactShape(BaseModel):
    """What a device says of itself."""

    model_config = _READS_ROWS
    name: str
    value: str
    first_seen: datetime
    last_seen: datetime


class LiveShape(BaseModel):
    """The newest value of a series; null when it is not known."""

    series: int
    part: str
    metric: str
    unit: str
    value: float | None
    at: datetime | None = Field(description="When it was measured")


class SeriesShape(BaseModel):
    """One series and where it belongs."""

    series: int
    device_id: int
    part: str
    metric: str
    unit: str
    meaning: str


class LineShape(BaseModel):
    """One line of a chart. `ts` in epoch milliseconds; null among the values is a gap."""

    series: int
    device_id: int
    part: str
    metric: str
    label: str
    unit: str
    ts: list[int]
    mean: list[float | None]
    min: list[float | None] = Field(description="Empty when `bounds` is false")
    max: list[float | None] = Field(description="Empty when `bounds` is false")


class MarkerShape(BaseModel):
    """A stretch of time worth marking: an incident."""

    start: int = Field(alias="from", description="Epoch milliseconds")
    end: int | None = Field(alias="to", description="Epoch milliseconds; null while it lasts")
    label: str
    severity: str = Field(description="critical, major, minor or info")
    url: str


class WindowShape(BaseModel):
    """The data of a chart."""

    start: int = Field(alias="from")
    end: int = Field(alias="to")
    step_ms: int | None = Field(description="Width of a bucket; null for single samples")
    tier: str = Field(description="raw, 5m or 1h: where it was read")
    series: list[LineShape]
    markers: list[MarkerShape]


class PollShape(BaseModel):
    """A reading of one device on request. `result` is what `app.py poll --json` prints."""

    id: int
    device_id: int
    requested_at: datetime
    done_at: datetime | None
    reason: str = Field(description="ok, timeout, wrong_credential, unreachable, ...; empty while it waits")
    detail: str
    result: dict[str, Any] | None


class IncidentShape(BaseModel):
    """One problem, folded."""

    id: int
    state: str
    severity: str
    title: str
    rule_id: str
    site_id: int | None
    site_name: str
    device_id: int | None
    device_name: str
    part: str
    started_at: datetime
    opened_at: datetime
    acknowledged_at: datetime | None
    closed_at: datetime | None
    close_reason: str
    owner_id: int | None
    owner_name: str
    is_unknown: bool
    is_flapping: bool
    behind_count: int = Field(description="Devices folded into it")
    sites_count: int


class IncidentEventShape(BaseModel):
    """One line of an incident's story."""

    model_config = _READS_ROWS
    at: datetime
    kind: str
    user_name: str
    text: str


class IncidentStoryShape(IncidentShape):
    """An incident with what happened and what to do."""

    message: str
    next_step: str
    story: list[IncidentEventShape]


class Remark(BaseModel):
    """A person's or program's words on an incident."""

    text: str = Field("", max_length=4000)


class DiscoveryOrderShape(BaseModel):
    """What to search. Typed communities are sealed at once and never given back."""

    targets: str = Field(max_length=4000, description="Networks, ranges or addresses, separated by blanks or commas")
    port: int = Field(161, ge=1, le=65535)
    site_id: int | None = None
    communities: list[str] = Field(default_factory=list, max_length=20)
    credential_ids: list[int] = Field(default_factory=list, max_length=50)


class DiscoveryRunShape(BaseModel):
    """A search for devices and how far it is."""

    model_config = _READS_ROWS
    id: int
    targets: str
    state: str = Field(description="waiting, running, done, cancelled or failed")
    reason: str
    detail: str
    total: int
    asked: int
    answered: int
    identified: int
    requested_at: datetime
    done_at: datetime | None


class DiscoveryFindShape(BaseModel):
    """An address that answered."""

    model_config = _READS_ROWS
    id: int
    address: str
    port: int
    state: str
    reason: str
    name: str
    kind: str
    vendor: str
    model: str
    profile: str
    device_id: int | None
    found_at: datetime


Problem.model_rebuild()
