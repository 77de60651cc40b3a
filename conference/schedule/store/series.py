"""Series: the meetings of a rule written as rows of their own, some at once, the rest by the schedule's loop."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, or_, select

from conference.schedule.codes import invite_code, join_code, room_name
from conference.schedule.drafts import MeetingDraft
from conference.schedule.models import AgendaItem, Meeting, MeetingSeries, Participant
from conference.schedule.recurrence import AHEAD, RuleProblem, ended_before, is_same_rule, moments
from conference.schedule.store.rooms import take_rooms
from conference.schedule.words import CANCELLED, ONE, REFUSED
from core import Session

A_SECOND = timedelta(seconds=1)
AT_ONCE = timedelta(days=62)  # written when the series is made; the loop writes the rest
COPIED = ("uid", "title", "kind", "state", "unit_id", "system_id", "description", "timezone", "opens_minutes",
          "overrun_minutes", "is_recorded", "is_streamed", "stream_url", "sealed_stream_key", "is_important", "plan",
          "series_id", "sequence", "created_by", "submitted_at", "decided_by", "decided_at", "decision_note",
          "approved_count")  # fmt: skip
COPIED_PARTICIPANT = ("kind", "unit_id", "endpoint_id", "name", "email", "phone", "subject", "role", "mode",
                      "is_required", "position")  # fmt: skip
COPIED_ITEM = ("position", "offset_minutes", "minutes", "title")


def begin_series(session: Session, first: Meeting, rule: str, now: datetime) -> MeetingSeries:
    """Make the series of a meeting that was just written; it moves to the rule's first moment."""
    length = first.ends_at - first.starts_at
    series = MeetingSeries(
        uid=first.uid, rule=rule, starts_at=first.starts_at, minutes=int(length / timedelta(minutes=1)),
        timezone=first.timezone, sequence=first.sequence,
    )  # fmt: skip
    session.add(series)
    session.flush()
    start = moments(rule, first.starts_at, first.timezone, first.starts_at + AHEAD)[0]
    first.series_id, first.occurrence_at = series.id, start
    first.starts_at, first.ends_at = start, start + length
    session.flush()
    extend_series(session, series, max(now, first.starts_at) + AT_ONCE)
    return series


def excluded_of(series: MeetingSeries) -> list[datetime]:
    """The moments taken out of a series (EXDATE)."""
    return [datetime.fromisoformat(text) for text in json.loads(series.excluded)]


def exclude(series: MeetingSeries, moment: datetime, is_out: bool = True) -> None:
    """Take a moment out of a series, or put it back."""
    kept = {one.astimezone(UTC) for one in excluded_of(series)} - {moment.astimezone(UTC)}
    if is_out:
        kept.add(moment.astimezone(UTC))
    series.excluded = json.dumps([one.isoformat() for one in sorted(kept)])


def end_series(session: Session, series: MeetingSeries) -> None:
    """End the rule with the last meeting that is not cancelled or refused; when none is left, with the first."""
    held = select(func.max(Meeting.occurrence_at)).where(
        Meeting.series_id == series.id, Meeting.state.notin_((CANCELLED, REFUSED)))
    first = select(func.min(Meeting.occurrence_at)).where(Meeting.series_id == series.id)
    last = session.scalar(held) or session.scalar(first)
    if last is not None:
        series.rule = ended_before(series.rule, last + A_SECOND)
        series.sequence += 1
        session.flush()


def reach(series: MeetingSeries, moment: datetime) -> None:
    """A meeting was put back that lies after the end of its series: the rule lasts up to it, and no longer."""
    longer = ended_before(series.rule, moment + A_SECOND)
    if moment not in moments(series.rule, series.starts_at, series.timezone, moment) and moment in moments(
        longer, series.starts_at, series.timezone, moment
    ):
        series.rule = longer
        series.sequence += 1


def extend_series(session: Session, series: MeetingSeries, until: datetime, limit: int | None = None) -> int:
    """Write the missing meetings up to `until`, at most `limit`; how many were written. They copy the pattern's state.
    """
    pattern = pattern_of(session, series.id)
    if pattern is None:
        series.materialized_until = until
        return 0
    known = set(session.scalars(select(Meeting.occurrence_at).where(Meeting.series_id == series.id)))
    due = moments(series.rule, series.starts_at, series.timezone, until, excluded_of(series))
    since = series.materialized_until or datetime.min.replace(tzinfo=UTC)
    missing = [one for one in due if one not in known and one > since]
    written = missing if limit is None else missing[:limit]
    if written:
        copies_of(session, pattern, series, written)
    series.materialized_until = until if len(written) == len(missing) else written[-1]
    session.flush()
    return len(written)


def draft_moments(session: Session, draft: MeetingDraft, meeting: Meeting | None, span: str) -> list[datetime]:
    """When the meetings of a draft begin, the first included. `meeting`, `span`: what it changes.

    A series that keeps its rule keeps its days, moved as the meeting is; a rule that cannot be read repeats nothing.
    """
    series = session.get(MeetingSeries, meeting.series_id) if meeting is not None and meeting.series_id else None
    if meeting is None or series is None:
        try:
            found = draft.rule and moments(draft.rule, draft.starts_at, draft.timezone, draft.starts_at + AHEAD)
        except RuleProblem:
            found = []
        return list(found) or [draft.starts_at]
    if span == ONE:
        return [draft.starts_at]
    if is_same_rule(draft.rule or series.rule, series.rule, meeting.starts_at, series.timezone):
        begin, by = meeting.occurrence_at or meeting.starts_at, draft.starts_at - meeting.starts_at
        due = moments(series.rule, series.starts_at, series.timezone, begin + AHEAD, excluded_of(series))
        return [one + by for one in due if one >= begin] or [draft.starts_at]
    return moments(draft.rule, draft.starts_at, draft.timezone, draft.starts_at + AHEAD) or [draft.starts_at]


def pattern_of(session: Session, series_id: int) -> Meeting | None:
    """The meeting that further ones are copied from: the last that was not changed alone or cancelled."""
    return session.scalar(
        select(Meeting)
        .where(Meeting.series_id == series_id, Meeting.is_exception.is_(False), Meeting.state != CANCELLED)
        .order_by(Meeting.occurrence_at.desc()).limit(1)
    )  # fmt: skip


def copies_of(session: Session, pattern: Meeting, series: MeetingSeries, starts: Sequence[datetime]) -> list[Meeting]:
    """Meetings like the pattern at other moments, with rooms and codes of their own, without excuses and replies."""
    zone, length = ZoneInfo(series.timezone), timedelta(minutes=series.minutes)
    same = {name: getattr(pattern, name) for name in COPIED}
    if same["state"] in ("running", "ended"):
        same["state"] = "scheduled"
    made = [
        Meeting(room=room_name(pattern.title, start.astimezone(zone).date()), join_code=join_code(), starts_at=start,
                ends_at=start + length, occurrence_at=start, created_at=pattern.created_at,
                updated_at=pattern.updated_at, **same)
        for start in starts
    ]  # fmt: skip
    session.add_all(made)
    session.flush()
    people = list(session.scalars(select(Participant).where(Participant.meeting_id == pattern.id)))
    rows = [
        {**{name: getattr(one, name) for name in COPIED_PARTICIPANT}, "meeting_id": meeting.id,
         "invite_code": invite_code(), "reply": "needs-action"}
        for meeting in made for one in people
    ]  # fmt: skip
    if rows:
        session.execute(insert(Participant), rows)
    _copy_agenda(session, pattern, [meeting.id for meeting in made])
    take_rooms(session, made)
    return made


def _copy_agenda(session: Session, pattern: Meeting, meeting_ids: Collection[int]) -> None:
    items = list(session.scalars(select(AgendaItem).where(AgendaItem.meeting_id == pattern.id)))
    if not items:
        return
    subjects = dict(session.execute(
        select(Participant.id, Participant.subject).where(Participant.meeting_id == pattern.id)
    ).all())  # fmt: skip
    speakers = {subjects[item.participant_id] for item in items if item.participant_id in subjects}
    found = select(Participant.meeting_id, Participant.subject, Participant.id).where(
        Participant.meeting_id.in_(meeting_ids), Participant.subject.in_(speakers)
    )
    ids = {(meeting_id, subject): number for meeting_id, subject, number in session.execute(found)}
    session.execute(insert(AgendaItem), [
        {**{name: getattr(item, name) for name in COPIED_ITEM}, "meeting_id": meeting_id,
         "participant_id": ids.get((meeting_id, subjects.get(item.participant_id or 0, "")))}
        for meeting_id in meeting_ids for item in items
    ])  # fmt: skip


def unfinished_series(session: Session, until: datetime) -> list[MeetingSeries]:
    """The series whose meetings are not yet written up to `until`, the shortest first."""
    short = or_(MeetingSeries.materialized_until.is_(None), MeetingSeries.materialized_until < until)
    return list(session.scalars(select(MeetingSeries).where(short).order_by(MeetingSeries.materialized_until)))
