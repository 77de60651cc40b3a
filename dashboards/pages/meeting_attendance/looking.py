"""The lines of one meeting as a list asks for them: filtered, sorted, drawn as bars. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from conference import Meeting, attendance
from core import lazy_gettext as _l
from dashboards.listing import Column, ListQuery
from inventory import fold

COLUMNS = (
    Column(_l("Attendance"), "state"),
    Column(_l("Attendee"), "name"),
    Column(_l("When it was there"), hide="md"),
    Column(_l("Minutes"), "minutes", is_number=True),
    Column(_l("Came"), "first", hide="lg"),
    Column(_l("Left at"), "last", hide="lg"),
    Column(_l("Server / kiosk"), "sources", is_number=True, hide="lg"),
)
FILTERS = ("state", "area")
STATES = ("present", "partial", "absent", "excused", "uninvited")
ORDER = {word: number for number, word in enumerate(("absent", "partial", "excused", "present", "uninvited"))}
LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Bar:
    """One stretch of presence in the 0..1000 of a bar; `source` is both, server or client."""

    begin: float
    width: float
    source: str


def bars(entry: attendance.Entry, meeting: Meeting) -> list[Bar]:
    """The stretches of an entry on the planned time."""
    start, end = meeting.starts_at.timestamp(), meeting.ends_at.timestamp()
    scale = 1000 / max(end - start, 1.0)
    return [
        Bar(round((begin - start) * scale, 1), max(round((until - begin) * scale, 1), 2.0), source)
        for begin, until, source in entry.intervals
    ]


def fits(entry: attendance.Entry, query: ListQuery) -> bool:
    """Whether a line is asked for, apart from its state."""
    if query.filters.get("area") and entry.above_name != query.filters["area"]:
        return False
    if not query.text:
        return True
    return fold(query.text) in fold(f"{entry.name} {entry.unit_name} {entry.endpoint_name} {entry.above_name}")


def has_state(entry: attendance.Entry, word: str) -> bool:
    """Whether a line has a state, a mark ("late", "early") or two sources that disagree ("disagree")."""
    if word == "disagree":
        return bool(entry.reason)
    return entry.state == word or word in entry.marks


def chosen(entries: Iterable[attendance.Entry], query: ListQuery) -> list[attendance.Entry]:
    """The lines that a URL asks for, in its order: who was missing first."""
    word = query.filters.get("state", "")
    found = [one for one in entries if fits(one, query) and (not word or has_state(one, word))]
    keys = {
        "state": lambda one: (ORDER[one.state], one.percent), "name": lambda one: (),
        "minutes": lambda one: one.seconds, "first": lambda one: one.first or LATEST,
        "last": lambda one: one.last or LATEST, "sources": lambda one: -abs(one.server - one.client),
    }  # fmt: skip
    found.sort(key=lambda one: fold(f"{one.above_name} {one.name}") if query.sort != "name" else fold(one.name))
    return sorted(found, key=keys.get(query.sort, keys["state"]), reverse=query.is_descending)


def counts(entries: Sequence[attendance.Entry], query: ListQuery) -> list[tuple[str, int]]:
    """(state or mark, how many) among the lines that fit the other filters."""
    own = [one for one in entries if fits(one, query)]
    words = (*STATES, "late", "early", "disagree")
    return [(word, number) for word in words if (number := sum(1 for one in own if has_state(one, word)))]
