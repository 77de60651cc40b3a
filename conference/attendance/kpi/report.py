"""One indicator over some months: its value, by month, kind and organising unit, each with what it is made of. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from conference.attendance.kpi.figures import (
    KIND_WORDS,
    Counted,
    Figure,
    Judged,
    by_group,
    figure,
    judge_meetings,
    month_number,
    month_word,
)
from conference.attendance.kpi.formula import Formula

# What the provinces' plans aim at (plans.md rows 12 to 15), in percent; None: no figure is named
TARGETS: dict[str, int | None] = {"assured": 100, "online": 70, "training": 70, "broadcast": 80, "observation": None}


@dataclass(frozen=True, slots=True)
class InPerson:
    """Meetings in person as entered: how many of a kind a unit held in a month ("2026-11")."""

    month: str
    unit_id: int
    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class Report:
    """An indicator's value and what it is made of. `months` holds every month of the span, also empty ones."""

    word: str
    formula: Formula
    total: Figure
    months: list[tuple[str, Figure]]
    kinds: list[tuple[str, Figure]]
    units: list[tuple[int, Figure]]
    judged: Judged


def make_report(
    word: str, formula: Formula, counted: Counted, persons: Sequence[InPerson], months: tuple[str, str]
) -> Report:
    """Lay the formula over the meetings of the months."""
    judged = judge_meetings(formula, counted)
    everything = np.ones(len(counted), bool)
    own = [one for one in persons if one.kind in formula.kinds] if formula.share_of == "all" else []
    numbers = range(month_number(months[0]), month_number(months[1]) + 1)
    return Report(
        word, formula, figure(formula, judged, everything, sum(one.count for one in own)),
        _with(by_group(judged, counted.month, everything), _sums(own, "month"), list(numbers), month_word),
        _with(by_group(judged, counted.kind, everything), _sums(own, "kind"),
              [KIND_WORDS.index(one) for one in formula.kinds], lambda number: KIND_WORDS[number]),
        _with(by_group(judged, counted.unit, everything), _sums(own, "unit"), [], lambda number: number),
        judged,
    )  # fmt: skip


def _sums(own: Sequence[InPerson], by: str) -> Counter[int]:
    keys = {
        "month": lambda one: month_number(one.month), "kind": lambda one: KIND_WORDS.index(one.kind),
        "unit": lambda one: one.unit_id,
    }  # fmt: skip
    found: Counter[int] = Counter()
    for one in own:
        found[keys[by](one)] += one.count
    return found


def _with(groups: dict[int, tuple[int, int]], extra: Counter[int], always: list[int], name) -> list:  # noqa: ANN001
    """(name, figure) of every group that has something, or must be shown."""
    found = []
    for number in sorted({*groups, *extra, *always}):
        good, total = groups.get(number, (0, 0))
        found.append((name(number), Figure(good, total + extra[number], extra[number])))
    return found
