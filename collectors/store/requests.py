"""The queue of "poll now": a row is written by a page, claimed by a worker, answered in the same row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, delete, select, update

from collectors.models import PollRequest
from collectors.store.queue import ask_once, claim, has_open
from core import Session

# A worker that died leaves its claim behind; nothing takes this long.
CLAIM_LASTS = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class RequestResult:
    """What a reading on request gave: reason, detail for a person, and the JSON text of the reading ("" when none)."""

    reason: str
    detail: str = ""
    result: str = ""


def request_poll(session: Session, device_id: int, requested_by: str, now: datetime) -> PollRequest:
    """Ask for a reading of this device now. One that is open already is returned instead of a second."""
    return ask_once(session, PollRequest, device_id, requested_by, now, CLAIM_LASTS)


def has_open_requests(session: Session) -> bool:
    """Whether there may be something to claim; only reads."""
    return has_open(session, PollRequest)


def claim_polls(session: Session, now: datetime, limit: int, shard: tuple[int, int] = (0, 1)) -> list[PollRequest]:
    """Take up to `limit` open requests, oldest first; see `queue.claim`."""
    return claim(session, PollRequest, now, limit, CLAIM_LASTS, shard)


def finish_poll_request(session: Session, request_id: int, result: RequestResult, now: datetime) -> None:
    """Write the answer into the request's row."""
    session.execute(
        update(PollRequest)
        .where(PollRequest.id == request_id)
        .values(done_at=now, reason=result.reason, detail=result.detail[:500], result=result.result)
    )


def get_poll_request(session: Session, request_id: int) -> PollRequest | None:
    """The request, or None."""
    return session.get(PollRequest, request_id)


def latest_poll_request(session: Session, device_id: int) -> PollRequest | None:
    """The newest request of a device, or None."""
    chosen = select(PollRequest).where(PollRequest.device_id == device_id)
    return session.scalar(chosen.order_by(PollRequest.requested_at.desc(), PollRequest.id.desc()).limit(1))


def prune_requests(session: Session, before: datetime) -> int:
    """Forget requests older than `before`; returns how many."""
    gone = session.execute(delete(PollRequest).where(PollRequest.requested_at < before))
    return gone.rowcount if isinstance(gone, CursorResult) else 0
