"""What the clock does to meetings: rooms are watched from their opening, meetings end, series grow."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update

from collectors import WatchedRoom
from conference.schedule.models import Meeting
from conference.schedule.recurrence import AHEAD
from conference.schedule.store.reading import running_meetings
from conference.schedule.store.rooms import hold_rooms_until, stop_watching, watch
from conference.schedule.store.saving import mark_began
from conference.schedule.store.series import extend_series, unfinished_series
from conference.schedule.times import closes_at, is_over
from conference.schedule.words import ENDED, OPEN_STATES, RUNNING, SCHEDULED
from core import Deed, Session, append_audit
from playbooks import MeetingOrder

A_TURN = 20  # meetings of a series written in one turn: some seconds with 700 endpoints
SLACK = timedelta(days=1)


def open_meetings(session: Session, now: datetime) -> None:
    """Have the rooms looked at of all meetings that are open."""
    for meeting in running_meetings(session, now):
        watch(session, meeting)


def note_sightings(session: Session, now: datetime) -> None:
    """A meeting begins when the server shows somebody in its room, whatever else is heard of it."""
    seen = (
        select(Meeting.id, WatchedRoom.asked_at)
        .join(WatchedRoom, (WatchedRoom.system_id == Meeting.system_id) & (WatchedRoom.room == Meeting.room))
        .where(Meeting.state == SCHEDULED, WatchedRoom.until > now, WatchedRoom.asked_at.is_not(None),
               WatchedRoom.asked_at >= WatchedRoom.since,
               or_(WatchedRoom.main_count > 0, WatchedRoom.visitor_count > 0))
    )  # fmt: skip
    for meeting_id, asked_at in session.execute(seen).all():
        mark_began(session, meeting_id, asked_at)


def hold_running_rooms(session: Session, now: datetime) -> None:
    """A meeting that runs past its end keeps its rooms as long as it may."""
    late = select(Meeting).where(Meeting.state == RUNNING, Meeting.ends_at < now, Meeting.ended_at.is_(None))
    for meeting in session.scalars(late):
        hold_rooms_until(session, meeting.id, closes_at(meeting))


def end_meetings(session: Session, now: datetime) -> None:
    """End what is over. A room that nobody came to ends without a beginning."""
    closed = _closed_by_order(session)
    is_due = or_(Meeting.ends_at < now, Meeting.id.in_(closed)) if closed else Meeting.ends_at < now
    for meeting in session.scalars(select(Meeting).where(Meeting.state.in_(OPEN_STATES), is_due)).all():
        if meeting.id not in closed and not is_over(meeting, now):
            continue
        ended_at = meeting.ended_at or closed.get(meeting.id) or min(now, closes_at(meeting))
        # Of several workers one ends it
        ended = session.execute(
            update(Meeting).where(Meeting.id == meeting.id, Meeting.state.in_(OPEN_STATES))
            .values(state=ENDED, ended_at=ended_at)
        ).rowcount  # fmt: skip
        if not ended:
            continue
        hold_rooms_until(session, meeting.id, max(meeting.starts_at, min(meeting.ends_at, ended_at)))
        stop_watching(session, meeting, now)
        append_audit(session, Deed("schedule", "meeting.end", "meeting", meeting.id, meeting.title,
                                   {"began_at": meeting.began_at, "ended_at": ended_at}), now)  # fmt: skip


def _closed_by_order(session: Session) -> dict[int, datetime]:
    """Meetings that somebody ended for all after they began, and when: nobody may come in again, time left or not.

    A room that is emptied before the start (after a rehearsal) is only emptied.
    """
    told = (
        select(Meeting.id, func.max(MeetingOrder.done_at))
        .join(MeetingOrder, MeetingOrder.meeting_id == Meeting.id)
        .where(Meeting.state == RUNNING, MeetingOrder.verb == "end_meeting", MeetingOrder.state == "done",
               MeetingOrder.done_at >= Meeting.starts_at)
        .group_by(Meeting.id)
    )  # fmt: skip
    return {row[0]: row[1] for row in session.execute(told)}


def write_ahead(session: Session, now: datetime) -> None:
    """Write some missing meetings of one series."""
    for series in unfinished_series(session, now + AHEAD - SLACK)[:1]:
        extend_series(session, series, now + AHEAD, A_TURN)
