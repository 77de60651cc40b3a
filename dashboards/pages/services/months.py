"""Availability by month, put together from samples, outages, maintenance and the school calendar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import numpy as np

from alerts import Maintenance
from collectors import (
    HOUR_MS,
    Availability,
    Hours,
    ServiceOutage,
    availability,
    covered,
    outages_between,
    slots_between,
)
from core import Session, TryLater
from dashboards.pages.services.store import maintenances_between, sites_of_devices, units_of
from dashboards.services import Services as Running
from inventory import Service, calendar_views, needed_devices, service_number

REMEMBER_S = 60.0
REMEMBERED = 400


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month of the local time zone. `end` is the first moment after it."""

    start: datetime
    end: datetime

    @property
    def name(self) -> str:
        """2026-11"""
        return f"{self.start:%Y-%m}"

    @property
    def start_ms(self) -> int:
        """The beginning in epoch milliseconds."""
        return int(self.start.timestamp() * 1000)


def months_back(now: datetime, timezone: str, count: int) -> list[Month]:
    """This month and those before it, newest first."""
    first = now.astimezone(ZoneInfo(timezone)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    found = []
    following = (first + timedelta(days=32)).replace(day=1)
    for _ in range(count):
        found.append(Month(first, following))
        first, following = (first - timedelta(days=1)).replace(day=1), first
    return found


@dataclass(frozen=True, slots=True)
class Desk:
    """Who asks, and when."""

    session: Session
    running: Running
    now: datetime
    timezone: str


_Answers = dict[tuple[object, ...], tuple[float, Availability]]
# store -> (service, month, what it depends on) -> (when worked out, answer): open pages ask for the same each minute
_memory: WeakKeyDictionary[Any, _Answers] = WeakKeyDictionary()


Known = dict[tuple[int, str], Availability]  # (service id, month's name) -> availability


def availability_of(desk: Desk, services: Sequence[Service], months: Sequence[Month]) -> Known:
    """The months of these services; without a store, or when it does not answer, nothing at all."""
    known: Known = {}
    missing: dict[int, list[Month]] = {}
    moment = desk.now.timestamp()
    if desk.running.store is None or desk.running.registry is None:
        return known
    memory = _memory.setdefault(desk.running.store, {})
    for service in services:
        for month in months:
            kept = memory.get(_key(service, month))
            if kept is not None and 0 <= moment - kept[0] < REMEMBER_S:
                known[service.id, month.name] = kept[1]
            else:
                missing.setdefault(service.id, []).append(month)
    wanted = [service for service in services if service.id in missing]
    if wanted:
        if len(memory) > REMEMBERED:
            memory.clear()
        for service, month, found in _work_out(desk, wanted, months):
            known[service.id, month.name] = found
            memory[_key(service, month)] = (moment, found)
    return known


def _key(service: Service, month: Month) -> tuple[object, ...]:
    return service.id, service.hours, service.unit_id, month.start_ms


def _work_out(
    desk: Desk, services: Sequence[Service], months: Sequence[Month]
) -> list[tuple[Service, Month, Availability]]:
    start, end = min(month.start for month in months), min(max(month.end for month in months), desk.now)
    samples = _samples(desk, services, start, end)
    if samples is None:
        return []
    outages = outages_between(desk.session, [service.id for service in services], start, end)
    quiet = _Quiet(desk, services, start, end)
    found = []
    for service in services:
        for month in months:
            month_end = int(min(month.end, desk.now).timestamp() * 1000)
            slots = slots_between(month.start_ms, month_end)
            if not len(slots):
                continue
            spans = [_interval(one, desk.now) for one in outages[service.id]]
            counted = quiet.counted(service, slots)
            answer = availability(samples[service.id], spans, counted, month.start_ms, month_end)
            found.append((service, month, answer))
    return found


def _interval(outage: ServiceOutage, now: datetime) -> tuple[int, int]:
    return int(outage.started_at.timestamp() * 1000), int((outage.ended_at or now).timestamp() * 1000)


def _samples(desk: Desk, services: Sequence[Service], start: datetime, end: datetime) -> dict[int, Hours] | None:
    registry = desk.running.registry
    series = {one.id: registry.find(service_number(one.id), "", "service_up") for one in services}
    wanted = sorted(number for number in series.values() if number is not None)
    empty = Hours(np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64))
    if not wanted:
        return dict.fromkeys(series, empty)
    try:
        window = desk.running.store.window(
            wanted, int(start.timestamp() * 1000), int(end.timestamp() * 1000), HOUR_MS)
    except TryLater:
        return None
    found = {}
    for service_id, number in series.items():
        mine = window.of(number) if number is not None else None
        found[service_id] = Hours(mine.ts_ms, mine.mean, mine.count) if mine is not None else empty
    return found


class _Quiet:
    """What does not count: maintenance, and the hours outside of lessons for services that serve lessons."""

    def __init__(self, desk: Desk, services: Sequence[Service], start: datetime, end: datetime) -> None:
        self._now = desk.now
        self._windows = maintenances_between(desk.session, start, end)
        self._units = units_of(desk.session, (service.unit_id for service in services))
        self._needs = needed_devices(desk.session) if self._windows else {}
        devices = {one for needs, _below in self._needs.values() for one in needs}
        self._sites = sites_of_devices(desk.session, devices) if devices else {}
        has_lessons = any(service.hours == "teaching" for service in services)
        self._calendars = calendar_views(desk.session, desk.timezone) if has_lessons else {}
        self._lessons: dict[tuple[int, int], np.ndarray] = {}

    def counted(self, service: Service, slots: np.ndarray) -> np.ndarray:
        """bool[n]: the slots that count."""
        spans = [_span(one) for one in self._windows if self._covers(one, service)]
        found = ~covered(slots, spans) if spans else np.ones(len(slots), bool)
        return found & self._in_lessons(service.unit_id, slots) if service.hours == "teaching" else found

    def is_maintained(self, service: Service, now: datetime) -> bool:
        """Whether planned work is going on at this moment."""
        moment = int(now.timestamp() * 1000)
        return any(self._covers(one, service) and _span(one)[0] <= moment < _span(one)[1] for one in self._windows)

    def _covers(self, window: Maintenance, service: Service) -> bool:
        if window.device_id is not None:
            needs = self._needs.get(service.id, (frozenset(), frozenset()))[0]
            return window.device_id == service_number(service.id) or window.device_id in needs
        if window.site_id is not None:
            needs = self._needs.get(service.id, (frozenset(), frozenset()))[0]
            return any(self._sites.get(one) == window.site_id for one in needs)
        unit = self._units.get(service.unit_id)
        return unit is not None and window.unit_path is not None and unit.path.startswith(window.unit_path)

    def _in_lessons(self, unit_id: int, slots: np.ndarray) -> np.ndarray:
        key = unit_id, int(slots[0])
        if key not in self._lessons:
            view = self._calendars.get(unit_id)
            if view is None or not view.is_known:
                self._lessons[key] = np.ones(len(slots), bool)
            else:
                moments = (datetime.fromtimestamp(ms / 1000 + 150, UTC) for ms in slots.tolist())
                self._lessons[key] = np.fromiter((view.is_teaching(one) for one in moments), bool, len(slots))
        return self._lessons[key]


def _span(window: Maintenance) -> tuple[int, int]:
    end = min(window.ends_at, window.cancelled_at) if window.cancelled_at is not None else window.ends_at
    return int(window.starts_at.timestamp() * 1000), int(end.timestamp() * 1000)


def in_maintenance(desk: Desk, services: Sequence[Service]) -> set[int]:
    """Ids of the services that planned work is going on for at this moment."""
    quiet = _Quiet(desk, services, desk.now, desk.now + timedelta(seconds=1))
    return {service.id for service in services if quiet.is_maintained(service, desk.now)}


def by_service(found: Mapping[tuple[int, str], Availability], service_id: int, months: Sequence[Month]) -> list[
    tuple[Month, Availability | None]
]:
    """The months of one service, with None where nothing is known."""
    return [(month, found.get((service_id, month.name))) for month in months]
