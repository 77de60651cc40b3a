"""A told deed that can be taken back: the note above the next page carries a button that does the opposite."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash

MOST_VALUES = 200  # the note travels in the session's cookie, which holds 4 kB


def flash_undo(text: str, url: str, values: Sequence[tuple[str, str]] = ()) -> None:
    """Tell that something was done. "Undo" posts `values` to `url`; with too many of them it is only told."""
    is_small = len(values) <= MOST_VALUES
    flash({"text": text, "undo": url, "values": [list(pair) for pair in values]} if is_small else text, "success")
