"""Indicators out of counted meetings: arrays in, figures by month, unit and kind out. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from conference.attendance.kpi.expression import holds
from conference.attendance.kpi.formula import Formula
from conference.attendance.kpi.packing import EXCUSED, KIND_CODES, LINE, UNIT, Packed, unpack
from conference.schedule import KINDS

KIND_WORDS = tuple(KINDS)


@dataclass(frozen=True, slots=True)
class Counted:
    """Counted meetings as columns of one length; `lines` and `units` their packed shares.

    `month` numbers months as year * 12 + month - 1; `kind` is the place in KIND_WORDS (-1: another kind).
    """

    meeting: np.ndarray
    month: np.ndarray
    kind: np.ndarray
    unit: np.ndarray
    columns: Mapping[str, np.ndarray]
    lines: Packed
    units: Packed

    def __len__(self) -> int:
        return len(self.meeting)


NUMBERS = ("minutes", "held", "important", "streamed", "recorded", "endpoints", "checked", "ready", "troubled")


def to_counted(rows: Sequence[Sequence[object]]) -> Counted:
    """Columns out of rows (meeting, month word, kind word, unit, *NUMBERS, lines, units)."""
    if not rows:
        empty = np.zeros(0, np.int64)
        nothing = {name: np.zeros(0) for name in NUMBERS}
        return Counted(empty, empty, empty, empty, nothing, unpack([], LINE), unpack([], UNIT))
    turned = list(zip(*rows, strict=True))
    kinds = {word: number for number, word in enumerate(KIND_WORDS)}
    return Counted(
        np.array(turned[0], np.int64), np.array([month_number(str(word)) for word in turned[1]], np.int64),
        np.array([kinds.get(str(word), -1) for word in turned[2]], np.int64), np.array(turned[3], np.int64),
        {name: np.array(turned[4 + place], float) for place, name in enumerate(NUMBERS)},
        unpack(turned[-2], LINE), unpack(turned[-1], UNIT),  # type: ignore[arg-type]
    )  # fmt: skip


def month_number(word: str) -> int:
    """ "2026-11" as a number that grows by one each month."""
    return int(word[:4]) * 12 + int(word[5:7]) - 1


def month_word(number: int) -> str:
    """The other way."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


@dataclass(frozen=True, slots=True)
class Judged:
    """What a formula says of each meeting: is it among those counted, does it fulfil the condition, and by which
    numbers."""

    is_in: np.ndarray
    is_good: np.ndarray
    invited: np.ndarray
    present: np.ndarray


def judge_meetings(formula: Formula, counted: Counted) -> Judged:
    """Lay a formula over all meetings at once."""
    is_in = np.isin(counted.kind, [KIND_WORDS.index(one) for one in formula.kinds])
    if formula.only_important:
        is_in &= counted.columns["important"] > 0
    invited, present = _heads(formula, counted)
    share = np.divide(present, invited, out=np.zeros(len(counted)), where=invited > 0)
    values = {
        **counted.columns, "invited": invited, "present": present, "share": share,
        "least_share": np.full(len(counted), formula.least_share / 100),
    }  # fmt: skip
    is_good = holds(formula.tree(), values) if len(counted) else np.zeros(0, bool)
    return Judged(is_in, is_in & is_good, invited.astype(np.int64), present.astype(np.int64))


def _heads(formula: Formula, counted: Counted) -> tuple[np.ndarray, np.ndarray]:
    """(invited, present) of each meeting, by unit, endpoint or person."""
    packed = counted.units if formula.counted_by == "unit" else counted.lines
    entries = packed.entries
    chosen = np.ones(len(entries), bool)
    if formula.counted_by != "unit":
        # A unit that stands for its one endpoint is an endpoint to whoever counts endpoints
        words = ("person",) if formula.counted_by == "person" else ("endpoint", "unit")
        chosen = np.isin(entries["kind"], [KIND_CODES[one] for one in words])
    is_there = chosen & (entries["share"] >= max(formula.least_percent, 1))
    if formula.leaves_out_excused:
        chosen &= is_there | ((entries["flags"] & EXCUSED) == 0)
    return packed.counted(chosen).astype(float), packed.counted(is_there).astype(float)


@dataclass(frozen=True, slots=True)
class Figure:
    """One indicator's value: `good` of `all`; `in_person` is the part of `all` that was entered by hand."""

    good: int
    all: int
    in_person: int = 0

    @property
    def ratio(self) -> float | None:
        """The share; None when there was nothing to count."""
        return self.good / self.all if self.all else None


def figure(formula: Formula, judged: Judged, chosen: np.ndarray, in_person: int = 0) -> Figure:
    """The value over the chosen meetings. `in_person` counts only where the formula asks for it."""
    extra = in_person if formula.share_of == "all" else 0
    return Figure(int((judged.is_good & chosen).sum()), int((judged.is_in & chosen).sum()) + extra, extra)


def by_group(judged: Judged, group: np.ndarray, chosen: np.ndarray) -> dict[int, tuple[int, int]]:
    """Number of a group (month, kind or unit) -> (good, all) over the chosen meetings."""
    rows = np.flatnonzero(chosen & judged.is_in)
    if not len(rows):
        return {}
    keys, places = np.unique(group[rows], return_inverse=True)
    total = np.bincount(places, minlength=len(keys))
    good = np.bincount(places, weights=judged.is_good[rows].astype(float), minlength=len(keys)).astype(int)
    return {int(key): (int(good[n]), int(total[n])) for n, key in enumerate(keys.tolist())}


@dataclass(frozen=True, slots=True)
class UnitAttendance:
    """How a unit attended what it was invited to: arrays of one length."""

    unit: np.ndarray
    invited: np.ndarray
    present: np.ndarray
    percent_sum: np.ndarray

    def ratio(self) -> np.ndarray:
        """Share of the meetings at which it was present."""
        return np.divide(self.present, self.invited, out=np.full(len(self.unit), np.nan), where=self.invited > 0)


def attendance_by_unit(formula: Formula, counted: Counted, chosen: np.ndarray) -> UnitAttendance:
    """For each invited unit: to how many chosen meetings of the formula's kinds, and at how many it was present."""
    entries, meeting = counted.units.entries, counted.units.meeting
    is_in = chosen & np.isin(counted.kind, [KIND_WORDS.index(one) for one in formula.kinds])
    is_there = entries["share"] >= max(formula.least_percent, 1)
    rows = is_in[meeting]
    if formula.leaves_out_excused:
        rows = rows & (is_there | ((entries["flags"] & EXCUSED) == 0))
    units, places = np.unique(entries["unit"][rows], return_inverse=True)
    size = len(units)
    return UnitAttendance(
        units.astype(np.int64), np.bincount(places, minlength=size).astype(np.int64),
        np.bincount(places, weights=is_there[rows].astype(float), minlength=size).astype(np.int64),
        np.bincount(places, weights=entries["share"][rows].astype(float), minlength=size),
    )  # fmt: skip
