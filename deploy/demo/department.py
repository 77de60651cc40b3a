"""The cables of the department's house, as its devices tell them by SNMP: LLDP-MIB, Q-BRIDGE-MIB and ARP rows for the
replay agent. Written from the MIBs' meaning; none of it was recorded anywhere.

Two core switches on the border router with a second way between them; floors, servers, UPS and printers on the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from deploy.demo.machines import mac_of

LLDP, MIB2 = "1.0.8802.1.1.2.1", "1.3.6.1.2.1"
INTEGER, OID, INTERFACE_NAME, MAC_ADDRESS = 2, 6, 5, 4
BRIDGE, ROUTER = 0x20, 0x08  # LldpSystemCapabilitiesMap, first byte
LEARNED = 3
BORDER, FIREWALL, CORE, SECOND_CORE = 1, 2, 3, 4
ROUTER_PORTS = tuple(f"ether{n}" for n in range(1, 6))
SWITCH_PORTS = (*(f"Gi1/0/{n}" for n in range(1, 49)), *(f"Te1/0/{n}" for n in range(49, 53)))
VLAN, VLANS = 10, ((1, "default"), (10, "noi-bo"), (20, "may-chu"))


@dataclass(frozen=True, slots=True)
class Unit:
    """One device: `host` is the last number of its address, `machine` the word of machines.MACHINES."""

    host: int
    name: str
    machine: str
    address: str

    @property
    def ports(self) -> tuple[str, ...]:
        """The names of its ports, in the order of their ifIndex."""
        known = {"router": ROUTER_PORTS, "switch": SWITCH_PORTS, "server": ("lo", "eno1")}
        return known.get(self.machine, ("eth0",))

    def mac(self) -> str:
        """The address by which others see it, as 12 hex digits: of its first port that is a socket."""
        return mac_of(self.name, 2 if self.machine == "server" else 1)


@dataclass(frozen=True, slots=True)
class Cable:
    """Upper and lower end."""

    upper: Unit
    upper_port: str
    lower: Unit
    lower_port: str


def cables_of(units: Sequence[Unit]) -> list[Cable]:
    """The cabling of the house. `units` in the order of their hosts."""
    by_host = {unit.host: unit for unit in units}
    border, core, second = by_host[BORDER], by_host[CORE], by_host[SECOND_CORE]
    found = [
        Cable(border, "ether5", by_host[FIREWALL], "ether3"), Cable(border, "ether3", core, "Te1/0/49"),
        Cable(border, "ether4", second, "Te1/0/49"), Cable(core, "Te1/0/50", second, "Te1/0/50"),
    ]
    free = (f"Gi1/0/{n}" for n in range(1, 49) if n % 4)
    for unit in units:
        if unit.host > SECOND_CORE:
            found.append(Cable(core, next(free), unit, "Te1/0/49" if unit.machine == "switch" else unit.ports[-1]))
    return found


def lines_of(unit: Unit, units: Sequence[Unit]) -> Iterator[str]:
    """What this device answers beside its own figures, as snmprec lines."""
    if unit.machine not in ("switch", "router"):
        return
    cables = cables_of(units)
    yield from _own(unit)
    for cable in cables:
        if cable.upper is unit and cable.lower.machine in ("switch", "router"):
            yield from _neighbour(unit, cable.upper_port, cable.lower, cable.lower_port)
        elif cable.lower is unit:
            yield from _neighbour(unit, cable.lower_port, cable.upper, cable.upper_port)
    if unit.machine == "switch":
        yield from _bridge(unit, cables)
    if unit.host == BORDER:
        for other in units:
            if other is not unit:
                yield f"{MIB2}.4.22.1.2.3.{other.address}|4x|{other.mac()}"


def _text(oid: str, text: str) -> str:
    return f"{oid}|4x|{text.encode().hex()}"


def _own(unit: Unit) -> Iterator[str]:
    yield f"{LLDP}.3.1.0|{INTEGER}|{MAC_ADDRESS}"
    yield f"{LLDP}.3.2.0|4x|{unit.mac()}"
    yield _text(f"{LLDP}.3.3.0", unit.name)
    for number, port in enumerate(unit.ports, start=1):
        yield f"{LLDP}.3.7.1.2.{number}|{INTEGER}|{INTERFACE_NAME}"
        yield _text(f"{LLDP}.3.7.1.3.{number}", port)
        yield _text(f"{LLDP}.3.7.1.4.{number}", port)


def _neighbour(unit: Unit, port: str, other: Unit, other_port: str) -> Iterator[str]:
    index = f"0.{unit.ports.index(port) + 1}.1"
    abilities = BRIDGE | (ROUTER if other.machine == "router" else 0)
    columns = f"{LLDP}.4.1.1"
    yield f"{columns}.4.{index}|{INTEGER}|{MAC_ADDRESS}"
    yield f"{columns}.5.{index}|4x|{other.mac()}"
    yield f"{columns}.6.{index}|{INTEGER}|{INTERFACE_NAME}"
    yield _text(f"{columns}.7.{index}", other_port)
    yield _text(f"{columns}.8.{index}", other_port)
    yield _text(f"{columns}.9.{index}", other.name)
    yield _text(f"{columns}.10.{index}", f"Demo {other.machine}")
    yield f"{columns}.11.{index}|4x|{abilities:02x}00"
    yield f"{columns}.12.{index}|4x|{abilities:02x}00"
    yield f"{LLDP}.4.2.1.4.{index}.1.4.{other.address}|{INTEGER}|1"


def _bridge(unit: Unit, cables: Sequence[Cable]) -> Iterator[str]:
    """dot1dBasePortIfIndex, dot1qTpFdbTable and the VLANs' names: whom this switch hears on which port."""
    yield f"{MIB2}.17.1.1.0|4x|{unit.mac()}"
    for number in range(1, len(unit.ports) + 1):
        yield f"{MIB2}.17.1.4.1.2.{number}|{INTEGER}|{number}"
    for vlan, name in VLANS:
        yield _text(f"{MIB2}.17.7.1.4.3.1.1.{vlan}", name)
    up = "Te1/0/49"
    for cable in cables:
        lower = cable.lower
        if cable.upper is unit and (unit.host, lower.host) != (CORE, SECOND_CORE):
            yield from _learned(unit, lower, cable.upper_port)
        elif lower is not unit and unit.host > SECOND_CORE and lower.host > SECOND_CORE:
            yield from _learned(unit, lower, up)
    yield from _learned(unit, cables[0].upper, up)


def _learned(unit: Unit, other: Unit, port: str) -> Iterator[str]:
    octets = ".".join(str(one) for one in bytes.fromhex(other.mac()))
    yield f"{MIB2}.17.7.1.2.2.1.2.{VLAN}.{octets}|{INTEGER}|{unit.ports.index(port) + 1}"
    yield f"{MIB2}.17.7.1.2.2.1.3.{VLAN}.{octets}|{INTEGER}|{LEARNED}"
