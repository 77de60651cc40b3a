"""When each endpoint joins, so that 600 of them never knock at one moment. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, zip_longest
from math import ceil

from conference.capacity.figures import Figures
from conference.capacity.load import Seat, SystemLimits

WAVE = timedelta(seconds=60)  # how a person is shown the plan; each endpoint has a second of its own


@dataclass(frozen=True, slots=True)
class Wave:
    """Endpoints that join within one minute."""

    begins_at: datetime
    endpoint_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class JoinPlan:
    """`joins_at` by endpoint, at `rate` a second. `limit` says what set the rate: a word of JOIN_LIMITS."""

    rate: float
    limit: str
    begins_at: datetime
    ends_at: datetime
    joins_at: dict[int, datetime]
    waves: tuple[Wave, ...]


JOIN_LIMITS = ("planner", "prosody", "bridges")


def join_rate(limits: SystemLimits, figures: Figures) -> tuple[float, str]:
    """Joins a second that Prosody takes and that leave the bridges below their limit of stress, and which of them.

    Jicofo adds 0.01 stress for each join of the last 20 s to a bridge, so that the bridges take
    (limit - stress now) / 0.01 joins each in any 20 s.
    """
    bridges = max(1, len(limits.bridges))
    spare = max(figures.stress_limit - limits.stress, figures.stress_per_join)
    choices = (
        (figures.planned_joins_per_second, "planner"),
        (limits.joins_per_second or figures.joins_per_second, "prosody"),
        (bridges * spare / figures.stress_per_join / figures.burst_seconds, "bridges"),
    )
    return min(choices)


def seconds_to_join(count: int, joins_per_second: float) -> float:
    """How long so many need at that rate."""
    return count / joins_per_second


def plan_joining(
    seats: Sequence[Seat], starts_at: datetime, opens_at: datetime, limits: SystemLimits, figures: Figures
) -> JoinPlan:
    """Speakers first, then the others, neighbours of one provider or unit apart: they may share an address (NAT).

    Begins when people are let in, or later where 20 minutes before the start are enough.
    """
    ordered = [seat for seat in _in_order(seats) if seat.endpoint_id is not None]
    rate, limit = join_rate(limits, figures)
    lasts = timedelta(seconds=ceil(seconds_to_join(max(0, len(ordered) - 1), rate)))
    usual = starts_at - timedelta(minutes=figures.join_lead_minutes)
    begins_at = max(opens_at, min(usual, starts_at - lasts))
    joins_at = {
        seat.endpoint_id: begins_at + timedelta(seconds=number / rate)
        for number, seat in enumerate(ordered) if seat.endpoint_id is not None
    }
    waves: dict[int, list[int]] = defaultdict(list)
    for endpoint_id, moment in joins_at.items():
        waves[(moment - begins_at) // WAVE].append(endpoint_id)
    return JoinPlan(
        rate, limit, begins_at, max(joins_at.values(), default=begins_at), joins_at,
        tuple(Wave(begins_at + number * WAVE, tuple(ids)) for number, ids in waves.items()),
    )


def _in_order(seats: Sequence[Seat]) -> list[Seat]:
    speakers = [seat for seat in seats if seat.speaks]
    return _apart(speakers) + _apart([seat for seat in seats if not seat.speaks])


def _apart(seats: Sequence[Seat]) -> list[Seat]:
    """One of each group in turn, so that those of a group stand as far from each other as they can."""
    groups: dict[str, list[Seat]] = defaultdict(list)
    for seat in seats:
        groups[seat.group].append(seat)
    turns = zip_longest(*sorted(groups.values(), key=len, reverse=True))
    return [seat for seat in chain.from_iterable(turns) if seat is not None]
