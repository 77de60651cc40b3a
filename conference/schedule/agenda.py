"""The agenda: who speaks when, and what does not fit. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from conference.schedule.drafts import AgendaDraft
from conference.schedule.models import AgendaItem, Meeting
from core import gettext as _


def speaking_now(agenda: Iterable[AgendaItem], meeting: Meeting, now: datetime) -> AgendaItem | None:
    """The item whose time it is by the plan; of overlapping ones the later. None between items and outside."""
    minutes = (now - meeting.starts_at) / timedelta(minutes=1)
    found = [item for item in agenda if item.offset_minutes <= minutes < item.offset_minutes + item.minutes]
    return max(found, key=lambda item: (item.offset_minutes, item.position), default=None)


def laid_out(items: Sequence[AgendaDraft]) -> list[AgendaDraft]:
    """The items with their offsets: one without begins where the one before it ends."""
    placed, end = [], 0
    for item in items:
        begin = end if item.offset_minutes is None else item.offset_minutes
        placed.append(item.at(begin))
        end = begin + item.minutes
    return placed


def agenda_remarks(items: Sequence[AgendaDraft], length: timedelta) -> list[str]:
    """What a person should know of an agenda: it takes longer than the meeting, or two items run at once."""
    placed = sorted(laid_out(items), key=lambda item: item.offset_minutes or 0)
    total = sum(item.minutes for item in placed)
    whole = int(length / timedelta(minutes=1))
    found = []
    last = max(((item.offset_minutes or 0) + item.minutes for item in placed), default=0)
    if last > whole:
        found.append(_("The agenda needs %(needed)s minutes, the meeting has %(given)s: it ends %(over)s minutes late.",
                       needed=last, given=whole, over=last - whole))  # fmt: skip
    elif placed and total < whole:
        found.append(_("%(free)s minutes of the meeting are not yet given to anybody.", free=whole - total))
    end, before = 0, ""
    for item in placed:
        begin = item.offset_minutes or 0
        if begin < end:
            found.append(_("“%(one)s” and “%(other)s” overlap by %(minutes)s minutes.",
                           one=before, other=item.title, minutes=end - begin))  # fmt: skip
        if begin + item.minutes > end:
            end, before = begin + item.minutes, item.title
    return found
