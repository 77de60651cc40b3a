"""Whether schools' lines carry what a meeting asks of them, and what to offer where they do not. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conference.capacity.bandwidth import PlannedQuality, Quality, down_bps, speed_text, up_bps, with_overhead
from conference.capacity.figures import Figures
from conference.capacity.finding import Finding, some_of
from conference.capacity.load import Line, MeetingLoad, Seat, Weighed, peak
from core import gettext as _
from core import ngettext as _n

# How well a line carries its part: "good" has 1.5 times the need free (jitsi.md section 8.1), "tight" the need itself
GOOD, TIGHT, SHORT, UNKNOWN = "good", "tight", "short", "unknown"
_RANK = {SHORT: 0, TIGHT: 1, UNKNOWN: 2, GOOD: 3}


@dataclass(frozen=True, slots=True)
class LineNeed:
    """What meetings ask of one line at their worst moment, against what it has."""

    line: Line
    need_down: int
    need_up: int
    state: str


@dataclass(frozen=True, slots=True)
class SiteClass:
    """Endpoints that are offered a lower quality than the meeting's own; `quality` None: not even the lowest fits."""

    quality: Quality | None
    endpoint_ids: tuple[int, ...]


def line_needs(
    own: Weighed, others: Sequence[Weighed], lines: Mapping[int, Line], figures: Figures
) -> tuple[LineNeed, ...]:
    """Each line of the meeting, worst first."""
    by_line: dict[int, list[Weighed]] = defaultdict(list)
    for other in others:
        for link_id in other.weight.by_line.keys() & own.weight.by_line.keys():
            by_line[link_id].append(other)
    found = []
    for link_id, (down, up) in own.weight.by_line.items():
        line = lines.get(link_id)
        if line is None:
            continue
        beside = by_line.get(link_id)
        if beside:
            down = peak(own, beside, lambda one, link=link_id: one.weight.by_line.get(link, (0, 0))[0])
            up = peak(own, beside, lambda one, link=link_id: one.weight.by_line.get(link, (0, 0))[1])
        state = min(
            _state(down, line.down_bps, line.used_down_bps, figures),
            _state(up, line.up_bps, line.used_up_bps, figures),
            key=_RANK.__getitem__,
        )
        found.append(LineNeed(line, down, up, state))
    return tuple(sorted(found, key=lambda need: (_RANK[need.state], need.line.name)))


def _state(need: int, bought: int | None, used: float | None, figures: Figures) -> str:
    if need == 0:
        return GOOD
    if bought is None:
        return UNKNOWN
    free = bought - (used or 0.0)
    if free < need:
        return SHORT
    return GOOD if free >= figures.headroom_good * need else TIGHT


def line_findings(needs: Sequence[LineNeed], seats: Sequence[Seat]) -> list[Finding]:
    """One finding for all lines of a kind: 600 sentences are read by nobody."""
    endpoints: dict[int, list[int]] = defaultdict(list)
    for seat in seats:
        if seat.link_id is not None and seat.endpoint_id is not None:
            endpoints[seat.link_id].append(seat.endpoint_id)

    def chosen(state: str) -> tuple[int, str, tuple[int, ...]]:
        those = [need for need in needs if need.state == state]
        ids = tuple(i for need in those for i in endpoints[need.line.id])
        return len(those), some_of(_line_text(need) for need in those), ids

    found: list[Finding] = []
    count, names, ids = chosen(SHORT)
    if count:
        found.append(Finding("line", "critical", _n(
            "A line carries too little for this meeting: %(names)s.",
            "%(num)d lines carry too little for this meeting: %(names)s.", count, names=names),
            _("Take over the lower quality that is proposed for these endpoints, or let them listen only."), ids))
    count, names, ids = chosen(TIGHT)
    if count:
        found.append(Finding("line", "warning", _n(
            "A line has little to spare: %(names)s.", "%(num)d lines have little to spare: %(names)s.", count,
            names=names),
            _("Ask these schools to keep other use of the line low at that hour, or lower their quality."), ids))
    count, names, ids = chosen(UNKNOWN)
    if count:
        found.append(Finding("line", "info", _n(
            "Nobody entered how fast this line is: %(names)s.",
            "Nobody entered how fast %(num)d lines are: %(names)s.", count, names=names),
            _("Enter the contracted speed of the line in the inventory."), ids))
    lineless = tuple(s.endpoint_id for s in seats if s.endpoint_id is not None and s.link_id is None)
    if lineless:
        found.append(Finding("line", "info", _n(
            "No line is known of %(num)d endpoint, so nobody can say whether it is fast enough.",
            "No line is known of %(num)d endpoints, so nobody can say whether they are fast enough.", len(lineless)),
            _("Choose the line of the endpoint in the inventory."), lineless))
    return found


def _line_text(need: LineNeed) -> str:
    if need.state == UNKNOWN or need.line.down_bps is None:
        return need.line.name
    free = max(0.0, need.line.down_bps - (need.line.used_down_bps or 0.0))
    if need.need_up and need.line.up_bps is not None and need.need_down * 1.5 <= free:
        free_up = max(0.0, need.line.up_bps - (need.line.used_up_bps or 0.0))
        return _("%(name)s (sends %(need)s, %(free)s free)", name=need.line.name, need=speed_text(need.need_up),
                 free=speed_text(free_up))
    return _("%(name)s (receives %(need)s, %(free)s free)", name=need.line.name, need=speed_text(need.need_down),
             free=speed_text(free))


def proposed_classes(
    meeting: MeetingLoad, needs: Sequence[LineNeed], figures: Figures
) -> tuple[SiteClass, ...]:
    """For endpoints on lines that are short or tight: the best quality of the ladder that leaves them good, else fits.

    A line that several endpoints share is divided between them; what other meetings take of it stays theirs.
    """
    seats: dict[int, list[Seat]] = defaultdict(list)
    for seat in meeting.seats:
        if seat.link_id is not None and seat.endpoint_id is not None:
            seats[seat.link_id].append(seat)
    offered: dict[Quality | None, list[int]] = defaultdict(list)
    for need in needs:
        if need.state not in (SHORT, TIGHT):
            continue
        quality = _best(meeting.quality, seats[need.line.id], need, figures)
        if quality != meeting.quality.standard:
            offered[quality] += [seat.endpoint_id for seat in seats[need.line.id] if seat.endpoint_id is not None]
    return tuple(SiteClass(quality, tuple(sorted(ids))) for quality, ids in sorted(
        offered.items(), key=lambda item: (item[0] is None, -(item[0].lines if item[0] else 0),
                                           -(item[0].last_n if item[0] else 0))))


def _best(planned: PlannedQuality, seats: Sequence[Seat], need: LineNeed, figures: Figures) -> Quality | None:
    own_down, own_up = _asked(planned, seats, None, figures)
    ladder = [planned.standard, *ladder_below(planned.standard, figures)]
    for wanted in ((GOOD,), (GOOD, TIGHT)):
        for quality in ladder:
            down, up = _asked(planned, seats, quality, figures)
            line = need.line
            states = (
                _state(need.need_down - own_down + down, line.down_bps, line.used_down_bps, figures),
                _state(need.need_up - own_up + up, line.up_bps, line.used_up_bps, figures),
            )
            if all(state in (*wanted, UNKNOWN) for state in states):
                return quality
    return None


def _asked(
    planned: PlannedQuality, seats: Sequence[Seat], instead: Quality | None, figures: Figures
) -> tuple[int, int]:
    down = up = 0
    for seat in seats:
        quality = instead or planned.of(seat.endpoint_id)
        down += with_overhead(down_bps(quality, figures), figures)
        up += with_overhead(up_bps(quality, figures), figures) if seat.speaks else 0
    return down, up


def ladder_below(quality: Quality, figures: Figures) -> list[Quality]:
    """The steps of the ladder that ask less than a quality, in its codec, best first."""
    steps = (Quality(quality.codec, stage, count) for stage, count in figures.ladder)
    return [step for step in steps if down_bps(step, figures) < down_bps(quality, figures)]
