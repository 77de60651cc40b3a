"""Counts a past meeting out of evidence that is brought along and not kept: a demonstration's, another system's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from conference.attendance.counting import Evidence, Scheduled, count
from conference.attendance.models import GONE, MeetingCount
from conference.attendance.settling import ACTOR
from conference.attendance.store import evidence as reading
from conference.attendance.store import settling as writing
from conference.attendance.store.quality import keep_quality
from conference.schedule import Meeting
from core import Session


def count_brought(
    session: Session, meeting: Meeting, evidence: Evidence, quality: Mapping[int, float], now: datetime, note: str
) -> MeetingCount:
    """Count and seal as always. Nothing of the evidence stays, so the count stands and is never made anew."""
    parties = reading.parties(session, meeting)
    planned = Scheduled(meeting.starts_at.timestamp(), meeting.ends_at.timestamp())
    written = writing.Written(ACTOR, note, GONE)
    found = writing.write_count(session, meeting, parties, count(evidence, planned, parties), written, now)
    keep_quality(session, meeting.id, quality)
    return found
