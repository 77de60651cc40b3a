"""The minutes of a meeting: kept while they are written, fixed when they are signed, reopened with a reason."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from conference.attendance.models import MeetingCount, MeetingMinutes
from conference.schedule import Meeting, participants_of
from core import Deed, append_audit
from core import gettext as _
from inventory import FieldProblem, InvalidInput

FIELDS: Mapping[str, int] = {
    "number": 64, "place": 200, "chair": 200, "secretary": 200, "recipients": 2000, "recording_url": 300,
    "content": 60_000, "conclusions": 60_000,
}  # fmt: skip


def minutes_of(session: Session, meeting: Meeting, now: datetime) -> MeetingMinutes:
    """The minutes as kept, or what they would begin with (not stored)."""
    found = session.get(MeetingMinutes, meeting.id)
    if found is not None:
        return found
    people = participants_of(session, meeting.id)
    first = {role: next((one.name for one in people if one.role == role), "") for role in ("chair", "secretary")}
    return MeetingMinutes(
        meeting_id=meeting.id, number="", place="", recipients="", recording_url="", content="", conclusions="",
        updated_by="", updated_at=now, signed_by="", digest="", **first,
    )  # fmt: skip


def save_minutes(
    session: Session, meeting: Meeting, texts: Mapping[str, str], actor: str, now: datetime
) -> MeetingMinutes:
    """Keep what was written. Raises InvalidInput when they are signed or a text cannot be kept."""
    found = session.get(MeetingMinutes, meeting.id)
    if found is not None and found.signed_at is not None:
        text = _("The minutes are signed. Reopen them before changing anything.")
        raise InvalidInput([FieldProblem(None, "content", text)])
    problems = [
        FieldProblem(None, name, _("At most %(n)s characters.", n=most))
        for name, most in FIELDS.items() if len(texts.get(name, "")) > most
    ]
    url = texts.get("recording_url", "").strip()
    if url and not url.startswith(("https://", "http://")):
        problems.append(FieldProblem(None, "recording_url", _("Enter an address that begins with https://")))
    if problems:
        raise InvalidInput(problems)
    if found is None:
        found = MeetingMinutes(meeting_id=meeting.id, updated_at=now)
        session.add(found)
    for name in FIELDS:
        setattr(found, name, _clean(texts.get(name, "")))
    found.updated_by, found.updated_at = actor[:100], now
    session.flush()
    return found


def _clean(text: str) -> str:
    """Line ends of one kind, and nothing that paper or database cannot hold."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    return "".join(c for c in lines if c in "\n\t" or c.isprintable() or c == "\u200b")


def digest_of(minutes: MeetingMinutes, head: str) -> str:
    """SHA-256, hex, over the texts and the head of the attendance's chain: what a signature covers."""
    body = {name: getattr(minutes, name) for name in FIELDS} | {"head": head, "meeting": minutes.meeting_id}
    return hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def sign(session: Session, meeting: Meeting, actor: str, now: datetime) -> MeetingMinutes:
    """Fix minutes and attendance. Raises InvalidInput while nothing is counted or written."""
    found, counted = session.get(MeetingMinutes, meeting.id), session.get(MeetingCount, meeting.id)
    problem = ""
    if counted is None:
        problem = _("The attendance is not counted yet: that happens three minutes after the meeting is over.")
    elif found is None or not (found.content or found.conclusions):
        problem = _("Write the course of the meeting or its conclusions, and keep them, before signing.")
    elif found.signed_at is not None:
        problem = _("The minutes are signed already.")
    if problem or found is None or counted is None:
        raise InvalidInput([FieldProblem(None, "content", problem)])
    found.signed_by, found.signed_at = actor[:100], now
    found.digest = digest_of(found, counted.head)
    session.flush()
    append_audit(session, Deed(actor, "minutes.sign", "meeting", meeting.id, meeting.title,
                               {"digest": found.digest, "attendance": counted.head}), now)  # fmt: skip
    return found


def reopen(session: Session, meeting: Meeting, reason: str, actor: str, now: datetime) -> MeetingMinutes:
    """Open signed minutes again. Raises InvalidInput without a reason."""
    found, text = session.get(MeetingMinutes, meeting.id), reason.strip()[:300]
    if found is None or found.signed_at is None:
        raise InvalidInput([FieldProblem(None, "reason", _("The minutes are not signed."))])
    if not text:
        raise InvalidInput([FieldProblem(None, "reason", _("Say why the signed minutes are opened again."))])
    before = {"by": found.signed_by, "at": found.signed_at.isoformat(), "digest": found.digest}
    found.signed_by, found.signed_at, found.digest = "", None, ""
    session.flush()
    append_audit(session, Deed(actor, "minutes.reopen", "meeting", meeting.id, text, before), now)
    return found
