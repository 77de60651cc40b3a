"""How readings and checks went last: written in bulk, one row a device or check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from collectors.models import CheckState, PollState
from core import Session
from inventory import Check, Device

DETAIL_LIMIT = 500
# SQLite takes at most 32,766 bound values in one statement.
SLICE = 5000


@dataclass(frozen=True, slots=True)
class PollOutcome:
    """A device's state of reading, as PollState keeps it."""

    device_id: int
    last_poll_at: datetime
    last_ok_at: datetime | None
    last_survey_at: datetime | None
    reason: str
    detail: str
    since: datetime
    repeats: int
    requests: int
    seconds: float
    timeouts: int
    chunk: int
    missed: int


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """A check's state, as CheckState keeps it."""

    check_id: int
    last_at: datetime
    is_ok: bool
    reason: str
    detail: str
    since: datetime
    seconds: float


def save_poll_states(session: Session, outcomes: Iterable[PollOutcome]) -> None:
    """Write many states at once; devices that were deleted meanwhile are left out."""
    _save(session, PollState, "device_id", Device, outcomes)


def save_check_states(session: Session, outcomes: Iterable[CheckOutcome]) -> None:
    """Write many states at once; checks that were deleted meanwhile are left out."""
    _save(session, CheckState, "check_id", Check, outcomes)


def poll_states(session: Session, device_ids: Sequence[int] | None = None) -> dict[int, PollState]:
    """States by device: of the devices named (the caller knows that they may be seen), or of all."""
    if device_ids is None:
        return {state.device_id: state for state in session.scalars(select(PollState))}
    found: dict[int, PollState] = {}
    for start in range(0, len(device_ids), SLICE):
        part = list(device_ids[start : start + SLICE])
        chosen = select(PollState).where(PollState.device_id.in_(part))
        found.update((state.device_id, state) for state in session.scalars(chosen))
    return found


def check_states(session: Session, device_id: int | None = None) -> dict[int, CheckState]:
    """States by check, of one device (the caller knows that it may be seen), or of all."""
    chosen = select(CheckState)
    if device_id is not None:
        chosen = chosen.join(Check, Check.id == CheckState.check_id).where(Check.device_id == device_id)
    return {state.check_id: state for state in session.scalars(chosen)}


def reason_counts(session: Session) -> dict[str, int]:
    """How many devices have each reason, most first: what the health page shows of reading."""
    number = func.count()
    chosen = select(PollState.reason, number).group_by(PollState.reason).order_by(number.desc(), PollState.reason)
    return {reason: int(count) for reason, count in session.execute(chosen)}


def _save(session: Session, model: type[Any], key: str, owner: type[Any], outcomes: Iterable[Any]) -> None:
    rows: Mapping[int, dict[str, Any]] = {getattr(one, key): _row(one) for one in outcomes}
    ids = list(rows)
    for start in range(0, len(ids), SLICE):
        part = ids[start : start + SLICE]
        alive = set(session.scalars(select(owner.id).where(owner.id.in_(part))))
        known = set(session.scalars(select(getattr(model, key)).where(getattr(model, key).in_(part))))
        changed = [rows[one] for one in part if one in known and one in alive]
        added = [rows[one] for one in part if one not in known and one in alive]
        if changed:
            session.execute(update(model), changed)
        if added:
            session.execute(insert(model), added)


def _row(outcome: Any) -> dict[str, Any]:
    row = asdict(outcome)
    row["detail"] = row["detail"][:DETAIL_LIMIT]
    return row
