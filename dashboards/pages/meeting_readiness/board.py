"""The board of a meeting's readiness: tiles grouped by reason, worst first; filters; pages of the wall."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from conference import Meeting, Readiness, live, readiness
from core import Scope, Session
from core import gettext as _

WORST_FIRST = ("not_ready", "unknown", "risk", "ready")
STALE = timedelta(minutes=3)
# What fits on 1920 x 1080 so that it is read from 5 m
WALL_CELLS, WALL_PAGES = 6 * 10, 10


@dataclass(frozen=True, slots=True)
class Tile:
    """One endpoint on the board. `call` is the last call about it, or None."""

    called: Any
    state: str
    score: int
    reason: str
    action: str
    is_fixable_here: bool
    since: datetime | None
    call: Any
    details: str = "[]"

    @property
    def is_speaker(self) -> bool:
        """Whether it speaks in the meeting."""
        return self.called.mode == "speak" or self.called.role in ("chair", "cohost")


@dataclass(frozen=True, slots=True)
class Group:
    """Endpoints with the same state and worst reason. `reach`: how many of them the centre can act on itself."""

    state: str
    reason: str
    action: str
    tiles: Sequence[Tile]

    @property
    def fixable(self) -> list[Tile]:
        """Those the centre can do something about."""
        return [tile for tile in self.tiles if tile.is_fixable_here]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tiles: a state, a reason, a unit's name, those who speak, those not reached yet, words of a name."""

    state: str = ""
    reason: str = ""
    unit: str = ""
    who: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    """All of it. `counts` are of the whole meeting, `groups` of what was wanted."""

    meeting: Meeting
    run: readiness.ReadinessRun | None
    counts: dict[str, int]
    groups: Sequence[Group]
    total: int
    shown: int
    is_stale: bool
    path: str
    units: Sequence[tuple[str, str]] = ()
    reasons: Sequence[tuple[str, str]] = ()
    pages: Sequence[Sequence[Any]] = field(default_factory=tuple)


def load_tiles(session: Session, scope: Scope, meeting: Meeting, only: int | None = None) -> list[Tile]:
    """Every endpoint of the meeting that the scope shows, or one: in the order of its list, three statements."""
    rows = readiness.readiness_of(session, meeting.id, only=only)
    calls = readiness.calls_of(session, meeting.id)
    called = [one for one in readiness.called_to(session, meeting.id, only) if scope.includes(one.unit_path)]
    return [_tile(one, rows.get(one.endpoint_id), calls.get(one.endpoint_id)) for one in called]


def _tile(called: Any, row: Readiness | None, call: Any) -> Tile:
    if row is None:
        return Tile(called, "unknown", 0, "not_judged", "none", False, None, call)
    return Tile(called, row.state, row.score, row.reason, row.action, row.is_fixable_here, row.at, call, row.details)


def make_board(
    session: Session, scope: Scope, meeting: Meeting, wanted: Wanted, now: datetime, is_wall: bool = False
) -> Board:
    """The board as a viewer wants it."""
    run = readiness.run_of(session, meeting.id)
    tiles = load_tiles(session, scope, meeting)
    counts = {state: sum(tile.state == state for tile in tiles) for state in readiness.STATES}
    shown = [tile for tile in tiles if _is_wanted(tile, wanted)]
    groups = group(shown)
    reasons = sorted({tile.reason for tile in tiles} - {"fit"}, key=_rank)
    return Board(
        meeting, run, counts, groups, len(tiles), len(shown), run is not None and now - run.at > STALE,
        run.path if run else "", sorted({(one.called.unit_name,) * 2 for one in tiles}) if len(tiles) <= 1500 else (),
        [(word, title_of(word)) for word in reasons], wall_pages(groups) if is_wall else (),
    )


def stamp_of(run: readiness.ReadinessRun | None, air: Sequence[live.Airing] = ()) -> str:
    """Changes when anything on the board has changed."""
    words = [f"{one.kind}.{one.state}.{one.why}.{one.recorder}" for one in air]
    return "-".join([f"{run.changed_at.timestamp():.3f}" if run is not None else "0", *words])


def title_of(word: str) -> str:
    """The heading of a reason."""
    reason = readiness.REASONS.get(word)
    return _(reason.title) if reason is not None else _("Not judged yet")


_RANK = {word: place for place, word in enumerate(readiness.REASONS)}


def _rank(word: str) -> int:
    return _RANK.get(word, 99)


def _is_wanted(tile: Tile, wanted: Wanted) -> bool:
    if (wanted.state and tile.state != wanted.state) or (wanted.reason and tile.reason != wanted.reason):
        return False
    if wanted.unit and tile.called.unit_name != wanted.unit:
        return False
    if wanted.who == "speak" and not tile.is_speaker:
        return False
    if wanted.who == "open" and (tile.state == "ready" or (tile.call and tile.call.outcome in ("reached", "fixed"))):
        return False
    if wanted.who == "here" and not tile.is_fixable_here:
        return False
    text = wanted.text.lower()
    return not text or text in f"{tile.called.name} {tile.called.code} {tile.called.site_name}".lower()


def group(tiles: Sequence[Tile]) -> list[Group]:
    """By state and reason: the worst state first, then the worst reason; speakers first within a group."""
    found: dict[tuple[str, str], list[Tile]] = {}
    for tile in tiles:
        found.setdefault((tile.state, tile.reason), []).append(tile)
    order = sorted(found, key=lambda key: (WORST_FIRST.index(key[0]), _rank(key[1])))
    return [
        Group(*key, found[key][0].action, sorted(found[key], key=lambda tile: not tile.is_speaker)) for key in order
    ]


def wall_pages(groups: Sequence[Group]) -> list[list[tuple[Group, list[Tile]]]]:
    """Pages of (group, its tiles on this page); a heading takes a cell as a tile does, and stands on each page anew.

    Ready endpoints are a number at the top, not tiles: a wall shows what needs somebody.
    """
    pages: list[list[tuple[Group, list[Tile]]]] = [[]]
    free = WALL_CELLS
    for one in groups:
        left = list(one.tiles) if one.state != "ready" else []
        while left:
            if free < 2:
                pages.append([])
                free = WALL_CELLS
            part, left = left[: free - 1], left[free - 1 :]
            pages[-1].append((one, part))
            free -= 1 + len(part)
    return pages[:WALL_PAGES]


def findings_of(details: str, now: datetime) -> list[tuple[str, str, str]]:
    """(level, title, sentence) of what was found, worst first."""
    return [
        (one.get("level", "note"), title_of(one.get("word", "")),
         readiness.sentence(one.get("word", ""), one.get("args") or {}, now))
        for one in json.loads(details or "[]")
    ]


def sentence_of(tile: Tile, now: datetime) -> str:
    """What the worst finding of a tile says; "" when nothing stands in the way."""
    worst = next(iter(json.loads(tile.details or "[]")), None) if tile.state != "ready" else None
    return readiness.sentence(worst.get("word", ""), worst.get("args") or {}, now) if worst else ""
