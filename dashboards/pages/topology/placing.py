"""Reads the places of nodes that a browser sends. Pure; trusts nothing."""

from __future__ import annotations

from collections.abc import Collection
from math import isfinite
from typing import Any

MOST = 2_000  # nodes of one map


def read_places(sent: Any, known: Collection[str]) -> dict[str, tuple[float, float]] | None:
    """Node to (x, y) out of {"places": {"device:5": [10, 20]}}; None when anything in it is no place. Nodes that are
    not `known` on the map (any more) are left out."""
    places = sent.get("places") if isinstance(sent, dict) else None
    if not isinstance(places, dict) or not 0 < len(places) <= MOST:
        return None
    found = {}
    for key, spot in places.items():
        if not isinstance(spot, list) or len(spot) != 2 or not all(_is_number(one) for one in spot):
            return None
        if key in known:
            found[key] = (float(spot[0]), float(spot[1]))
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e6 and isfinite(value)
