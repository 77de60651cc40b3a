"""What the Wi-Fi index needs of the inventory: places of points and controllers, and what controllers say of points."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from sqlalchemy import select

from alerts.wifi.index import METRICS, WifiIndex, build_index, split_part
from alerts.wifi.joining import Joiner, Place, Told
from core import Session
from inventory import Device, Part, inventory_version
from telemetry import SeriesRegistry

_SLICE = 10_000  # SQLite takes at most 32,766 bound values in one statement
_COLUMNS = (
    Device.id, Device.name, Device.kind, Device.site_id, Device.room_id, Device.interval_s, Device.mac, Device.serial,
    Device.address, Device.code,
)


def load_places(session: Session, others: Iterable[int]) -> list[Place]:
    """All access points and controllers that are watched, and the other devices named."""
    watched = Device.is_monitored & (Device.kind.in_(("ap", "wlan_controller")))
    found = {row[0]: row for row in session.execute(select(*_COLUMNS).where(watched))}
    missing = sorted(set(others) - found.keys())
    for start in range(0, len(missing), _SLICE):
        query = select(*_COLUMNS).where(Device.id.in_(missing[start : start + _SLICE]))
        found.update({row[0]: row for row in session.execute(query)})
    return [Place(*row[:4], row[4] or 0, float(row[5]), *(word or "" for word in row[6:])) for row in found.values()]


def load_told(session: Session) -> dict[tuple[int, str], Told]:
    """What devices say of points and radios, by (device, key of the part)."""
    columns = (Part.device_id, Part.key, Part.name, Part.mac, Part.alias, Part.description)
    query = select(*columns).where(Part.kind.in_(("ap", "radio")), Part.vanished_at.is_(None))
    return {(row[0], row[1]): Told(row[2], row[3] or "", (row[4], row[5])) for row in session.execute(query)}


def devices_of_points(session: Session) -> dict[tuple[int, str], int]:
    """(controller, part) of each point that a controller tells of and that is a watched device itself -> the device."""
    told = {key: words for key, words in load_told(session).items() if split_part(key[1])[0] == "ap"}
    if not told:
        return {}
    places = {place.device: place for place in load_places(session, {controller for controller, _part in told})}
    joiner = Joiner(places.values())
    found = {}
    for (controller, part), words in told.items():
        place = joiner.find(places[controller], split_part(part)[1], words) if controller in places else None
        if place is not None and place.device != controller:
            found[controller, part] = place.device
    return found


class WifiCache:
    """The index of one database and registry, built anew when either has changed. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._index: WifiIndex | None = None

    def get(self, session: Session, registry: SeriesRegistry) -> WifiIndex:
        """The index as of now."""
        stamp = (inventory_version(session), sum(len(registry.of_metric(metric)) for metric in METRICS))
        with self._lock:
            if self._index is None or stamp != self._stamp:
                devices: set[int] = set()
                for metric in METRICS[:-1]:
                    devices.update(registry.device[registry.of_metric(metric)].tolist())
                devices.discard(-1)
                places = load_places(session, devices)
                self._index, self._stamp = build_index(registry, places, load_told(session)), stamp
            return self._index
