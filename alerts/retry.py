"""Trying again, written once: what becomes of a message after an attempt. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from core import GiveUp, OutsideFailure, TryLater


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Seconds and number of attempts."""

    first_s: float = 10.0
    longest_s: float = 900.0
    attempts: int = 8


@dataclass(frozen=True, slots=True)
class Verdict:
    """The message's next state; `due_at` is set when it waits for another attempt."""

    state: Literal["sent", "queued", "failed"]
    reason: str
    detail: str = ""
    due_at: datetime | None = None


def after_attempt(
    failure: OutsideFailure | None, attempts: int, now: datetime, policy: RetryPolicy, spread: float
) -> Verdict:
    """What an attempt's end means. `attempts` counts the one that just ended.

    `spread` 0..1 lengthens the wait by up to a tenth, so that many messages do not come back at one moment.
    """
    if failure is None:
        return Verdict("sent", "sent")
    if isinstance(failure, GiveUp):
        return Verdict("failed", failure.reason, failure.detail)
    if attempts >= policy.attempts:
        return Verdict("failed", "too_many_attempts", failure.reason)
    wait = min(policy.first_s * 2 ** (attempts - 1), policy.longest_s) * (1.0 + spread / 10)
    after = failure.after if isinstance(failure, TryLater) else None
    if after is not None:
        wait = max(wait, after.total_seconds())
    return Verdict("queued", failure.reason, failure.detail, now + timedelta(seconds=wait))
