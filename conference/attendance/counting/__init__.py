"""Counting attendance out of evidence. Pure: knows no table and no clock."""

from conference.attendance.counting.evidence import (
    CREATED,
    DESTROYED,
    JOINED,
    LEFT,
    LINKS,
    AttendanceLine,
    Evidence,
    Happening,
    Occupant,
    Party,
    Sighting,
    Spell,
)
from conference.attendance.counting.lines import Scheduled, count, disagreement

__all__ = [
    "CREATED", "DESTROYED", "JOINED", "LEFT", "LINKS", "AttendanceLine", "Evidence", "Happening", "Occupant", "Party",
    "Scheduled", "Sighting", "Spell", "count", "disagreement",
]
