"""When a lamp or filter will be used up, from the hours it has shown over the last weeks. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

WEEK_S = 7 * 86_400.0
LEAST_S = 3 * 86_400.0  # a shorter history says nothing of a week
RESET_H = 5.0  # hours that go back by more than this mean a new part
LONGEST_WEEKS = 520.0


@dataclass(frozen=True, slots=True)
class Forecast:
    """Hours now, hours a week (None: not known yet), the end as epoch seconds (None: not known, or out of sight)."""

    hours: float
    rated: float | None
    a_week: float | None = None
    ends_at: float | None = None

    @property
    def used(self) -> float | None:
        """Share of the life that is used up."""
        return self.hours / self.rated if self.rated else None


def weekly_hours(times: np.ndarray, hours: np.ndarray) -> float | None:
    """Hours a week since the part was last changed; None when the history is too short. times in epoch seconds."""
    if len(times) < 2:
        return None
    resets = np.flatnonzero(np.diff(hours) < -RESET_H)
    first = int(resets[-1]) + 1 if len(resets) else 0
    span = float(times[-1] - times[first])
    if span < LEAST_S:
        return None
    return max(float(hours[-1] - hours[first]), 0.0) / span * WEEK_S


def forecast(hours: float, rated: float | None, a_week: float | None, now: float) -> Forecast:
    """The end at the pace of the last weeks; a part beyond its rated life ends now."""
    if not rated:
        return Forecast(hours, rated, a_week)
    left = rated - hours
    if left <= 0:
        return Forecast(hours, rated, a_week, now)
    if not a_week or left / a_week > LONGEST_WEEKS:
        return Forecast(hours, rated, a_week)
    return Forecast(hours, rated, a_week, now + left / a_week * WEEK_S)
