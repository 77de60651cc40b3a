"""When a meeting's room is open, and how people come in. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from conference.schedule.models import Meeting, Participant
from conference.schedule.words import RUNNING

HOSTS = ("chair", "cohost", "secretary")


@dataclass(frozen=True, slots=True)
class Manners:
    """How somebody comes in: with microphone and camera off, and not shown among the pictures."""

    audio_muted: bool
    video_muted: bool
    is_hidden: bool


def opens_at(meeting: Meeting) -> datetime:
    """From when people are let in."""
    return meeting.starts_at - timedelta(minutes=meeting.opens_minutes)


def closes_at(meeting: Meeting) -> datetime:
    """Until when the meeting may go on."""
    return meeting.ends_at + timedelta(minutes=meeting.overrun_minutes)


def is_open(meeting: Meeting, now: datetime) -> bool:
    """Whether the room is open by the clock; the meeting's state is another question."""
    return opens_at(meeting) <= now <= closes_at(meeting)


def is_over(meeting: Meeting, now: datetime) -> bool:
    """Whether a scheduled or running meeting has ended: its time is up, or its room was left after the planned end."""
    if now > closes_at(meeting):
        return True
    was_left = meeting.state == RUNNING and meeting.ended_at is not None
    return was_left and now >= meeting.ends_at


def manners_of(meeting: Meeting, participant: Participant) -> Manners:
    """Listeners come in muted; guests of a lesson observation also without picture, so that the class is not disturbed.

    Who leads the meeting, and in an observation who speaks (the class itself), comes in as they like.
    """
    leads = participant.role in HOSTS or participant.mode == "speak"
    is_guest = meeting.kind == "observation" and not leads
    return Manners(audio_muted=not leads, video_muted=is_guest, is_hidden=is_guest)
