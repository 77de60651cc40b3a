"""Verdicts kept: the newest of each endpoint, rewritten when it changes; milestones once; calls and their outcome."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select, update

from conference.readiness.judging import Verdict, counts_of
from conference.readiness.models import Readiness, ReadinessCall, ReadinessRun
from conference.readiness.words import NOW, OUTCOMES
from conference.schedule import Meeting
from core import Deed, Session, append_audit
from inventory import Endpoint

# How long before the start, and how late it may still be written: later it would tell another moment
MOMENTS: Mapping[str, tuple[timedelta, timedelta]] = {
    "t24h": (timedelta(hours=24), timedelta(minutes=30)),
    "t2h": (timedelta(hours=2), timedelta(minutes=10)),
    "t15m": (timedelta(minutes=15), timedelta(minutes=5)),
    "start": (timedelta(0), timedelta(minutes=5)),
}
NOTE_LIMIT = 500


def save_verdicts(
    session: Session, meeting: Meeting, verdicts: Sequence[Verdict], now: datetime, took_s: float = 0.0, path: str = ""
) -> int:
    """Write what changed of the newest verdicts, milestones that have come, and the run; returns changed rows."""
    known = {
        one.endpoint_id: one for one in session.scalars(
            select(Readiness).where(Readiness.meeting_id == meeting.id, Readiness.milestone == NOW))
    }
    fresh, changed = [], 0
    for verdict in verdicts:
        values = _values(verdict)
        row = known.pop(verdict.endpoint_id, None)
        if row is None:
            fresh.append({"meeting_id": meeting.id, "endpoint_id": verdict.endpoint_id, "milestone": NOW, "at": now,
                          **values})  # fmt: skip
        elif any(getattr(row, name) != value for name, value in values.items()):
            began = now if row.state != values["state"] or row.reason != values["reason"] else row.at
            for name, value in {**values, "at": began}.items():
                setattr(row, name, value)
            changed += 1
    if fresh:
        session.execute(insert(Readiness), fresh)
    if known:  # no longer called
        session.execute(delete(Readiness).where(
            Readiness.meeting_id == meeting.id, Readiness.endpoint_id.in_(known)),
            execution_options={"synchronize_session": False})
    changed += len(fresh) + len(known)
    _milestones(session, meeting, verdicts, now)
    _note_run(session, meeting.id, verdicts, now, (changed, took_s, path))
    return changed


def _values(verdict: Verdict) -> dict[str, object]:
    details = json.dumps([finding.plain() for finding in verdict.findings], ensure_ascii=False)
    return {"state": verdict.state, "score": verdict.score, "reason": verdict.reason, "action": verdict.action,
            "is_fixable_here": verdict.is_fixable_here, "details": details}  # fmt: skip


def _milestones(session: Session, meeting: Meeting, verdicts: Sequence[Verdict], now: datetime) -> None:
    for word, (before, grace) in MOMENTS.items():
        moment = meeting.starts_at - before
        if not moment <= now <= moment + grace:
            continue
        if session.scalar(select(Readiness.id).where(
                Readiness.meeting_id == meeting.id, Readiness.milestone == word).limit(1)) is None and verdicts:
            session.execute(insert(Readiness), [
                {"meeting_id": meeting.id, "endpoint_id": one.endpoint_id, "milestone": word, "at": now, **_values(one)}
                for one in verdicts
            ])  # fmt: skip


def _note_run(
    session: Session, meeting_id: int, verdicts: Sequence[Verdict], now: datetime, told: tuple[int, float, str]
) -> None:
    changed, took_s, path = told
    run = session.get(ReadinessRun, meeting_id)
    if run is None:
        run = ReadinessRun(meeting_id=meeting_id, at=now, changed_at=now)
        session.add(run)
    if changed or run.path != path:
        run.changed_at = now
    run.at, run.seconds, run.path = now, round(took_s, 3), path
    run.counts = json.dumps(counts_of(verdicts))
    session.flush()


def run_of(session: Session, meeting_id: int) -> ReadinessRun | None:
    """The last judging of a meeting."""
    return session.get(ReadinessRun, meeting_id)


def counts_by_meeting(session: Session, meeting_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """Meeting to state to endpoints, of the meetings that were judged: for lists and calendars."""
    chosen = select(ReadinessRun.meeting_id, ReadinessRun.counts).where(ReadinessRun.meeting_id.in_(meeting_ids))
    return {meeting_id: json.loads(counts) for meeting_id, counts in session.execute(chosen)}


def readiness_of(
    session: Session, meeting_id: int, milestone: str = NOW, only: int | None = None
) -> dict[int, Readiness]:
    """Endpoint to its newest verdict, or to that of a milestone; of one endpoint or all."""
    chosen = select(Readiness).where(Readiness.meeting_id == meeting_id, Readiness.milestone == milestone)
    if only is not None:
        chosen = chosen.where(Readiness.endpoint_id == only)
    return {one.endpoint_id: one for one in session.scalars(chosen)}


def milestones_of(session: Session, meeting_id: int) -> dict[str, dict[str, int]]:
    """Milestone to state to endpoints, for those that were kept."""
    chosen = select(Readiness.milestone, Readiness.state, func.count()).where(
        Readiness.meeting_id == meeting_id, Readiness.milestone != NOW)
    found: dict[str, dict[str, int]] = {}
    for milestone, state, count in session.execute(chosen.group_by(Readiness.milestone, Readiness.state)):
        found.setdefault(milestone, {})[state] = count
    return found


@dataclass(frozen=True, slots=True)
class Called:
    """The last call about an endpoint, and how many there were."""

    outcome: str
    at: datetime
    by: str
    note: str
    count: int


def note_calls(
    session: Session, meeting_id: int, endpoint_ids: Collection[int], said: tuple[str, str], actor: str, now: datetime
) -> int:
    """Write down a call or message about these endpoints, audited; `said` is the outcome and a note.

    Raises ValueError for an outcome that is none of OUTCOMES.
    """
    outcome, note = said
    if outcome not in OUTCOMES:
        raise ValueError(outcome)
    wanted = sorted(set(endpoint_ids))
    session.add_all([
        ReadinessCall(meeting_id=meeting_id, endpoint_id=one, at=now, by=actor[:100], outcome=outcome,
                      note=note.strip()[:NOTE_LIMIT])
        for one in wanted
    ])  # fmt: skip
    session.execute(  # pages learn of it by the run
        update(ReadinessRun).where(ReadinessRun.meeting_id == meeting_id).values(changed_at=now),
        execution_options={"synchronize_session": "fetch"})
    name = session.scalar(select(Endpoint.name).where(Endpoint.id == wanted[0])) if len(wanted) == 1 else ""
    append_audit(session, Deed(actor, f"readiness.call.{outcome}", "meeting", meeting_id, name or "",
                               {"endpoints": wanted[:700], "note": note[:NOTE_LIMIT]}), now)  # fmt: skip
    return len(wanted)


def undo_call(session: Session, meeting_id: int, endpoint_id: int, actor: str, now: datetime) -> bool:
    """Take back the last note about an endpoint that this person wrote."""
    last = session.scalar(
        select(ReadinessCall).where(ReadinessCall.meeting_id == meeting_id, ReadinessCall.endpoint_id == endpoint_id)
        .order_by(ReadinessCall.id.desc()).limit(1))
    if last is None or last.by != actor[:100] or last.outcome == "message":
        return False
    session.delete(last)
    session.execute(update(ReadinessRun).where(ReadinessRun.meeting_id == meeting_id).values(changed_at=now),
                    execution_options={"synchronize_session": "fetch"})
    append_audit(session, Deed(actor, "readiness.call.undo", "meeting", meeting_id, "", {"endpoints": [endpoint_id]}),
                 now)
    return True


def calls_of(session: Session, meeting_id: int) -> dict[int, Called]:
    """Endpoint to its last call."""
    found: dict[int, Called] = {}
    chosen = select(ReadinessCall).where(ReadinessCall.meeting_id == meeting_id).order_by(ReadinessCall.id)
    for one in session.scalars(chosen):
        before = found.get(one.endpoint_id)
        found[one.endpoint_id] = Called(one.outcome, one.at, one.by, one.note, (before.count if before else 0) + 1)
    return found


def calls_about(session: Session, meeting_id: int, endpoint_id: int) -> list[ReadinessCall]:
    """Every call about an endpoint, the newest first."""
    chosen = select(ReadinessCall).where(
        ReadinessCall.meeting_id == meeting_id, ReadinessCall.endpoint_id == endpoint_id)
    return list(session.scalars(chosen.order_by(ReadinessCall.id.desc())))
