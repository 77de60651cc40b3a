"""The queue of "record this device": a page writes a row, a worker claims it and puts the result into it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, delete, or_, select, update
from sqlalchemy.orm import defer

from collectors.models import DeviceRecording
from core import Session
from inventory import Device

# A worker that died leaves its claim behind; a recording takes at most ten minutes.
CLAIM_LASTS = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class RecordingResult:
    """What recording gave. `body` is None when nothing came; `kept` are the texts for a person to look through."""

    reason: str
    detail: str = ""
    name: str = ""
    kept: Sequence[str] = ()
    variables: int = 0
    replaced: int = 0
    body: bytes | None = None


def request_recording(session: Session, device_id: int, requested_by: str, now: datetime) -> DeviceRecording:
    """Ask for a recording. One that is open already is returned instead of a second."""
    open_one = session.scalar(
        select(DeviceRecording)
        .where(DeviceRecording.device_id == device_id, DeviceRecording.done_at.is_(None))
        .where(DeviceRecording.requested_at > now - CLAIM_LASTS)
        .limit(1)
    )
    if open_one is not None:
        return open_one
    wish = DeviceRecording(device_id=device_id, requested_by=requested_by[:100], requested_at=now)
    session.add(wish)
    session.flush()
    return wish


def has_open_recordings(session: Session) -> bool:
    """Whether there may be something to claim; only reads."""
    return session.scalar(select(DeviceRecording.id).where(DeviceRecording.done_at.is_(None)).limit(1)) is not None


def claim_recording(session: Session, now: datetime, shard: tuple[int, int] = (0, 1)) -> tuple[int, int] | None:
    """(id, device id) of the oldest open wish, which is then this worker's; None when there is none."""
    is_free = or_(DeviceRecording.claimed_at.is_(None), DeviceRecording.claimed_at < now - CLAIM_LASTS)
    chosen = select(DeviceRecording.id, DeviceRecording.device_id).where(DeviceRecording.done_at.is_(None), is_free)
    if shard[1] > 1:
        own = select(Device.id).where(Device.site_id % shard[1] == shard[0])
        chosen = chosen.where(DeviceRecording.device_id.in_(own))
    for wish_id, device_id in session.execute(chosen.order_by(DeviceRecording.requested_at).limit(5)).all():
        taken = session.execute(
            update(DeviceRecording)
            .where(DeviceRecording.id == wish_id, DeviceRecording.done_at.is_(None), is_free)
            .values(claimed_at=now),
            execution_options={"synchronize_session": False},
        )
        if isinstance(taken, CursorResult) and taken.rowcount == 1:
            return wish_id, device_id
    return None


def note_recording(session: Session, wish_id: int, variables: int) -> None:
    """Write the progress down."""
    session.execute(update(DeviceRecording).where(DeviceRecording.id == wish_id).values(variables=variables))


def finish_recording(session: Session, wish_id: int, result: RecordingResult, now: datetime) -> None:
    """Write the result into the wish's row."""
    session.execute(update(DeviceRecording).where(DeviceRecording.id == wish_id).values(
        done_at=now, reason=result.reason, detail=result.detail[:500], name=result.name, body=result.body,
        kept=json.dumps(list(result.kept), ensure_ascii=False), variables=result.variables, replaced=result.replaced,
    ))  # fmt: skip


def get_recording(session: Session, wish_id: int) -> DeviceRecording | None:
    """One wish with its result, or None."""
    return session.get(DeviceRecording, wish_id)


def latest_recording(session: Session, device_id: int) -> DeviceRecording | None:
    """The newest of a device without its body, or None."""
    chosen = select(DeviceRecording).options(defer(DeviceRecording.body)).where(DeviceRecording.device_id == device_id)
    return session.scalar(chosen.order_by(DeviceRecording.requested_at.desc(), DeviceRecording.id.desc()).limit(1))


def prune_recordings(session: Session, before: datetime) -> int:
    """Forget wishes older than `before`, with what they gave; how many."""
    gone = session.execute(delete(DeviceRecording).where(DeviceRecording.requested_at < before))
    return gone.rowcount if isinstance(gone, CursorResult) else 0
