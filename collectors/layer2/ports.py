"""Which port a number or a name means: ifIndex, bridge port, LLDP port number, or what the device calls it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Port:
    """A port as the survey knows it; `key` without "if:"."""

    index: int
    key: str
    name: str = ""
    description: str = ""
    alias: str = ""
    mac: str = ""

    @property
    def part(self) -> str:
        """The part that series and inventory name it by."""
        return f"if:{self.key}"


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of one device. `bridge` is dot1dBasePortIfIndex: bridge port -> ifIndex."""

    by_index: Mapping[int, Port] = field(default_factory=dict)
    bridge: Mapping[int, int] = field(default_factory=dict)
    _named: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    _aliased: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    _macs: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, ports: Iterable[Port], bridge: Mapping[int, int] | None = None) -> Ports:
        """Ports that can be looked up; where names repeat, all that carry them are candidates."""
        known = {port.index: port for port in ports}
        named: dict[str, list[int]] = {}
        aliased: dict[str, list[int]] = {}
        macs: dict[str, list[int]] = {}
        for port in known.values():
            for text in {port.name.lower(), port.description.lower(), port.key.lower()} - {""}:
                named.setdefault(text, []).append(port.index)
            if port.alias:
                aliased.setdefault(port.alias.lower(), []).append(port.index)
            if port.mac:
                macs.setdefault(port.mac, []).append(port.index)
        return cls(known, bridge or {}, _frozen(named), _frozen(aliased), _frozen(macs))

    def part(self, index: int | None) -> str:
        """The part of an ifIndex; "" when no such port is known."""
        port = None if index is None else self.by_index.get(index)
        return port.part if port else ""

    def label(self, index: int | None) -> str:
        """The name that people know the port by; "" when no such port is known."""
        port = None if index is None else self.by_index.get(index)
        return (port.name or port.description or port.key) if port else ""

    def of_bridge_port(self, number: int) -> int | None:
        """The ifIndex of a bridge port. Bridges that tell no mapping at all number their ports by ifIndex."""
        if self.bridge:
            return self.bridge.get(number)
        return number if number in self.by_index else None

    def named(self, text: str, numbers: Sequence[int] = (), is_alias: bool = False) -> int | None:
        """The port called so (ifName, ifDescr, then ifAlias, or the other way about; case does not matter): the only
        one, or that of `numbers`."""
        wanted = text.strip().lower()
        for names in (self._aliased, self._named) if is_alias else (self._named, self._aliased):
            found = _only(names.get(wanted, ()), numbers)
            if found is not None:
                return found
        return None

    def with_mac(self, mac: str, numbers: Iterable[int] = ()) -> int | None:
        """The port with this address: the only one, or that of `numbers` (VLANs and bridges share an address)."""
        return _only(self._macs.get(mac, ()), numbers)

    def own_macs(self) -> set[str]:
        """The addresses of all ports."""
        return set(self._macs)


def _frozen(lists: Mapping[str, list[int]]) -> dict[str, tuple[int, ...]]:
    return {text: tuple(indexes) for text, indexes in lists.items()}


def _only(found: tuple[int, ...], numbers: Iterable[int]) -> int | None:
    if len(found) == 1:
        return found[0]
    return next((number for number in numbers if number in found), None)
