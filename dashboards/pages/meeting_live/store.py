"""Which meetings an account may see live, and the names behind ids."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, func, or_, select

from conference import KioskCommand, Meeting, Participant, live
from core import Scope, Session
from inventory import Endpoint, MeetingServer, MeetingSystem, Site, Unit

LATELY = timedelta(hours=24)


def _within(scope: Scope):  # noqa: ANN202 - a condition
    """Meetings of the scope's units, and those with an endpoint there."""
    if scope.unit_path is None:
        return Meeting.id.is_not(None)
    mine = Unit.path.startswith(scope.unit_path, autoescape=True)
    organises = exists().where(Unit.id == Meeting.unit_id, mine)
    takes_part = exists().where(
        Participant.meeting_id == Meeting.id, Participant.endpoint_id == Endpoint.id, Endpoint.site_id == Site.id,
        Site.unit_id == Unit.id, mine,
    )
    return or_(organises, takes_part)


def find_meeting(session: Session, scope: Scope, meeting_id: int) -> Meeting | None:
    """One meeting, None when there is none in the scope."""
    return session.scalar(select(Meeting).where(Meeting.id == meeting_id, _within(scope)))


def running_in(session: Session, scope: Scope, now: datetime) -> list[Meeting]:
    """Meetings whose room is open now, the largest trouble is the caller's to find."""
    running = live.meetings_running(session, now)
    if scope.unit_path is None or not running:
        return running
    seen = set(session.scalars(select(Meeting.id).where(Meeting.id.in_([one.id for one in running]), _within(scope))))
    return [one for one in running if one.id in seen]


def ended_lately(session: Session, scope: Scope, now: datetime, limit: int = 8) -> Sequence[Meeting]:
    """Meetings of the last day, for their timelines."""
    chosen = select(Meeting).where(
        Meeting.ends_at > now - LATELY, Meeting.starts_at < now, Meeting.state.in_(("ended", "running", "scheduled")),
        _within(scope),
    )
    return session.scalars(chosen.order_by(Meeting.ends_at.desc()).limit(limit)).all()


def endpoint_counts(session: Session, meeting_ids: Collection[int]) -> dict[int, int]:
    """Meeting id to how many endpoints take part."""
    chosen = select(Participant.meeting_id, func.count()).where(
        Participant.meeting_id.in_(list(meeting_ids)), Participant.endpoint_id.is_not(None)
    )
    return dict(session.execute(chosen.group_by(Participant.meeting_id)).all())


def system_of(session: Session, meeting: Meeting) -> MeetingSystem | None:
    """The system that holds the meeting."""
    return session.get(MeetingSystem, meeting.system_id) if meeting.system_id else None


def unit_path_of(session: Session, meeting: Meeting) -> str:
    """The path of the unit that holds the meeting."""
    return session.scalar(select(Unit.path).where(Unit.id == meeting.unit_id)) or "/"


def servers_of(session: Session, meeting: Meeting, kind: str) -> Sequence[MeetingServer]:
    """The enabled servers of one kind of the meeting's system."""
    chosen = select(MeetingServer).where(
        MeetingServer.system_id == meeting.system_id, MeetingServer.kind == kind, MeetingServer.is_enabled
    )
    return session.scalars(chosen.order_by(MeetingServer.name)).all()


def commands_of(session: Session, meeting: Meeting, scope: Scope, limit: int = 100) -> list[tuple[KioskCommand, str]]:
    """The newest commands to the meeting's kiosks that the scope shows, each with the endpoint's name."""
    chosen = (
        select(KioskCommand, Endpoint.name).join(Endpoint, Endpoint.id == KioskCommand.endpoint_id)
        .join(Site, Site.id == Endpoint.site_id).join(Unit, Unit.id == Site.unit_id)
        .where(KioskCommand.meeting_id == meeting.id)
    )  # fmt: skip
    if scope.unit_path is not None:
        chosen = chosen.where(Unit.path.startswith(scope.unit_path, autoescape=True))
    return [(row[0], row[1]) for row in session.execute(chosen.order_by(KioskCommand.id.desc()).limit(limit))]
