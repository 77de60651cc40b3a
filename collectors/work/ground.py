"""What reading projectors needs to know of schools: is it teaching time, is a room in use, how long lamps last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from collectors.pjlink import Lives
from core import CoreSettings, Session, Settings
from inventory import (
    CalendarView,
    InventorySettings,
    MonitoredDevice,
    Occupation,
    calendar_views,
    fold,
    occupation_of,
    occupations,
    rated_lives,
)

LOOK_AHEAD = timedelta(hours=1)
BEFORE_LESSONS = timedelta(minutes=30)  # teachers switch on early


@dataclass(frozen=True, slots=True)
class Usual:
    """Settings: hours that lamps and filters last where the model has none of its own, and the schools' time zone."""

    lamp_hours: float = 4000.0
    filter_hours: float = 1000.0
    timezone: str = "Asia/Ho_Chi_Minh"


def usual_of(settings: object) -> Usual:
    """From the settings of the whole house; the defaults where only the collectors' own are known."""
    if not isinstance(settings, Settings):
        return Usual()
    own = settings[InventorySettings]
    return Usual(own.projector_lamp_hours, own.projector_filter_hours, settings[CoreSettings].timezone)


@dataclass(frozen=True, slots=True)
class Ground:
    """One look at the schools. `lives` is by folded model."""

    usual: Usual = Usual()
    calendars: Mapping[int, CalendarView] = field(default_factory=dict)
    uses: Mapping[int, list[Occupation]] = field(default_factory=dict)
    lives: Mapping[str, Lives] = field(default_factory=dict)

    def is_teaching(self, site_id: int, at: datetime) -> bool | None:
        """None when nobody entered the school's hours."""
        calendar = self.calendars.get(site_id)
        if calendar is None or not calendar.is_known:
            return None
        return calendar.is_teaching(at) or calendar.is_teaching(at + BEFORE_LESSONS)

    def is_wanted(self, device: MonitoredDevice, at: datetime) -> bool | None:
        """Whether somebody may want the projector on: lessons, or its room is in use; None when it is not known."""
        if occupation_of(self.uses.get(device.site_id, ()), device.room_id, at, LOOK_AHEAD) is not None:
            return True
        return self.is_teaching(device.site_id, at)

    def lives_of(self, model: str) -> Lives:
        """How long the parts of this model last."""
        return self.lives.get(fold(model), Lives(self.usual.lamp_hours, self.usual.filter_hours))


def read_ground(session: Session, usual: Usual, now: datetime) -> Ground:
    """Look at the calendar, the uses of rooms around now, and the rated lives."""
    lives = {
        model: Lives(row.lamp_hours or usual.lamp_hours, row.filter_hours or usual.filter_hours)
        for model, row in rated_lives(session).items()
    }
    return Ground(
        usual,
        calendar_views(session, usual.timezone),
        occupations(session, now - LOOK_AHEAD, now + LOOK_AHEAD + LOOK_AHEAD, timezone=usual.timezone),
        lives,
    )
