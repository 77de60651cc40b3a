"""The registry of series: (device, part, metric) <-> a small integer, for millions of them.

Names live in the database; in memory there are only packed keys in sorted arrays and a small overlay of the newest, so
that 2.4 million series cost some 60 MB. It holds no values.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from core import Database
from telemetry.metrics import METRIC_BY_ID, METRIC_LIMIT, METRICS
from telemetry.series_index import PART_LIMIT, SeriesIndex, pack_keys
from telemetry.store import (
    SeriesConflict,
    StoredRange,
    add_foreign_metrics,
    add_parts,
    add_ranges,
    load_foreign_metrics,
    load_parts,
    load_ranges,
    replace_keys,
    retire_device,
)

PART_LENGTH = 200
_FOREIGN_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,199}\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_ATTEMPTS = 5


class SeriesKey(NamedTuple):
    """What a device's series is called. `part` "" is the device as a whole; `width` is 32 or 64 for counters."""

    part: str
    metric: str
    width: int = 0


class SeriesName(NamedTuple):
    """The full name of a series."""

    device: int
    part: str
    metric: str


class UnknownMetricError(ValueError):
    """A metric that telemetry/metrics.py does not name."""


class SeriesRegistry:
    """All series. Every method is safe from any thread; the arrays are read without a lock.

    The arrays are views whose index is the series number; a retired series has device -1 and metric 0.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.RLock()
        self._index = SeriesIndex()
        self._parts: list[str] = []
        self._part_ids: dict[str, int] = {}
        self._foreign: dict[int, str] = {}
        self._metric_ids: dict[str, int] = {name: metric.id for name, metric in METRICS.items()}

    def load(self) -> None:
        """Read what the database knows and this registry does not yet: at start, and when another process made more."""
        with self._lock, self._database.reading() as session:
            self._absorb(session)

    def __len__(self) -> int:
        return len(self._index)

    @property
    def device(self) -> np.ndarray:
        """int32[n]: the device of each series."""
        return self._index.columns.device

    @property
    def metric(self) -> np.ndarray:
        """int16[n]: the metric's number of each series."""
        return self._index.columns.metric

    @property
    def part(self) -> np.ndarray:
        """int32[n]: index into part_names."""
        return self._index.columns.part

    @property
    def width(self) -> np.ndarray:
        """uint8[n]: 32 or 64 for counters, 0 for all others."""
        return self._index.columns.width

    @property
    def part_names(self) -> Sequence[str]:
        """Names of parts by number."""
        return self._parts

    def resolve(self, device_id: int, keys: Sequence[SeriesKey]) -> np.ndarray:
        """int32[n]: the series of a device; those that are missing are made and kept in one transaction.

        A gauge has no width whatever the key says (MikroTik types client counts as counters); a counter without one
        counts to 2**64. Raises UnknownMetricError for a metric that the table of metrics does not have.
        """
        return self.resolve_many({device_id: keys})[device_id]

    def resolve_many(self, wanted: Mapping[int, Sequence[SeriesKey]]) -> dict[int, np.ndarray]:
        """As resolve, for many devices in one transaction."""
        cleaned = {device: self._clean(device, keys) for device, keys in wanted.items()}
        found = {device: self._lookup(device, keys) for device, keys in cleaned.items()}
        missing = {device: cleaned[device] for device, ids in found.items() if ids.size and ids.min() < 0}
        if missing:
            with self._lock:
                self._create(missing)
                for device, keys in missing.items():
                    found[device] = self._lookup(device, keys)
        for device, ids in found.items():
            self._set_widths(ids, cleaned[device])
        return found

    def declare_foreign(self, names: Iterable[str]) -> None:
        """Let metrics that are not in the table be resolved: those that line protocol brings."""
        new = sorted({name for name in names if name not in self._metric_ids})
        for name in new:
            if not _FOREIGN_NAME.match(name):
                raise UnknownMetricError(f"{name!r} cannot be a metric's name: letters, digits and _ only")
        if not new:
            return
        with self._lock, self._database.session() as session:
            self._absorb(session)
            new = [name for name in new if name not in self._metric_ids]
            if len(new) + len(self._foreign) > METRIC_LIMIT // 2:
                raise UnknownMetricError("too many different metrics came in; name them alike")
            numbers = add_foreign_metrics(session, new)
        with self._lock:
            self._metric_ids.update(numbers)
            self._foreign.update({number: name for name, number in numbers.items()})

    def knows_metric(self, name: str) -> bool:
        """True when series of this metric can be made."""
        return name in self._metric_ids

    def find(self, device: int, part: str, metric: str) -> int | None:
        """The series of a name, or None."""
        part_id, metric_id = self._part_ids.get(clean_part(part)), self._metric_ids.get(metric)
        if part_id is None or metric_id is None:
            return None
        found = int(self._index.search(device, pack_keys(device, np.array([part_id]), np.array([metric_id])))[0])
        return None if found < 0 else found

    def describe(self, series: int) -> SeriesName | None:
        """The name of a series, or None when there is none or its device was removed."""
        columns = self._index.columns
        if not 0 <= series < len(columns.device) or columns.device[series] < 0:
            return None
        metric = self.metric_name(int(columns.metric[series]))
        return SeriesName(int(columns.device[series]), self._parts[columns.part[series]], metric)

    def metric_name(self, number: int) -> str:
        """The name of a metric's number, "" when unknown."""
        metric = METRIC_BY_ID.get(number)
        return metric.name if metric else self._foreign.get(number, "")

    def of_device(self, device_id: int) -> np.ndarray:
        """int32[]: all series of a device, ascending."""
        return self._index.of_device(device_id)

    def of_metric(self, name: str) -> np.ndarray:
        """int32[]: all series of a metric, ascending; empty for an unknown name."""
        number = self._metric_ids.get(name)
        return np.empty(0, np.int32) if number is None else self._index.of_metric(number)

    def forget_device(self, device_id: int) -> np.ndarray:
        """Retire the series of a removed device; returns them, so that the live table can forget them too."""
        with self._lock:
            with self._database.session() as session:
                retire_device(session, device_id)
            return self._index.retire(device_id)

    def _clean(self, device_id: int, keys: Sequence[SeriesKey]) -> list[SeriesKey]:
        if not 0 < device_id < 1 << 27:
            raise ValueError(f"{device_id} cannot be a device's number")
        cleaned = []
        for part, metric, width in keys:
            number = self._metric_ids.get(metric)
            if number is None:
                raise UnknownMetricError(f"{metric!r} is not in the table of metrics (telemetry/metrics.py)")
            known = METRIC_BY_ID.get(number)
            is_counter = known is not None and known.kind == "counter"
            cleaned.append(SeriesKey(clean_part(part), metric, (32 if width == 32 else 64) if is_counter else 0))
        return cleaned

    def _lookup(self, device_id: int, keys: Sequence[SeriesKey]) -> np.ndarray:
        parts = np.fromiter((self._part_ids.get(key.part, -1) for key in keys), np.int64, len(keys))
        metrics = np.fromiter((self._metric_ids[key.metric] for key in keys), np.int64, len(keys))
        ids = self._index.search(device_id, pack_keys(device_id, np.maximum(parts, 0), metrics))
        ids[parts < 0] = -1
        return ids

    def _create(self, wanted: Mapping[int, Sequence[SeriesKey]]) -> None:
        # Another process may take the same numbers at the same moment; the database refuses the second of us.
        for attempt in range(_ATTEMPTS):
            try:
                with self._database.session() as session:
                    self._absorb(session)
                    names, ranges = self._plan(wanted)
                    add_parts(session, len(self._parts), names)
                    add_ranges(session, ranges)
            except SeriesConflict:
                if attempt == _ATTEMPTS - 1:
                    raise
                continue
            self._learn_parts(names)
            self._index.add(ranges)
            return

    def _plan(self, wanted: Mapping[int, Sequence[SeriesKey]]) -> tuple[list[str], list[StoredRange]]:
        """New part names and series ranges, not yet committed."""
        part_ids: dict[str, int] = {}
        ranges: list[StoredRange] = []
        first = len(self._index)
        for device, keys in wanted.items():
            ids = self._lookup(device, keys)
            new = {(k.part, k.metric): k for k, i in zip(keys, ids.tolist(), strict=True) if i < 0}
            if not new:
                continue
            packed = np.empty(len(new), np.int64)
            for i, key in enumerate(new.values()):
                part = self._part_ids.get(key.part)
                if part is None:
                    part = part_ids.setdefault(key.part, len(self._parts) + len(part_ids))
                packed[i] = part << 22 | self._metric_ids[key.metric] << 8 | key.width
            ranges.append(StoredRange(first, len(new), device, packed.astype("<i8").tobytes()))
            first += len(new)
        if len(self._parts) + len(part_ids) > PART_LIMIT:
            raise ValueError("too many different part names; name parts of different devices alike")
        return list(part_ids), ranges

    def _absorb(self, session: object) -> None:
        """Take in what the database has beyond our own numbers."""
        self._learn_parts(load_parts(session, len(self._parts)))  # type: ignore[arg-type]
        self._foreign = load_foreign_metrics(session)  # type: ignore[arg-type]
        self._metric_ids.update({name: number for number, name in self._foreign.items()})
        self._index.add(load_ranges(session, len(self._index)))  # type: ignore[arg-type]

    def _learn_parts(self, names: Sequence[str]) -> None:
        for name in names:
            self._part_ids[name] = len(self._parts)
            self._parts.append(name)

    def _set_widths(self, ids: np.ndarray, keys: Sequence[SeriesKey]) -> None:
        """A port that now offers 64-bit counters keeps its series; the live table starts its counter anew."""
        widths = np.fromiter((key.width for key in keys), np.uint8, len(keys))
        changed = np.flatnonzero(self._index.columns.width[ids] != widths)
        if not changed.size:
            return
        with self._lock:
            ranges = self._index.set_widths(ids[changed], widths[changed])
            with self._database.session() as session:
                for first, keys_of_range in ranges.items():
                    replace_keys(session, first, keys_of_range)


def clean_part(part: str) -> str:
    """A part's name without control characters and of bounded length; a cut name keeps a digest, so it stays unique."""
    if len(part) <= PART_LENGTH and part.isprintable():
        return part
    clean = _CONTROL.sub("\ufffd", part)
    if len(clean) > PART_LENGTH:
        digest = hashlib.sha256(part.encode("utf-8", "replace")).hexdigest()[:10]
        clean = f"{clean[: PART_LENGTH - 11]}~{digest}"
    return clean
