"""What the schedule asks of a meeting system during the rest of a day, hour by hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from conference import capacity
from core import Session

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class HourNeed:
    """One hour of the schedule at its worst moment. `available` bridges are entered; bits a second of all together."""

    starts_at: datetime
    need: capacity.Moment
    available: int
    trunk_bps: int | None

    @property
    def share(self) -> float | None:
        """Bridges needed of those there are; None without any."""
        return self.need.bridges / self.available if self.available else None

    @property
    def state(self) -> str:
        """good, attention (not one bridge may fail) or down (more is needed than there is)."""
        is_over = self.trunk_bps is not None and self.need.out_bps > self.trunk_bps
        if self.need.bridges > self.available or is_over:
            return "down"
        return "attention" if self.need.bridges == self.available else "good"


def hours_of(
    moments: Sequence[capacity.Moment], limits: capacity.SystemLimits, start: datetime, end: datetime
) -> list[HourNeed]:
    """The hours between two moments in which any meeting is open. What was so before an hour lasts into it."""
    found: list[HourNeed] = []
    hour = start
    while hour < end:
        before = [one for one in moments if one.at <= hour]
        within = [one for one in moments if hour < one.at < hour + HOUR]
        needs = [HourNeed(hour, one, len(limits.bridges), limits.trunk_bps) for one in (*before[-1:], *within)]
        worst = max(needs, key=lambda one: (one.state == "down", one.need.bridges, one.need.out_bps), default=None)
        if worst is not None and worst.need.meetings:
            found.append(worst)
        hour += HOUR
    return found


def forecast(session: Session, system_id: int, start: datetime, end: datetime) -> list[HourNeed]:
    """The hours of a system between two moments, by its booked meetings."""
    moments = capacity.forecast_of(session, system_id, start, end)
    return hours_of(moments, capacity.system_limits(session, system_id), start, end)
