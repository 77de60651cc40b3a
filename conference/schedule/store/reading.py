"""Meetings read: by time, by room, by code; their participants, endpoints and agenda; what a scope shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select, true

from conference.schedule.models import AgendaItem, Meeting, MeetingSeries, Participant
from conference.schedule.times import closes_at, opens_at
from conference.schedule.words import CANCELLED, OPEN_STATES, UNTOLD_STATES
from core import Scope, Session
from inventory import Endpoint, MeetingSystem, NotFound, Site, Unit

# No meeting is longer than its planned hours, opening and overrun together (drafts.py)
WIDEST = timedelta(hours=30)


@dataclass(frozen=True, slots=True)
class MeetingEndpoint:
    """An endpoint that takes part, with what other rooms ask for."""

    endpoint_id: int
    participant_id: int
    site_id: int
    unit_id: int
    name: str          # as shown in the meeting
    code: str
    role: str
    mode: str
    subject: str
    room_id: int | None
    link_id: int | None
    is_excused: bool
    path: str          # of its unit


def visible(scope: Scope) -> ColumnElement[bool]:
    """The condition that a scope shows a meeting: it is held there, or somebody from there is invited to it by now."""
    if scope.unit_path is None:
        return true()
    units = select(Unit.id).where(Unit.path.startswith(scope.unit_path, autoescape=True))
    invited = select(Participant.meeting_id).where(Participant.unit_id.in_(units))
    return or_(Meeting.unit_id.in_(units), Meeting.id.in_(invited) & Meeting.state.notin_(UNTOLD_STATES))


def find_meeting(session: Session, scope: Scope, meeting_id: int) -> Meeting:
    """The meeting, if the scope shows it. Raises NotFound."""
    found = session.scalar(select(Meeting).where(Meeting.id == meeting_id, visible(scope)))
    if found is None:
        raise NotFound(f"meeting {meeting_id}")
    return found


def is_held_in(session: Session, scope: Scope, meeting: Meeting) -> bool:
    """Whether the meeting belongs to the scope itself, so that its people may change it and see everybody."""
    path = session.scalar(select(Unit.path).where(Unit.id == meeting.unit_id))
    return path is not None and scope.includes(path)


def participants_of(session: Session, meeting_id: int, scope: Scope | None = None) -> list[Participant]:
    """Everybody of a meeting in order; with a scope only those from there."""
    chosen = select(Participant).where(Participant.meeting_id == meeting_id)
    if scope is not None and scope.unit_path is not None:
        units = select(Unit.id).where(Unit.path.startswith(scope.unit_path, autoescape=True))
        chosen = chosen.where(Participant.unit_id.in_(units))
    return list(session.scalars(chosen.order_by(Participant.position, Participant.id)))


def endpoints_of(session: Session, meeting_id: int) -> list[MeetingEndpoint]:
    """The endpoints of a meeting in order, each once."""
    return endpoints_of_meetings(session, [meeting_id]).get(meeting_id, [])


def endpoints_of_meetings(session: Session, meeting_ids: Collection[int]) -> dict[int, list[MeetingEndpoint]]:
    """Meeting id to its endpoints, in one query."""
    columns = (Participant.meeting_id, Endpoint.id, Participant.id, Endpoint.site_id, Site.unit_id, Participant.name,
               Endpoint.code, Participant.role, Participant.mode, Participant.subject, Endpoint.room_id,
               Endpoint.link_id, Participant.excused_at, Unit.path)  # fmt: skip
    chosen = (
        select(*columns).join(Endpoint, Endpoint.id == Participant.endpoint_id)
        .join(Site, Site.id == Endpoint.site_id).join(Unit, Unit.id == Site.unit_id)
        .where(Participant.meeting_id.in_(meeting_ids))
        .order_by(Participant.meeting_id, Participant.position, Participant.id)
    )  # fmt: skip
    found: dict[int, list[MeetingEndpoint]] = {}
    for meeting_id, *values, excused_at, path in session.execute(chosen):
        found.setdefault(meeting_id, []).append(MeetingEndpoint(*values, excused_at is not None, path))
    return found


def agenda_of(session: Session, meeting_id: int) -> list[AgendaItem]:
    """The agenda in order."""
    chosen = select(AgendaItem).where(AgendaItem.meeting_id == meeting_id)
    return list(session.scalars(chosen.order_by(AgendaItem.offset_minutes, AgendaItem.position)))


def meetings_between(session: Session, scope: Scope, start: datetime, end: datetime) -> list[Meeting]:
    """The meetings that a scope shows and that touch [start, end), by start."""
    chosen = select(Meeting).where(Meeting.starts_at < end, Meeting.ends_at > start, visible(scope))
    return list(session.scalars(chosen.order_by(Meeting.starts_at, Meeting.id)))


def running_meetings(session: Session, now: datetime) -> list[Meeting]:
    """The meetings whose room is open: from opens_at until closes_at, scheduled or running."""
    chosen = select(Meeting).where(
        Meeting.state.in_(OPEN_STATES), Meeting.starts_at < now + WIDEST, Meeting.ends_at > now - WIDEST
    )
    found = session.scalars(chosen.order_by(Meeting.starts_at, Meeting.id))
    return [meeting for meeting in found if opens_at(meeting) <= now <= closes_at(meeting)]


def coming_meetings(session: Session, now: datetime, ahead: timedelta) -> list[Meeting]:
    """Scheduled or running meetings that are not over and start within `ahead`, by start."""
    chosen = select(Meeting).where(
        Meeting.state.in_(OPEN_STATES), Meeting.starts_at <= now + ahead, Meeting.ends_at > now - WIDEST
    )
    return [one for one in session.scalars(chosen.order_by(Meeting.starts_at, Meeting.id)) if closes_at(one) >= now]


def meeting_of_room(session: Session, system_id: int, room: str) -> Meeting | None:
    """The meeting of a MUC node as a server names it: the case does not matter, "[tenant]" before it is cut off."""
    node = room.partition("@")[0].strip().lower()
    if node.startswith("["):
        node = node.partition("]")[2]
    return session.scalar(select(Meeting).where(Meeting.system_id == system_id, Meeting.room == node))


def meeting_of_join_code(session: Session, code: str) -> Meeting | None:
    """The meeting of a join address; codes are lower case."""
    return session.scalar(select(Meeting).where(Meeting.join_code == code.strip().lower()))


def participant_of_invite_code(session: Session, code: str) -> tuple[Meeting, Participant] | None:
    """The meeting and participant of a personal join address."""
    row = session.execute(
        select(Meeting, Participant).join(Participant, Participant.meeting_id == Meeting.id)
        .where(Participant.invite_code == code)
    ).first()  # fmt: skip
    return (row[0], row[1]) if row else None


def system_of(session: Session, meeting: Meeting) -> MeetingSystem | None:
    """The installation a meeting is held on."""
    return session.get(MeetingSystem, meeting.system_id) if meeting.system_id is not None else None


def series_of(session: Session, meeting: Meeting) -> MeetingSeries | None:
    """The series of a meeting, None for a single one."""
    return session.get(MeetingSeries, meeting.series_id) if meeting.series_id is not None else None


def occurrences_of(session: Session, series_id: int, since: datetime | None = None) -> list[Meeting]:
    """The meetings of a series by start."""
    chosen = select(Meeting).where(Meeting.series_id == series_id)
    if since is not None:
        chosen = chosen.where(Meeting.starts_at >= since)
    return list(session.scalars(chosen.order_by(Meeting.starts_at)))


def meetings_of_endpoint(session: Session, endpoint_id: int, start: datetime, end: datetime) -> list[Meeting]:
    """What an endpoint takes part in, without drafts and cancelled ones."""
    chosen = (
        select(Meeting).join(Participant, Participant.meeting_id == Meeting.id)
        .where(Participant.endpoint_id == endpoint_id, Meeting.starts_at < end, Meeting.ends_at > start,
               Meeting.state.notin_((CANCELLED, *UNTOLD_STATES)))
        .order_by(Meeting.starts_at)
    )  # fmt: skip
    return list(session.scalars(chosen))


def counts_of(session: Session, meeting_ids: Sequence[int]) -> Mapping[int, Counter[str]]:
    """Meeting id to how many take part: "all", "endpoints", and by reply ("accepted", ...)."""
    found: dict[int, Counter[str]] = {meeting_id: Counter() for meeting_id in meeting_ids}
    if not found:
        return found
    grouped = select(
        Participant.meeting_id, Participant.reply, func.count(), func.count(Participant.endpoint_id)
    ).where(Participant.meeting_id.in_(found)).group_by(Participant.meeting_id, Participant.reply)
    for meeting_id, reply, people, endpoints in session.execute(grouped):
        found[meeting_id][reply] += people
        found[meeting_id]["all"] += people
        found[meeting_id]["endpoints"] += endpoints
    return found
