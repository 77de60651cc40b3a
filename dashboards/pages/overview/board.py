"""What is wrong now, summed up: by state, unit, provider, kind. Counting runs over the arrays of all devices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from alerts import Incident, IncidentFilter, count_open, disturbing_meetings, list_incidents
from core import Scope, Session
from dashboards.pages.overview.store import LineRow, UnitRow, ended_lately, lines_in, strip_units
from dashboards.status import STATES, WORST_FIRST, Board

INCIDENTS_SHOWN = 14
UNITS_BY_NAME = 60  # more are shown worst first, so that no bad one is cut off
UNITS_SHOWN = 120
UNWATCHED = STATES.index("unwatched")
_DOWN, _ATTENTION, _UNKNOWN = (STATES.index(word) for word in ("down", "attention", "unknown"))
BAR_ORDER = tuple(number for number in WORST_FIRST if number != UNWATCHED)


@dataclass(frozen=True, slots=True)
class Share:
    """How many of something stand in each state."""

    id: int
    name: str
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """All that are watched."""
        return sum(self.counts.values())

    @property
    def worst(self) -> str:
        """The state that colours the whole: down as soon as one is; unknown only when nothing worse is known."""
        return next((STATES[n] for n in BAR_ORDER if self.counts[STATES[n]]), "unknown")

    @property
    def segments(self) -> list[tuple[str, float, float]]:
        """(state, begin, width) in percent, for a bar of 100. A share that is there is never thinner than 1.5."""
        if not self.total:
            return []
        widths = [(STATES[n], self.counts[STATES[n]]) for n in BAR_ORDER if self.counts[STATES[n]]]
        raw = [max(100 * count / self.total, 1.5) for _state, count in widths]
        scale, begin, found = 100 / sum(raw), 0.0, []
        for (state, _count), width in zip(widths, raw, strict=True):
            found.append((state, round(begin, 2), round(width * scale, 2)))
            begin += width * scale
        return found


@dataclass(frozen=True, slots=True)
class Overview:
    """The first screen."""

    states: Share
    unwatched: int
    incidents: Sequence[Incident]
    severities: Mapping[str, int]
    mine: int
    units: Sequence[Share]
    units_total: int
    providers: Sequence[Share]
    kinds: Sequence[Share]
    ended: Sequence[Incident]
    is_empty: bool
    disturbing: frozenset[int] = frozenset()

    @property
    def open_count(self) -> int:
        """All open incidents."""
        return sum(self.severities.values())


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks."""

    session: Session
    scope: Scope
    user_id: int | None
    now: datetime


def sum_up(viewer: Viewer, board: Board, incidents: int = INCIDENTS_SHOWN) -> Overview:
    """Read and count."""
    session, scope = viewer.session, viewer.scope
    visible = board.fleet.in_scope(scope.unit_path)
    counts = np.bincount(board.state[visible], minlength=len(STATES))
    units = unit_shares(board, strip_units(session, scope), visible)
    shown = list_incidents(session, scope, IncidentFilter(now=viewer.now), 1, incidents).rows
    mine = IncidentFilter(owner_id=viewer.user_id) if viewer.user_id is not None else None
    return Overview(
        states=_share(0, "", counts),
        unwatched=int(counts[UNWATCHED]),
        incidents=shown,
        disturbing=disturbing_meetings(session, [one.id for one in shown], viewer.now),
        severities=count_open(session, scope),
        mine=list_incidents(session, scope, mine, 1, 1).total if mine else 0,
        units=units[:UNITS_SHOWN],
        units_total=len(units),
        providers=provider_shares(board, lines_in(session, scope)),
        kinds=kind_shares(board, visible),
        ended=ended_lately(session, scope, viewer.now),
        is_empty=not visible.any(),
    )


def unit_shares(board: Board, units: Sequence[UnitRow], visible: np.ndarray) -> list[Share]:
    """A share a unit, over its whole branch. Up to 60 stand by name, so that each keeps its place; more worst first."""
    fleet = board.fleet
    place = {unit.path: number for number, unit in enumerate(units)}
    group = (
        np.array([_above(path, place) for path in fleet.paths] or [-1], np.int64)[fleet.unit]
        if len(fleet)
        else np.zeros(0)
    )
    mask = visible & (group >= 0)
    table = _table(group[mask], board.state[mask], len(units))
    shares = [_share(unit.id, unit.name, row) for unit, row in zip(units, table, strict=True)]
    shares = [share for share in shares if share.total]
    return shares if len(shares) <= UNITS_BY_NAME else sorted(shares, key=_badness)


def _above(path: str, place: Mapping[str, int]) -> int:
    steps = path.strip("/").split("/")
    for end in range(len(steps), 0, -1):
        found = place.get("/" + "/".join(steps[:end]) + "/")
        if found is not None:
            return found
    return -1


def provider_shares(board: Board, lines: Sequence[LineRow]) -> list[Share]:
    """A share a provider: a line is as well as the device that it is measured on; without one it is unknown."""
    if not lines:
        return []
    names = sorted({line.isp for line in lines}, key=str.lower)
    rows = board.fleet.rows_of(np.array([line.device_id or 0 for line in lines], np.int64))
    state = np.where(rows >= 0, board.state[rows] if len(board.fleet) else _UNKNOWN, _UNKNOWN)
    # A line whose device only needs attention carries traffic; nobody watching it means that nothing is known
    state = np.where(state == UNWATCHED, _UNKNOWN, state)
    group = np.array([names.index(line.isp) for line in lines])
    shares = [_share(0, name, row) for name, row in zip(names, _table(group, state, len(names)), strict=True)]
    return sorted(shares, key=lambda share: -share.total)


def kind_shares(board: Board, visible: np.ndarray) -> list[Share]:
    """A share a kind of device, those with most trouble first."""
    kinds = board.fleet.kind
    table = _table(kinds.number[visible].astype(np.int64), board.state[visible], len(kinds.texts))
    shares = [_share(0, kind, row) for kind, row in zip(kinds.texts, table, strict=True)]
    return sorted((share for share in shares if share.total), key=_badness)


def _table(group: np.ndarray, state: np.ndarray, size: int) -> np.ndarray:
    flat = np.bincount(group.astype(np.int64) * len(STATES) + state, minlength=size * len(STATES))
    return flat.reshape(size, len(STATES)) if size else np.zeros((0, len(STATES)), np.int64)


def _share(share_id: int, name: str, row: np.ndarray) -> Share:
    return Share(share_id, name, {STATES[number]: int(row[number]) for number in BAR_ORDER})


def _badness(share: Share) -> tuple[int, int, int, str]:
    return (-share.counts["down"], -share.counts["attention"], -share.counts["unknown"], share.name.lower())
