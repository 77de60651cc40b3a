"""What people add to the measured: corrections with their reason, and how many sat behind one endpoint. All audited."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from conference.attendance.models import Attendance, MeetingCount
from conference.attendance.store.settling import is_signed, refresh_shares
from conference.schedule import find_meeting, is_held_in
from core import Deed, Scope, append_audit
from core import gettext as _
from inventory import FieldProblem, InvalidInput, NotFound, Unit

MOST_HEADS = 10_000


def find_row(session: Session, scope: Scope, meeting_id: int, row_id: int) -> Attendance:
    """A counted row that the scope shows. Raises NotFound."""
    meeting = find_meeting(session, scope, meeting_id)
    row = session.get(Attendance, row_id)
    if row is None or row.meeting_id != meeting_id:
        raise NotFound(f"row {row_id}")
    path = session.scalar(select(Unit.path).where(Unit.id == row.unit_id))
    if not is_held_in(session, scope, meeting) and (path is None or not scope.includes(path)):
        raise NotFound(f"row {row_id}")
    return row


def _refuse(column: str, text: str) -> InvalidInput:
    return InvalidInput([FieldProblem(None, column, text)])


def correct(session: Session, row: Attendance, minutes: str, reason: str, actor: str, now: datetime) -> None:
    """Set how many minutes count, with a reason; without minutes the measured ones count again. Raises InvalidInput."""
    if is_signed(session, row.meeting_id):
        raise _refuse("minutes", _("The minutes are signed: the attendance stands. Reopen the minutes first."))
    plain, text = minutes.strip(), reason.strip()[:500]
    seconds = None
    if plain:
        if not (plain.isascii() and plain.isdecimal() and int(plain) * 60 <= row.scheduled_seconds):
            most = row.scheduled_seconds // 60
            raise _refuse("minutes", _("Enter whole minutes from 0 to %(most)s.", most=most))
        if not text:
            raise _refuse("reason", _("Say why: the reason stands beside the measured minutes."))
        seconds = int(plain) * 60
    before = {"seconds": row.corrected_seconds, "reason": row.correction, "by": row.corrected_by}
    row.corrected_seconds, row.correction = seconds, text if seconds is not None else ""
    row.corrected_by = actor[:100] if seconds is not None else ""
    session.flush()
    found = session.get(MeetingCount, row.meeting_id)
    if found is not None:
        refresh_shares(session, found)
    append_audit(session, Deed(
        actor, "attendance.correct", "meeting", row.meeting_id, f"{row.name}: {row.correction or '–'}",
        {"row": row.position, "measured": row.seconds, "before": before, "seconds": seconds},
    ), now)  # fmt: skip


def set_heads(session: Session, row: Attendance, heads: str, actor: str, now: datetime) -> None:
    """Say how many people sat behind an endpoint; empty takes it back. Raises InvalidInput."""
    if is_signed(session, row.meeting_id):
        raise _refuse("heads", _("The minutes are signed: the attendance stands. Reopen the minutes first."))
    plain = heads.strip()
    if plain and not (plain.isascii() and plain.isdecimal() and int(plain) <= MOST_HEADS):
        raise _refuse("heads", _("Enter how many people were in the room, as a whole number."))
    before = row.head_count
    row.head_count, row.head_count_by = (int(plain), actor[:100]) if plain else (None, "")
    append_audit(session, Deed(actor, "attendance.heads", "meeting", row.meeting_id, f"{row.name}: {plain or '–'}",
                               {"row": row.position, "before": before}), now)  # fmt: skip
    session.flush()
