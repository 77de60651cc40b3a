"""The lines of a meeting's attendance as lists and papers show them, counted or so far, within a person's scope."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from conference.attendance.counting import AttendanceLine
from conference.attendance.judging import Attended, Rules, Times, judge
from conference.attendance.kpi.formula import OF_KIND
from conference.attendance.kpi.packing import percent_of
from conference.attendance.models import Attendance, MeetingCount, MeetingMinutes
from conference.attendance.settling import attendance_now
from conference.attendance.store.formulas import formula_now
from conference.schedule import Meeting, Participant, is_held_in, visible
from conference.settings import ConferenceSettings
from core import Scope
from inventory import Endpoint, Unit


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `seconds` counts: the corrected ones where a person corrected; `measured` always the measured ones."""

    row_id: int | None
    participant: Participant | None
    name: str
    unit_id: int | None
    unit_name: str
    above_name: str          # the unit above it: the commune or the department
    endpoint_name: str
    state: str
    marks: frozenset[str]
    seconds: int
    measured: int
    server: int
    client: int
    scheduled: int
    first: datetime | None
    last: datetime | None
    spoke: int | None
    connections: int
    linked_by: str
    reason: str
    intervals: tuple[tuple[int, int, str], ...]
    correction: str = ""
    corrected_by: str = ""
    heads: int | None = None
    heads_by: str = ""

    @property
    def percent(self) -> int:
        """Whole percent of the planned minutes."""
        return percent_of(self.seconds, self.scheduled)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A meeting with its lines. `count` None: not counted yet, the lines are what is known so far."""

    meeting: Meeting
    count: MeetingCount | None
    entries: list[Entry]
    rules: Rules
    is_signed: bool
    sees_all: bool


@dataclass(frozen=True, slots=True)
class AboveTotal:
    """Totals of the units below one unit."""

    name: str
    invited: int
    present: int
    partial: int
    absent: int
    excused: int
    percent: float  # mean share of minutes


def rules_of(session: Session, kind: str, settings: ConferenceSettings) -> Rules:
    """From when somebody counts as present at a meeting of this kind, late, or gone early."""
    formula = formula_now(session, OF_KIND.get(kind, "online"))
    return Rules(
        formula.least_percent, timedelta(minutes=settings.attendance_late_minutes),
        timedelta(minutes=settings.attendance_early_minutes),
    )  # fmt: skip


def sheet_of(session: Session, scope: Scope, meeting: Meeting, now: datetime, settings: ConferenceSettings) -> Sheet:
    """A meeting's lines: everybody's for its own people, for others those of their own units."""
    found = session.get(MeetingCount, meeting.id)
    rules = rules_of(session, meeting.kind, settings)
    times = Times(meeting.starts_at, meeting.ends_at, found is not None or now >= meeting.ends_at)
    if found is not None:
        lines: Sequence[Attendance] = session.scalars(
            select(Attendance).where(Attendance.meeting_id == meeting.id).order_by(Attendance.position)
        ).all()
    else:
        threshold = settings.attendance_disagreement_minutes * 60
        lines = [_so_far(line) for line in attendance_now(session, meeting, now, threshold)[1]]
    people = {one.id: one for one in session.scalars(select(Participant).where(Participant.meeting_id == meeting.id))}
    names = _Names(session, [line.unit_id for line in lines], [line.endpoint_id for line in lines])
    sees_all = is_held_in(session, scope, meeting)
    entries = [
        _entry(line, people.get(line.participant_id or 0), names, times, rules)
        for line in lines if sees_all or names.is_in(scope, line.unit_id)
    ]
    signed = session.scalar(select(MeetingMinutes.signed_at).where(MeetingMinutes.meeting_id == meeting.id))
    return Sheet(meeting, found, entries, rules, signed is not None, sees_all)


def _so_far(line: AttendanceLine) -> Attendance:
    """A line that is not written yet, in the shape of a written one."""
    def moment(epoch: float | None) -> datetime | None:
        return None if epoch is None else datetime.fromtimestamp(round(epoch), UTC)

    return Attendance(
        participant_id=line.participant_id, endpoint_id=line.endpoint_id, unit_id=line.unit_id, name=line.name,
        seconds=line.seconds, server_seconds=line.server_seconds, client_seconds=line.client_seconds,
        scheduled_seconds=line.scheduled_seconds, first_joined_at=moment(line.first_joined),
        last_left_at=moment(line.last_left), spoke_seconds=line.spoke_seconds, connections=line.connections,
        linked_by=line.linked_by, reason=line.reason, intervals=json.dumps(line.intervals), correction="",
        corrected_by="", head_count_by="",
    )  # fmt: skip


class _Names:
    """Names of the units, of those above them, and of the endpoints of some lines: two questions in all."""

    def __init__(self, session: Session, unit_ids: Iterable[int | None], endpoint_ids: Iterable[int | None]) -> None:
        own = session.execute(
            select(Unit.id, Unit.name, Unit.path, Unit.parent_id).where(Unit.id.in_({one for one in unit_ids if one}))
        ).all()
        self._units = {row.id: row for row in own}
        above = {row.parent_id for row in own if row.parent_id}
        self._above = dict(session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(above))).all())
        rooms = {one for one in endpoint_ids if one}
        self._endpoints = dict(session.execute(select(Endpoint.id, Endpoint.name).where(Endpoint.id.in_(rooms))).all())

    def is_in(self, scope: Scope, unit_id: int | None) -> bool:
        row = self._units.get(unit_id or 0)
        return row is not None and scope.includes(row.path)

    def unit(self, unit_id: int | None) -> str:
        row = self._units.get(unit_id or 0)
        return row.name if row is not None else ""

    def above(self, unit_id: int | None) -> str:
        row = self._units.get(unit_id or 0)
        return self._above.get(row.parent_id, row.name) if row is not None else ""

    def endpoint(self, endpoint_id: int | None) -> str:
        return self._endpoints.get(endpoint_id or 0, "")


def _entry(line: Attendance, who: Participant | None, names: _Names, times: Times, rules: Rules) -> Entry:
    seconds = line.seconds if line.corrected_seconds is None else line.corrected_seconds
    is_invited = line.participant_id is not None
    attended = Attended(seconds, line.scheduled_seconds, line.first_joined_at, line.last_left_at, is_invited,
                        who is not None and who.excused_at is not None)  # fmt: skip
    state, marks = judge(attended, times, rules)
    return Entry(
        line.id, who, line.name, line.unit_id, names.unit(line.unit_id), names.above(line.unit_id),
        names.endpoint(line.endpoint_id), state, marks, seconds, line.seconds, line.server_seconds,
        line.client_seconds, line.scheduled_seconds, line.first_joined_at, line.last_left_at, line.spoke_seconds,
        line.connections, line.linked_by, line.reason, tuple(tuple(one) for one in json.loads(line.intervals or "[]")),
        line.correction, line.corrected_by, line.head_count, line.head_count_by,
    )  # fmt: skip


def totals_above(entries: Iterable[Entry]) -> list[AboveTotal]:
    """The invited entries counted by the unit above theirs, in order of its name."""
    groups: dict[str, list[Entry]] = {}
    for one in entries:
        if one.state != "uninvited":
            groups.setdefault(one.above_name or "–", []).append(one)
    found = []
    for name, own in sorted(groups.items()):
        words = ("present", "partial", "absent", "excused")
        count = {word: sum(1 for one in own if one.state == word) for word in words}
        found.append(AboveTotal(name, len(own), **count, percent=sum(one.percent for one in own) / len(own) / 100))
    return found


@dataclass(frozen=True, slots=True)
class PastMeeting:
    """A meeting that is over or runs, with what its attendance came to so far."""

    meeting: Meeting
    unit_name: str
    count: MeetingCount | None
    is_signed: bool
    has_minutes: bool


def past_meetings(
    session: Session, scope: Scope, now: datetime, wanted: dict[str, str], page: tuple[int, int]
) -> tuple[list[PastMeeting], int]:
    """(one page of the meetings that have begun, newest first; how many in all). `page`: (offset, limit).

    `wanted`: q (words of the title), kind, state ("counted", "signed", "waiting"), month ("2026-11").
    """
    chosen = (
        select(Meeting, Unit.name, MeetingCount, MeetingMinutes)
        .join(Unit, Unit.id == Meeting.unit_id)
        .outerjoin(MeetingCount, MeetingCount.meeting_id == Meeting.id)
        .outerjoin(MeetingMinutes, MeetingMinutes.meeting_id == Meeting.id)
        .where(Meeting.starts_at <= now, Meeting.state.in_(("scheduled", "running", "ended")), visible(scope))
    )
    if wanted.get("q"):
        chosen = chosen.where(or_(
            Meeting.title.icontains(wanted["q"], autoescape=True), Unit.name.icontains(wanted["q"], autoescape=True)
        ))  # fmt: skip
    if wanted.get("kind"):
        chosen = chosen.where(Meeting.kind == wanted["kind"])
    if wanted.get("month"):
        chosen = chosen.where(MeetingCount.month == wanted["month"])
    match wanted.get("state"):
        case "counted":
            chosen = chosen.where(MeetingCount.meeting_id.is_not(None), MeetingMinutes.signed_at.is_(None))
        case "signed":
            chosen = chosen.where(MeetingMinutes.signed_at.is_not(None))
        case "waiting":
            chosen = chosen.where(MeetingCount.meeting_id.is_(None))
    total = session.scalar(select(func.count()).select_from(chosen.with_only_columns(Meeting.id).subquery())) or 0
    rows = session.execute(chosen.order_by(Meeting.starts_at.desc(), Meeting.id.desc()).offset(page[0]).limit(page[1]))
    return [
        PastMeeting(meeting, unit_name, found, minutes is not None and minutes.signed_at is not None,
                    minutes is not None)
        for meeting, unit_name, found, minutes in rows
    ], total  # fmt: skip


def organiser(session: Session, unit_id: int) -> tuple[str, str]:
    """(name of the unit, name of the one above it)."""
    unit = session.get(Unit, unit_id)
    above = session.get(Unit, unit.parent_id) if unit is not None and unit.parent_id else None
    return (unit.name if unit is not None else "", above.name if above is not None else "")
