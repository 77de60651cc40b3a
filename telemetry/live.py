"""The live table: last value and time of every series, as arrays. Counters become rates here.

Pages, rules and readiness read the arrays; only the ingest writes. It keeps no history.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from telemetry import rates
from telemetry.batch import Batch

FUTURE_S = 300.0  # a reading further ahead of our clock is refused
MAX_AGE_S = 30 * 86_400.0  # a spooled reading older than this is refused
_JUMP_S = 5.0  # a kept time this far ahead of our clock means that our clock was set back


class _Rows(NamedTuple):
    """Readings in one row of arrays."""

    series: np.ndarray
    value: np.ndarray
    at: np.ndarray
    uptime: np.ndarray
    is_reset: np.ndarray

    def take(self, which: np.ndarray) -> _Rows:
        return _Rows(*(column[which] for column in self))


class LiveTable:
    """Structure of arrays, indexed by series number.

    `value` is the gauge's value or the counter's rate per second, NaN when unknown; `at` is its time in epoch seconds,
    0 when there never was one; `counter` is the last total. `dropped` counts readings that gave no sample, by reason.
    """

    def __init__(self, *, future_s: float = FUTURE_S, max_age_s: float = MAX_AGE_S) -> None:
        self._future_s, self._max_age_s = future_s, max_age_s
        # Arrays are replaced when the table grows: two writers at once would lose what one of them wrote
        self._writing = threading.RLock()
        self.value = np.empty(0)
        self.at = np.empty(0)
        self.counter = np.empty(0)
        self.dropped: Counter[str] = Counter()
        self._uptime = np.empty(0)
        self._width = np.empty(0, np.uint8)
        self._ceiling = np.empty(0, np.float32)

    def __len__(self) -> int:
        return len(self.value)

    def grow(self, n: int, width: np.ndarray | None = None) -> None:
        """Make room for n series. `width` uint8[n] is the registry's; a counter whose width changed begins anew."""
        with self._writing:
            self._grow(n)
            if width is not None and not np.array_equal(self._width[: len(width)], width):
                changed = np.flatnonzero(self._width[: len(width)] != width)
                self._width[: len(width)] = width
                self.counter[changed] = np.nan

    def _grow(self, n: int) -> None:
        if n > len(self.value):
            self.counter = _grown(self.counter, n, np.nan)
            self._uptime = _grown(self._uptime, n, np.nan)
            self._width = _grown(self._width, n, 0)
            self._ceiling = _grown(self._ceiling, n, np.nan)
            self.at = _grown(self.at, n, 0.0)
            self.value = _grown(self.value, n, np.nan)

    def limit(self, series: np.ndarray, fastest: np.ndarray | float) -> None:
        """Say how fast counters can run, in their unit per second: for octets the port's speed / 8; 0 = unknown."""
        series = np.asarray(series, np.int64)
        with self._writing:
            if series.size:
                self._grow(int(series.max()) + 1)  # series made since the last flush
            self._ceiling[series] = fastest

    def forget(self, series: np.ndarray) -> None:
        """Make series unknown again: their device was removed or renumbered."""
        with self._writing:
            self.value[series] = np.nan
            self.at[series] = 0.0
            self.counter[series] = np.nan
            self._uptime[series] = np.nan

    def apply(
        self, batches: Sequence[Batch], now: float | None = None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Take in batches; returns what to store: (series int32[], time in epoch ms int64[], value float64[]).

        Sorted by series and time. A gauge that arrives late is stored but does not become the live value; a counter
        that arrives late gives nothing, as the total before it is no longer known. Without `now`, times are not judged.
        """
        rows = _flatten(batches)
        if rows is None:
            return np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0)
        with self._writing:
            return self._take_in(rows, now)

    def _take_in(self, rows: _Rows, now: float | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rows = self._sound(rows, now)
        rows = rows.take(np.lexsort((rows.at, rows.series)))
        series, at = rows.series, rows.at
        last_at = self.at[series]
        if now is not None:
            last_at = np.where(last_at > now + _JUMP_S, 0.0, last_at)
        is_again = at == last_at
        is_again[1:] |= (series[1:] == series[:-1]) & (at[1:] == at[:-1])
        is_counter = self._width[series] > 0
        is_late = (at < last_at) & ~is_again
        self._count("duplicate", is_again)
        self._count("out_of_order", is_late & is_counter)
        late = np.flatnonzero(is_late & ~is_counter)
        fresh = np.flatnonzero(~is_again & ~is_late)
        kept = self._advance(rows.take(fresh), last_at[fresh])
        stored = np.concatenate([fresh[np.isfinite(kept)], late])
        values = np.concatenate([kept[np.isfinite(kept)], rows.value[late]])
        if late.size:
            order = np.argsort(stored, kind="stable")
            stored, values = stored[order], values[order]
        return series[stored], np.rint(at[stored] * 1000.0).astype(np.int64), values

    def _advance(self, rows: _Rows, last_at: np.ndarray) -> np.ndarray:
        """Move the table on to these readings, sorted by series and time; returns values with counters as rates."""
        series, value, at, uptime, is_reset = rows
        if not len(series):
            return np.empty(0)
        is_first = np.ones(len(series), bool)
        is_first[1:] = series[1:] != series[:-1]
        width = self._width[series]
        result = value.copy()
        counters = np.flatnonzero(width > 0)
        if counters.size:
            before = np.maximum(counters - 1, 0)
            chained = ~is_first[counters]
            own = series[counters]
            old = rates.Readings(
                np.where(chained, value[before], self.counter[own]),
                np.where(chained, at[before], last_at[counters]),
                np.where(chained, uptime[before], self._uptime[own]),
            )
            new = rates.Readings(value[counters], at[counters], uptime[counters])
            rate, verdict = rates.derive(new, old, width[counters], self._ceiling[own], is_reset[counters])
            result[counters] = rate
            for code, count in enumerate(np.bincount(verdict, minlength=len(rates.VERDICTS)).tolist()):
                if code != rates.OK and count:
                    self.dropped[rates.VERDICTS[code]] += count
        is_last = np.ones(len(series), bool)
        is_last[:-1] = series[1:] != series[:-1]
        last = np.flatnonzero(is_last)
        self.value[series[last]] = result[last]
        self.counter[series[last]] = np.where(width[last] > 0, value[last], np.nan)
        self._uptime[series[last]] = uptime[last]
        self.at[series[last]] = at[last]
        return result

    def _sound(self, rows: _Rows, now: float | None) -> _Rows:
        """Without readings that cannot be true: unknown series, NaN, impossible times, negative totals."""
        series, value, at, _uptime, _reset = rows
        known = (series >= 0) & (series < len(self))
        finite = np.isfinite(value) & np.isfinite(at)
        good = known & finite
        self._count("unknown_series", ~known)
        self._count("not_a_number", known & ~finite)
        negative = good & (self._width[np.where(known, series, 0)] > 0) & (value < 0) if len(self) else ~known & False
        self._count("negative_counter", negative)
        good &= ~negative
        if now is not None:
            ahead, old = good & (at > now + self._future_s), good & (at < now - self._max_age_s)
            self._count("in_the_future", ahead)
            self._count("too_old", old)
            good &= ~(ahead | old)
        no_time = good & (at <= 0)
        self._count("too_old", no_time)
        good &= ~no_time
        return rows if good.all() else rows.take(good)

    def _count(self, reason: str, which: np.ndarray) -> None:
        count = int(np.count_nonzero(which))
        if count:
            self.dropped[reason] += count


def _grown(array: np.ndarray, n: int, fill: float) -> np.ndarray:
    new = np.full(n, fill, array.dtype)
    new[: len(array)] = array
    return new


def _flatten(batches: Sequence[Batch]) -> _Rows | None:
    sizes = [len(batch.series) for batch in batches]
    if not sum(sizes):
        return None
    nan = float("nan")
    return _Rows(
        np.concatenate([batch.series for batch in batches]).astype(np.int32, copy=False),
        np.concatenate([batch.value for batch in batches]).astype(np.float64, copy=False),
        np.repeat(np.array([batch.at for batch in batches], np.float64), sizes),
        np.repeat(np.array([nan if b.uptime is None else b.uptime for b in batches], np.float64), sizes),
        np.repeat(np.array([batch.is_reset for batch in batches], bool), sizes),
    )
