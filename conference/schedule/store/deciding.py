"""From draft to booked meeting: submitted, approved or refused; cancelled and restored; absences excused. Audited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from conference.schedule.drafts import ScheduleProblem
from conference.schedule.models import Meeting, MeetingSeries, Participant
from conference.schedule.store.rooms import give_back, stop_watching, take_rooms
from conference.schedule.store.series import end_series, exclude, reach
from conference.schedule.words import CANCELLED, DRAFT, ENDED, FOLLOWING, ONE, PENDING, REFUSED, SCHEDULED
from core import Deed, Session, append_audit
from core import gettext as _


def endpoint_count(session: Session, meeting_id: int) -> int:
    """How many endpoints take part."""
    query = select(func.count(Participant.endpoint_id)).where(Participant.meeting_id == meeting_id)
    return session.scalar(query) or 0


def needs_approval(meeting: Meeting, endpoints: int, approval_from: int) -> bool:
    """Whether somebody must say yes: it is large (`approval_from` endpoints; 0: always) and grew beyond any yes."""
    return endpoints >= approval_from and (meeting.approved_count is None or endpoints > meeting.approved_count)


def submit(session: Session, meeting: Meeting, actor: str, now: datetime, approval_from: int) -> str:
    """Book a draft, or hand it over for approval; with a series all its drafts. The state that came of it."""
    if meeting.state not in (DRAFT, REFUSED):
        raise ScheduleProblem.of("state", _("This meeting is booked already."))
    count = endpoint_count(session, meeting.id)
    state = PENDING if needs_approval(meeting, count, approval_from) else SCHEDULED
    together = _together(session, meeting, (DRAFT, REFUSED))
    for one in together:
        one.state, one.submitted_at, one.updated_at = state, now, now
    take_rooms(session, together)
    append_audit(session, Deed(actor, "meeting.submit", "meeting", meeting.id, meeting.title,
                               {"state": state, "endpoints": count, "meetings": len(together)}), now)  # fmt: skip
    return state


def _together(session: Session, meeting: Meeting, states: Sequence[str]) -> list[Meeting]:
    """A meeting with the others of its series that are in the same state; alone when it was changed alone."""
    if meeting.series_id is None or meeting.is_exception:
        return [meeting]
    chosen = select(Meeting).where(
        Meeting.series_id == meeting.series_id, Meeting.state.in_(states), Meeting.is_exception.is_(False)
    )
    return list(session.scalars(chosen.order_by(Meeting.starts_at)))


def may_decide(meeting: Meeting, actor: str) -> bool:
    """Nobody approves what they asked for themselves."""
    return meeting.state == PENDING and meeting.created_by != actor


def approve(session: Session, meeting: Meeting, actor: str, now: datetime, note: str = "") -> None:
    """Say yes; with a series to all of its meetings that wait. Raises ScheduleProblem."""
    _decide(session, meeting, actor, now, (SCHEDULED, note))


def refuse(session: Session, meeting: Meeting, actor: str, now: datetime, note: str) -> None:
    """Say no, with the reason that its maker will read. Raises ScheduleProblem."""
    if not note.strip():
        raise ScheduleProblem.of("note", _("Say why, so that it can be put right."))
    _decide(session, meeting, actor, now, (REFUSED, note))


def _decide(session: Session, meeting: Meeting, actor: str, now: datetime, decision: tuple[str, str]) -> None:
    state, note = decision
    if meeting.state != PENDING:
        raise ScheduleProblem.of("state", _("This meeting no longer waits for approval."))
    if meeting.created_by == actor:
        raise ScheduleProblem.of("state", _("You asked for this meeting; somebody else must decide about it."))
    count = endpoint_count(session, meeting.id)
    together = _together(session, meeting, (PENDING,))
    for one in together:
        one.state, one.decided_by, one.decided_at, one.decision_note = state, actor[:100], now, note.strip()[:500]
        one.updated_at = now
        one.approved_count = count if state == SCHEDULED else one.approved_count
    take_rooms(session, together)
    deed = "meeting.approve" if state == SCHEDULED else "meeting.refuse"
    append_audit(session, Deed(actor, deed, "meeting", meeting.id, meeting.title,
                               {"note": note, "endpoints": count, "meetings": len(together)}), now)  # fmt: skip


def cancel_meeting(
    session: Session, meeting: Meeting, actor: str, now: datetime, reason: str, span: str = ONE
) -> list[Meeting]:
    """Cancel a meeting, with `span` the following ones or all coming ones of its series too. What was cancelled.

    The following ones: the rule of the series ends, so that no later meeting is ever written.
    """
    if not reason.strip():
        raise ScheduleProblem.of("reason", _("Say why: everybody invited reads it."))
    if meeting.state in (CANCELLED, ENDED):
        raise ScheduleProblem.of("state", _("This meeting is over or cancelled already."))
    chosen = _spanned(session, meeting, now, span)
    for one in chosen:
        one.state, one.cancel_reason, one.updated_at = CANCELLED, reason.strip()[:500], now
        one.sequence += 1
        stop_watching(session, one, now)
        _keep_in_series(session, one, is_out=True)
    session.flush()
    if span != ONE and meeting.series_id is not None:
        end_series(session, session.get_one(MeetingSeries, meeting.series_id))
    give_back(session, [one.id for one in chosen])
    append_audit(session, Deed(actor, "meeting.cancel", "meeting", meeting.id, meeting.title,
                               {"reason": reason, "meetings": [one.id for one in chosen]}), now)  # fmt: skip
    return chosen


def _spanned(session: Session, meeting: Meeting, now: datetime, span: str) -> list[Meeting]:
    if meeting.series_id is None or span == ONE:
        return [meeting]
    since = meeting.starts_at if span == FOLLOWING else now
    chosen = select(Meeting).where(
        Meeting.series_id == meeting.series_id, Meeting.starts_at >= since, Meeting.state.notin_((CANCELLED, ENDED))
    )
    found = list(session.scalars(chosen.order_by(Meeting.starts_at)))
    return found if meeting in found else [meeting, *found]


def _keep_in_series(session: Session, meeting: Meeting, is_out: bool) -> None:
    series = session.get(MeetingSeries, meeting.series_id) if meeting.series_id is not None else None
    if series is not None and meeting.occurrence_at is not None:
        exclude(series, meeting.occurrence_at, is_out)
        if not is_out:
            reach(series, meeting.occurrence_at)


def restore(session: Session, meeting: Meeting, actor: str, now: datetime, approval_from: int) -> str:
    """Take a cancellation back while the meeting lies ahead: booked again under a new sequence. The new state."""
    if meeting.state != CANCELLED or meeting.starts_at <= now:
        raise ScheduleProblem.of("state", _("Only a cancelled meeting that lies ahead can be restored."))
    count = endpoint_count(session, meeting.id)
    meeting.state = PENDING if needs_approval(meeting, count, approval_from) else SCHEDULED
    meeting.cancel_reason, meeting.updated_at, meeting.sequence = "", now, meeting.sequence + 1
    _keep_in_series(session, meeting, is_out=False)
    session.flush()
    take_rooms(session, [meeting])
    append_audit(session, Deed(actor, "meeting.restore", "meeting", meeting.id, meeting.title,
                               {"state": meeting.state}), now)  # fmt: skip
    return meeting.state


def excuse(session: Session, participant: Participant, actor: str, now: datetime, reason: str) -> None:
    """Allow an absence; with an empty reason take that back. It counts neither as present nor as missing."""
    text = reason.strip()[:300]
    participant.excused_at, participant.excuse = (now, text) if text else (None, "")
    session.flush()
    append_audit(session, Deed(actor, "meeting.excuse", "participant", participant.id, participant.name,
                               {"meeting": participant.meeting_id, "reason": text}), now)  # fmt: skip
