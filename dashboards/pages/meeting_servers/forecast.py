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
    """One hour of the schedule at its worst moment. `needed` bridges of `available`; bits a second of all together."""

    starts_at: datetime
    meetings: int
    endpoints: int
    out_bps: int
    needed: int
    available: int
    trunk_bps: int | None
    recorders: int

    @property
    def share(self) -> float | None:
        """Bridges needed of those there are; None without any."""
        return self.needed / self.available if self.available else None

    @property
    def state(self) -> str:
        """good, attention (not one bridge may fail) or down (more is needed than there is)."""
        is_over = self.trunk_bps is not None and self.out_bps > self.trunk_bps
        if self.needed > self.available or is_over:
            return "down"
        return "attention" if self.needed == self.available else "good"


def hours_of(
    loads: Sequence[capacity.MeetingLoad], limits: capacity.SystemLimits, figures: capacity.Figures,
    start: datetime, end: datetime,
) -> list[HourNeed]:
    """The hours between two moments in which any meeting is open."""
    found: list[HourNeed] = []
    hour = start
    while hour < end:
        open_now = [one for one in loads if one.opens_at < hour + HOUR and hour < one.closes_at]
        if open_now:
            found.append(_need(open_now, limits, figures, hour))
        hour += HOUR
    return found


def _need(
    loads: Sequence[capacity.MeetingLoad], limits: capacity.SystemLimits, figures: capacity.Figures, hour: datetime
) -> HourNeed:
    # A meeting of nobody that lasts the hour: its plan is what all others ask at the hour's worst moment
    nobody = capacity.MeetingLoad("", hour, hour, hour + HOUR, ())
    plan = capacity.plan_capacity(nobody, loads, limits, {}, figures)
    return HourNeed(
        hour, len(loads), plan.bridges.receivers, plan.trunk.out_bps, plan.bridges.needed, plan.bridges.available,
        plan.trunk.limit, plan.recorders_needed,
    )


def forecast(session: Session, system_id: int, start: datetime, end: datetime) -> list[HourNeed]:
    """The hours of a system between two moments, by its booked meetings."""
    figures = capacity.shipped_figures()
    loads = capacity.loads_between(session, system_id, start, end, figures)
    return hours_of(loads, capacity.system_limits(session, system_id), figures, start, end) if loads else []
