"""The queue of "record this device": a page writes a row, a worker claims it and puts the result into it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import defer

from collectors.models import DeviceRecording
from collectors.store.queue import ask_once, claim, has_open
from core import Session

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
    return ask_once(session, DeviceRecording, device_id, requested_by, now, CLAIM_LASTS)


def has_open_recordings(session: Session) -> bool:
    """Whether there may be something to claim; only reads."""
    return has_open(session, DeviceRecording)


def claim_recording(session: Session, now: datetime, shard: tuple[int, int] = (0, 1)) -> tuple[int, int] | None:
    """(id, device id) of the oldest open wish, which is then this worker's; None when there is none."""
    claimed = claim(session, DeviceRecording, now, 1, CLAIM_LASTS, shard)
    return (claimed[0].id, claimed[0].device_id) if claimed else None


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
