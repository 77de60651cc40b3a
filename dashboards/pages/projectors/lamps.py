"""Forecasts of all lamps and filters, made from their series' history and remembered for a while."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from flask import current_app

from core import OutsideFailure
from dashboards.gate import services
from dashboards.pages.projectors.forecast import Forecast, forecast, weekly_hours
from dashboards.services import Services
from inventory import InventorySettings, RatedLife, fold

HISTORY_S = 56 * 86_400.0
STEP_MS = 86_400_000
REMEMBERED_S = 3600.0  # lamps age by the week


@dataclass(slots=True)
class Paces:
    """Hours a week by series, of all lamps and filters. Any thread; history is read once in REMEMBERED_S."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _read_at: float = 0.0
    _paces: dict[int, float | None] = field(default_factory=dict)

    def get(self, services: Services, now: float) -> dict[int, float | None]:
        """Series number -> hours a week."""
        with self._lock:
            if now - self._read_at >= REMEMBERED_S or now < self._read_at:
                self._paces, self._read_at = _read(services, now), now
            return self._paces


def _read(services: Services, now: float) -> dict[int, float | None]:
    registry, store = services.registry, services.store
    if registry is None or store is None:
        return {}
    series = np.concatenate(
        [registry.of_metric(name) for name in ("projector_lamp_seconds", "projector_filter_seconds")]
    )
    if not len(series):
        return {}
    try:
        window = store.window(series.tolist(), int((now - HISTORY_S) * 1000), int(now * 1000), STEP_MS)
    except OutsideFailure:
        return {}
    order = np.lexsort((window.ts_ms, window.series))
    number, at, hours = window.series[order], window.ts_ms[order] / 1000.0, window.max[order] / 3600.0
    bounds = np.flatnonzero(np.r_[True, number[1:] != number[:-1], True]) if len(number) else np.array([0])
    return {
        int(number[a]): weekly_hours(at[a:b], hours[a:b]) for a, b in pairwise(bounds.tolist())
    }


@dataclass(frozen=True, slots=True)
class Wear:
    """One part that wears out: kind "lamp" or "filter", its number (0 for a filter), and its forecast."""

    device_id: int
    kind: str
    number: int
    outlook: Forecast


def all_wear(devices: np.ndarray, models: dict[int, str], lives: dict[str, RatedLife], now: float) -> list[Wear]:
    """Every lamp and filter of these devices. `models` is by device."""
    house = services()
    registry, live = house.registry, house.live
    if registry is None or live is None or not len(devices):
        return []
    paces = current_app.extensions.setdefault("edunoc_lamps", Paces()).get(house, now)
    usual = house.settings[InventorySettings]
    defaults = {"lamp": usual.projector_lamp_hours, "filter": usual.projector_filter_hours}
    own = {model: lives.get(fold(model)) for model in set(models.values())}
    names, found = registry.part_names, []
    for kind, metric in (("lamp", "projector_lamp_seconds"), ("filter", "projector_filter_seconds")):
        series = registry.of_metric(metric)
        series = series[series < len(live)]
        seconds = live.value[series]
        kept = np.isin(registry.device[series], devices) & ~np.isnan(seconds)
        series, hours = series[kept], seconds[kept] / 3600
        columns = (series, registry.device[series], registry.part[series], hours)
        for one, owner, part, used in zip(*(column.tolist() for column in columns), strict=True):
            life = own.get(models.get(owner, ""))
            rated = (life.lamp_hours if kind == "lamp" else life.filter_hours) if life else None
            outlook = forecast(used, rated or defaults[kind], paces.get(one), now)
            found.append(Wear(owner, kind, _number_of(names[part]), outlook))
    return found


def _number_of(part: str) -> int:
    """1 for "lamp:1"; 0 for the device as a whole."""
    number = part.partition(":")[2]
    return int(number) if number.isdecimal() and len(number) < 4 else 0
