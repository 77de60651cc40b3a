"""The pages that the wall board of a meeting turns. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from conference import live

GROUPS_A_PAGE, ROWS_A_PAGE, TILES_A_PAGE = 7, 14, 108
MOST_ROW_PAGES, MOST_TILE_PAGES = 2, 7  # ten pages in all is what the wall turns
TROUBLE = ("down", "attention")


@dataclass(frozen=True, slots=True)
class WallPage:
    """One page: `kind` is groups, rows or tiles; `number` counts among its kind."""

    kind: str
    items: Sequence[Any]
    number: int = 1
    of: int = 1


def wall_pages(board: live.Board) -> list[WallPage]:
    """Causes first, then rooms in trouble, then every room as a small tile."""
    pages = _chunks("groups", board.groups, GROUPS_A_PAGE, 1)
    troubled = [row for row in board.rows if row.tone in TROUBLE]
    if troubled:
        pages += _chunks("rows", troubled, ROWS_A_PAGE, MOST_ROW_PAGES)
    by_name = sorted(board.rows, key=lambda row: row.part.name.lower())
    return pages + (_chunks("tiles", by_name, TILES_A_PAGE, MOST_TILE_PAGES) if by_name else [])


def _chunks(kind: str, items: Sequence[Any], size: int, most: int) -> list[WallPage]:
    parts = [items[start : start + size] for start in range(0, max(len(items), 1), size)][:most]
    return [WallPage(kind, part, number, len(parts)) for number, part in enumerate(parts, 1)]
