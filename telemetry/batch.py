"""What every collector hands over: many series' values of one moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Batch:
    """Values measured at one moment, usually one device's.

    `series` int32[n] are numbers of the registry, `value` float64[n] the readings; counters come as the raw totals of
    the device. `at` is seconds since 1970 (UTC). `uptime` is the device's sysUpTime or engine time in seconds, from the
    same reply as the counters: rates are computed from its difference. `is_reset` says that counters began anew
    (a restart, engineBoots rose, ifCounterDiscontinuityTime changed).
    """

    series: np.ndarray
    value: np.ndarray
    at: float
    uptime: float | None = None
    is_reset: bool = False

    def __len__(self) -> int:
        return len(self.series)


def make_batch(
    series: object, value: object, at: float, uptime: float | None = None, is_reset: bool = False
) -> Batch:
    """A Batch from any sequences. Raises ValueError when they differ in length."""
    numbers = np.asarray(series, dtype=np.int32)
    values = np.asarray(value, dtype=np.float64)
    if numbers.shape != values.shape or numbers.ndim != 1:
        raise ValueError("a batch needs as many values as series")
    return Batch(numbers, values, float(at), None if uptime is None else float(uptime), is_reset)
