"""The loop of forgetting: each turn takes a bounded bunch from each kind, each in a transaction of its own."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from conference.bench import Bench, Loop
from conference.jitsi import desk_of
from conference.retention.store import KINDS, Cutoffs, forget, hold_counts
from conference.settings import ConferenceSettings
from core import Database

log = structlog.get_logger(__name__)
AT_ONCE = 2000      # rows of one kind a transaction: some 30 ms, so nobody waits for it
ROUNDS = 5          # transactions of one kind a turn


def cutoffs_of(settings: ConferenceSettings, now: datetime) -> Cutoffs:
    """The moments before which each kind goes."""
    def before(days: int) -> datetime:
        return now - timedelta(days=days)

    return Cutoffs(
        before(settings.keep_evidence_days), before(settings.keep_live_days), before(settings.keep_readiness_days),
        before(settings.keep_invitation_days), before(settings.keep_command_days),
    )  # fmt: skip


def prune(database: Database, cutoffs: Cutoffs, at_once: int = AT_ONCE, rounds: int = ROUNDS) -> dict[str, int]:
    """One turn: kind -> rows that went. What a turn has no time for waits for the next."""
    with database.session() as session:
        hold_counts(session, cutoffs)  # before anything goes: no meeting is counted by half of its evidence
    gone: dict[str, int] = {}
    for kind in KINDS:
        for _round in range(rounds):
            with database.session() as session:
                taken = forget(session, kind, cutoffs, at_once)
            gone[kind] = gone.get(kind, 0) + taken
            if taken < at_once:
                break
    return {kind: number for kind, number in gone.items() if number}


def step(bench: Bench, now: datetime) -> None:
    """Forget what is old, the answerer's own file included."""
    settings = bench.settings[ConferenceSettings]
    before = now - timedelta(days=settings.keep_spool_days)
    lost = desk_of(bench.settings.core.data_dir).forget_spooled(before.timestamp())
    if lost:
        log.warning("what meeting servers told was never taken by the database and is too old", entries=lost)
    gone = prune(bench.database, cutoffs_of(settings, now))
    if gone:
        log.info("old traces of meetings were removed", **gone)


LOOP = Loop("retention", 900.0, step)
