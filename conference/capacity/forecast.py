"""What the meetings of a day ask of a meeting system, from one moment to the next. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from conference.capacity.figures import Figures
from conference.capacity.load import MeetingLoad, SystemLimits, spread_over, weigh
from conference.capacity.servers import bridges_for


@dataclass(frozen=True, slots=True)
class Moment:
    """From `at` on, until the next moment: so many meetings are open and ask for so much."""

    at: datetime
    meetings: int
    receivers: int
    out_bps: int
    in_bps: int
    recorders: int
    bridges: int


def forecast(
    loads: Sequence[MeetingLoad], limits: SystemLimits, start: datetime, end: datetime, figures: Figures
) -> tuple[Moment, ...]:
    """The load of [start, end), one moment for each change. Everybody invited is taken for present."""
    weighed = [(load, weigh(load, figures)) for load in loads]
    moments = sorted({start} | {at for load in loads for at in (load.opens_at, load.closes_at) if start < at < end})
    card = min((card or figures.bridge_bps for card in limits.bridges), default=figures.bridge_bps)
    found = []
    for at in moments:
        open_now = [weight for load, weight in weighed if load.opens_at <= at < load.closes_at]
        receivers = sum(one.receivers + one.recorders for one in open_now)
        out = sum(one.out_bps for one in open_now)
        needed = max(bridges_for(receivers, limits.bridge_limit, figures),
                     spread_over(out, int(card * figures.bridge_share)))
        found.append(Moment(at, len(open_now), receivers, out, sum(one.in_bps for one in open_now),
                            sum(one.recorders for one in open_now), needed))
    return tuple(found)


def worst(moments: Sequence[Moment]) -> Moment | None:
    """The moment that asks for the most bridges, of those the one with the most traffic."""
    return max(moments, key=lambda one: (one.bridges, one.out_bps), default=None)
