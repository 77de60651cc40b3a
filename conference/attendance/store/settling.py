"""Writes a meeting's counted attendance: the sealed rows, the row of its sums, the audit's copy of the chain's head."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import delete, distinct, func, insert, select
from sqlalchemy.orm import Session

from conference.attendance.counting import AttendanceLine, Party
from conference.attendance.kpi.packing import Share, pack_lines, pack_units, percent_of
from conference.attendance.models import Attendance, MeetingCount, MeetingMinutes
from conference.attendance.sealing import FIRST, ChainCheck, check_chain, seal
from conference.live import LiveSpell, broadcast_ran
from conference.readiness import Readiness
from conference.schedule import Meeting, Participant
from core import AuditFilter, Deed, append_audit, list_audit

AUDITED = "attendance.count"
HANDS = ("correction", "corrected_seconds", "corrected_by", "head_count", "head_count_by")  # what people added


@dataclass(frozen=True, slots=True)
class Written:
    """How a count came about: who asked, why, and by which evidence."""

    actor: str
    note: str
    evidence: str


def is_signed(session: Session, meeting_id: int) -> bool:
    """Whether the minutes are signed, so that the attendance stands."""
    return session.scalar(select(MeetingMinutes.signed_at).where(MeetingMinutes.meeting_id == meeting_id)) is not None


def rows_of(session: Session, meeting_id: int) -> list[Attendance]:
    """The counted rows in their order."""
    chosen = select(Attendance).where(Attendance.meeting_id == meeting_id).order_by(Attendance.position)
    return list(session.scalars(chosen))


def write_count(
    session: Session, meeting: Meeting, parties: Sequence[Party], lines: Sequence[AttendanceLine],
    written: Written, now: datetime,
) -> MeetingCount:  # fmt: skip
    """Replace a meeting's rows by newly counted ones; what people had added stays with whom it was about."""
    found = session.get(MeetingCount, meeting.id)
    kept = {_identity(row): {name: getattr(row, name) for name in HANDS} for row in rows_of(session, meeting.id)}
    subjects = {one.id: one.subject for one in parties}
    rows = [_row(meeting.id, number, line, subjects, now) for number, line in enumerate(lines)]
    started_from = found.head if found is not None else ""
    head = seal(rows, started_from)
    for row in rows:
        row.update(kept.get((row["subject"], "" if row["subject"] else row["name"]), {}))
    session.execute(delete(Attendance).where(Attendance.meeting_id == meeting.id))
    if rows:
        session.execute(insert(Attendance), rows)
    found = session.get(MeetingCount, meeting.id)
    if found is None:
        found = MeetingCount(meeting_id=meeting.id, version=0, starts_at=meeting.starts_at, counted_at=now, month="",
                             kind=meeting.kind, unit_id=meeting.unit_id, scheduled_minutes=0)  # fmt: skip
        session.add(found)
    found.version += 1
    found.counted_at, found.note, found.evidence = now, written.note[:300], written.evidence
    found.head, found.started_from = head, started_from
    _sum_up(session, meeting, found)
    refresh_shares(session, found)
    append_audit(session, Deed(
        written.actor, AUDITED, "meeting", meeting.id,
        f"{meeting.title}: {len(rows)} rows, count {found.version}" + (f" ({written.note})" if written.note else ""),
        {"head": head, "started_from": started_from, "rows": len(rows), "version": found.version},
    ), now)  # fmt: skip
    return found


def _identity(row: Attendance) -> tuple[str, str]:
    return (row.subject, "" if row.subject else row.name)


def _row(
    meeting_id: int, number: int, line: AttendanceLine, subjects: dict[int, str], now: datetime
) -> dict[str, Any]:
    def moment(epoch: float | None) -> datetime | None:
        return None if epoch is None else datetime.fromtimestamp(round(epoch), UTC)

    return {
        "meeting_id": meeting_id, "position": number, "participant_id": line.participant_id,
        "endpoint_id": line.endpoint_id, "unit_id": line.unit_id,
        "subject": subjects.get(line.participant_id or 0, ""), "name": line.name[:300], "seconds": line.seconds,
        "server_seconds": line.server_seconds, "client_seconds": line.client_seconds,
        "scheduled_seconds": line.scheduled_seconds, "first_joined_at": moment(line.first_joined),
        "last_left_at": moment(line.last_left), "spoke_seconds": line.spoke_seconds, "connections": line.connections,
        "linked_by": line.linked_by, "reason": line.reason,
        "intervals": json.dumps(line.intervals, separators=(",", ":")), "computed_at": now, "quality": None,
        **dict.fromkeys(("correction", "corrected_by", "head_count_by"), ""), "corrected_seconds": None,
        "head_count": None,
    }  # fmt: skip


def refresh_shares(session: Session, found: MeetingCount) -> None:
    """Pack each participant's share of the minutes anew; a correction counts in the place of what was measured."""
    rows = session.execute(
        select(Attendance.unit_id, Attendance.seconds, Attendance.corrected_seconds, Attendance.scheduled_seconds,
               Participant.kind, Participant.excused_at, Attendance.participant_id)
        .outerjoin(Participant, Participant.id == Attendance.participant_id)
        .where(Attendance.meeting_id == found.meeting_id).order_by(Attendance.position)
    ).all()  # fmt: skip
    shares = [
        Share(kind or "person", unit_id, percent_of(seconds if corrected is None else corrected, scheduled),
              excused_at is not None)
        for unit_id, seconds, corrected, scheduled, kind, excused_at, participant_id in rows
        if participant_id is not None
    ]  # fmt: skip
    found.lines, found.units = pack_lines(shares), pack_units(shares)
    found.strangers = sum(1 for row in rows if row[6] is None and row[1] > 0)
    found.is_held = any((row[1] if row[2] is None else row[2]) > 0 for row in rows)


def _sum_up(session: Session, meeting: Meeting, found: MeetingCount) -> None:
    """What the figures of months need besides presence."""
    try:
        zone = ZoneInfo(meeting.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("Asia/Ho_Chi_Minh")
    found.starts_at, found.kind, found.unit_id = meeting.starts_at, meeting.kind, meeting.unit_id
    found.month = meeting.starts_at.astimezone(zone).strftime("%Y-%m")
    found.scheduled_minutes = round((meeting.ends_at - meeting.starts_at).total_seconds() / 60)
    found.is_important = meeting.is_important
    found.is_streamed, found.is_recorded = broadcast_ran(session, meeting)
    invited = select(Participant.endpoint_id).where(Participant.meeting_id == meeting.id)
    own = set(session.scalars(invited.where(Participant.endpoint_id.is_not(None))))
    found.endpoints = len(own)
    states: dict[int, str] = {}
    for endpoint_id, state in session.execute(
        select(Readiness.endpoint_id, Readiness.state)
        .where(Readiness.meeting_id == meeting.id, Readiness.at <= meeting.starts_at, Readiness.state != "unknown")
        .order_by(Readiness.at)
    ):  # fmt: skip
        states[endpoint_id] = state
    found.checked = len(own & states.keys())
    found.ready = sum(1 for one in own if states.get(one) == "ready")
    found.troubled = session.scalar(
        select(func.count(distinct(LiveSpell.endpoint_id)))
        .where(LiveSpell.meeting_id == meeting.id, LiveSpell.state.in_(("degraded", "lost")))
    ) or 0  # fmt: skip


def verify(session: Session, meeting_id: int) -> ChainCheck | None:
    """Check a meeting's chain against itself and the audit; None when it was never counted."""
    found = session.get(MeetingCount, meeting_id)
    if found is None:
        return None
    wanted = AuditFilter(action=AUDITED, target_kind="meeting", target_id=str(meeting_id))
    entries, _total = list_audit(session, wanted, limit=1)
    audited = str(json.loads(entries[0].detail).get("head", "")) if entries else FIRST
    return check_chain(rows_of(session, meeting_id), found.started_from, found.head, audited)


def counted_meetings(session: Session) -> list[tuple[int, str]]:
    """(number, title) of every meeting that was counted."""
    chosen = select(Meeting.id, Meeting.title).join(MeetingCount, MeetingCount.meeting_id == Meeting.id)
    return [(number, title) for number, title in session.execute(chosen.order_by(Meeting.id))]


def counts_by_meeting(session: Session, meeting_ids: Sequence[int]) -> dict[int, MeetingCount]:
    """The counts of these meetings."""
    return {one.meeting_id: one for one in session.scalars(
        select(MeetingCount).where(MeetingCount.meeting_id.in_(meeting_ids))
    )}  # fmt: skip


def over_since(session: Session, since: datetime, now: datetime) -> list[Meeting]:
    """Meetings whose planned end lies between: not drafts, and not those that were called off."""
    chosen = select(Meeting).where(
        Meeting.ends_at > since, Meeting.starts_at <= now, Meeting.state.in_(("scheduled", "running", "ended"))
    )
    return list(session.scalars(chosen.order_by(Meeting.ends_at)))
