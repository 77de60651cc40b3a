"""Realistic samples for the benchmarks: some schools' devices over some days, the same for every store.

Shares as in a school's switch: traffic rates that breathe with the day, packet rates, error rates that are nearly
always zero, ratios and temperatures that wander, states and speeds that stand still. Poll times have the jitter of a
scheduler.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from telemetry import significant

DAY_S = 86_400
KINDS = ("octets", "octets", "packets", "packets", "errors", "errors", "ratio", "celsius", "state", "speed")


class Rows(NamedTuple):
    """Samples in the order in which they arrive: series int32[n], epoch ms int64[n], value float64[n]."""

    series: np.ndarray
    ts_ms: np.ndarray
    value: np.ndarray


class School:
    """Devices with 100 series each, polled every `interval_s`; series numbers are device * 100 + i."""

    def __init__(self, devices: int, *, interval_s: int = 120, seed: int = 1) -> None:
        self._chance = np.random.default_rng(seed)
        self.devices, self.interval_s = devices, interval_s
        n = devices * 100
        self.series = np.arange(n, dtype=np.int32)
        self._kind = np.array([KINDS[i % len(KINDS)] for i in range(100)] * devices)
        self._level = 10 ** self._chance.uniform(1, 6, n)
        self._ratio = np.round(self._chance.uniform(0.05, 0.8, n), 2)
        self._celsius = np.round(self._chance.uniform(30, 60, n))
        self._phase = self._chance.uniform(0, interval_s, devices)

    def polls(self, start_s: float, duration_s: float) -> Iterator[Rows]:
        """All samples of a stretch of time, one interval of all devices after the other."""
        for cycle in range(int(duration_s // self.interval_s)):
            at = start_s + cycle * self.interval_s + self._phase + self._chance.normal(0, 0.05, self.devices)
            ts = np.repeat((at * 1000).astype(np.int64), 100)
            order = np.argsort(np.repeat(at, 100), kind="stable")
            yield Rows(self.series[order], ts[order], self._values(start_s + cycle * self.interval_s)[order])

    def _values(self, at_s: float) -> np.ndarray:
        n, chance = len(self.series), self._chance
        busy = 0.05 + max(0.0, np.sin((at_s % DAY_S / DAY_S - 0.25) * 2 * np.pi))
        value = np.zeros(n)
        for kind in set(KINDS):
            mine = np.flatnonzero(self._kind == kind)
            value[mine] = getattr(self, f"_{kind}_values")(mine, busy, chance)
        return value

    def _octets_values(self, mine: np.ndarray, busy: float, chance: np.random.Generator) -> np.ndarray:
        # The rate of whole octets over an interval measured in 1/100 s, as derived from counters
        octets = np.rint(self._level[mine] * busy * chance.lognormal(0, 0.5, len(mine)) * self.interval_s)
        return significant(octets / (self.interval_s + np.round(chance.normal(0, 0.05, len(mine)), 2)))

    def _packets_values(self, mine: np.ndarray, busy: float, chance: np.random.Generator) -> np.ndarray:
        return self._octets_values(mine, busy / 700, chance)

    def _errors_values(self, mine: np.ndarray, _busy: float, chance: np.random.Generator) -> np.ndarray:
        return significant(np.where(chance.random(len(mine)) < 0.01, chance.integers(1, 9, len(mine)), 0) / 120.0)

    def _ratio_values(self, mine: np.ndarray, _busy: float, chance: np.random.Generator) -> np.ndarray:
        moved = self._ratio[mine] + np.where(chance.random(len(mine)) < 0.5, chance.normal(0, 0.02, len(mine)), 0)
        self._ratio[mine] = np.clip(np.round(moved, 2), 0, 1)
        return self._ratio[mine]

    def _celsius_values(self, mine: np.ndarray, _busy: float, chance: np.random.Generator) -> np.ndarray:
        self._celsius[mine] += np.where(chance.random(len(mine)) < 0.1, chance.choice([-1.0, 1.0], len(mine)), 0)
        return self._celsius[mine]

    def _state_values(self, mine: np.ndarray, _busy: float, chance: np.random.Generator) -> np.ndarray:
        return np.where(chance.random(len(mine)) < 0.0005, 0.0, 1.0)

    def _speed_values(self, mine: np.ndarray, _busy: float, _chance: np.random.Generator) -> np.ndarray:
        return np.full(len(mine), 1e9)
