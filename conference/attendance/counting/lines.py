"""Counting attendance: evidence of two sources, laid together for each participant. Pure (jitsi.md section 5.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from conference.attendance.counting.evidence import (
    GRID_S,
    HEARTBEAT_S,
    LINKS,
    AttendanceLine,
    Evidence,
    Party,
)
from conference.attendance.counting.intervals import Span, Stretch, clip, length, presence
from conference.attendance.counting.linking import Linker, Owner
from conference.attendance.counting.server import server_connections


@dataclass(frozen=True, slots=True)
class Scheduled:
    """The planned time of a meeting in epoch seconds, and from how many seconds on two sources are said to disagree."""

    start: float
    end: float
    threshold_s: int = 120


@dataclass(slots=True)
class _Heap:
    """All stretches of one participant or stranger."""

    stretches: list[Stretch] = field(default_factory=list)
    connections: set[str] = field(default_factory=set)
    hows: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    endpoint_ids: set[int] = field(default_factory=set)
    spoke: float | None = None


def count(evidence: Evidence, meeting: Scheduled, participants: Sequence[Party]) -> list[AttendanceLine]:
    """One line for each participant in their order, then one for each that was not invited, by name.

    Whatever order the evidence comes in and however often it is repeated, the lines are the same; nobody gets more
    seconds than were scheduled.
    """
    spells = sorted(set(evidence.spells), key=lambda one: (one.first, one.last, one.endpoint_id, one.connection))
    linker = Linker(participants, spells)
    heaps: dict[int | str, _Heap] = defaultdict(_Heap)
    for one in server_connections(evidence):
        owner = linker.of_connection(one)
        heap = _into(heaps, owner, one.id)
        heap.stretches.extend(one.stretches)
        heap.names.update(one.names)
        if one.spoke_seconds is not None:
            heap.spoke = (heap.spoke or 0.0) + one.spoke_seconds
    for spell in spells:
        heap = _into(heaps, linker.of_spell(spell), spell.connection)
        half = HEARTBEAT_S / 2
        heap.stretches.append(Stretch(spell.first, min(spell.last, evidence.until), "client", half, half))
    lines = [_line(one, heaps.pop(one.id, _Heap()), meeting) for one in participants]
    strangers = [_stranger(str(key), heap, meeting) for key, heap in heaps.items()]
    return lines + sorted(strangers, key=lambda one: (one.name, one.endpoint_id or 0))


def _into(heaps: dict[int | str, _Heap], owner: Owner, connection: str) -> _Heap:
    heap = heaps[owner.party_id if owner.party_id is not None else owner.label]
    if connection:
        heap.connections.add(connection)
    heap.hows.add(owner.how)
    if owner.name:
        heap.names.add(owner.name)
    if owner.endpoint_id is not None:
        heap.endpoint_ids.add(owner.endpoint_id)
    return heap


def _line(party: Party, heap: _Heap, meeting: Scheduled) -> AttendanceLine:
    endpoint_id = party.endpoint_id or min(heap.endpoint_ids, default=None)
    return _counted(heap, meeting, party.name, _Whose(party.id, endpoint_id, party.unit_id, party.expects_client))


def _stranger(label: str, heap: _Heap, meeting: Scheduled) -> AttendanceLine:
    name = min(heap.names, default=label.partition(":")[2])
    return _counted(heap, meeting, name, _Whose(None, min(heap.endpoint_ids, default=None), None, False))


@dataclass(frozen=True, slots=True)
class _Whose:
    participant_id: int | None
    endpoint_id: int | None
    unit_id: int | None
    expects_client: bool


def _counted(heap: _Heap, meeting: Scheduled, name: str, whose: _Whose) -> AttendanceLine:
    server = [one for one in heap.stretches if one.source == "server"]
    client = [one for one in heap.stretches if one.source == "client"]
    everything = presence(heap.stretches)
    parts = [clip(spans, meeting.start, meeting.end) for spans in (everything, presence(server), presence(client))]
    whole = round(length(parts[0]))
    totals = [min(round(length(spans)), whole) for spans in parts]  # alone, a source's edges are only estimated
    return AttendanceLine(
        participant_id=whose.participant_id, endpoint_id=whose.endpoint_id, unit_id=whose.unit_id, name=name,
        seconds=totals[0], server_seconds=totals[1], client_seconds=totals[2],
        scheduled_seconds=round(meeting.end - meeting.start),
        first_joined=everything[0][0] if everything else None, last_left=everything[-1][1] if everything else None,
        spoke_seconds=None if heap.spoke is None else round(heap.spoke), connections=len(heap.connections),
        linked_by=max(heap.hows, key=lambda word: LINKS[word], default=""),
        reason=disagreement(totals[1], totals[2], whose.expects_client, meeting.threshold_s),
        intervals=tuple(_sourced(*parts)),
    )  # fmt: skip


def disagreement(server: int, client: int, expects_client: bool, threshold_s: int) -> str:
    """Why the two sources differ by more than the threshold: a word of REASONS; "" when they agree well enough."""
    if abs(server - client) <= threshold_s or (client == 0 and not expects_client):
        return ""
    if client == 0:
        return "no_client"
    if server == 0:
        return "no_server"
    return "server_longer" if server > client else "client_longer"


def _sourced(
    everything: Sequence[Span], server: Sequence[Span], client: Sequence[Span]
) -> Iterable[tuple[int, int, str]]:
    """The spans of presence cut where one source begins or ends: (from, until, "both" | "server" | "client").

    What is shorter than the grid of looks says nothing about a source, and belongs to its neighbour.
    """
    cuts = sorted({edge for spans in (everything, server, client) for span in spans for edge in span})
    found: list[tuple[float, float, str]] = []
    sliver = 0.0  # a beginning too short to say who saw it
    for start, end in pairwise(cuts):
        middle = (start + end) / 2
        is_there, by_server, by_client = (_holds(spans, middle) for spans in (everything, server, client))
        if not is_there:
            continue
        word = "both" if by_server == by_client else "server" if by_server else "client"
        begin = start - sliver
        sliver = 0.0
        if found and found[-1][1] == begin and (found[-1][2] == word or end - begin < GRID_S):
            found[-1] = (found[-1][0], end, found[-1][2])
        elif end - begin < GRID_S and _goes_on(everything, end):
            sliver = end - begin
        else:
            found.append((begin, end, word))
    return [(round(start), round(end), word) for start, end, word in found if round(end) > round(start)]


def _goes_on(spans: Sequence[Span], moment: float) -> bool:
    return any(start <= moment < end for start, end in spans)


def _holds(spans: Sequence[Span], moment: float) -> bool:
    return any(start <= moment <= end for start, end in spans)
