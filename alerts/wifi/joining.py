"""Which device of the inventory an access point is that a controller tells of. Pure: what is known goes in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from inventory import fold


@dataclass(frozen=True, slots=True)
class Place:
    """A device with Wi-Fi as the inventory has it; `room` 0 = none."""

    device: int
    name: str
    kind: str
    site: int
    room: int = 0
    interval_s: float = 60.0
    mac: str = ""
    serial: str = ""
    address: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What a controller says of a point beside its key: its name for people, its MAC, and other words (serial number,
    address)."""

    name: str = ""
    mac: str = ""
    words: tuple[str, ...] = ()


class Joiner:
    """Finds access points by MAC, serial number, address, then name; a name counts only where it is the only one."""

    def __init__(self, places: Iterable[Place]) -> None:
        points = [place for place in places if place.kind == "ap"]
        self._by_mac = _unique((place.mac.lower(), place) for place in points)
        self._by_word = _unique((word, place) for place in points for word in (place.serial, place.address, place.code))
        self._by_name = _unique((fold(place.name), place) for place in points)
        self._at_site = _unique(((place.site, fold(place.name)), place) for place in points)

    def find(self, controller: Place, name: str, told: Told | None) -> Place | None:
        """The device, or None."""
        told = told or Told()
        if told.mac and (found := self._by_mac.get(told.mac.lower())) is not None:
            return found
        for word in (*told.words, name, told.name):
            if word and (found := self._by_word.get(word) or self._by_mac.get(word.lower())) is not None:
                return found
        for word in dict.fromkeys((fold(told.name), fold(name))):
            if word and (found := self._at_site.get((controller.site, word)) or self._by_name.get(word)) is not None:
                return found
        return None


def _unique(pairs: Iterable[tuple]) -> dict:
    """key -> place, without keys that are empty or name several places."""
    found: dict = {}
    for key, place in pairs:
        if key and key != (0, ""):
            found[key] = None if key in found and found[key] is not place else place
    return {key: place for key, place in found.items() if place is not None}
