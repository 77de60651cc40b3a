"""Will an endpoint manage the meeting: findings, verdict, action; calls; rehearsals."""

from conference.readiness.assessing import Instruments, assess
from conference.readiness.facts import Facts
from conference.readiness.judging import Finding, Limits, Verdict, counts_of, judge_endpoint
from conference.readiness.models import PathReading, Readiness, ReadinessCall, ReadinessRun, RehearsalEntry
from conference.readiness.paths import PATH_CAUSES, diagnose_path
from conference.readiness.step import LOOPS
from conference.readiness.store.roll import called_to, paths_of
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
    "ACTIONS", "LOOPS", "MILESTONES", "OUTCOMES", "PATH_CAUSES", "REASONS", "REHEARSAL_STATES", "STATES", "Facts",
    "Finding", "Instruments", "Limits", "PathReading", "Readiness", "ReadinessCall", "ReadinessRun", "RehearsalEntry",
    "Verdict", "assess", "called_to", "calls_about", "calls_of", "counts_by_meeting", "counts_of", "diagnose_path",
    "judge_endpoint", "milestones_of", "note_calls", "paths_of", "readiness_of", "run_of", "save_verdicts",
    "sentence", "undo_call",
]
