"""Which device of the site a neighbour is, and which of its ports it means. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from inventory.folding import fold
from inventory.topology.facts import AddressFact, DeviceFact, NeighbourFact
from inventory.topology.macs import mac_number
from inventory.topology.shapes import Evidence

_PORT = re.compile(r"([a-z]{2})[a-z-]*[ -]?(\d[\d/.:]*)")


class Finder:
    """The site's devices by what they can be known by. What two devices share tells neither of them."""

    def __init__(self, devices: Mapping[int, DeviceFact], addresses: Iterable[AddressFact] = ()) -> None:
        self.devices = devices
        self._by_mac: dict[int, int | None] = {}
        self._by_name: dict[str, int | None] = {}
        self._by_address: dict[str, int | None] = {}
        for device in devices.values():
            for mac in device.macs:
                _enter(self._by_mac, mac, device.id)
            for name in device.names:
                for form in _name_forms(name):
                    _enter(self._by_name, form, device.id)
            for address in device.addresses:
                _enter(self._by_address, address, device.id)
        for device in devices.values():  # what a person entered is surer than what a clone of it claims
            if device.entered_mac is not None:
                self._by_mac[device.entered_mac] = device.id
        self._add_answering(addresses)
        self._ports = {device.id: _port_names(device) for device in devices.values()}

    def _add_answering(self, addresses: Iterable[AddressFact]) -> None:
        """A device with an address alone is known by the MAC that answers for it."""
        answering: dict[int, int | None] = {}
        for one in addresses:
            owner = self._by_address.get(one.address)
            if owner is not None and one.mac not in self._by_mac and not self.devices[owner].macs:
                _enter(answering, one.mac, owner)  # one MAC for the addresses of several is a router between
        self._by_mac.update(answering)

    def of_mac(self, mac: int | None) -> int | None:
        """The device with this MAC."""
        return None if mac is None else self._by_mac.get(mac)

    def of_name(self, name: str) -> int | None:
        """The device with this name, here or by its own account."""
        found = (self._by_name.get(form) for form in _name_forms(name))
        return next((one for one in found if one is not None), None)

    @property
    def macs(self) -> dict[int, int]:
        """MAC to device, of all that are sure."""
        return {mac: device for mac, device in self._by_mac.items() if device is not None}

    def device_of(self, told: NeighbourFact) -> tuple[int | None, Evidence | None]:
        """(the device, what speaks against it): by MAC, by name, by address, in this order."""
        by_mac, by_name = self.of_mac(told.remote_mac), self.of_name(told.remote_name)
        if by_mac is not None:
            if by_name is not None and by_name != by_mac:
                return by_mac, Evidence("name_differs", {
                    "said": told.remote_name, "other": self.devices[by_mac].name})
            return by_mac, None
        if by_name is not None:
            return by_name, None
        return self._by_address.get(told.remote_address) if told.remote_address else None, None

    def part_of(self, device_id: int, *words: str) -> str:
        """The port of a device that a neighbour calls by one of these words; "" when none is meant for sure."""
        names = self._ports.get(device_id, {})
        for word in words:
            for form in _port_forms(word):
                part = names.get(form)
                if part:
                    return part
        return ""


def _enter(table: dict, key: object, device_id: int) -> None:
    known = table.setdefault(key, device_id)
    if known != device_id:
        table[key] = None


def _name_forms(name: str) -> list[str]:
    folded = fold(name)
    short = folded.split(".")[0]
    is_host = bool(short) and not short.isdigit() and " " not in folded
    return [form for form in dict.fromkeys((folded, short if is_host else folded)) if form]


def _port_names(device: DeviceFact) -> dict[str, str]:
    """Every form of a port's names to its part; "" where two ports share it. Full names come before short ones."""
    found: dict[str, str] = {}
    for port in device.ports:
        for name in port.names:
            _enter_port(found, fold(name), port.part)
        if port.mac is not None:
            _enter_port(found, f"{port.mac:012x}", port.part)
    short: dict[str, str] = {}
    for port in device.ports:
        for name in port.names:
            for form in _port_forms(name):
                if form not in found:
                    _enter_port(short, form, port.part)
    by_index: dict[str, str] = {}
    for port in device.ports:
        if port.index is not None:
            _enter_port(by_index, str(port.index), port.part)
    return by_index | short | found


def _enter_port(table: dict[str, str], name: str, part: str) -> None:
    if name and table.setdefault(name, part) != part:
        table[name] = ""


def _port_forms(word: str) -> list[str]:
    """A port's name as told, its MAC bare, and the short form that makers agree on: "gi1/0/24" """
    folded = fold(word)
    forms = [folded]
    mac = mac_number(word)
    if mac is not None:
        forms.append(f"{mac:012x}")
    match = _PORT.fullmatch(folded)
    if match is not None:
        forms.append("".join(match.groups()))
    return [form for form in forms if form]
