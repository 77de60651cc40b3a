"""Sites made of facts, for tests of the layer-2 graph: devices by short names, cables, MAC tables that follow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from inventory.topology.building import BuiltGraph, build_topology
from inventory.topology.facts import AddressFact, DeviceFact, MacFact, NeighbourFact, PortName, SiteFacts

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
BEFORE = NOW - timedelta(days=3)


def mac_of(number: int, port: int = 0) -> int:
    """A made-up address of device `number`."""
    return 0x02_00_00_00_00_00 | number << 16 | port


class Site:
    """Facts under construction. Devices are numbers; port p of device d is "if:p<p>" with the name "p<p>"."""

    def __init__(self) -> None:
        self.devices: dict[int, DeviceFact] = {}
        self.neighbours: list[NeighbourFact] = []
        self.fdb: list[MacFact] = []
        self.stations: list[MacFact] = []
        self.addresses: list[AddressFact] = []

    def add(self, number: int, kind: str = "switch", **values: object) -> Site:
        """One device with eight ports."""
        ports = tuple(PortName(f"if:p{port}", (f"p{port}", f"GigabitEthernet0/{port}"), mac_of(number, port), port)
                      for port in range(1, 9))
        given = {"names": (f"{kind}-{number}",), "macs": frozenset({mac_of(number)}), "ports": ports, **values}
        self.devices[number] = DeviceFact(number, kind, **given)  # type: ignore[arg-type]
        return self

    def hears(self, near: int, port: int, far: int | None, far_port: object = "", **values: object) -> Site:
        """`near` hears `far` on its port; `far` None with values is a stranger."""
        name = self.devices[far].names[0] if far is not None else ""
        given: dict[str, object] = {
            "protocol": "lldp", "remote_name": name, "remote_label": "", "remote_address": "", "description": "",
            "remote_mac": mac_of(far) if far is not None else None, "capabilities": ("bridge",), "first_seen": BEFORE,
            "last_seen": NOW, "remote_part": f"p{far_port}" if isinstance(far_port, int) else far_port, **values,
        }
        self.neighbours.append(NeighbourFact(device_id=near, part=f"if:p{port}", **given))  # type: ignore[arg-type]
        return self

    def cable(self, a: int, a_port: int, b: int, b_port: int) -> Site:
        """Both ends name each other."""
        return self.hears(a, a_port, b, b_port).hears(b, b_port, a, a_port)

    def sees(self, device: int, part: object, *macs: int, is_present: bool = True) -> Site:
        """MACs in the forwarding table of a device."""
        name = f"if:p{part}" if isinstance(part, int) else str(part)
        self.fdb += [MacFact(device, name, mac, BEFORE, NOW, is_present) for mac in macs]
        return self

    def facts(self) -> SiteFacts:
        """As the store would read them."""
        return SiteFacts(self.devices, tuple(self.neighbours), tuple(self.fdb), tuple(self.stations),
                         tuple(self.addresses), NOW)

    def build(self) -> BuiltGraph:
        """The graph."""
        return build_topology(self.facts())


def drawn(graph: BuiltGraph) -> set[tuple[str, str, str, str]]:
    """(upper, its part, lower, its part) of all edges, "d1" for device 1."""
    return {
        (edge.upper.replace("device:", "d"), edge.upper_part.removeprefix("if:"), edge.lower.replace("device:", "d"),
         edge.lower_part.removeprefix("if:")) for edge in graph.edges
    }
