"""How somebody attended: present, partly, absent, excused; late or left early. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from conference.attendance.kpi.packing import percent_of
from conference.attendance.words import ABSENT, EARLY, EXCUSED, LATE, PARTIAL, PRESENT, UNINVITED


@dataclass(frozen=True, slots=True)
class Rules:
    """From which share of minutes (whole percent) somebody was there; from when late, until when early."""

    percent: int = 70
    late: timedelta = timedelta(minutes=5)
    early: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Times:
    """The planned time, and how much of it has passed."""

    starts_at: datetime
    ends_at: datetime
    is_over: bool = True


@dataclass(frozen=True, slots=True)
class Attended:
    """What is known of one line."""

    seconds: int
    scheduled: int
    first: datetime | None = None
    last: datetime | None = None
    is_invited: bool = True
    is_excused: bool = False


def judge(one: Attended, times: Times, rules: Rules) -> tuple[str, frozenset[str]]:
    """(word of STATES, words of MARKS). Nobody leaves early while the meeting still runs."""
    marks = set()
    if one.seconds > 0 and one.first is not None and one.first > times.starts_at + rules.late:
        marks.add(LATE)
    if one.seconds > 0 and times.is_over and one.last is not None and one.last < times.ends_at - rules.early:
        marks.add(EARLY)
    if not one.is_invited:
        return UNINVITED, frozenset(marks)
    if one.seconds <= 0:
        return (EXCUSED if one.is_excused else ABSENT), frozenset()
    state = PRESENT if percent_of(one.seconds, one.scheduled) >= rules.percent else PARTIAL
    return state, frozenset(marks)
