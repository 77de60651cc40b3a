"""Who and what a meeting takes that is taken already: endpoints, rooms, people, examinations. Pure; texts for the form.

One conflict names one other meeting (or use, or examination) with everything that it shares: a person reads a handful
of sentences, not one a school.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_time

from conference.capacity.bandwidth import STANDARD_PLAN, PlannedQuality
from conference.capacity.finding import SEVERITIES, Finding, some_of
from core import N_, current_language
from core import gettext as _
from core import ngettext as _n
from inventory import fold

CONFLICT_KINDS: dict[str, str] = {
    "endpoint": N_("Endpoint"),
    "room": N_("Room"),
    "chair": N_("Chair"),
    "person": N_("Person"),
    "exam": N_("Examination"),
    "server": N_("Server capacity"),
    "line": N_("School line"),
}
CHANGE_OVER = timedelta(minutes=10)  # what an endpoint needs between two meetings to be ready again


@dataclass(frozen=True, slots=True)
class Attendee:
    """Who is to take part, as far as planning needs it. `is_person`: the e-mail address is one human being's."""

    name: str
    endpoint_id: int | None = None
    email: str = ""
    role: str = "participant"
    speaks: bool = False
    is_person: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """A meeting that is being entered or changed; `meeting_id` is the one it changes: that cannot be in its own way.

    `later` are the beginnings of the next meetings of its series; with `series_id` all of that series are changed.
    """

    title: str
    starts_at: datetime
    ends_at: datetime
    attendees: tuple[Attendee, ...]
    system_id: int | None = None
    meeting_id: int | None = None
    opens_minutes: int = 30
    overrun_minutes: int = 60
    timezone: str = "Asia/Ho_Chi_Minh"
    is_recorded: bool = False
    is_streamed: bool = False
    quality: PlannedQuality = STANDARD_PLAN
    later: tuple[datetime, ...] = ()
    series_id: int | None = None

    @property
    def days(self) -> tuple[Proposal, ...]:
        """This meeting, and each of the next ones of its series as a meeting of its own."""
        length = self.ends_at - self.starts_at
        return (self, *(replace(self, starts_at=start, ends_at=start + length, later=()) for start in self.later))

    @property
    def endpoint_ids(self) -> frozenset[int]:
        """The endpoints that it takes."""
        return frozenset(one.endpoint_id for one in self.attendees if one.endpoint_id is not None)


@dataclass(frozen=True, slots=True)
class Taken:
    """What another meeting of about that time takes of the same: ids of shared endpoints, its people's addresses."""

    meeting_id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    endpoint_ids: frozenset[int] = frozenset()
    people: tuple[tuple[str, str, str], ...] = ()  # (address as entered, name, role)


@dataclass(frozen=True, slots=True)
class RoomTaken:
    """A room (None: the whole site) that is in use; `meeting_id` when a meeting keeps the row."""

    site_id: int
    room_id: int | None
    title: str
    purpose: str
    starts_at: datetime
    ends_at: datetime
    meeting_id: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an endpoint stands, and the examinations of its school at that time."""

    endpoint_id: int
    name: str
    site_id: int
    room_id: int | None
    exams: tuple[tuple[datetime, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """One reason why the meeting is in somebody's way. `kind` is a word of CONFLICT_KINDS, `severity` of SEVERITIES."""

    kind: str
    severity: str
    text: str
    advice: str = ""
    meeting_id: int | None = None
    endpoint_ids: tuple[int, ...] = ()


def taken_conflicts(proposal: Proposal, taken: Iterable[Taken], names: Mapping[int, str]) -> list[Conflict]:
    """Endpoints and people that other meetings have. `names`: endpoint id -> name."""
    people = {address_key(one.email): one for one in proposal.attendees if one.is_person and one.email}
    found: list[Conflict] = []
    for other in taken:
        if other.ends_at <= proposal.starts_at - CHANGE_OVER or proposal.ends_at + CHANGE_OVER <= other.starts_at:
            continue
        overlaps = other.starts_at < proposal.ends_at and proposal.starts_at < other.ends_at
        shared = sorted(proposal.endpoint_ids & other.endpoint_ids, key=lambda i: names.get(i, ""))
        if shared:
            found.append(_endpoint_conflict(proposal, other, shared, names, overlaps))
        if overlaps:
            found += _people_conflicts(proposal, other, people)
    return found


def _endpoint_conflict(
    proposal: Proposal, other: Taken, shared: Sequence[int], names: Mapping[int, str], overlaps: bool
) -> Conflict:
    values = {"names": some_of(names.get(i, f"#{i}") for i in shared), "title": other.title,
              "when": _when(other.starts_at, other.ends_at, proposal.timezone)}
    if overlaps:
        text = _n("%(names)s is in “%(title)s”, %(when)s.",
                  "%(num)d endpoints are in “%(title)s”, %(when)s: %(names)s.", len(shared), **values)
        return Conflict("endpoint", "critical", text, _("Move one of the meetings, or leave these endpoints out."),
                        other.meeting_id, tuple(shared))
    text = _n("%(names)s has less than ten minutes between this meeting and “%(title)s”, %(when)s.",
              "%(num)d endpoints have less than ten minutes between this meeting and “%(title)s”, %(when)s: %(names)s.",
              len(shared), **values)
    return Conflict("endpoint", "warning", text, _("Leave some minutes between the meetings: they may run over."),
                    other.meeting_id, tuple(shared))


def _people_conflicts(proposal: Proposal, other: Taken, people: Mapping[str, Attendee]) -> list[Conflict]:
    shared = {address_key(address): role for address, _name, role in other.people if address_key(address) in people}
    when = _when(other.starts_at, other.ends_at, proposal.timezone)
    leading = [people[key] for key, role in shared.items() if "chair" in (role, people[key].role)]
    others = [people[key] for key, role in shared.items() if "chair" not in (role, people[key].role)]
    found = [
        Conflict("chair", "critical", _("%(name)s leads one of two meetings at that time: “%(title)s”, %(when)s.",
                                        name=one.name, title=other.title, when=when),
                 _("Choose another chair, or move one of the meetings."), other.meeting_id)
        for one in leading
    ]
    if others:
        found.append(Conflict("person", "warning", _n(
            "%(names)s is also asked to “%(title)s”, %(when)s.",
            "%(num)d people are also asked to “%(title)s”, %(when)s: %(names)s.", len(others),
            names=some_of(one.name for one in others), title=other.title, when=when),
            _("Ask them which meeting they will be in."), other.meeting_id))
    return found


def room_conflicts(
    proposal: Proposal, uses: Iterable[RoomTaken], standings: Iterable[Standing], told: frozenset[int]
) -> list[Conflict]:
    """Rooms in use. Meetings of `told` were named already for their endpoints; the same fact is not said twice."""
    by_site: dict[int, list[Standing]] = {}
    for standing in standings:
        by_site.setdefault(standing.site_id, []).append(standing)
    hits: dict[tuple[str, str, datetime, datetime, int | None], list[Standing]] = {}
    for use in uses:
        is_over = use.ends_at <= proposal.starts_at or proposal.ends_at <= use.starts_at
        if is_over or (use.meeting_id is not None and use.meeting_id in told | {proposal.meeting_id}):
            continue
        key = (use.purpose, use.title, use.starts_at, use.ends_at, use.meeting_id)
        for standing in by_site.get(use.site_id, ()):
            if use.room_id is None or use.room_id == standing.room_id:
                hits.setdefault(key, []).append(standing)
    found: list[Conflict] = []
    for (purpose, title, starts_at, ends_at, meeting_id), there in hits.items():
        text = _n("The room of %(names)s is in use: “%(title)s”, %(when)s.",
                  "The rooms of %(num)d endpoints are in use: “%(title)s”, %(when)s: %(names)s.", len(there),
                  names=some_of(one.name for one in there), title=title,
                  when=_when(starts_at, ends_at, proposal.timezone))
        advice = _("Move the meeting, or agree with the school on another room.")
        found.append(Conflict("exam" if purpose == "exam" else "room", "critical", text, advice, meeting_id,
                              tuple(one.endpoint_id for one in there)))
    return found


def exam_conflicts(proposal: Proposal, standings: Iterable[Standing]) -> list[Conflict]:
    """Schools that hold examinations at that time, by the school calendar."""
    hits: dict[tuple[datetime, datetime], list[Standing]] = {}
    for standing in standings:
        for starts_at, ends_at in standing.exams:
            if starts_at < proposal.ends_at and proposal.starts_at < ends_at:
                hits.setdefault((starts_at, ends_at), []).append(standing)
    return [
        Conflict("exam", "warning", _n(
            "%(names)s has an examination, %(when)s.", "%(num)d endpoints are at schools with an examination, %(when)s:"
            " %(names)s.", len(there), names=some_of(one.name for one in there),
            when=_when(starts_at, ends_at, proposal.timezone)),
            _("Sound and people on the move disturb it: move the meeting, or ask the schools."), None,
            tuple(one.endpoint_id for one in there))
        for (starts_at, ends_at), there in hits.items()
    ]


def on_its_day(conflict: Conflict, day: Proposal) -> Conflict:
    """What is in the way of a later meeting of the series, with the day of that meeting before it."""
    begin = day.starts_at.astimezone(ZoneInfo(day.timezone))
    language = current_language()
    shown = format_datetime(begin, "dd/MM/yyyy" if language == "vi" else "d MMM yyyy", locale=language)
    return replace(conflict, text=_("The series' meeting of %(day)s: %(text)s", day=shown, text=conflict.text))


def of_findings(findings: Iterable[Finding]) -> list[Conflict]:
    """What planning found about servers and lines, as far as it stands in the meeting's way."""
    return [
        Conflict("line" if one.kind == "line" else "server", one.severity, one.text, one.advice, None, one.endpoint_ids)
        for one in findings if one.severity != "info"
    ]


def worst_conflicts_first(conflicts: Iterable[Conflict]) -> list[Conflict]:
    """In the order in which a person should read them."""
    kinds = list(CONFLICT_KINDS)
    return sorted(conflicts, key=lambda one: (SEVERITIES.index(one.severity), kinds.index(one.kind), one.text))


def address_key(address: str) -> str:
    """An e-mail address as it is compared: without case, blanks and the accents that an input method leaves in it."""
    return fold(address).replace(" ", "")


def _when(starts_at: datetime, ends_at: datetime, timezone: str) -> str:
    """08:00-10:00 on 23/11, in the meeting's zone."""
    zone, language = ZoneInfo(timezone), current_language()
    begin, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    pattern = "HH:mm dd/MM" if language == "vi" else "d MMM HH:mm"
    last = format_time(end, "HH:mm", locale=language) if begin.date() == end.date() else format_datetime(
        end, pattern, locale=language)
    first = format_time(begin, "HH:mm", locale=language) if begin.date() == end.date() else format_datetime(
        begin, pattern, locale=language)
    day = "" if begin.date() != end.date() else " " + format_datetime(
        begin, "dd/MM" if language == "vi" else "d MMM", locale=language)
    return f"{first}–{last}{day}"
