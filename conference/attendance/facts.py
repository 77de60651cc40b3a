"""The counted figures that minutes begin with, put together for the page and the paper. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from conference.attendance.models import MeetingMinutes
from conference.attendance.store.listing import AboveTotal, Entry, Sheet, totals_above
from conference.schedule import AgendaItem, Meeting


@dataclass(frozen=True, slots=True)
class AgendaLine:
    """One item: when it was planned, for how long, what, and who spoke."""

    starts_at: datetime
    minutes: int
    title: str
    speaker: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything counted of one meeting. `speakers`: (name, seconds), who spoke longest first."""

    meeting: Meeting
    unit_name: str
    above_name: str
    minutes: MeetingMinutes
    agenda: list[AgendaLine]
    speakers: list[tuple[str, int]]
    numbers: Mapping[str, int]
    totals: list[AboveTotal]
    entries: list[Entry]
    heads: int | None
    is_counted: bool

    @property
    def invited(self) -> int:
        """How many participants were invited."""
        return sum(self.numbers[word] for word in ("present", "partial", "absent", "excused"))


STATES = ("present", "partial", "absent", "excused", "uninvited")


def facts_of(sheet: Sheet, names: tuple[str, str], minutes: MeetingMinutes, agenda: Sequence[AgendaItem]) -> Facts:
    """`names`: of the organising unit and of the one above it."""
    meeting = sheet.meeting
    shown = {one.participant.id: one.name for one in sheet.entries if one.participant is not None}
    lines = [
        AgendaLine(meeting.starts_at + timedelta(minutes=item.offset_minutes), item.minutes, item.title,
                   shown.get(item.participant_id or 0, ""))
        for item in agenda
    ]  # fmt: skip
    spoke = sorted(((one.name, one.spoke) for one in sheet.entries if one.spoke), key=lambda pair: (-pair[1], pair[0]))
    heads = [one.heads for one in sheet.entries if one.heads is not None]
    return Facts(
        meeting, names[0], names[1], minutes, lines, spoke,
        {word: sum(1 for one in sheet.entries if one.state == word) for word in STATES}
        | {mark: sum(1 for one in sheet.entries if mark in one.marks) for mark in ("late", "early")},
        totals_above(sheet.entries), sheet.entries, sum(heads) if heads else None, sheet.count is not None,
    )  # fmt: skip
