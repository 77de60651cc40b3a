"""All devices as arrays, so that pages filter, count and sort 60,000 of them in a few milliseconds. Holds no state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class FleetRow(NamedTuple):
    """What is read of one device."""

    id: int
    site_id: int
    kind: str
    vendor: str
    model: str
    interval_s: int
    is_monitored: bool


class SiteRow(NamedTuple):
    """What is read of one site."""

    id: int
    unit_id: int
    unit_path: str


@dataclass(frozen=True, slots=True)
class Words:
    """One text column: `number` int32[n] indexes `texts`, `rank` int32[] is the place of each text in their order."""

    number: np.ndarray
    texts: tuple[str, ...]
    rank: np.ndarray

    @classmethod
    def of(cls, column: Iterable[str], size: int) -> Words:
        """Number the texts of a column."""
        numbers: dict[str, int] = {}
        number = np.fromiter((numbers.setdefault(text, len(numbers)) for text in column), np.int32, size)
        texts = tuple(numbers)
        rank = np.empty(len(texts), np.int32)
        rank[sorted(range(len(texts)), key=lambda i: (not texts[i], texts[i].lower()))] = np.arange(len(texts))
        return cls(number, texts, rank)

    def is_text(self, text: str) -> np.ndarray:
        """bool[n]: rows with this text."""
        return self.number == (self.texts.index(text) if text in self.texts else -1)

    @property
    def order(self) -> np.ndarray:
        """int32[n]: sort key; empty texts stand last."""
        return self.rank[self.number] if len(self.texts) else self.number


@dataclass(frozen=True, slots=True)
class Fleet:
    """Arrays of one length, by device id.

    `unit` indexes `paths` and `unit_ids`; `name_order` sorts by name, `site_order` by the site's name; `interval` is in
    seconds.
    """

    device: np.ndarray
    site: np.ndarray
    unit: np.ndarray
    kind: Words
    vendor: Words
    model: Words
    interval: np.ndarray
    is_monitored: np.ndarray
    name_order: np.ndarray
    site_order: np.ndarray
    paths: tuple[str, ...]
    unit_ids: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.device)

    def in_scope(self, path: str | None) -> np.ndarray:
        """bool[n]: devices of the unit with this path and of all below it; None takes all."""
        if path is None:
            return np.ones(len(self), bool)
        inside = np.fromiter((one.startswith(path) for one in self.paths), bool, len(self.paths))
        return inside[self.unit] if len(self.paths) else np.zeros(len(self), bool)

    def rows_of(self, device_ids: np.ndarray) -> np.ndarray:
        """intp[m]: the row of each of these devices; -1 for an unknown one."""
        if not len(self):
            return np.full(len(device_ids), -1, np.intp)
        rows = np.minimum(np.searchsorted(self.device, device_ids), len(self) - 1)
        return np.where(self.device[rows] == device_ids, rows, -1)

    def mask_of(self, device_ids: Iterable[int]) -> np.ndarray:
        """bool[n]: which devices are among these."""
        wanted = np.fromiter(device_ids, np.int64)
        return np.isin(self.device, wanted) if len(wanted) else np.zeros(len(self), bool)


def make_fleet(devices: Sequence[FleetRow], sites: Sequence[SiteRow]) -> Fleet:
    """The arrays, from devices in the order of their names and sites in the order of theirs."""
    size = len(devices)
    ids = np.fromiter((row.id for row in devices), np.int64, size)
    by_id = np.argsort(ids, kind="stable")
    units: dict[int, str] = {site.unit_id: site.unit_path for site in sites}
    unit_numbers = {unit_id: number for number, unit_id in enumerate(units)}
    place = {site.id: (order, unit_numbers[site.unit_id]) for order, site in enumerate(sites)}

    def column(values: Iterable[float], kind: type) -> np.ndarray:
        return np.fromiter(values, kind, size)[by_id]

    def words(values: Iterable[str]) -> Words:
        found = Words.of(values, size)
        return Words(found.number[by_id], found.texts, found.rank)

    return Fleet(
        device=ids[by_id],
        name_order=by_id.astype(np.int32),
        site=column((row.site_id for row in devices), np.int64),
        unit=column((place[row.site_id][1] for row in devices), np.int32),
        site_order=column((place[row.site_id][0] for row in devices), np.int32),
        kind=words(row.kind for row in devices),
        vendor=words(row.vendor for row in devices),
        model=words(row.model for row in devices),
        interval=column((row.interval_s for row in devices), np.float64),
        is_monitored=column((row.is_monitored for row in devices), np.bool_),
        paths=tuple(units.values()),
        unit_ids=tuple(units),
    )
