"""Reads what holds of a meeting or series now, and what everybody was told of it, as the pure core wants them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from icalendar import vRecur
from sqlalchemy import select

from conference.capacity import address_key
from conference.invitations.facts import Book, Entry, Facts, Recipient, Told, Wanted, is_address
from conference.invitations.models import Invitation
from conference.invitations.texts import agenda_line
from conference.invitations.words import NOTE, REPLACED
from conference.schedule import OPEN_STATES, AgendaItem, Meeting, MeetingSeries, Participant, moments
from core import Session
from inventory import Unit

UNDECIDED = ("draft", "pending")
ENDED = "ended"
AHEAD = timedelta(days=400)


def told_of(session: Session, uid: str) -> Book:
    """By mailbox and occurrence the last message that was sent or waits to be."""
    found: dict[tuple[str, datetime | None], Told] = {}
    chosen = select(Invitation).where(
        Invitation.uid == uid, Invitation.state != REPLACED, Invitation.method != NOTE).order_by(Invitation.id)
    for row in session.scalars(chosen):
        found[address_key(row.email), row.occurrence_at] = Told(
            row.name, row.email, row.method, row.sequence, row.fingerprint, row.state,
            frozenset(datetime.fromisoformat(text) for text in json.loads(row.excluded)), row.participant_id,
        )
    return found


def wanted_of(session: Session, meeting: Meeting, told: Book, now: datetime) -> Wanted | None:
    """What holds of a meeting's UID; None while it is not decided, or when nothing of it lies ahead."""
    if meeting.series_id is None:
        return _wanted_alone(session, meeting)
    return _wanted_series(session, session.get_one(MeetingSeries, meeting.series_id), told, now)


def _wanted_alone(session: Session, meeting: Meeting) -> Wanted | None:
    if meeting.state in (*UNDECIDED, ENDED):
        return None
    return Wanted(meeting.uid, _Reader(session, [meeting]).entry(meeting, None))


def _wanted_series(session: Session, series: MeetingSeries, told: Book, now: datetime) -> Wanted | None:
    rows = list(session.scalars(
        select(Meeting).where(Meeting.series_id == series.id, Meeting.occurrence_at.is_not(None))
        .order_by(Meeting.occurrence_at)))
    coming = [row for row in rows if row.ends_at > now]
    alive = [row for row in coming if row.state in OPEN_STATES]
    usual = [row for row in alive if not row.is_exception]
    if not rows or (not usual and any(row.state in UNDECIDED for row in coming)) or not coming:
        return None
    held = [row for row in rows if row.ends_at <= now and row.state not in ("cancelled", "refused", *UNDECIDED)]
    base = next(iter(usual), None) or next(iter(alive), None) or next(reversed(held), None) or rows[0]
    exceptions = [row for row in alive if row.is_exception]
    mentioned = {moment for _key, moment in told if moment is not None} | {
        moment for one in told.values() for moment in one.excluded}
    named = [row for row in usual if row.occurrence_at in mentioned]
    reader = _Reader(session, [base, *exceptions, *named])
    facts = replace(reader.facts(base), rule=series.rule, timezone=series.timezone)
    facts = _at_its_beginning(facts, series)
    excluded = _excluded(series, rows, facts)
    off = [row for row in coming if row.state in ("cancelled", "refused")]
    if not alive and held:
        end = min(row.occurrence_at or row.starts_at for row in off) if off else now
        facts = replace(facts, rule=_ended_before(series.rule, end))
        excluded = {moment: entry for moment, entry in excluded.items() if moment < end}
    elif alive and excluded:
        # What lies after the end of the rule is gone with it, except for whom was invited to that one meeting
        left = {moment for _key, moment in told} | set(
            moments(series.rule, series.starts_at, series.timezone, max(excluded)))
        excluded = {moment: entry for moment, entry in excluded.items() if moment in left}
    entry = replace(
        reader.entry(base, None), facts=facts, sequence=series.sequence, is_off=not alive and not held,
        reason=next((row.cancel_reason or row.decision_note for row in off), ""))
    return Wanted(
        series.uid, entry, tuple(reader.entry(row, row.occurrence_at) for row in exceptions),
        {row.occurrence_at: reader.entry(row, row.occurrence_at) for row in named if row.occurrence_at is not None},
        excluded,
    )


def _at_its_beginning(facts: Facts, series: MeetingSeries) -> Facts:
    """DTSTART is the rule's first moment: RFC 5545 section 3.8.5.3 asks for both to agree."""
    first = moments(series.rule, series.starts_at, series.timezone, series.starts_at + AHEAD)
    start = first[0] if first else series.starts_at
    return replace(facts, starts_at=start, ends_at=start + timedelta(minutes=series.minutes))


def _excluded(series: MeetingSeries, rows: Iterable[Meeting], facts: Facts) -> dict[datetime, Entry]:
    """The moments without a meeting, with what is said of each."""
    length = timedelta(minutes=series.minutes)
    off = {row.occurrence_at: row for row in rows if row.state in ("cancelled", "refused") and row.occurrence_at}
    out = {datetime.fromisoformat(text).astimezone(UTC) for text in json.loads(series.excluded)} | set(off)
    found = {}
    for moment in sorted(out):
        row = off.get(moment)
        told = replace(facts, starts_at=moment, ends_at=moment + length, rule="")
        if row is not None:
            told = replace(told, title=row.title)
        found[moment] = Entry(
            row.id if row else 0, told, row.sequence if row else series.sequence, {}, moment, is_off=True,
            reason=row.cancel_reason if row else "")
    return found


def _ended_before(rule: str, moment: datetime) -> str:
    """The rule without a meeting at `moment` or later."""
    parts = vRecur.from_ical(rule)
    until = (moment - timedelta(seconds=1)).astimezone(UTC)
    known = parts.get("UNTIL")
    if known and isinstance(known[0], datetime) and known[0].astimezone(UTC) <= until:
        return rule
    parts.pop("COUNT", None)
    parts["UNTIL"] = [until]
    return parts.to_ical().decode()


class _Reader:
    """Participants, agendas and unit names of some meetings, each read at once."""

    def __init__(self, session: Session, meetings: Sequence[Meeting]) -> None:
        ids = sorted({meeting.id for meeting in meetings})
        self._people: defaultdict[int, list[Participant]] = defaultdict(list)
        for one in session.scalars(
            select(Participant).where(Participant.meeting_id.in_(ids)).order_by(Participant.position, Participant.id)
        ):
            self._people[one.meeting_id].append(one)
        self._items: defaultdict[int, list[AgendaItem]] = defaultdict(list)
        for item in session.scalars(
            select(AgendaItem).where(AgendaItem.meeting_id.in_(ids)).order_by(AgendaItem.position)
        ):
            self._items[item.meeting_id].append(item)
        units = {meeting.unit_id for meeting in meetings}
        self._units = dict(session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(units))).all())

    def facts(self, meeting: Meeting) -> Facts:
        """What a recipient is told of a meeting."""
        names = {one.id: one.name for one in self._people[meeting.id]}
        agenda = tuple(
            agenda_line(meeting.starts_at, meeting.timezone, item.offset_minutes, item.title,
                        names.get(item.participant_id or 0, ""))
            for item in self._items[meeting.id]
        )
        return Facts(
            meeting.title, meeting.starts_at, meeting.ends_at, meeting.timezone, meeting.description,
            self._units.get(meeting.unit_id, ""), agenda, meeting.stream_url if meeting.is_streamed else "", "",
            meeting.rehearses_id is not None,
        )

    def entry(self, meeting: Meeting, occurrence_at: datetime | None) -> Entry:
        """A meeting as an entry of calendars."""
        return Entry(
            meeting.id, self.facts(meeting), meeting.sequence, recipients_of(self._people[meeting.id]), occurrence_at,
            meeting.state in ("cancelled", "refused"), meeting.cancel_reason or meeting.decision_note,
        )


def recipients_of(people: Iterable[Participant]) -> Mapping[str, Recipient]:
    """Each mailbox once; the first participant that names it."""
    found: dict[str, Recipient] = {}
    for one in people:
        if is_address(one.email):
            found.setdefault(address_key(one.email), Recipient(
                one.email, one.name, one.id, one.kind, one.role, one.mode, one.invite_code))
    return found


def entry_of(session: Session, meeting: Meeting) -> Entry:
    """One meeting by itself, with its recipients."""
    return _Reader(session, [meeting]).entry(meeting, None)


def facts_of(session: Session, meetings: Sequence[Meeting]) -> dict[int, Facts]:
    """Meeting id -> what is told of it, for many at once."""
    reader = _Reader(session, meetings)
    return {meeting.id: reader.facts(meeting) for meeting in meetings}


def changed_meetings(session: Session, since: datetime | None, until: datetime, now: datetime) -> list[Meeting]:
    """Meetings that lie ahead and were changed in (since, until], one of each UID, the nearest first."""
    chosen = select(Meeting).where(Meeting.ends_at > now, Meeting.updated_at <= until, Meeting.state != "draft")
    if since is not None:
        chosen = chosen.where(Meeting.updated_at > since)
    found: dict[object, Meeting] = {}
    for row in session.scalars(chosen.order_by(Meeting.starts_at, Meeting.id)):
        found.setdefault(row.series_id or row.uid, row)
    return list(found.values())


def uid_of(session: Session, meeting: Meeting) -> str:
    """The UID under which a meeting's invitations go."""
    if meeting.series_id is None:
        return meeting.uid
    return session.scalar(select(MeetingSeries.uid).where(MeetingSeries.id == meeting.series_id)) or meeting.uid


def meetings_named(session: Session, ids: Collection[int]) -> list[Meeting]:
    """Meetings by id."""
    return list(session.scalars(select(Meeting).where(Meeting.id.in_(ids))))
