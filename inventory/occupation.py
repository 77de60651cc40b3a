"""Who has a room at a moment: examinations of the school calendar and uses of rooms, as one kind of answer. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core import N_

ROOM_PURPOSES: dict[str, str] = {
    "exam": N_("Examination"),
    "meeting": N_("Meeting"),
    "lesson": N_("Lesson"),
}


@dataclass(frozen=True, slots=True)
class Occupation:
    """A site's room (None: the whole site) is taken for a purpose, under a title, from one moment until another."""

    purpose: str
    title: str
    room_id: int | None
    starts_at: datetime
    ends_at: datetime

    def touches(self, room_id: int | None) -> bool:
        """Whether a thing in this room is concerned; one whose room nobody entered is concerned by any use."""
        return self.room_id is None or room_id is None or self.room_id == room_id


def occupation_of(
    uses: Iterable[Occupation], room_id: int | None, at: datetime, lead: timedelta = timedelta(0)
) -> Occupation | None:
    """The use that concerns a room at `at`, or begins within `lead` after it; of several the one that ends last."""
    now = [use for use in uses if use.touches(room_id) and use.starts_at - lead <= at < use.ends_at]
    return max(now, key=lambda use: use.ends_at, default=None)
