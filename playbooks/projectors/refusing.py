"""Whether a projector may be touched now: never in an examination or meeting; by schedule not in lessons. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from inventory import CalendarView, Occupation, occupation_of

KEPT = ("exam", "meeting")


@dataclass(frozen=True, slots=True)
class Target:
    """A projector as commands see it. `has_pjlink`: EduNOC may talk to it."""

    device_id: int
    name: str
    site_id: int
    site_name: str
    room_id: int | None
    address: str
    has_pjlink: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not now: a word of words.REASONS, whose exam or meeting, and until when."""

    reason: str
    title: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for one order: the command, whether a schedule gave it, how long before a meeting off is refused."""

    command: str
    is_scheduled: bool = False
    lead: timedelta = timedelta(minutes=15)


def refusal_of(
    target: Target, rules: Rules, uses: Sequence[Occupation], calendar: CalendarView | None, now: datetime
) -> Refusal | None:
    """The reason not to touch this projector now; None when it may be."""
    if not target.address:
        return Refusal("no_address")
    if not target.has_pjlink:
        return Refusal("no_pjlink")
    kept = [use for use in uses if use.purpose in KEPT]
    held = occupation_of(kept, target.room_id, now)
    if held is not None:
        return Refusal(held.purpose, held.title, held.ends_at)
    soon = occupation_of(kept, target.room_id, now, rules.lead) if rules.command == "off" else None
    if soon is not None:
        return Refusal("soon", soon.title, soon.ends_at)
    return _of_schedule(target, uses, calendar, now) if rules.is_scheduled else None


def _of_schedule(
    target: Target, uses: Sequence[Occupation], calendar: CalendarView | None, now: datetime
) -> Refusal | None:
    """A person sees the room; a schedule does not, so it waits for the lesson's end."""
    held = occupation_of(uses, target.room_id, now)
    if held is not None:
        return Refusal("lesson", held.title, held.ends_at)
    if calendar is not None and calendar.is_teaching(now):
        return Refusal("teaching", "", calendar.next_change(now))
    return None
