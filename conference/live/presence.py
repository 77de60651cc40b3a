"""Where each endpoint of a meeting is: its state now, and what is odd about it. Pure, set-wise over all endpoints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from conference.live.causes import Facts, is_silent
from conference.live.grading import BAD, quality_of
from conference.live.heartbeat import JOINING_STATES, LEFT_STATES, Heartbeat
from conference.live.limits import Limits
from conference.live.words import IN

AGES = 3 * 30.0 + 10.0  # Jicofo is asked each 30 s: a sighting counts until the third look without it


@dataclass(frozen=True, slots=True)
class Sighting:
    """The open sighting of a connection in Jicofo's conference."""

    connection: str
    bridge: str = ""
    is_visitor: bool = False
    is_audio_muted: bool | None = None
    is_video_muted: bool | None = None
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for one endpoint's presence. `joined_at`, `left_at` are the server's newest events about it;
    `was_in_at` the last moment of any evidence that it was in; `has_computer` its computer answers the NOC."""

    beat: Heartbeat | None = None
    sighting: Sighting | None = None
    joined_at: datetime | None = None
    left_at: datetime | None = None
    was_in_at: datetime | None = None
    has_computer: bool | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """The meeting's moments that presence is judged by.

    `heard_until` is the moment to which heartbeats could be heard at all: when every room falls silent at once it is
    we who do not hear, and what was said last still holds.
    """

    meeting_id: int
    starts_at: datetime
    ends_at: datetime
    now: datetime
    heard_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Presence:
    """The state (a word of words.STATES), and whether its heartbeat is fresh."""

    state: str
    is_heard: bool
    is_visitor: bool = False
    has_been_in: bool = False
    quality: str = ""


def is_heard(beat: Heartbeat | None, now: datetime, limits: Limits) -> bool:
    """Whether the heartbeat is fresh; in a meeting they come six times as often."""
    if beat is None:
        return False
    return (now - beat.at).total_seconds() <= (limits.silent_in_s if beat.is_in else limits.silent_out_s)


def presences(signs: Sequence[Signs], frame: Frame, limits: Limits = Limits()) -> list[Presence]:
    """The state of every endpoint, in the order given."""
    return [_presence(one, frame, limits) for one in signs]


def _presence(signs: Signs, frame: Frame, limits: Limits) -> Presence:
    beat, heard = signs.beat, is_heard(signs.beat, frame.heard_until or frame.now, limits)
    is_ours = beat is not None and beat.meeting_id in (None, frame.meeting_id)
    says_in = heard and is_ours and beat is not None and beat.is_in
    is_seen = _is_seen(signs, frame.now)
    is_joined = signs.joined_at is not None and (signs.left_at is None or signs.left_at < signs.joined_at)
    # A fresh heartbeat that says "not in" outweighs the server's older word; silence does not
    is_in = says_in or ((is_seen or is_joined) and not heard and (is_seen or beat is None))
    is_in = is_in or (is_seen and heard and beat is not None and not beat.is_in and beat.state in ("", *JOINING_STATES))
    is_visitor = bool(beat.is_visitor if says_in and beat else signs.sighting.is_visitor if signs.sighting else False)
    quality = quality_of(beat) if says_in and beat is not None else ""
    been = is_in or signs.was_in_at is not None or signs.joined_at is not None
    if is_in:
        silent_kiosk = beat is not None and not heard and not is_seen
        state = "lost" if silent_kiosk else "degraded" if quality == BAD else "in_visitor" if is_visitor else "in_main"
        return Presence(state, heard, is_visitor, True, quality)
    return Presence(_outside(signs, frame, heard, been), heard, is_visitor, been)


def _is_seen(signs: Signs, now: datetime) -> bool:
    seen = signs.sighting
    return seen is not None and (seen.seen_at is None or (now - seen.seen_at).total_seconds() <= AGES)


def _outside(signs: Signs, frame: Frame, heard: bool, been: bool) -> str:
    beat = signs.beat
    is_over = frame.now >= frame.ends_at
    if heard and beat is not None:
        if beat.state in JOINING_STATES:
            return "joining"
        if been:
            return "left" if beat.state in LEFT_STATES or is_over else "lost"
        return "kiosk_ready"
    if been:
        return "left" if is_over else "lost"
    return "waking" if signs.has_computer else "scheduled"


def marks_of(facts: Facts, presence: Presence, signs: Signs, frame: Frame, limits: Limits = Limits()) -> list[str]:
    """Words of words.MARKS that hold now, without those of the agenda."""
    beat, found = signs.beat, []
    is_in = presence.state in IN
    if not presence.has_been_in and frame.now > frame.starts_at and frame.now < frame.ends_at:
        found.append("late")
    if is_in and facts.is_unmuted is False:
        found.append("muted")
    if is_in and is_silent(facts, limits):
        found.append("silent")
    if is_in and is_dark(beat, limits):
        found.append("dark")
    if facts.is_on_battery:
        found.append("battery")
    return found


def is_dark(beat: Heartbeat | None, limits: Limits) -> bool:
    """Whether its own picture is black although its camera is said to be on."""
    return (
        beat is not None and beat.luma is not None and beat.luma < limits.dark_luma and beat.is_video_muted is not True
    )
