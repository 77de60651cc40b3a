"""The rows that the meeting pages need, each kind by one statement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from conference import Meeting, Participant, Readiness, schedule
from core import Scope, Session
from inventory import Endpoint, MeetingSystem, Site, Unit, fold

FOUND = 12  # candidates of the picker
UNITS_SHOWN = 2000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which meetings: in a time, of a kind, state, unit's branch, with words in their title."""

    start: datetime | None = None
    end: datetime | None = None
    kind: str = ""
    states: tuple[str, ...] = ()
    unit_path: str = ""
    text: str = ""


def _chosen(scope: Scope, wanted: Wanted, *columns: object) -> Select:
    query = select(*columns).join(Unit, Unit.id == Meeting.unit_id).where(schedule.visible(scope))
    if wanted.start is not None:
        query = query.where(Meeting.ends_at > wanted.start)
    if wanted.end is not None:
        query = query.where(Meeting.starts_at < wanted.end)
    if wanted.kind:
        query = query.where(Meeting.kind == wanted.kind)
    if wanted.states:
        query = query.where(Meeting.state.in_(wanted.states))
    if wanted.unit_path:
        query = query.where(Unit.path.startswith(wanted.unit_path, autoescape=True))
    return query


def find_meetings(session: Session, scope: Scope, wanted: Wanted) -> list[tuple[Meeting, str]]:
    """(meeting, its unit's name) by start. Words of the text are looked for without accents."""
    query = _chosen(scope, wanted, Meeting, Unit.name).order_by(Meeting.starts_at, Meeting.id)
    rows = [(meeting, name) for meeting, name in session.execute(query)]
    words = fold(wanted.text).split()
    if words:
        rows = [row for row in rows if all(word in fold(f"{row[0].title} {row[1]}") for word in words)]
    return rows


def count_waiting(session: Session, scope: Scope) -> int:
    """How many meetings wait for approval, a series once."""
    key = func.coalesce(Meeting.series_id * -1, Meeting.id)
    query = _chosen(scope, Wanted(states=("pending",)), func.count(key.distinct()))
    return session.scalar(query) or 0


def waiting(session: Session, scope: Scope) -> list[tuple[Meeting, str]]:
    """The meetings that wait for approval, the soonest first; of a series its first."""
    found: dict[object, tuple[Meeting, str]] = {}
    for meeting, name in find_meetings(session, scope, Wanted(states=("pending",))):
        found.setdefault((meeting.series_id and -meeting.series_id) or meeting.id, (meeting, name))
    return list(found.values())


def endpoint_counts(session: Session, meeting_ids: Collection[int]) -> dict[int, int]:
    """Meeting id to how many endpoints take part."""
    if not meeting_ids:
        return {}
    query = select(Participant.meeting_id, func.count(Participant.endpoint_id)).where(
        Participant.meeting_id.in_(meeting_ids)
    )
    return dict(session.execute(query.group_by(Participant.meeting_id)).all())


def readiness_counts(session: Session, meeting_ids: Collection[int]) -> dict[int, Counter[str]]:
    """Meeting id to how many of its endpoints are in which state of readiness now."""
    found: dict[int, Counter[str]] = {one: Counter() for one in meeting_ids}
    if found:
        query = select(Readiness.meeting_id, Readiness.state, func.count()).where(
            Readiness.meeting_id.in_(found), Readiness.milestone == "now"
        )
        for meeting_id, state, number in session.execute(query.group_by(Readiness.meeting_id, Readiness.state)):
            found[meeting_id][state] = number
    return found


def double_booked(session: Session, meeting_ids: Collection[int]) -> dict[int, int]:
    """Meeting id to how many of its endpoints are in another booked meeting at the same time."""
    if not meeting_ids:
        return {}
    own, other, theirs = aliased(Participant), aliased(Participant), aliased(Meeting)
    query = (
        select(own.meeting_id, func.count(own.endpoint_id.distinct()))
        .join(Meeting, Meeting.id == own.meeting_id)
        .join(other, and_(other.endpoint_id == own.endpoint_id, other.meeting_id != own.meeting_id))
        .join(theirs, theirs.id == other.meeting_id)
        .where(own.meeting_id.in_(meeting_ids), theirs.state.in_(schedule.BOOKED_STATES),
               theirs.starts_at < Meeting.ends_at, theirs.ends_at > Meeting.starts_at)
        .group_by(own.meeting_id)
    )  # fmt: skip
    return dict(session.execute(query).all())


def unit_choices(session: Session, scope: Scope) -> list[tuple[int, str]]:
    """(id, name) of the units that may hold meetings: those that are no schools first, by the tree."""
    query = select(Unit.id, Unit.name).order_by(Unit.path)
    if scope.unit_path is not None:
        query = query.where(Unit.path.startswith(scope.unit_path, autoescape=True))
    return [(one, name) for one, name in session.execute(query.limit(UNITS_SHOWN))]


def unit_of(session: Session, scope: Scope, unit_id: int | None) -> Unit | None:
    """The unit of a filter, when the scope shows it."""
    found = session.get(Unit, unit_id) if unit_id is not None else None
    return found if found is not None and scope.includes(found.path) else None


def system_choices(session: Session) -> list[tuple[int, str]]:
    """(id, name) of the installations in use."""
    query = select(MeetingSystem.id, MeetingSystem.name).where(MeetingSystem.is_enabled.is_(True))
    return [(one, name) for one, name in session.execute(query.order_by(MeetingSystem.name))]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something the picker found. `endpoints` counts a unit's whole branch."""

    kind: str
    id: int
    name: str
    detail: str
    endpoints: int = 1


def candidates(session: Session, scope: Scope, text: str) -> list[Candidate]:
    """Units and endpoints whose names or codes hold every word."""
    words = fold(text).split()[:6]
    if not words:
        return []
    inside = Unit.path.startswith(scope.unit_path or "/", autoescape=True)
    units = select(Unit).where(inside, *(Unit.search_text.contains(word, autoescape=True) for word in words))
    found = list(session.scalars(units.order_by(func.length(Unit.path), Unit.name_key).limit(FOUND)))
    counts = branch_counts(session, found)
    rows = (
        select(Endpoint.id, Endpoint.name, Endpoint.code, Site.name)
        .join(Site, Site.id == Endpoint.site_id).join(Unit, Unit.id == Site.unit_id)
        .where(inside, Endpoint.is_active.is_(True),
               *(or_(Endpoint.search_text.contains(word, autoescape=True),
                     Site.search_text.contains(word, autoescape=True)) for word in words))
        .order_by(Endpoint.name_key).limit(FOUND)
    )  # fmt: skip
    return [Candidate("unit", one.id, one.name, one.code, counts[one.id]) for one in found] + [
        Candidate("endpoint", one, name, f"{code} · {site}") for one, name, code, site in session.execute(rows)
    ]


def branch_counts(session: Session, units: Sequence[Unit]) -> dict[int, int]:
    """Unit id to how many endpoints in use its branch has; one statement for all."""
    if not units:
        return {}
    paths = select(Unit.path).join(Site, Site.unit_id == Unit.id).join(Endpoint, Endpoint.site_id == Site.id).where(
        Endpoint.is_active.is_(True), or_(*(Unit.path.startswith(one.path, autoescape=True) for one in units))
    )
    found = list(session.scalars(paths))
    return {one.id: sum(path.startswith(one.path) for path in found) for one in units}


def ids_of_codes(session: Session, scope: Scope, words: Collection[str]) -> dict[str, int]:
    """Folded code or name to the endpoint, for a pasted list. A name that several share is left out."""
    inside = Unit.path.startswith(scope.unit_path or "/", autoescape=True)
    query = (
        select(Endpoint.id, Endpoint.code, Endpoint.name, Site.code, Site.name)
        .join(Site, Site.id == Endpoint.site_id).join(Unit, Unit.id == Site.unit_id)
        .where(inside, Endpoint.is_active.is_(True))
    )  # fmt: skip
    wanted = {fold(word) for word in words}
    found: dict[str, set[int]] = {}
    codes: dict[str, int] = {}
    for endpoint_id, code, *names in session.execute(query):
        if fold(code) in wanted:
            codes[fold(code)] = endpoint_id
        for name in map(fold, names):
            if name in wanted:
                found.setdefault(name, set()).add(endpoint_id)
    return {name: min(ids) for name, ids in found.items() if len(ids) == 1} | codes


def names_of(session: Session, endpoint_ids: Collection[int], unit_ids: Collection[int]) -> Mapping[str, str]:
    """Participant key ("endpoint:3", "unit:5") to its name."""
    ends = session.execute(select(Endpoint.id, Endpoint.name).where(Endpoint.id.in_(endpoint_ids)))
    units = session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(unit_ids)))
    names = {f"endpoint:{one}": name for one, name in ends}
    for one, name in units:
        names[f"unit:{one}"] = names[f"branch:{one}"] = name
    return names


def search_meetings(session: Session, scope: Scope, text: str, limit: int, now: datetime) -> list[tuple[Meeting, str]]:
    """Meetings by words of their title or their room, the nearest in time first; among the newest two thousand."""
    words = fold(text).split()
    query = _chosen(scope, Wanted(), Meeting.id, Meeting.title, Meeting.room, Meeting.starts_at)
    rows = session.execute(query.order_by(Meeting.starts_at.desc()).limit(2000)).all()
    hits = [(abs(starts_at - now), one) for one, title, room, starts_at in rows
            if all(word in f"{fold(title)} {room}" for word in words)]  # fmt: skip
    ids = [one for _away, one in sorted(hits)[:limit]]
    found = {row.id: (row, name) for row, name in session.execute(
        select(Meeting, Unit.name).join(Unit, Unit.id == Meeting.unit_id).where(Meeting.id.in_(ids))
    )}  # fmt: skip
    return [found[one] for one in ids if one in found]
