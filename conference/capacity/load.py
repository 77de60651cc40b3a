"""What meetings ask of lines and servers, and how much of it falls on one moment. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import TypeVar

from conference.capacity.bandwidth import STANDARD_PLAN, PlannedQuality, down_bps, up_bps, with_overhead
from conference.capacity.figures import Figures

N = TypeVar("N", int, float)


@dataclass(frozen=True, slots=True)
class Seat:
    """One connection to a meeting: an endpoint, or a person or unit without one. `group` is whose way in it shares."""

    name: str
    endpoint_id: int | None = None
    link_id: int | None = None
    speaks: bool = False
    group: str = ""


@dataclass(frozen=True, slots=True)
class MeetingLoad:
    """A meeting from the moment people are let in until it must be over. `recorders`: recording and stream, 0 to 2."""

    title: str
    opens_at: datetime
    starts_at: datetime
    closes_at: datetime
    seats: tuple[Seat, ...]
    meeting_id: int | None = None
    quality: PlannedQuality = STANDARD_PLAN
    recorders: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """An Internet line: what was bought, and what is used of it at that hour. None: not known."""

    id: int
    name: str
    down_bps: int | None = None
    up_bps: int | None = None
    used_down_bps: float | None = None
    used_up_bps: float | None = None


@dataclass(frozen=True, slots=True)
class SystemLimits:
    """What an installation carries. None and (): nobody entered it, the figures hold or nothing can be said.

    `bridges`: bits per second of each bridge's network card (None: the figure). `stress`: what they carry already.
    """

    name: str = ""
    has_visitors: bool = True
    main_limit: int | None = None
    vnode_count: int | None = None
    vnode_limit: int | None = None
    bridge_limit: int | None = None
    joins_per_second: float | None = None
    trunk_bps: int | None = None
    bridges: tuple[int | None, ...] = ()
    stress: float = 0.0
    recorders: int | None = None


@dataclass(frozen=True, slots=True)
class Weight:
    """What one meeting weighs: rooms that receive, rooms that speak, bits per second out of and into the bridges."""

    receivers: int
    speakers: int
    out_bps: int
    in_bps: int
    recorders: int
    by_line: Mapping[int, tuple[int, int]] = field(default_factory=dict)  # link id -> (down, up)


def weigh(meeting: MeetingLoad, figures: Figures) -> Weight:
    """The weight of a meeting with the overhead on the wire. A recorder receives as a room does."""
    down_of: dict[object, int] = {}
    up_of: dict[object, int] = {}
    by_line: dict[int, tuple[int, int]] = {}
    out = into = speakers = 0
    for seat in meeting.seats:
        quality = meeting.quality.of(seat.endpoint_id)
        if quality not in down_of:
            down_of[quality] = with_overhead(down_bps(quality, figures), figures)
            up_of[quality] = with_overhead(up_bps(quality, figures), figures)
        down, up = down_of[quality], up_of[quality] if seat.speaks else 0
        out, into, speakers = out + down, into + up, speakers + seat.speaks
        if seat.link_id is not None:
            so_far = by_line.get(seat.link_id, (0, 0))
            by_line[seat.link_id] = (so_far[0] + down, so_far[1] + up)
    out += meeting.recorders * with_overhead(down_bps(meeting.quality.standard, figures), figures)
    return Weight(len(meeting.seats), speakers, out, into, meeting.recorders, by_line)


@dataclass(frozen=True, slots=True)
class Weighed:
    """A meeting with its weight."""

    meeting: MeetingLoad
    weight: Weight


def peak(own: Weighed, others: Sequence[Weighed], amount: Callable[[Weighed], N]) -> N:
    """The most of `amount` that all meetings ask at one moment while `own` is open.

    The sum only grows when a meeting opens, so those moments are all that need looking at.
    """
    begin, end = own.meeting.opens_at, own.meeting.closes_at
    beside = [other for other in others if other.meeting.opens_at < end and begin < other.meeting.closes_at]
    moments = {begin, *(other.meeting.opens_at for other in beside if other.meeting.opens_at > begin)}
    return max(
        amount(own) + sum(amount(o) for o in beside if o.meeting.opens_at <= moment < o.meeting.closes_at)
        for moment in moments
    )


def spread_over(count: int, most: int) -> int:
    """How many of a thing are needed when each takes at most `most`."""
    return ceil(count / most) if count > 0 and most > 0 else 0


def lines_of(weighed: Iterable[Weighed]) -> set[int]:
    """The lines that meetings run over."""
    return {link_id for one in weighed for link_id in one.weight.by_line}
