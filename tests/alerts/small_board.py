"""A board of one rule over a few series, for tests of judging."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from alerts.board import Board, Restored, build_board
from alerts.labels import DeviceLabel, Labels
from alerts.rule import Rule, Term


class Series:
    """A registry of one metric on n devices."""

    def __init__(self, n: int, metric: str = "m") -> None:
        self.metric_name = metric
        self.device = np.arange(1, n + 1, dtype=np.int32)
        self.part = np.zeros(n, np.int32)
        self.part_names = [""]

    def of_metric(self, name: str) -> np.ndarray:
        return np.arange(len(self.device), dtype=np.int32) if name == self.metric_name else np.empty(0, np.int32)

    def __len__(self) -> int:
        return len(self.device)


def labels(n: int) -> Labels:
    """n switches at one site."""
    return Labels(devices={one: DeviceLabel(one, f"d{one}", "switch", 1) for one in range(1, n + 1)})


def rule(**values: object) -> Rule:
    """m above 10, well again at 5 or less."""
    given = {"terms": (Term("m", "above", 10.0, 5.0),), **values}
    return Rule("r", "minor", {}, {}, {}, **given)  # type: ignore[arg-type]


def board(one: Rule, n: int = 1, before: Board | Restored | None = None) -> Board:
    """The rule over n series."""
    return build_board([one], (), labels(n), Series(n), before or Restored())


def live(n: int = 1) -> SimpleNamespace:
    """A live table that has never seen a sample."""
    return SimpleNamespace(value=np.full(n, np.nan), at=np.zeros(n))
