"""Settings of conference: how meetings are booked, watched and counted."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from core import Section


class ConferenceSettings(Section):
    """Table [conference] of the settings file, EDUNOC_CONFERENCE_... in the environment."""

    section: ClassVar[str] = "conference"

    approval_from: int = Field(
        100, ge=0, le=10000, description="Meetings with this many endpoints or more need approval (0: all do)"
    )
