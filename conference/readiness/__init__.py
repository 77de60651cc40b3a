"""Will an endpoint manage the meeting: findings, verdict, action; calls; rehearsals."""

from conference.readiness.assessing import Instruments, assess
from conference.readiness.facts import Facts
from conference.readiness.judging import Finding, Limits, Verdict, counts_of, judge_endpoint
from conference.readiness.models import PathReading, Readiness, ReadinessCall, ReadinessRun, RehearsalEntry
from conference.readiness.paths import PATH_CAUSES, diagnose_path
from conference.readiness.rehearsing import REHEARSAL_REASONS, Measured, judge_rehearsal, plan_waves
from conference.readiness.step import LOOPS
from conference.readiness.store.messages import Mailing, send_message, who_gets
from conference.readiness.store.rehearsals import (
    RehearsalPlan,
    decide,
    entries_of,
    plan_rehearsal,
    rehearsals_of,
    settle_rehearsals,
)
from conference.readiness.store.roll import called_to, commands_between, paths_of
from conference.readiness.store.saving import (
    calls_about,
    calls_of,
    counts_by_meeting,
    milestones_of,
    note_calls,
    readiness_of,
    run_of,
    save_verdicts,
    undo_call,
)
from conference.readiness.words import ACTIONS, MILESTONES, OUTCOMES, REASONS, REHEARSAL_STATES, STATES, sentence

__all__ = [
    "ACTIONS", "LOOPS", "MILESTONES", "OUTCOMES", "PATH_CAUSES", "REASONS", "REHEARSAL_REASONS", "REHEARSAL_STATES",
    "STATES", "Facts", "Finding", "Instruments", "Limits", "Mailing", "Measured", "PathReading", "Readiness",
    "ReadinessCall", "ReadinessRun", "RehearsalEntry", "RehearsalPlan", "Verdict", "assess", "called_to",
    "calls_about", "calls_of", "commands_between", "counts_by_meeting", "counts_of", "decide", "diagnose_path",
    "entries_of", "judge_endpoint", "judge_rehearsal", "milestones_of", "note_calls", "paths_of", "plan_rehearsal",
    "plan_waves", "readiness_of", "rehearsals_of", "run_of", "save_verdicts", "send_message", "sentence",
    "settle_rehearsals", "undo_call", "who_gets",
]
