"""Compiled plans kept over a restart: one row a device, and the pieces that like devices share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from collectors.models import KeptPlan, PlanPiece
from core import Session
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
    for key, body in plan.pieces.items():
        if key not in known:
            _add_piece(session, key, body)
    row = session.get(KeptPlan, plan.device_id)
    if row is None:
        row = KeptPlan(device_id=plan.device_id)
        session.add(row)
    row.wish, row.profiles, row.surveyed_at = plan.wish, plan.profiles, plan.surveyed_at
    row.reason, row.detail = plan.reason, plan.detail[:DETAIL_LIMIT]
    row.body, row.pieces = plan.body, " ".join(plan.pieces)


def _add_piece(session: Session, key: str, body: bytes) -> None:
    try:
        with session.begin_nested():
            session.add(PlanPiece(key=key, body=body))
    except IntegrityError:
        return  # another worker was quicker: the same digest is the same piece


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
