"""Reading and writing telemetry's tables: series names and events. All SQL of this package is here."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError as SeriesConflict

from core import Session
from telemetry.metrics import FOREIGN_FROM
from telemetry.models import Event, ForeignMetric, PartName, SeriesRange

__all__ = [
    "EventFilter", "NewEvent", "SeriesConflict", "StoredRange", "add_foreign_metrics", "add_parts", "add_ranges",
    "count_events", "events", "load_foreign_metrics", "load_parts", "load_ranges", "prune_events", "record_event",
    "record_events", "replace_keys", "retire_device",
]

EVENT_TEXT_LIMIT = 8_000
EVENT_RAW_LIMIT = 64_000
_IN_LIMIT = 20_000  # bound variables of one statement: SQLite allows 32,766, PostgreSQL 65,535


@dataclass(frozen=True, slots=True)
class StoredRange:
    """One row of the series table, without SQLAlchemy."""

    first: int
    count: int
    device_id: int
    keys: bytes


def load_parts(session: Session, known: int) -> list[str]:
    """Names of parts number `known` and up, in the order of their numbers."""
    rows = session.execute(select(PartName.name).where(PartName.id >= known).order_by(PartName.id))
    return [name for (name,) in rows]


def load_foreign_metrics(session: Session) -> dict[int, str]:
    """Numbers and names of the metrics that came in by line protocol."""
    return dict(session.execute(select(ForeignMetric.id, ForeignMetric.name)).all())


def load_ranges(session: Session, known: int) -> list[StoredRange]:
    """Series ranges from number `known` on, in order."""
    columns = (SeriesRange.first, SeriesRange.count, SeriesRange.device_id, SeriesRange.keys)
    rows = session.execute(select(*columns).where(SeriesRange.first >= known).order_by(SeriesRange.first))
    return [StoredRange(*row) for row in rows]


def add_parts(session: Session, first: int, names: Sequence[str]) -> None:
    """Add part names with the numbers `first` and up."""
    if names:
        session.execute(insert(PartName), [{"id": first + i, "name": name} for i, name in enumerate(names)])


def add_foreign_metrics(session: Session, names: Sequence[str]) -> dict[str, int]:
    """Give new metrics numbers after the highest; returns them."""
    highest = session.execute(select(func.max(ForeignMetric.id))).scalar()
    first = FOREIGN_FROM if highest is None else highest + 1
    numbers = {name: first + i for i, name in enumerate(names)}
    if numbers:
        session.execute(insert(ForeignMetric), [{"id": number, "name": name} for name, number in numbers.items()])
    return numbers


def add_ranges(session: Session, ranges: Sequence[StoredRange]) -> None:
    """Add series ranges. Two writers that took the same numbers: the second gets an IntegrityError."""
    if ranges:
        rows = [{"first": r.first, "count": r.count, "device_id": r.device_id, "keys": r.keys} for r in ranges]
        session.execute(insert(SeriesRange), rows)


def replace_keys(session: Session, first: int, keys: bytes) -> None:
    """Write the keys of one range anew: a counter changed its width."""
    session.execute(update(SeriesRange).where(SeriesRange.first == first).values(keys=keys))


def retire_device(session: Session, device_id: int) -> None:
    """Take the names from a device's series; their numbers stay used."""
    session.execute(update(SeriesRange).where(SeriesRange.device_id == device_id).values(device_id=0, keys=b""))


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to record. `raw` is whatever the source said, as JSON."""

    happened_at: datetime
    source: str
    kind: str
    text: str = ""
    device_id: int | None = None
    raw: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events to list. `device_ids` None means every device; a set limits to these (a school's own)."""

    device_ids: Collection[int] | None = None
    source: str = ""
    kind: str = ""
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None


def record_event(session: Session, event: NewEvent) -> int:
    """Append one event; returns its number."""
    row = Event(**_event_row(event))
    session.add(row)
    session.flush()
    return row.id


def record_events(session: Session, events: Sequence[NewEvent]) -> int:
    """Append many events at once; returns how many."""
    if events:
        session.execute(insert(Event), [_event_row(event) for event in events])
    return len(events)


def events(
    session: Session, wanted: EventFilter | None = None, *, limit: int = 50, before_id: int | None = None
) -> list[Event]:
    """Events, newest first. The next page starts at `before_id` = the number of the last event of this one."""
    query = select(Event)
    for condition in _conditions(wanted or EventFilter()):
        query = query.where(condition)
    if before_id is not None:
        query = query.where(Event.id < before_id)
    return list(session.scalars(query.order_by(Event.id.desc()).limit(max(1, min(limit, 1000)))))


def count_events(session: Session, wanted: EventFilter | None = None) -> int:
    """How many events the filter finds."""
    query = select(func.count()).select_from(Event)
    for condition in _conditions(wanted or EventFilter()):
        query = query.where(condition)
    return session.execute(query).scalar_one()


def prune_events(session: Session, before: datetime, *, limit: int = 50_000) -> int:
    """Remove events older than `before`, at most `limit` of them; returns how many went."""
    old = select(Event.id).where(Event.happened_at < before).limit(limit)
    return session.execute(delete(Event).where(Event.id.in_(old))).rowcount


def _event_row(event: NewEvent) -> dict[str, Any]:
    raw = json.dumps(event.raw or {}, ensure_ascii=False, default=str)
    if len(raw) > EVENT_RAW_LIMIT:
        raw = json.dumps({"cut": raw[:EVENT_RAW_LIMIT]}, ensure_ascii=False)
    return {
        "happened_at": event.happened_at,
        "source": _clean(event.source)[:64],
        "kind": _clean(event.kind)[:64],
        "device_id": event.device_id,
        "text": _clean(event.text)[:EVENT_TEXT_LIMIT],
        "raw": _clean(raw.replace("\\u0000", "\ufffd")),
    }


def _clean(text: str) -> str:
    # PostgreSQL refuses NUL in text, and lone surrogates cannot be written as UTF-8
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _conditions(wanted: EventFilter) -> list[Any]:
    found: list[Any] = []
    if wanted.device_ids is not None:
        ids = sorted(wanted.device_ids)
        chunks = [ids[i : i + _IN_LIMIT] for i in range(0, len(ids), _IN_LIMIT)] or [[]]
        found.append(or_(*(Event.device_id.in_(chunk) for chunk in chunks)))
    if wanted.source:
        found.append(Event.source == wanted.source)
    if wanted.kind:
        found.append(Event.kind == wanted.kind)
    if wanted.text:
        found.append(Event.text.icontains(wanted.text, autoescape=True))
    if wanted.since is not None:
        found.append(Event.happened_at >= wanted.since)
    if wanted.until is not None:
        found.append(Event.happened_at < wanted.until)
    return found
