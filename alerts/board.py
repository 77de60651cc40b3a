"""Compiles rules into index arrays over the registry, and keeps the state of every (rule, series) between ticks.

Built anew only when the registry or the inventory changes; states move along by (rule, series).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from alerts.labels import Labels
from alerts.override import Override, variants
from alerts.rule import Rule, Selector, Term

UNKNOWN, OK, PENDING, FIRING = range(4)
STATE_WORDS = ("unknown", "ok", "pending", "firing")
MIN_STALE_S = 90.0  # a device polled each 10 s may miss some rounds before its data counts as old


class SeriesTable(Protocol):
    """What the board reads of telemetry's registry; index = series id."""

    device: np.ndarray
    part: np.ndarray
    part_names: Sequence[str]

    def of_metric(self, name: str) -> np.ndarray: ...

    def __len__(self) -> int: ...


@dataclass(slots=True)
class CompiledTerm:
    """One comparison over n series. `absent` marks rows without a series (None = none absent)."""

    term: Term
    index: np.ndarray  # intp[n]: np.take converts any other type on every call
    over: np.ndarray | None
    absent: np.ndarray | None
    last_value: np.ndarray | None = None  # for is_change
    last_at: np.ndarray | None = None
    change: np.ndarray | None = None


@dataclass(slots=True)
class Compiled:
    """One rule over n series, with their states. Times are epoch seconds."""

    rule: Rule
    series: np.ndarray  # intp[n], ascending: of the first term, names the row
    device: np.ndarray
    terms: tuple[CompiledTerm, ...]
    stale_s: np.ndarray | float
    state: np.ndarray  # uint8[n]
    since: np.ndarray  # float64[n]: begin of pending, firing or unknown
    good_since: np.ndarray  # float64[n]: firing, but good since then; 0 = not
    held: np.ndarray  # bool[n]: firing, or unknown after firing
    seen_good: np.ndarray | None = None  # bool[n], for was_up


@dataclass(frozen=True, slots=True)
class Restored:
    """What the tables remember from before a restart: firing (rule, series), and the bits of "was up" rules."""

    firing: frozenset[tuple[str, int]] = frozenset()
    seen_good: dict[str, np.ndarray] = field(default_factory=dict)  # rule id -> bool by series id


@dataclass(frozen=True, slots=True)
class Board:
    """All compiled rules and the number of series they were compiled from."""

    compiled: tuple[Compiled, ...] = ()
    series_count: int = 0

    def firing(self) -> set[tuple[str, int]]:
        """(rule id, series) of everything that fires, or did when its data stopped."""
        return {(one.rule.id, int(number)) for one in self.compiled for number in one.series[one.held]}

    def counts(self) -> dict[str, int]:
        """How many rows stand in each state."""
        total = np.zeros(4, np.int64)
        for one in self.compiled:
            total += np.bincount(one.state, minlength=4)
        return dict(zip(STATE_WORDS, total.tolist(), strict=True))


def build_board(
    rules: Sequence[Rule], overrides: Sequence[Override], labels: Labels, registry: SeriesTable,
    before: Board | Restored,
) -> Board:
    """Compile every rule that has terms. `before` is the old board, or what the tables remember."""
    count = len(registry)
    world = _World(registry, labels, count)
    compiled: list[Compiled] = []
    for rule in rules:
        if not rule.terms:
            continue
        for variant, where in variants(rule, overrides, labels, world.numbers):
            one = _compile(variant, where, world)
            if one is not None:
                compiled.append(one)
    if isinstance(before, Board):
        _move_states(compiled, before)
    else:
        _restore(compiled, before)
    return Board(tuple(compiled), count)


class _World:
    """The registry and labels while rules are compiled, with what several rules look up."""

    def __init__(self, registry: SeriesTable, labels: Labels, count: int) -> None:
        self.registry, self.labels, self.count = registry, labels, count
        self.device = registry.device[:count].astype(np.int64)
        self.part = registry.part[:count].astype(np.int64)
        self.part_names = list(registry.part_names)
        # A row for each that is known, and a last one for all others: numbers of services and meetings are millions
        self.watched = sorted((*labels.devices.values(), *labels.services.values()), key=lambda one: one.id)
        self.numbers = np.array([one.id for one in self.watched], np.int64)
        self.interval = np.array([*(one.interval_s for one in self.watched), 60.0])
        self.row = np.searchsorted(self.numbers, self.device)
        known = np.append(self.numbers, -1)
        self.row[known[self.row] != self.device] = len(self.numbers)
        self._by_metric: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        self._devices: dict[Selector, np.ndarray] = {}

    def of_metric(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """(series ids ascending, their keys device<<32|part)."""
        if name not in self._by_metric:
            ids = np.asarray(self.registry.of_metric(name), dtype=np.intp)
            ids = np.sort(ids[ids < self.count])
            self._by_metric[name] = (ids, self.device[ids] << 32 | self.part[ids])
        return self._by_metric[name]

    def devices(self, selector: Selector) -> np.ndarray:
        """bool by row: monitored and looked at."""
        only = Selector(selector.device_kinds, selector.vendors, selector.device_name)
        if only not in self._devices:
            mask = np.zeros(len(self.numbers) + 1, bool)
            for row, device in enumerate(self.watched):
                mask[row] = device.is_monitored and only.takes_device(device.kind, device.vendor, device.name)
            self._devices[only] = mask
        return self._devices[only]

    def named_parts(self, pairs: Collection[tuple[int, str]]) -> np.ndarray:
        """Keys device<<32|part of (device id, part key) pairs that the registry knows."""
        numbers = {name: number for number, name in enumerate(self.part_names)}
        return np.array([device << 32 | numbers[part] for device, part in pairs if part in numbers], np.int64)

    def lookup(self, name: str, keys: np.ndarray) -> np.ndarray:
        """Series of a metric for each key; -1 = there is none."""
        ids, have = self.of_metric(name)
        if not len(ids):
            return np.full(len(keys), -1, np.intp)
        order = np.argsort(have, kind="stable")
        place = np.minimum(np.searchsorted(have, keys, sorter=order), len(have) - 1)
        return np.where(have[order[place]] == keys, ids[order[place]], -1)


def _compile(rule: Rule, where: np.ndarray | None, world: _World) -> Compiled | None:
    series, keys = world.of_metric(rule.terms[0].metric)
    keep = world.devices(rule.selector)[world.row[series]]
    if where is not None:
        keep &= where[world.row[series]]
    if rule.selector.parts or rule.selector.part_name:
        keep &= np.array([rule.selector.takes_part(name) for name in world.part_names], bool)[world.part[series]]
    if rule.selector.is_watched:
        keep &= ~np.isin(keys, world.named_parts(world.labels.unwatched))
    if rule.selector.is_uplink:
        keep &= np.isin(keys, world.named_parts(world.labels.uplinks))
    series, keys = series[keep], keys[keep]
    n = len(series)
    if not n:
        return None
    device = world.device[series]
    stale = np.maximum(3 * world.interval[world.row[series]], MIN_STALE_S) if rule.stale_s is None else rule.stale_s
    if isinstance(stale, np.ndarray) and (stale == stale[0]).all():
        stale = float(stale[0])
    return Compiled(
        rule=rule, series=series, device=device, stale_s=stale,
        terms=tuple(_compile_term(term, series if k == 0 else None, keys, world) for k, term in enumerate(rule.terms)),
        state=np.zeros(n, np.uint8), since=np.zeros(n), good_since=np.zeros(n), held=np.zeros(n, bool),
        seen_good=np.zeros(n, bool) if rule.was_up else None,
    )


def _compile_term(term: Term, series: np.ndarray | None, keys: np.ndarray, world: _World) -> CompiledTerm:
    if term.is_of_device and series is None:
        whole = world.part_names.index("") if "" in world.part_names else (1 << 31)
        index = world.lookup(term.metric, (keys >> 32 << 32) | whole)
    else:
        index = world.lookup(term.metric, keys) if series is None else series
    over = world.lookup(term.over, keys) if term.over else None
    absent = index < 0 if over is None else (index < 0) | (over < 0)
    compiled = CompiledTerm(
        term, np.maximum(index, 0), None if over is None else np.maximum(over, 0), absent if absent.any() else None
    )
    if term.is_change:
        compiled.last_value, compiled.last_at = np.full(len(keys), np.nan), np.zeros(len(keys))
        compiled.change = np.full(len(keys), np.nan)
    return compiled


def _move_states(compiled: list[Compiled], before: Board) -> None:
    for one in compiled:
        for old in before.compiled:
            if old.rule.id != one.rule.id:
                continue
            mine, theirs = np.isin(one.series, old.series), np.isin(old.series, one.series)
            for name in ("state", "since", "good_since", "held"):
                getattr(one, name)[mine] = getattr(old, name)[theirs]
            if one.seen_good is not None and old.seen_good is not None:
                one.seen_good[mine] = old.seen_good[theirs]
            for new_term, old_term in zip(one.terms, old.terms, strict=False):
                if new_term.change is not None and old_term.change is not None:
                    new_term.last_value[mine] = old_term.last_value[theirs]
                    new_term.last_at[mine] = old_term.last_at[theirs]
                    new_term.change[mine] = old_term.change[theirs]


def _restore(compiled: list[Compiled], restored: Restored) -> None:
    by_rule: dict[str, list[int]] = {}
    for rule_id, number in restored.firing:
        by_rule.setdefault(rule_id, []).append(number)
    for one in compiled:
        one.held |= np.isin(one.series, np.array(by_rule.get(one.rule.id, []), np.intp))
        bits = restored.seen_good.get(one.rule.id)
        if one.seen_good is not None and bits is not None:
            known = one.series < len(bits)
            one.seen_good[known] = bits[one.series[known]]


def remembered_bits(board: Board) -> dict[str, np.ndarray]:
    """The "was up" bits by series id, one bool array a rule: what Restored.seen_good wants back."""
    found: dict[str, np.ndarray] = {}
    for one in board.compiled:
        if one.seen_good is not None:
            bits = found.setdefault(one.rule.id, np.zeros(board.series_count, bool))
            bits[one.series[one.seen_good]] = True
    return found


