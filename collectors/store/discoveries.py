"""Searches for devices as rows: ordered by a page or command, claimed by a worker, progress and finds written back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, select, update

from collectors.models import DiscoveryFind, DiscoveryRun
from core import Session

# A running search reports at least each few seconds; one that was silent this long has lost its worker.
CLAIM_LASTS = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class DiscoveryOrder:
    """What to search, with which credentials (typed communities come sealed), for which site."""

    targets: str
    port: int = 161
    site_id: int | None = None
    credential_ids: tuple[int, ...] = ()
    sealed: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search is: addresses to ask, asked, that answered ping or SNMP, that were identified."""

    total: int = 0
    asked: int = 0
    answered: int = 0
    identified: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """An address that answered. `reason` is how identifying it ended; `device_id`: who has this address."""

    address: str
    port: int
    reason: str
    rtt_s: float | None = None
    name: str = ""
    kind: str = "other"
    vendor: str = ""
    model: str = ""
    profile: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    credential_id: int | None = None
    sealed: str = ""
    device_id: int | None = None

    def at_device(self, device_id: int | None) -> Found:
        """The same, with the device that has this address."""
        return replace(self, device_id=device_id)


def start_discovery(session: Session, order: DiscoveryOrder, requested_by: str, now: datetime) -> DiscoveryRun:
    """Put a search into the queue."""
    run = DiscoveryRun(
        targets=order.targets,
        port=order.port,
        site_id=order.site_id,
        credential_ids=json.dumps(list(order.credential_ids)),
        sealed=order.sealed,
        requested_by=requested_by[:100],
        requested_at=now,
    )
    session.add(run)
    session.flush()
    return run


def start_running_discovery(session: Session, order: DiscoveryOrder, requested_by: str, now: datetime) -> DiscoveryRun:
    """A row for a search that its own process carries out (the command line); no worker takes it."""
    run = start_discovery(session, order, requested_by, now)
    run.state, run.claimed_at = "running", now
    session.flush()
    return run


def has_waiting_discovery(session: Session) -> bool:
    """Whether there may be something to claim; only reads."""
    return session.scalar(select(DiscoveryRun.id).where(DiscoveryRun.done_at.is_(None)).limit(1)) is not None


def claim_discovery(session: Session, now: datetime) -> DiscoveryRun | None:
    """Take the oldest waiting search; only one of several workers gets it. Those that lost their worker have failed."""
    session.execute(
        update(DiscoveryRun)
        .where(DiscoveryRun.state == "running", DiscoveryRun.claimed_at < now - CLAIM_LASTS)
        .values(state="failed", reason="interrupted", done_at=now, sealed="")
    )
    for run in session.scalars(
        select(DiscoveryRun).where(DiscoveryRun.state == "waiting").order_by(DiscoveryRun.requested_at).limit(5)
    ).all():
        taken = session.execute(
            update(DiscoveryRun)
            .where(DiscoveryRun.id == run.id, DiscoveryRun.state == "waiting")
            .values(state="running", claimed_at=now),
            execution_options={"synchronize_session": False},
        )
        if isinstance(taken, CursorResult) and taken.rowcount == 1:
            return run
    return None


def note_progress(session: Session, run_id: int, progress: Progress) -> bool:
    """Write how far the search is; True when a person has cancelled it."""
    session.execute(
        update(DiscoveryRun)
        .where(DiscoveryRun.id == run_id)
        .values(
            total=progress.total,
            asked=progress.asked,
            answered=progress.answered,
            identified=progress.identified,
        )
    )
    return bool(session.scalar(select(DiscoveryRun.is_cancelled).where(DiscoveryRun.id == run_id)))


def end_discovery(session: Session, run_id: int, now: datetime, reason: str = "", detail: str = "") -> None:
    """Close a search: done without a reason, cancelled, or failed. The typed communities are forgotten with it."""
    state = {"": "done", "cancelled": "cancelled"}.get(reason, "failed")
    session.execute(
        update(DiscoveryRun)
        .where(DiscoveryRun.id == run_id)
        .values(state=state, reason=reason, detail=detail[:500], done_at=now, sealed="")
    )


def cancel_discovery(session: Session, run_id: int, now: datetime) -> bool:
    """Stop a search: a waiting one at once, a running one at its next step. False when it is over already."""
    waiting = session.execute(
        update(DiscoveryRun)
        .where(DiscoveryRun.id == run_id, DiscoveryRun.state == "waiting")
        .values(state="cancelled", reason="cancelled", is_cancelled=True, done_at=now, sealed="")
    )
    running = session.execute(
        update(DiscoveryRun).where(DiscoveryRun.id == run_id, DiscoveryRun.state == "running").values(is_cancelled=True)
    )
    return any(isinstance(one, CursorResult) and one.rowcount for one in (waiting, running))


def discovery_runs(session: Session, limit: int = 20) -> Sequence[DiscoveryRun]:
    """The newest searches first."""
    return session.scalars(
        select(DiscoveryRun).order_by(DiscoveryRun.requested_at.desc(), DiscoveryRun.id.desc()).limit(limit)
    ).all()


def get_discovery(session: Session, run_id: int) -> DiscoveryRun | None:
    """The search, or None."""
    return session.get(DiscoveryRun, run_id)


def add_finds(session: Session, run_id: int, finds: Sequence[Found], now: datetime) -> list[DiscoveryFind]:
    """Keep what was found, for a person to accept or ignore."""
    rows = [
        DiscoveryFind(
            run_id=run_id,
            address=one.address[:253],
            port=one.port,
            reason=one.reason,
            rtt_s=one.rtt_s,
            name=one.name[:200],
            kind=one.kind,
            vendor=one.vendor[:100],
            model=one.model[:200],
            profile=one.profile[:100],
            facts=json.dumps(dict(one.facts), ensure_ascii=False),
            credential_id=one.credential_id,
            sealed=one.sealed,
            device_id=one.device_id,
            found_at=now,
        )
        for one in finds
    ]
    session.add_all(rows)
    session.flush()
    return rows


def finds_of(session: Session, run_id: int, state: str | None = None) -> Sequence[DiscoveryFind]:
    """What a search found, in the order of finding; those of one state when it is named."""
    chosen = select(DiscoveryFind).where(DiscoveryFind.run_id == run_id)
    if state is not None:
        chosen = chosen.where(DiscoveryFind.state == state)
    return session.scalars(chosen.order_by(DiscoveryFind.id)).all()


def find_by_id(session: Session, find_id: int) -> DiscoveryFind | None:
    """One find, or None."""
    return session.get(DiscoveryFind, find_id)


def mark_find(session: Session, find_id: int, state: str, device_id: int | None = None) -> bool:
    """Move a find from "found" to accepted or ignored (or back); False when somebody else was faster."""
    before = "ignored" if state == "found" else "found"
    changed = session.execute(
        update(DiscoveryFind)
        .where(DiscoveryFind.id == find_id, DiscoveryFind.state == before)
        .values(state=state, device_id=device_id, **({"sealed": ""} if state == "accepted" else {}))
    )
    return isinstance(changed, CursorResult) and changed.rowcount == 1


def forget_secrets(session: Session) -> int:
    """Empty what the lost key file had sealed here; how many rows. Finds with a typed community lose it."""
    gone = 0
    for model in (DiscoveryRun, DiscoveryFind):
        emptied = session.execute(update(model).where(model.sealed != "").values(sealed=""))
        gone += emptied.rowcount if isinstance(emptied, CursorResult) else 0
    return gone
