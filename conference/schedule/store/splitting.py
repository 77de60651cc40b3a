"""A series planned anew from one of its meetings on: what was held stays as it was, the coming meetings are moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from conference.schedule.codes import meeting_uid
from conference.schedule.drafts import MeetingDraft
from conference.schedule.models import Meeting, MeetingSeries
from conference.schedule.recurrence import AHEAD, ended_before, is_same_rule, moments, moved_days, read_rule, rule_of
from conference.schedule.store.rooms import give_back
from conference.schedule.store.series import exclude, excluded_of
from conference.schedule.words import CANCELLED, ENDED, FOLLOWING, ONE
from core import Session
from core import gettext as _


def coming_of(session: Session, meeting: Meeting, now: datetime, span: str) -> list[Meeting]:
    """The meetings that a change of this span concerns: those that are over or were changed alone stay as they are."""
    if meeting.series_id is None or span == ONE:
        return [meeting]
    since = meeting.starts_at if span == FOLLOWING else now
    chosen = select(Meeting).where(
        Meeting.series_id == meeting.series_id, Meeting.starts_at >= since, Meeting.is_exception.is_(False),
        Meeting.state.notin_((CANCELLED, ENDED)), Meeting.id != meeting.id,
    )  # fmt: skip
    return [meeting, *session.scalars(chosen.order_by(Meeting.starts_at))]


def replan(session: Session, meeting: Meeting, draft: MeetingDraft, now: datetime, span: str) -> list[Meeting]:
    """Give the coming meetings of a series the draft's rule and time of day; the meetings, this one first.

    With meetings before them the series is cut: the old one ends (UNTIL), a new one with a UID of its own goes on, as
    calendars understand a change of "this and the following" best. Meetings that the new rule has no place for are
    cancelled; those it has more are the caller's to write (extend_series), after the pattern was changed.
    """
    changed = sorted(coming_of(session, meeting, now, span), key=lambda one: one.starts_at)
    series = session.get_one(MeetingSeries, meeting.series_id)
    anchor = changed[0]
    cut = anchor.occurrence_at or anchor.starts_at
    begin = anchor.starts_at + (draft.starts_at - meeting.starts_at)
    is_same = is_same_rule(draft.rule or series.rule, series.rule, meeting.starts_at, series.timezone)
    rule = _moved_rule(session, series, anchor, begin) if is_same else draft.rule
    kept = _begin_anew(session, series, cut, rule, begin)
    kept.starts_at, kept.rule, kept.timezone = begin, rule, draft.timezone
    kept.minutes = int(draft.length / timedelta(minutes=1))
    kept.sequence += 1
    _move_excluded(series, kept, cut, begin - cut if is_same else None)
    _place(session, kept, changed, draft, max(now, begin))
    for one in changed:
        one.uid = kept.uid
    changed.remove(meeting)
    return [meeting, *(one for one in changed if one.state != CANCELLED)]


def _moved_rule(session: Session, series: MeetingSeries, anchor: Meeting, begin: datetime) -> str:
    """The same rule for another day: its weekday or day of the month goes along; a count is what is left of it."""
    repeat = read_rule(series.rule, series.timezone)
    zone = ZoneInfo(series.timezone)
    cut = anchor.occurrence_at or anchor.starts_at
    by = (begin.astimezone(zone).date() - cut.astimezone(zone).date()).days
    if repeat.count is not None:
        held = moments(series.rule, series.starts_at, series.timezone, cut - timedelta(seconds=1))
        repeat = replace(repeat, count=max(1, repeat.count - len(held)))
    if by and repeat.days:
        repeat = replace(repeat, days=moved_days(repeat.days, by))
    if by and repeat.month_day:
        repeat = replace(repeat, month_day=begin.astimezone(zone).day)
    return rule_of(repeat, series.timezone)


def _begin_anew(session: Session, series: MeetingSeries, cut: datetime, rule: str, begin: datetime) -> MeetingSeries:
    """The series itself when nothing of it lies before the cut, else a new one that takes the later meetings over."""
    earlier = session.scalar(
        select(func.count()).select_from(Meeting)
        .where(Meeting.series_id == series.id, Meeting.occurrence_at < cut)
    )  # fmt: skip
    later = list(session.scalars(
        select(Meeting).where(Meeting.series_id == series.id, Meeting.occurrence_at >= cut)
    ))  # fmt: skip
    new = series
    if earlier:
        new = MeetingSeries(uid=meeting_uid(), rule=rule, starts_at=begin, minutes=series.minutes,
                            timezone=series.timezone, sequence=series.sequence)  # fmt: skip
        series.rule = ended_before(series.rule, cut)
        series.sequence += 1
        session.add(new)
        session.flush()
    for one in later:
        one.series_id, one.uid = new.id, new.uid
    session.flush()
    return new


def _move_excluded(old: MeetingSeries, new: MeetingSeries, cut: datetime, by: timedelta | None) -> None:
    moved = [moment for moment in excluded_of(old) if moment >= cut]
    for moment in moved:
        exclude(old, moment, is_out=False)
    for moment in moved if by is not None else ():
        exclude(new, moment + by)


def _place(
    session: Session, series: MeetingSeries, changed: Sequence[Meeting], draft: MeetingDraft, since: datetime
) -> None:
    """Give the meetings the moments of the series, in order; exceptions and cancelled ones keep theirs, if it is free.
    """
    rows = list(session.scalars(select(Meeting).where(Meeting.series_id == series.id)))
    for one in rows:
        one.occurrence_at = None if one in changed else one.occurrence_at
    session.flush()
    alone = {one.occurrence_at for one in rows if one.is_exception and one.occurrence_at is not None}
    until = max(series.starts_at, since) + AHEAD
    free = [one for one in moments(series.rule, series.starts_at, series.timezone, until, excluded_of(series))
            if one not in alone]  # fmt: skip
    taken = {one.occurrence_at: one for one in rows if one not in changed and one.occurrence_at is not None}
    for one, start in zip(changed, free, strict=False):
        if start in taken:  # a cancelled meeting of before stands there
            taken[start].occurrence_at = None
            session.flush()
        one.occurrence_at, one.starts_at, one.ends_at = start, start, start + draft.length
    surplus = list(changed[len(free):])
    for one in surplus:
        one.state, one.cancel_reason = CANCELLED, _("The series was given other days.")
        one.sequence += 1
    give_back(session, [one.id for one in surplus])
    session.flush()
    series.materialized_until = None
