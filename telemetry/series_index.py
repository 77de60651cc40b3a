"""The arrays behind the registry of series: columns by series number, and sorted packed keys to find a number.

Pure memory: it reads no database. One writer at a time (the registry's lock); readers need none, because columns and
index are replaced as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from telemetry.store import StoredRange

PART_BITS, METRIC_BITS = 22, 14  # 27 bits are left for the device
PART_LIMIT = 1 << PART_BITS
_DEVICE_SHIFT = PART_BITS + METRIC_BITS
_OVERLAY_LEAST = 20_000


class Columns(NamedTuple):
    """Arrays by series number, all of the same length."""

    device: np.ndarray  # int32, -1 when retired
    part: np.ndarray  # int32
    metric: np.ndarray  # int16, 0 when retired
    width: np.ndarray  # uint8


class _Sorted(NamedTuple):
    keys: np.ndarray  # int64, ascending
    ids: np.ndarray  # int32
    overlay: dict[int, dict[int, int]]  # device -> packed key -> series


def pack_keys(device: int, parts: np.ndarray, metrics: np.ndarray) -> np.ndarray:
    """int64[n]: device, part and metric in one sortable number."""
    return (np.int64(device) << _DEVICE_SHIFT) | (parts.astype(np.int64) << METRIC_BITS) | metrics.astype(np.int64)


class SeriesIndex:
    """Finds series by packed key, by device and by metric."""

    def __init__(self) -> None:
        self._count = 0
        self._firsts: list[int] = []
        self._store = Columns(*(np.empty(0, kind) for kind in (np.int32, np.int32, np.int16, np.uint8)))
        self.columns = self._store
        self._sorted = _Sorted(np.empty(0, np.int64), np.empty(0, np.int32), {})
        self._overlay_size = 0
        self._by_metric: dict[int, tuple[int, np.ndarray]] = {}
        self._retired = 0

    def __len__(self) -> int:
        return self._count

    def add(self, ranges: Sequence[StoredRange]) -> None:
        """Take in new ranges; they begin where the last one ended."""
        if not ranges:
            return
        start = self._count
        end = ranges[-1].first + ranges[-1].count
        self._reserve(end)
        device, part, metric, width = self._store
        for row in ranges:
            if row.device_id > 0:
                device[row.first : row.first + row.count] = row.device_id
        alive = [row for row in ranges if row.device_id > 0]
        if len(alive) == len(ranges) and sum(row.count for row in ranges) == end - start:
            packed = np.frombuffer(b"".join(row.keys for row in ranges), "<i8")
            self._unpack(slice(start, end), packed)
        else:
            for row in alive:
                self._unpack(slice(row.first, row.first + row.count), np.frombuffer(row.keys, "<i8"))
        self._firsts.extend(row.first for row in ranges)
        self._count = end
        self.columns = Columns(device[:end], part[:end], metric[:end], width[:end])
        self._index(start, end)

    def search(self, device: int, keys: np.ndarray) -> np.ndarray:
        """int32[n]: series of packed keys of one device, -1 where there is none."""
        held = self._sorted
        found = np.full(len(keys), -1, np.int32)
        if len(held.keys):
            at = np.minimum(np.searchsorted(held.keys, keys), len(held.keys) - 1)
            hit = held.keys[at] == keys
            found[hit] = held.ids[at[hit]]
        newest = held.overlay.get(device)
        if newest:
            for i in np.flatnonzero(found < 0).tolist():
                found[i] = newest.get(int(keys[i]), -1)
        return found

    def of_device(self, device: int) -> np.ndarray:
        """int32[]: series of a device, ascending."""
        held = self._sorted
        low, high = np.searchsorted(held.keys, [device << _DEVICE_SHIFT, (device + 1) << _DEVICE_SHIFT])
        newest = held.overlay.get(device, {})
        ids = np.concatenate([held.ids[low:high], np.fromiter(newest.values(), np.int32, len(newest))])
        ids.sort()
        return ids

    def of_metric(self, number: int) -> np.ndarray:
        """int32[]: series of a metric, ascending; remembered, so that only new series are looked through."""
        metric = self.columns.metric
        seen, ids = self._by_metric.get(number, (0, np.empty(0, np.int32)))
        if seen < len(metric):
            new = np.flatnonzero(metric[seen:] == number).astype(np.int32) + np.int32(seen)
            ids = np.concatenate([ids, new])
            ids.flags.writeable = False
            self._by_metric[number] = (len(metric), ids)
        return ids

    def retire(self, device: int) -> np.ndarray:
        """Take the names from a device's series; returns them."""
        ids = self.of_device(device)
        self._store.device[ids] = -1
        self._store.metric[ids] = 0
        self._store.width[ids] = 0
        self._by_metric = {}
        held = self._sorted
        low, high = np.searchsorted(held.keys, [device << _DEVICE_SHIFT, (device + 1) << _DEVICE_SHIFT])
        overlay = {number: keys for number, keys in held.overlay.items() if number != device}
        cut = slice(low, high)
        self._sorted = _Sorted(np.delete(held.keys, cut), np.delete(held.ids, cut), overlay)
        return ids

    def set_widths(self, ids: np.ndarray, widths: np.ndarray) -> dict[int, bytes]:
        """Change counters' widths; returns the changed ranges by first number, packed as they are stored."""
        self._store.width[ids] = widths
        at = np.unique(np.searchsorted(np.array(self._firsts), ids, side="right") - 1)
        changed = {}
        for i in at.tolist():
            first = self._firsts[i]
            end = self._firsts[i + 1] if i + 1 < len(self._firsts) else self._count
            cut = slice(first, end)
            packed = (
                (self._store.part[cut].astype(np.int64) << (METRIC_BITS + 8))
                | (self._store.metric[cut].astype(np.int64) << 8)
                | self._store.width[cut].astype(np.int64)
            )
            changed[first] = packed.astype("<i8").tobytes()
        return changed

    def _unpack(self, cut: slice, packed: np.ndarray) -> None:
        self._store.part[cut] = packed >> (METRIC_BITS + 8)
        self._store.metric[cut] = (packed >> 8) & ((1 << METRIC_BITS) - 1)
        self._store.width[cut] = packed & 0xFF

    def _reserve(self, count: int) -> None:
        capacity = len(self._store.device)
        if count <= capacity:
            return
        # A first load takes what it needs; growth afterwards takes an eighth more
        capacity = count if capacity == 0 else max(count, capacity + capacity // 8 + 4096)
        device, part = np.full(capacity, -1, np.int32), np.zeros(capacity, np.int32)
        metric, width = np.zeros(capacity, np.int16), np.zeros(capacity, np.uint8)
        for new, old in zip((device, part, metric, width), self.columns, strict=True):
            new[: self._count] = old
        self._store = Columns(device, part, metric, width)

    def _index(self, start: int, end: int) -> None:
        held = self._sorted
        new = end - start
        if self._overlay_size + new < max(_OVERLAY_LEAST, len(held.keys) // 16):
            keys = self._keys(start, end)
            for device, key, number in zip(
                self._store.device[start:end].tolist(), keys.tolist(), range(start, end), strict=True
            ):
                if device > 0:
                    held.overlay.setdefault(device, {}).setdefault(key, number)
            self._overlay_size += new
            return
        keys = self._keys(0, end)
        order = np.argsort(keys, kind="stable").astype(np.int32)
        keys = keys[order]
        # The same key twice can only come from two processes at odds: the older number wins
        keep = np.ones(len(keys), bool)
        keep[1:] = keys[1:] != keys[:-1]
        keep &= self._store.device[order] > 0
        if not keep.all():
            keys, order = keys[keep], order[keep]
        self._sorted = _Sorted(keys, order, {})
        self._overlay_size = 0

    def _keys(self, start: int, end: int) -> np.ndarray:
        device, part, metric, _ = self._store
        packed = device[start:end].astype(np.int64)
        packed <<= PART_BITS
        packed |= part[start:end]
        packed <<= METRIC_BITS
        packed |= metric[start:end]
        return packed
