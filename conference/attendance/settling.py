"""When a meeting's attendance is counted for good, and counted again; presence so far while it runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from conference.attendance.counting import AttendanceLine, Party, Scheduled, count
from conference.attendance.models import GONE, MeetingCount
from conference.attendance.store import evidence as reading
from conference.attendance.store import settling as writing
from conference.attendance.store.quality import keep_quality, measured_quality
from conference.bench import Bench, Loop
from conference.schedule import Meeting, closes_at
from conference.settings import ConferenceSettings
from core import Session

GRACE = timedelta(minutes=3)   # events and the last heartbeats are still under way
AGAIN = timedelta(days=7)      # late evidence is looked for that long
ACTOR = "EduNOC"
DISAGREEMENT_S = 120


def over_at(meeting: Meeting) -> datetime:
    """From when a meeting can be counted: three minutes after its room was left for good, or its time was up."""
    ended = meeting.ended_at if meeting.state == "ended" and meeting.ended_at is not None else closes_at(meeting)
    return ended + GRACE


def attendance_now(
    session: Session, meeting: Meeting, now: datetime, threshold_s: int = DISAGREEMENT_S
) -> tuple[list[Party], list[AttendanceLine]]:
    """Presence so far: of the minutes that have passed since the planned start. Writes nothing."""
    found = reading.parties(session, meeting)
    until = min(now, closes_at(meeting))
    passed = max(min(until, meeting.ends_at), meeting.starts_at)
    if meeting.state == "ended":  # perhaps before its planned end: a count that is written goes by the planned minutes
        passed = meeting.ends_at
    planned = Scheduled(meeting.starts_at.timestamp(), passed.timestamp(), threshold_s)
    return found, count(reading.gather(session, meeting, until), planned, found)


def settle(
    session: Session, meeting_id: int, now: datetime, *, threshold_s: int = DISAGREEMENT_S, actor: str = ACTOR,
    note: str = "",
) -> MeetingCount | None:  # fmt: skip
    """Count a meeting and write its rows into the chain; None when it is not over yet, or there is none.

    Signed minutes hold their attendance fast: evidence that comes later is only told (`late_events`). So does a count
    whose evidence was removed after its time: there is nothing left to count.
    """
    meeting = session.get(Meeting, meeting_id)
    if meeting is None or now < over_at(meeting) or meeting.state not in ("scheduled", "running", "ended"):
        return None
    before = session.get(MeetingCount, meeting_id)
    if before is not None and before.evidence == GONE:
        return before
    mark = reading.evidence_marks(session, [meeting])[meeting.id]
    if before is not None and writing.is_signed(session, meeting_id):
        if before.evidence != mark:
            before.evidence, before.late_events = mark, before.late_events + 1
        return before
    found, lines = attendance_now(session, meeting, now, threshold_s)
    written = writing.Written(actor, note or ("late evidence" if before is not None else ""), mark)
    return writing.write_count(session, meeting, found, lines, written, now)


def due(session: Session, now: datetime) -> list[int]:
    """Numbers of the meetings to count: over and never counted, or with evidence that came after the counting."""
    over = [one for one in writing.over_since(session, now - AGAIN, now) if over_at(one) <= now]
    return _changed(session, over) if over else []


def _changed(session: Session, over: Sequence[Meeting]) -> list[int]:
    marks = reading.evidence_marks(session, over)
    counted = writing.counts_by_meeting(session, list(marks))
    return [one for one, mark in marks.items() if one not in counted or counted[one].evidence not in (mark, GONE)]


def step(bench: Bench, now: datetime) -> None:
    """Count what is due, each meeting in a transaction of its own."""
    with bench.database.reading() as session:
        numbers = due(session, now)
    settings = bench.settings[ConferenceSettings]
    for meeting_id in numbers:
        with bench.database.reading() as session:
            quality = measured_quality(session, meeting_id, bench.store, bench.registry)
        with bench.database.session() as session:
            settle(session, meeting_id, now, threshold_s=settings.attendance_disagreement_minutes * 60)
            keep_quality(session, meeting_id, quality)


LOOP = Loop("attendance", 20.0, step)
