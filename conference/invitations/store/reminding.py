"""Reminders that are due: a mail to each participant, and a message to the channels of the unit that holds the meeting.

Both are rows of queues that exist already: invitations' own, and the alerts' notifications.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from alerts import SEVERITIES, Channel, Notification, Route
from conference.invitations.facts import Entry
from conference.invitations.models import Invitation, Reminder
from conference.invitations.store.gathering import entry_of
from conference.invitations.store.queue import Desk, message_id
from conference.invitations.texts import as_html, reminder
from conference.invitations.words import NOTE, WAITING
from conference.schedule import OPEN_STATES, Meeting, Participant
from core import Session, insert_missing, use_language
from inventory import Unit

DAY = range(6, 21)  # routes that are not for always get reminders between these hours, local


def remind(session: Session, minutes: Sequence[int], desk: Desk, now: datetime) -> int:
    """Queue the reminders that are due; for how many meetings. Of several that are due only the nearest is sent, and
    none to a meeting that was made after its moment: its invitation just came."""
    count = 0
    for meeting, due in due_reminders(session, minutes, now):
        for m in due:
            session.add(Reminder(meeting_id=meeting.id, minutes_before=m, sent_at=now))
        nearest = min(due)
        began_at = meeting.decided_at or meeting.submitted_at or meeting.created_at
        if began_at <= meeting.starts_at - timedelta(minutes=nearest):
            entry = entry_of(session, meeting)
            _mail(session, (meeting, entry), nearest, desk, now)
            _tell_channels(session, (meeting, entry), nearest, now)
            count += 1
    session.flush()
    return count


def due_reminders(
    session: Session, minutes: Sequence[int], now: datetime
) -> list[tuple[Meeting, list[int]]]:
    """Meetings with the reminders that were not handed over yet although their moment came."""
    if not minutes:
        return []
    until = now + timedelta(minutes=max(minutes))
    meetings = list(session.scalars(select(Meeting).where(
        Meeting.state.in_(OPEN_STATES), Meeting.starts_at > now, Meeting.starts_at <= until)))
    if not meetings:
        return []
    chosen = select(Reminder.meeting_id, Reminder.minutes_before)
    done = {tuple(row) for row in session.execute(chosen.where(Reminder.meeting_id.in_([one.id for one in meetings])))}
    found = [
        (one, [m for m in minutes if one.starts_at - timedelta(minutes=m) <= now and (one.id, m) not in done])
        for one in meetings
    ]
    return [(one, due) for one, due in found if due]


def _mail(session: Session, about: tuple[Meeting, Entry], minutes: int, desk: Desk, now: datetime) -> None:
    meeting, entry = about
    declined = set(session.scalars(select(Participant.id).where(
        Participant.meeting_id == meeting.id, (Participant.reply == "declined") | Participant.excused_at.is_not(None))))
    rows = []
    for who in entry.recipients.values():
        if who.participant_id in declined:
            continue
        written = reminder(entry.facts, minutes, desk.link(who.code, False))
        rows.append(Invitation(
            meeting_id=meeting.id, participant_id=who.participant_id, uid=meeting.uid, email=who.email, name=who.name,
            method=NOTE, sequence=meeting.sequence, content="", subject=written.subject, body=written.text,
            message_id=message_id((meeting.uid, who.email, meeting.occurrence_at, NOTE, minutes), desk.sender),
            state=WAITING, queued_at=now, not_before=now, attempts=0))
    session.add_all(rows)
    session.flush()


def _tell_channels(session: Session, about: tuple[Meeting, Entry], minutes: int, now: datetime) -> None:
    meeting, entry = about
    severity = "major" if meeting.is_important else "minor"
    for route in _routes(session, meeting, severity, now):
        with use_language(route.language):
            written = reminder(entry.facts, minutes, "")
        once = f"meeting:{meeting.id}:{minutes}:{route.id}"
        insert_missing(session, Notification, [{
            "once": once, "incident_id": None, "channel_id": route.channel_id, "route_id": route.id,
            "recipient": route.recipient, "language": route.language, "kind": "reminder", "severity": severity,
            "subject": written.subject[:400], "text": written.text, "html": as_html(written.text),
            "data": {"meeting_id": meeting.id, "minutes": minutes}, "state": "queued", "attempts": 0,
            "created_at": now, "due_at": now, "reason": "", "detail": "",
        }])


def _routes(session: Session, meeting: Meeting, severity: str, now: datetime) -> Iterable[Route]:
    """Routes that hold for the unit, whatever the rule or device: a reminder is about none."""
    path = session.scalar(select(Unit.path).where(Unit.id == meeting.unit_id)) or ""
    is_day = now.astimezone(ZoneInfo(meeting.timezone)).hour in DAY
    chosen = select(Route).join(Channel, Channel.id == Route.channel_id).where(Route.is_enabled, Channel.is_enabled)
    return [
        route for route in session.scalars(chosen.order_by(Route.id))
        if path.startswith(route.unit_path) and not route.device_kinds and not route.rule_ids
        and SEVERITIES.index(severity) <= SEVERITIES.index(route.min_severity) and (route.hours == "always" or is_day)
    ]
