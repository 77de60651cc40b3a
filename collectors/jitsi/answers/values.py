"""Numbers out of other people's JSON: every key may be missing, and a bool may be a string. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from core import TryLater

# (metric of ours, names that servers of several years give it, factor to our unit)
Wanted = tuple[str, tuple[str, ...], float]


def number_of(value: object) -> float | None:
    """A finite number, a bool as 0 or 1, or either as text ("0.71", "true"); None for all else."""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        flag = flag_of(value)
        if flag is not None:
            return float(flag)
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, int | float) and abs(value) < 1e300 and math.isfinite(value):
        return float(value)
    return None


def flag_of(value: object) -> bool | None:
    """True or False from a bool, 0 or 1, or "true" and "false"; None for all else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    if isinstance(value, int | float) and value in (0, 1):
        return bool(value)
    return None


def text_of(value: object, most: int = 200) -> str:
    """Printable text of bounded length, "" for what is none; Jicofo writes "null" for nothing."""
    if not isinstance(value, str) or value == "null":
        return ""
    return "".join(one for one in value if one.isprintable())[:most]


def mapping_of(value: object) -> Mapping[str, Any]:
    """The object itself, or an empty one: JVB writes the string "null" where an object should stand."""
    return value if isinstance(value, dict) else {}


def read_json(body: bytes) -> Any:
    """The document. Raises TryLater("bad_reply")."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise TryLater("bad_reply", "no JSON") from None


def read_object(body: bytes) -> Mapping[str, Any]:
    """The JSON object. Raises TryLater("bad_reply") for anything else."""
    document = read_json(body)
    if not isinstance(document, dict):
        raise TryLater("bad_reply", "no JSON object")
    return document


def take(wanted: Iterable[Wanted], told: Mapping[str, object]) -> dict[str, float]:
    """Metric -> value, of those that were told; the first name that is there counts. Negative values are no values."""
    found: dict[str, float] = {}
    for metric, names, factor in wanted:
        for name in names:
            value = number_of(told.get(name))
            if value is not None and value >= 0:
                found[metric] = value * factor
                break
    return found
