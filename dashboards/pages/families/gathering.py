"""The figures of a whole family at once, from the live table's arrays: which series belong to which device is worked
out once and remembered until the inventory or the series change. Knows no words."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from flask import current_app, g

from dashboards.gate import services
from dashboards.pages.families.figures import Family, Figure
from dashboards.pages.families.ports import Ports, PortsCache
from dashboards.services import Services
from dashboards.status import STALE_INTERVALS, Board, Fleet, wifi_now

_IN, _OUT, _SPEED = "if_in_octets_total", "if_out_octets_total", "if_speed_bits_per_second"
LEAST_AGE_S = 180.0


@dataclass(frozen=True, slots=True)
class Gathered:
    """Series of one metric, together by device: `row` is the fleet's, `start` where each device's series begin."""

    series: np.ndarray
    row: np.ndarray
    start: np.ndarray
    key: np.ndarray  # device << 32 | part

    @property
    def rows(self) -> np.ndarray:
        """The fleet row of each device, once."""
        return self.row[self.start]


@dataclass(frozen=True, slots=True)
class Column:
    """One figure beside the fleet's rows: `value`, and for pairs what it is `of`. NaN is unknown.

    For the use of a port `of` is which port it is (ports.ROLES).
    """

    value: np.ndarray
    of: np.ndarray | None = None
    is_of_port: bool = False

    @property
    def order(self) -> np.ndarray:
        """What to sort by."""
        return self.value if self.of is None or self.is_of_port else self.value / np.where(self.of > 0, self.of, np.nan)


class FamilyCache:
    """Gathered series of one application. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fleet: Fleet | None = None
        self._held: dict[tuple[str, str, str, bool], tuple[int, Gathered]] = {}
        self._roles: dict[tuple[str, str], tuple[Gathered, Ports, np.ndarray]] = {}
        self.ports = PortsCache()

    def gather(self, services: Services, fleet: Fleet, family: Family, figure: Figure, metric: str) -> Gathered:
        """The series of a metric that a figure reads, for the devices of a family."""
        registry = services.registry
        every = registry.of_metric(metric)
        name = (family.word, metric, figure.part, figure.is_whole)
        with self._lock:
            if self._fleet is not fleet:
                self._fleet, self._held = fleet, {}
            size, found = self._held.get(name, (-1, None))
        if found is None or size != len(every):
            found = _gathered(services, fleet, family, figure, every)
            with self._lock:
                if self._fleet is fleet:
                    self._held[name] = (len(every), found)
        return found

    def roles(self, services: Services, word: tuple[str, str], gathered: Gathered, ports: Ports) -> np.ndarray:
        """int8[series]: which port each of these series is of; worked out once for the same series and ports."""
        held = self._roles.get(word)
        if held is not None and held[0] is gathered and held[1] is ports:
            return held[2]
        found = ports.roles(gathered.key, services.registry.part_names)
        with self._lock:
            self._roles[word] = gathered, ports, found
        return found


def _gathered(services: Services, fleet: Fleet, family: Family, figure: Figure, series: np.ndarray) -> Gathered:
    registry = services.registry
    row = fleet.rows_of(registry.device[series].astype(np.int64))
    kinds = [number for number, text in enumerate(fleet.kind.texts) if text in family.kinds]
    keep = row >= 0
    series, row = series[keep], row[keep]
    keep = np.isin(fleet.kind.number[row], kinds)
    series, row = series[keep], row[keep]
    part = registry.part[series]
    if figure.part or figure.is_whole:
        names = registry.part_names
        keep = np.isin(part, [number for number in np.unique(part).tolist() if _fits(figure, names[number])])
        series, row, part = series[keep], row[keep], part[keep]
    order = np.lexsort((part, row))
    series, row, part = series[order], row[order], part[order]
    is_first = np.ones(len(row), bool)
    is_first[1:] = row[1:] != row[:-1]
    key = registry.device[series].astype(np.int64) << 32 | part
    return Gathered(series, row, np.flatnonzero(is_first), key)


def _fits(figure: Figure, part: str) -> bool:
    return part == "" if figure.is_whole else part.startswith(figure.part)


def figures_now(board: Board) -> Reader:
    """The reader for the request that is going on."""
    parts = services()
    cache = current_app.extensions.setdefault("edunoc_families", FamilyCache())
    now = parts.clock().timestamp()
    return Reader(parts, cache, board.fleet, now, cache.ports.get(g.session, parts.database, now))


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads figures for all devices of a fleet at one moment. `wifi` is read when a figure asks for it."""

    services: Services
    cache: FamilyCache
    fleet: Fleet
    now: float
    ports: Ports = field(default_factory=Ports)

    def columns(self, family: Family) -> dict[str, Column]:
        """Every figure of a family by its word."""
        return {
            figure.word: self._with_fallback(family, figure, self._column(family, figure)) for figure in family.figures
        }

    def _with_fallback(self, family: Family, figure: Figure, column: Column) -> Column:
        if not figure.fallback or self.services.registry is None or self.services.live is None:
            return column
        other = self.cache.gather(self.services, self.fleet, family, figure, figure.fallback)
        values = self.values(other)
        known = np.isfinite(values)
        sums = self._folded(np.add, np.where(known, values, 0.0), other, known)
        return Column(np.where(np.isnan(column.value), sums, column.value), column.of)

    def _column(self, family: Family, figure: Figure) -> Column:
        if self.services.registry is None or self.services.live is None:
            return Column(np.full(len(self.fleet), np.nan))
        if figure.how.startswith("wifi_"):
            return self._wifi(figure)
        if figure.how.startswith("use"):
            return self._use(family, figure)
        gathered = self.cache.gather(self.services, self.fleet, family, figure, figure.metric)
        values = self.values(gathered)
        if figure.how == "share":
            known = np.isfinite(values)
            return Column(
                self._folded(np.add, np.where(values == 1, 1.0, 0.0), gathered, known),
                self._folded(np.add, known.astype(float), gathered, known),
            )
        if figure.how == "over":
            known = np.isfinite(values)
            used = self._folded(np.add, np.where(known, values, 0.0), gathered, known)
            total = self.cache.gather(self.services, self.fleet, family, figure, figure.total)
            limits = self.values(total)
            known = np.isfinite(limits) & (limits > 0)
            return Column(used, self._folded(np.add, np.where(known, limits, 0.0), total, known))
        if figure.how == "mean":
            known = np.isfinite(values)
            total = self._folded(np.add, np.where(known, values, 0.0), gathered, known)
            return Column(total / self._folded(np.add, known.astype(float), gathered, known))
        fold = np.fmin if figure.how == "min" else np.fmax
        return Column(self._folded(fold, values, gathered, np.isfinite(values)))

    def values(self, gathered: Gathered) -> np.ndarray:
        """float64[series]: the live values, NaN where unknown or too old."""
        live, series = self.services.live, gathered.series
        inside = series < len(live)
        at = np.where(inside, series, 0)
        if not len(live) or not len(series):
            return np.full(len(series), np.nan)
        limit = np.maximum(STALE_INTERVALS * self.fleet.interval[gathered.row], LEAST_AGE_S)
        return np.where(inside & (self.now - live.at[at] <= limit), live.value[at], np.nan)

    def gather(self, family: Family, figure: Figure) -> Gathered:
        """The series that a figure reads."""
        return self.cache.gather(self.services, self.fleet, family, figure, figure.metric)

    def _folded(self, fold: np.ufunc, values: np.ndarray, gathered: Gathered, known: np.ndarray) -> np.ndarray:
        """float64[fleet]: the values of each device put together; NaN where none is known."""
        found = np.full(len(self.fleet), np.nan)
        if len(gathered.start):
            has = np.logical_or.reduceat(known, gathered.start)
            found[gathered.rows] = np.where(has, fold.reduceat(values, gathered.start), np.nan)
        return found

    def _use(self, family: Family, figure: Figure) -> Column:
        """Share of the port's speed in use: of the line's port, else of the one that leads up, else of the busiest."""
        speed = self.cache.gather(self.services, self.fleet, family, figure, _SPEED)
        speeds = self.values(speed)
        best, which = np.full(len(self.fleet), np.nan), np.full(len(self.fleet), np.nan)
        for metric in {"use_in": (_IN,), "use_out": (_OUT,)}.get(figure.how, (_IN, _OUT)):
            rate = self.cache.gather(self.services, self.fleet, family, figure, metric)
            share = _share(rate, self.values(rate), speed, speeds)
            known = np.isfinite(share)
            role = self.cache.roles(self.services, (family.word, metric), rate, self.ports).astype(float)
            top = self._folded(np.fmax, np.where(known, role, -1.0), rate, known)
            known &= role == top[rate.row]
            value = self._folded(np.fmax, np.where(known, share, -1.0), rate, known)
            is_better = (top > which) | np.isnan(which)
            best = np.where(is_better, value, np.where(top == which, np.fmax(best, value), best))
            which = np.fmax(which, top)
        return Column(best, which, is_of_port=True)

    def _wifi(self, figure: Figure) -> Column:
        """Clients and busy time of access points, as the Wi-Fi model has them; of controllers their own sum."""
        found = np.full(len(self.fleet), np.nan)
        picture = wifi_now()
        if picture is None:
            return Column(found)
        points, of_point = picture.index.points, picture.index.radios.point
        if figure.how == "wifi_clients":
            for device, values in ((points.source, picture.clients), (points.device, picture.clients)):
                self._put(found, device, values, np.add)
            return Column(found)
        self._put(found, points.device[of_point] if len(of_point) else of_point, picture.busy, np.fmax)
        return Column(found)

    def _put(self, found: np.ndarray, device: np.ndarray, values: np.ndarray, fold: np.ufunc) -> None:
        row = self.fleet.rows_of(device)
        good = (row >= 0) & np.isfinite(values)
        sums = np.full(len(found), 0.0 if fold is np.add else -np.inf)
        fold.at(sums, row[good], values[good])
        told = np.zeros(len(found), bool)
        told[row[good]] = True
        found[told] = sums[told]


def _share(rate: Gathered, rates: np.ndarray, speed: Gathered, speeds: np.ndarray) -> np.ndarray:
    if not len(speed.key) or not len(rate.key):
        return np.full(len(rate.key), np.nan)
    # Both are sorted by device, then part
    at = np.minimum(np.searchsorted(speed.key, rate.key), len(speed.key) - 1)
    limit = np.where((speed.key[at] == rate.key) & (speeds[at] > 0), speeds[at], np.nan)
    return np.minimum(rates * 8 / limit, 1.5)


def cells_of(columns: Mapping[str, Column], rows: np.ndarray) -> list[dict[str, tuple[float | None, float | None]]]:
    """word -> (value, of) for some rows of the fleet, None where unknown."""
    found: list[dict[str, tuple[float | None, float | None]]] = [{} for _row in rows]
    for word, column in columns.items():
        of = column.of[rows].tolist() if column.of is not None else [float("nan")] * len(rows)
        for cell, value, limit in zip(found, column.value[rows].tolist(), of, strict=True):
            cell[word] = (None if value != value else value, None if limit != limit else limit)
    return found
