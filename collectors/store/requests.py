"""The queue of "poll now": a row is written by a page, claimed by a worker, answered in the same row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, delete, or_, select, update

from collectors.models import PollRequest
from core import Session
from inventory import Device

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
    open_one = session.scalar(
        select(PollRequest)
        .where(PollRequest.device_id == device_id, PollRequest.done_at.is_(None))
        .where(PollRequest.requested_at > now - CLAIM_LASTS)
        .limit(1)
    )
    if open_one is not None:
        return open_one
    request = PollRequest(device_id=device_id, requested_by=requested_by[:100], requested_at=now)
    session.add(request)
    session.flush()
    return request


def has_open_requests(session: Session) -> bool:
    """Whether there may be something to claim; only reads."""
    return session.scalar(select(PollRequest.id).where(PollRequest.done_at.is_(None)).limit(1)) is not None


def claim_polls(session: Session, now: datetime, limit: int, shard: tuple[int, int] = (0, 1)) -> list[PollRequest]:
    """Take up to `limit` open requests, oldest first. Of several workers only one gets each: the UPDATE decides.

    Of `shard` (i, n) only those of devices whose site falls to it.
    """
    is_free = or_(PollRequest.claimed_at.is_(None), PollRequest.claimed_at < now - CLAIM_LASTS)
    chosen = select(PollRequest).where(PollRequest.done_at.is_(None), is_free)
    if shard[1] > 1:
        own = select(Device.id).where(Device.site_id % shard[1] == shard[0])
        chosen = chosen.where(PollRequest.device_id.in_(own))
    candidates = session.scalars(chosen.order_by(PollRequest.requested_at).limit(limit)).all()
    claimed = []
    for request in candidates:
        taken = session.execute(
            update(PollRequest)
            .where(PollRequest.id == request.id, PollRequest.done_at.is_(None), is_free)
            .values(claimed_at=now),
            execution_options={"synchronize_session": False},
        )
        if isinstance(taken, CursorResult) and taken.rowcount == 1:
            claimed.append(request)
    return claimed


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
