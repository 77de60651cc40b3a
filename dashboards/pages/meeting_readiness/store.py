"""Which meetings' readiness an account may see."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select

from conference import Meeting, Participant, schedule
from core import Scope, Session

AHEAD, BEHIND = timedelta(days=14), timedelta(minutes=30)


def find_meeting(session: Session, scope: Scope, meeting_id: int) -> Meeting | None:
    """One meeting, None when there is none in the scope."""
    return session.scalar(select(Meeting).where(Meeting.id == meeting_id, schedule.visible(scope)))


def coming_in(session: Session, scope: Scope, now: datetime, limit: int = 60) -> Sequence[Meeting]:
    """Meetings to be made ready, by start."""
    chosen = select(Meeting).where(
        Meeting.state.in_(schedule.OPEN_STATES), Meeting.starts_at > now - BEHIND, Meeting.starts_at < now + AHEAD,
        schedule.visible(scope),
    )
    return session.scalars(chosen.order_by(Meeting.starts_at, Meeting.id).limit(limit)).all()


def endpoint_counts(session: Session, meeting_ids: Collection[int]) -> dict[int, int]:
    """Meeting id to how many endpoints take part."""
    chosen = select(Participant.meeting_id, func.count()).where(
        Participant.meeting_id.in_(list(meeting_ids)), Participant.endpoint_id.is_not(None)
    )
    return dict(session.execute(chosen.group_by(Participant.meeting_id)).all())
