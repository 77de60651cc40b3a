"""The pages that the wall board of a meeting turns. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from conference import live

GROUPS_A_PAGE = 7
CELLS_A_PAGE, MOST_TILE_PAGES = 6 * 10, 9  # as on the wall of readiness; ten pages in all is what the wall turns
TROUBLE = ("down", "attention")
NAMED = ("isp", "bridge")  # what the key of a group names so that a person knows it


@dataclass(frozen=True, slots=True)
class WallGroup:
    """Endpoints in trouble that stand under one heading. `of` is what they share by name: a provider, a bridge."""

    word: str
    tone: str
    of: str
    rows: Sequence[live.EndpointNow]


@dataclass(frozen=True, slots=True)
class WallPage:
    """One page: `kind` is groups (causes) or tiles (heading, endpoints on this page); `number` counts those."""

    kind: str
    items: Sequence[Any]
    number: int = 1
    of: int = 1


def wall_pages(board: live.Board) -> list[WallPage]:
    """Causes first, then every endpoint in trouble as a tile under its cause.

    Endpoints without trouble are a number at the top, not tiles: a wall shows what needs somebody.
    """
    tiles = _tiles(_troubled(board))
    return [WallPage("groups", board.groups[:GROUPS_A_PAGE])] + [
        WallPage("tiles", part, number, len(tiles)) for number, part in enumerate(tiles, 1)
    ]


def _troubled(board: live.Board) -> list[WallGroup]:
    """By cause as the board groups them; then those with a mark only (no sound, black picture, late)."""
    rows = {row.endpoint_id: row for row in board.rows if row.tone in TROUBLE}
    groups = []
    for one in board.groups:
        found = [rows.pop(which) for which in one.endpoint_ids if which in rows]
        kind, _, of = one.key.partition("|")[2].partition(":")
        if found:
            groups.append(WallGroup(one.cause.word, one.tone, of if kind in NAMED else "", found))
    if rows:
        rest = list(rows.values())
        groups.append(WallGroup("", min((row.tone for row in rest), key=TROUBLE.index), "", rest))
    return groups


def _tiles(groups: Sequence[WallGroup]) -> list[list[tuple[WallGroup, Sequence[live.EndpointNow]]]]:
    pages: list[list[tuple[WallGroup, Sequence[live.EndpointNow]]]] = []
    free = 0
    for one in groups:
        left = one.rows
        while left:
            if free < 2:  # a heading never stands alone at the end of a page
                pages.append([])
                free = CELLS_A_PAGE
            part, left = left[: free - 1], left[free - 1 :]
            pages[-1].append((one, part))
            free -= 1 + len(part)
    return pages[:MOST_TILE_PAGES]
