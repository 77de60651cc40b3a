"""Compiled plans kept over a restart: one row a device, and the pieces that like devices share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from collectors.models import KeptPlan, PlanPiece
from core import Session, insert_missing
from inventory import Device

DETAIL_LIMIT = 500


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A device's plan as its reader packed it; see KeptPlan for the fields."""

    device_id: int
    wish: str
    profiles: str
    surveyed_at: datetime
    reason: str
    detail: str
    body: bytes
    pieces: Mapping[str, bytes]


def keep_plan(session: Session, plan: StoredPlan) -> None:
    """Write a device's plan over the one before; nothing for a device that was deleted meanwhile."""
    if session.get(Device, plan.device_id) is None:
        return
    known = set(session.scalars(select(PlanPiece.key).where(PlanPiece.key.in_(list(plan.pieces)))))
    # In one order by all workers: two that wait for each other's pieces would be parted by PostgreSQL, and one fail
    fresh = [{"key": key, "body": body} for key, body in sorted(plan.pieces.items()) if key not in known]
    insert_missing(session, PlanPiece, fresh)
    values = {
        "wish": plan.wish, "profiles": plan.profiles, "surveyed_at": plan.surveyed_at, "reason": plan.reason,
        "detail": plan.detail[:DETAIL_LIMIT], "body": plan.body, "pieces": " ".join(plan.pieces),
    }
    insert_missing(session, KeptPlan, [{"device_id": plan.device_id, **values}])
    session.execute(update(KeptPlan).where(KeptPlan.device_id == plan.device_id).values(values))


def kept_plans(session: Session) -> list[StoredPlan]:
    """All plans kept, with their pieces; a plan one of whose pieces is missing is left out."""
    pieces = {row.key: row.body for row in session.execute(select(PlanPiece.key, PlanPiece.body))}
    rows = session.execute(select(
        KeptPlan.device_id, KeptPlan.wish, KeptPlan.profiles, KeptPlan.surveyed_at, KeptPlan.reason, KeptPlan.detail,
        KeptPlan.body, KeptPlan.pieces,
    ))  # fmt: skip
    return [
        StoredPlan(*row[:7], {key: pieces[key] for key in row.pieces.split()})
        for row in rows
        if all(key in pieces for key in row.pieces.split())
    ]


def prune_pieces(session: Session) -> int:
    """Remove pieces that no plan names any more; how many."""
    named = {key for names in session.scalars(select(KeptPlan.pieces)) for key in names.split()}
    loose = [key for key in session.scalars(select(PlanPiece.key)) if key not in named]
    for start in range(0, len(loose), 500):
        session.execute(delete(PlanPiece).where(PlanPiece.key.in_(loose[start : start + 500])))
    return len(loose)
