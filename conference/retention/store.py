"""Takes rows of meetings away that are older than they are kept. Attendance, minutes, tasks and meetings stay.

Whatever a count reads goes only after the meeting was counted, or when it never will be; from then on the count stands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, and_, delete, exists, or_, select, update

from collectors import MeetingServerQuestion, RoomSighting, WatchedRoom
from conference.attendance import GONE, MeetingCount
from conference.invitations import Invitation, InvitationReply, Reminder
from conference.jitsi import RoomEvent, RoomReservation
from conference.kiosk import KioskCommand, KioskSpell
from conference.live import LiveNote, LiveSpell
from conference.readiness import Readiness, ReadinessCall
from conference.schedule import Meeting
from core import Session
from playbooks import MeetingOrder

HELD_STATES = ("scheduled", "running", "ended")  # what is counted sooner or later


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """Before which moment each kind of trace goes: of meetings by their planned end, of the rest by its own time."""

    evidence: datetime
    live: datetime
    readiness: datetime
    invitations: datetime
    commands: datetime

    @property
    def counting(self) -> datetime:
        """Meetings that ended before this have lost something that a count reads."""
        return max(self.evidence, self.live, self.readiness)


def hold_counts(session: Session, cutoffs: Cutoffs) -> int:
    """Mark the counts of meetings whose evidence goes now, so that nobody counts them again; how many."""
    old = select(Meeting.id).where(Meeting.ends_at < cutoffs.counting)
    due = update(MeetingCount).where(MeetingCount.evidence != GONE, MeetingCount.meeting_id.in_(old))
    marked = session.execute(
        due.values(evidence=GONE),
        execution_options={"synchronize_session": False},
    )
    assert isinstance(marked, CursorResult)
    return marked.rowcount


def _over(before: datetime) -> Any:
    """Numbers of the meetings that ended before, and that are counted or never will be."""
    counted = exists().where(MeetingCount.meeting_id == Meeting.id)
    return select(Meeting.id).where(Meeting.ends_at < before, or_(counted, Meeting.state.not_in(HELD_STATES)))


def _uncounted_room(system_id: Any, room: Any) -> ColumnElement[bool]:
    """Whether the room belongs to a meeting that is still to be counted."""
    counted = exists().where(MeetingCount.meeting_id == Meeting.id)
    is_held = Meeting.state.in_(HELD_STATES)
    return exists().where(Meeting.system_id == system_id, Meeting.room == room, is_held, ~counted)


def _events(cutoffs: Cutoffs) -> ColumnElement[bool]:
    loose = and_(RoomEvent.meeting_id.is_(None), RoomEvent.received_at < cutoffs.evidence,
                 ~_uncounted_room(RoomEvent.system_id, RoomEvent.room))  # fmt: skip
    return or_(RoomEvent.meeting_id.in_(_over(cutoffs.evidence)), loose)


def _old_rooms(cutoffs: Cutoffs) -> ColumnElement[bool]:
    return and_(WatchedRoom.until < cutoffs.evidence, ~_uncounted_room(WatchedRoom.system_id, WatchedRoom.room))


def _sightings(cutoffs: Cutoffs) -> ColumnElement[bool]:
    return RoomSighting.watched_id.in_(select(WatchedRoom.id).where(_old_rooms(cutoffs)))


def _rooms(cutoffs: Cutoffs) -> ColumnElement[bool]:
    return and_(_old_rooms(cutoffs), ~exists().where(RoomSighting.watched_id == WatchedRoom.id))


def _invitations(cutoffs: Cutoffs) -> ColumnElement[bool]:
    """Of a series none goes while one of its meetings lies ahead: they say what each recipient knows."""
    alive = select(Meeting.series_id).where(Meeting.ends_at >= cutoffs.invitations, Meeting.series_id.is_not(None))
    over = select(Meeting.id).where(
        Meeting.ends_at < cutoffs.invitations, or_(Meeting.series_id.is_(None), Meeting.series_id.not_in(alive))
    )
    return Invitation.meeting_id.in_(over)


def _past(model: Any, before: Callable[[Cutoffs], datetime]) -> Callable[[Cutoffs], ColumnElement[bool]]:
    return lambda cutoffs: model.meeting_id.in_(_over(before(cutoffs)))


def _older(moment: Any, before: Callable[[Cutoffs], datetime]) -> Callable[[Cutoffs], ColumnElement[bool]]:
    return lambda cutoffs: moment < before(cutoffs)


# kind -> (table, which of its rows go)
KINDS: dict[str, tuple[Any, Callable[[Cutoffs], ColumnElement[bool]]]] = {
    "events": (RoomEvent, _events),
    "reservations": (RoomReservation, _past(RoomReservation, lambda at: at.evidence)),
    "sightings": (RoomSighting, _sightings),
    "watched_rooms": (WatchedRoom, _rooms),
    "kiosk_spells": (KioskSpell, _past(KioskSpell, lambda at: at.evidence)),
    "server_orders": (MeetingOrder, _older(MeetingOrder.ordered_at, lambda at: min(at.commands, at.evidence))),
    "live_spells": (LiveSpell, _past(LiveSpell, lambda at: at.live)),
    "live_notes": (LiveNote, _past(LiveNote, lambda at: at.live)),
    "readiness": (Readiness, _past(Readiness, lambda at: at.readiness)),
    "readiness_calls": (ReadinessCall, _past(ReadinessCall, lambda at: at.readiness)),
    "invitations": (Invitation, _invitations),
    "replies": (InvitationReply, _older(InvitationReply.received_at, lambda at: at.invitations)),
    "reminders": (Reminder, _past(Reminder, lambda at: at.invitations)),
    "kiosk_commands": (KioskCommand, _older(KioskCommand.asked_at, lambda at: at.commands)),
    "server_questions": (MeetingServerQuestion, _older(MeetingServerQuestion.asked_at, lambda at: at.commands)),
}


def forget(session: Session, kind: str, cutoffs: Cutoffs, limit: int) -> int:
    """Remove at most `limit` rows of a kind, the oldest numbers first; how many went."""
    model, which = KINDS[kind]
    old = select(model.id).where(which(cutoffs)).order_by(model.id).limit(limit)
    ids = list(session.scalars(old))
    session.execute(delete(model).where(model.id.in_(ids)), execution_options={"synchronize_session": False})
    return len(ids)
