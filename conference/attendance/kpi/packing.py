"""Shares of minutes packed into bytes: a year of meetings is then one read and a few array operations. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

KIND_CODES = {"unit": 0, "endpoint": 1, "person": 2}
EXCUSED = 1  # bit of `flags`
LINE = np.dtype([("kind", "u1"), ("share", "u1"), ("flags", "u1")])
UNIT = np.dtype([("unit", "<i4"), ("share", "u1"), ("flags", "u1")])


@dataclass(frozen=True, slots=True)
class Share:
    """One invited participant: which share of the minutes it was there, 0..100 whole percent, rounded down."""

    kind: str
    unit_id: int | None
    percent: int
    is_excused: bool = False


def percent_of(seconds: int, scheduled: int) -> int:
    """Whole percent, rounded down: 69.9 % is not yet 70 %."""
    return min(100, max(0, seconds) * 100 // scheduled) if scheduled > 0 else 0


def pack_lines(shares: Iterable[Share]) -> bytes:
    """Every participant."""
    rows = [(KIND_CODES.get(one.kind, 2), one.percent, EXCUSED if one.is_excused else 0) for one in shares]
    return np.array(rows, LINE).tobytes()


def pack_units(shares: Iterable[Share]) -> bytes:
    """Every unit by its best participant: it was there when any of its endpoints or people was."""
    best: dict[int, tuple[int, int]] = {}
    for one in shares:
        if one.unit_id is None:
            continue
        percent, flags = best.get(one.unit_id, (0, EXCUSED))
        best[one.unit_id] = (max(percent, one.percent), flags & (EXCUSED if one.is_excused else 0))
    return np.array([(unit, *values) for unit, values in sorted(best.items())], UNIT).tobytes()


@dataclass(frozen=True, slots=True)
class Packed:
    """The packs of many meetings one behind the other: `meeting` is the place of the meeting an entry belongs to."""

    meeting: np.ndarray
    entries: np.ndarray
    size: int

    def counted(self, chosen: np.ndarray) -> np.ndarray:
        """int64[size]: how many chosen entries each meeting has."""
        return np.bincount(self.meeting[chosen], minlength=self.size).astype(np.int64)


def unpack(packs: Sequence[bytes], dtype: np.dtype) -> Packed:
    """The packs as one array."""
    sizes = np.fromiter((len(pack) // dtype.itemsize for pack in packs), np.int64, len(packs))
    return Packed(np.repeat(np.arange(len(packs)), sizes), np.frombuffer(b"".join(packs), dtype), len(packs))


def heads_of(units: bytes, percent: int, chosen: frozenset[int] | None = None) -> tuple[int, int]:
    """(units invited, units present for that share of minutes) of one meeting; `chosen`: only these units."""
    entries = np.frombuffer(units, UNIT)
    if chosen is not None:
        entries = entries[np.isin(entries["unit"], list(chosen))]
    return len(entries), int((entries["share"] >= max(percent, 1)).sum())
