"""Rehearsals: planned as meetings of their own, in waves; each endpoint's part decided by measurement or a person."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import func, select

from conference.kiosk import KioskSpell
from conference.readiness.models import RehearsalEntry
from conference.readiness.rehearsing import Measured, details_of, judge_rehearsal, plan_waves
from conference.readiness.store.roll import Called, called_to
from conference.schedule import Meeting, ScheduleProblem, draft_of, save_meeting, submit
from core import Deed, Scope, Session, append_audit
from core import gettext as _
from inventory import endpoint_number, endpoint_of_number

SETTLE = timedelta(seconds=30)   # late heartbeats of a wave still count
WITHOUT_APPROVAL = 1 << 30       # the meeting was approved; its rehearsal asks nobody again
METRICS = ("endpoint_loss_down_ratio", "endpoint_loss_up_ratio", "endpoint_rtt_seconds", "endpoint_sound_dbfs",
           "endpoint_picture_luma_ratio", "endpoint_devices_ok")  # fmt: skip


@dataclass(frozen=True, slots=True)
class RehearsalPlan:
    """When the first wave starts, how many endpoints a wave has, how many minutes it lasts."""

    starts_at: datetime
    size: int = 50
    minutes: int = 15
    endpoint_ids: frozenset[int] = frozenset()  # empty: all of the meeting


def plan_rehearsal(
    session: Session, meeting: Meeting, plan: RehearsalPlan, actor: str, now: datetime, scope: Scope
) -> Meeting:
    """Book a rehearsal of a meeting with its waves. Raises ScheduleProblem."""
    called = [one for one in called_to(session, meeting.id) if not one.is_excused and (
        not plan.endpoint_ids or one.endpoint_id in plan.endpoint_ids)]
    _check(meeting, plan, len(called), now)
    # Who speaks comes first: there is most to find, and most time to put it right
    called.sort(key=lambda one: one.mode != "speak")
    waves = plan_waves([one.endpoint_id for one in called], plan.starts_at, plan.size, timedelta(minutes=plan.minutes))
    draft = draft_of(session, meeting)
    wanted = {one.endpoint_id for one in called}
    people = tuple(one for one in draft.participants if one.endpoint_id in wanted or one.kind == "person")
    draft = replace(
        draft, title=_("Rehearsal: %(title)s", title=meeting.title)[:300], starts_at=plan.starts_at,
        ends_at=waves[-1].ends_at, rule="", agenda=(), participants=people, rehearses_id=meeting.id, is_recorded=False,
        is_streamed=False, stream_url="", is_important=False, opens_minutes=10, overrun_minutes=15,
    )  # fmt: skip
    made = save_meeting(session, draft, actor, now, scope)
    submit(session, made, actor, now, WITHOUT_APPROVAL)
    session.add_all([
        RehearsalEntry(meeting_id=made.id, endpoint_id=one, wave=wave.number, starts_at=wave.starts_at,
                       ends_at=wave.ends_at)
        for wave in waves for one in wave.endpoint_ids
    ])  # fmt: skip
    session.flush()
    append_audit(session, Deed(actor, "rehearsal.plan", "meeting", meeting.id, meeting.title,
                               {"waves": len(waves), "endpoints": len(called)}), now)  # fmt: skip
    return made


def _check(meeting: Meeting, plan: RehearsalPlan, count: int, now: datetime) -> None:
    waves = -(-count // plan.size) if plan.size > 0 else 0
    ends_at = plan.starts_at + waves * timedelta(minutes=plan.minutes)
    if count == 0:
        raise ScheduleProblem.of("participants", _("No endpoint is called to this meeting: nobody can rehearse."))
    if not 1 <= plan.size <= 1000:
        raise ScheduleProblem.of("size", _("Enter how many endpoints a wave has: 1 to 1000."))
    if not 1 <= plan.minutes <= 240:
        raise ScheduleProblem.of("minutes", _("Enter how many minutes a wave lasts: 1 to 240."))
    if plan.starts_at < now:
        raise ScheduleProblem.of("starts_at", _("The rehearsal must lie ahead."))
    if ends_at > meeting.starts_at:
        raise ScheduleProblem.of("starts_at", _(
            "%(waves)s waves last until after the meeting's start. Begin earlier, or make waves larger or shorter.",
            waves=waves))


def rehearsals_of(session: Session, meeting_id: int) -> list[tuple[Meeting, dict[str, int]]]:
    """The rehearsals of a meeting, the newest first, each with how many are how."""
    meetings = list(session.scalars(
        select(Meeting).where(Meeting.rehearses_id == meeting_id).order_by(Meeting.starts_at.desc())))
    counts: dict[int, dict[str, int]] = {}
    chosen = select(RehearsalEntry.meeting_id, RehearsalEntry.state, func.count()).where(
        RehearsalEntry.meeting_id.in_([one.id for one in meetings]))
    for one, state, number in session.execute(chosen.group_by(RehearsalEntry.meeting_id, RehearsalEntry.state)):
        counts.setdefault(one, {})[state] = number
    return [(one, counts.get(one.id, {})) for one in meetings]


def entries_of(session: Session, rehearsal_id: int) -> list[tuple[RehearsalEntry, Called, bool]]:
    """(entry, endpoint, whether it has joined) of a rehearsal, by wave."""
    called = {one.endpoint_id: one for one in called_to(session, rehearsal_id)}
    joined = set(session.scalars(select(KioskSpell.endpoint_id).where(KioskSpell.meeting_id == rehearsal_id)))
    chosen = select(RehearsalEntry).where(RehearsalEntry.meeting_id == rehearsal_id)
    return [
        (one, called[one.endpoint_id], one.endpoint_id in joined)
        for one in session.scalars(chosen.order_by(RehearsalEntry.wave, RehearsalEntry.id))
        if one.endpoint_id in called
    ]


def decide(
    session: Session, rehearsal_id: int, endpoint_ids: Collection[int], state: str, actor: str, now: datetime
) -> int:
    """A person's word on these endpoints: passed, failed, absent, or waiting to be measured again. Audited."""
    if state not in ("passed", "failed", "absent", "waiting"):
        raise ValueError(state)
    rows = list(session.scalars(select(RehearsalEntry).where(
        RehearsalEntry.meeting_id == rehearsal_id, RehearsalEntry.endpoint_id.in_(list(endpoint_ids)))))
    for row in rows:
        row.state, row.reason = state, "" if state == "waiting" else "person"
        row.decided_at, row.decided_by = (None, "") if state == "waiting" else (now, actor[:100])
    append_audit(session, Deed(actor, f"rehearsal.{state}", "meeting", rehearsal_id, "",
                               {"endpoints": [row.endpoint_id for row in rows][:700]}), now)  # fmt: skip
    return len(rows)


def settle_rehearsals(session: Session, store: Any, registry: Any, now: datetime) -> int:
    """Decide every entry whose wave is over, by what was measured in it; how many."""
    chosen = select(RehearsalEntry).where(RehearsalEntry.state == "waiting", RehearsalEntry.ends_at <= now - SETTLE)
    waves: dict[tuple[int, int], list[RehearsalEntry]] = {}
    for row in session.scalars(chosen):
        waves.setdefault((row.meeting_id, row.wave), []).append(row)
    for (meeting_id, _wave), rows in waves.items():
        speakers = {one.endpoint_id for one in called_to(session, meeting_id) if one.mode == "speak"}
        seconds = _seconds(session, meeting_id, rows)
        samples = _samples(store, registry, rows)
        for row in rows:
            seen = Measured(seconds.get(row.endpoint_id, 0.0), is_speaker=row.endpoint_id in speakers,
                            **samples.get(row.endpoint_id, {}))  # fmt: skip
            row.state, row.reason = judge_rehearsal(seen)
            row.details = json.dumps(details_of(seen))
            row.decided_at, row.decided_by = now, ""
    return sum(map(len, waves.values()))


def _seconds(session: Session, meeting_id: int, rows: Sequence[RehearsalEntry]) -> dict[int, float]:
    """Endpoint to how long it was in the room within its wave."""
    times = {row.endpoint_id: (row.starts_at, row.ends_at) for row in rows}
    found: dict[int, float] = {}
    for spell in session.scalars(select(KioskSpell).where(KioskSpell.meeting_id == meeting_id)):
        if spell.endpoint_id in times:
            begin, end = times[spell.endpoint_id]
            inside = (min(spell.last_at, end) - max(spell.first_at, begin)).total_seconds()
            found[spell.endpoint_id] = found.get(spell.endpoint_id, 0.0) + max(0.0, inside)
    return found


def _samples(store: Any, registry: Any, rows: Sequence[RehearsalEntry]) -> dict[int, Mapping[str, float]]:
    """Endpoint to figures over its wave; one statement for the wave. Empty where no samples are at hand."""
    if store is None or registry is None:
        return {}
    numbers = np.array(sorted(endpoint_number(row.endpoint_id) for row in rows), np.int64)
    about: dict[int, tuple[int, str]] = {}
    for metric in METRICS:
        series = registry.of_metric(metric)
        owner = registry.device[series].astype(np.int64)
        mine = np.isin(owner, numbers)
        about |= {int(one): (int(number), metric) for one, number in zip(series[mine], owner[mine], strict=True)}
    if not about:
        return {}
    begin, end = (int(moment.timestamp() * 1000) for moment in (rows[0].starts_at, rows[0].ends_at))
    window = store.window(sorted(about), begin, end)
    raw: dict[int, dict[str, np.ndarray]] = {}
    for one in np.unique(window.series).tolist():
        number, metric = about[one]
        part = window.of(one)
        endpoint = endpoint_of_number(number) or 0
        raw.setdefault(endpoint, {})[metric] = part.max if metric in METRICS[3:5] else part.mean
    return {endpoint: _figures(values) for endpoint, values in raw.items()}


def _figures(values: Mapping[str, np.ndarray]) -> dict[str, float]:
    found: dict[str, float] = {}
    losses = [float(values[name].mean()) for name in METRICS[:2] if name in values]
    if losses:
        found["loss"] = max(losses)
    for name, key, pick in ((METRICS[2], "rtt_s", np.median), (METRICS[3], "loudest_dbfs", np.max),
                            (METRICS[4], "brightest", np.max)):  # fmt: skip
        if name in values:
            found[key] = float(pick(values[name]))
    if METRICS[5] in values:
        found["devices_ok"] = float(values[METRICS[5]][-1])  # what was put right in the wave counts as right
    return found
