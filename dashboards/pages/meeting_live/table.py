"""The live board as a table for export."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conference import live
from core import lazy_gettext as _l
from dashboards.pages.meeting_live.words import MARK_WORDS, QUALITY_WORDS, STATE_WORDS, figure_text

EXPORT_HEADS = (
    _l("Code"), _l("Endpoint"), _l("Site"), _l("State"), _l("Why"), _l("Marks"), _l("Quality"), _l("Figures"),
    _l("Bridge"), _l("Provider"), _l("Contact"), _l("Telephone"), _l("Heard of"),
)  # fmt: skip


def export_rows(board: live.Board) -> Iterator[tuple[Any, ...]]:
    """Every endpoint, worst first."""
    for row in board.rows:
        part = row.part
        yield (
            part.code, part.name, part.site_name, str(STATE_WORDS[row.state].label), row.sentence,
            ", ".join(str(MARK_WORDS[mark][1]) for mark in row.marks), str(QUALITY_WORDS[row.quality].label),
            figure_text(dict(row.figures)), row.bridge, part.isp, part.contact, part.phone, row.heard_at,
        )  # fmt: skip
