"""When a projector schedule runs: its days by the school calendar, its time of day. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core import N_
from inventory import CalendarView

DAYS: dict[str, str] = {
    "school_days": N_("Days with lessons"),
    "weekdays": N_("Monday to Friday"),
    "every_day": N_("Every day"),
}
# EduNOC that comes up this long after the time still runs it; later it would surprise people
LATE = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Plan:
    """The part of a schedule that decides when."""

    runs_at: time
    last_run_on: date | None


def due_on(plan: Plan, now: datetime, zone: ZoneInfo) -> date | None:
    """The local day that the schedule must run for now; None when it need not."""
    local = now.astimezone(zone)
    today = local.date()
    late = local - datetime.combine(today, plan.runs_at, zone)
    is_new = plan.last_run_on is None or plan.last_run_on < today
    return today if is_new and timedelta(0) <= late < LATE else None


def holds_on(days: str, day: date, calendar: CalendarView | None) -> bool:
    """Whether a schedule means this day at a school. A school without a calendar teaches from Monday to Friday."""
    if days == "every_day":
        return True
    if days == "weekdays" or calendar is None or not calendar.is_known:
        return day.weekday() < 5
    start = datetime.combine(day, time(), calendar.zone)
    return bool(calendar.teaching_intervals(start, start + timedelta(days=1)))
