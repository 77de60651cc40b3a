"""The forwarding table of a bridge: Q-BRIDGE-MIB (RFC 4363), BRIDGE-MIB (RFC 4188), Cisco's one for each VLAN. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from collectors.layer2.identity import is_group, mac_from_arcs
from collectors.layer2.ports import Ports
from collectors.layer2.walk import Column, Index
from collectors.snmp.text import mac_of
from collectors.snmp.wire import Value
from inventory import MacSeen

_BRIDGE = "1.3.6.1.2.1.17"
BASE_MAC = f"{_BRIDGE}.1.1.0"
BASE_PORTS = f"{_BRIDGE}.1.4.1.2"
STP_ROOT_PORT = f"{_BRIDGE}.2.7.0"
FDB_PORT, FDB_STATUS = f"{_BRIDGE}.4.3.1.2", f"{_BRIDGE}.4.3.1.3"
Q_FDB_PORT, Q_FDB_STATUS = f"{_BRIDGE}.7.1.2.2.1.2", f"{_BRIDGE}.7.1.2.2.1.3"
VLAN_FDB = f"{_BRIDGE}.7.1.4.2.1.3"
PVID = f"{_BRIDGE}.7.1.4.5.1.1"

_INVALID, _SELF = 2, 4  # dot1dTpFdbStatus; 1 other, 3 learned and 5 mgmt (entered by hand, port security) are places
MOST_VLAN = 4094


@dataclass(frozen=True, slots=True)
class Forwarding:
    """One row as the device keeps it. `fid` is the forwarding database's number, None in BRIDGE-MIB; `port` the bridge
    port, 0 for the bridge's own addresses; `index` the ifIndex; `vlan` 0 where it is not known."""

    mac: str
    fid: int | None
    port: int
    index: int | None
    status: int
    vlan: int = 0

    def is_place(self, own: frozenset[str]) -> bool:
        """Whether the row tells where somebody else's address is reached."""
        return (
            self.port > 0 and self.index is not None and self.status not in (_INVALID, _SELF)
            and self.mac not in own and not is_group(self.mac)
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class VlanMap:
    """What is known of VLANs: those of each forwarding database, the untagged one of each bridge port, and all."""

    of_fid: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    of_port: Mapping[int, int] = field(default_factory=dict)
    known: frozenset[int] = frozenset()

    def of(self, fid: int, port: int) -> int:
        """The VLAN of a row; 0 when it cannot be told.

        A database of several VLANs (shared learning) and one that no VLAN has (fid 0) leave the port's own VLAN, else
        the only one there is. Where the device tells no mapping at all, most number databases by VLAN.
        """
        vlans = self.of_fid.get(fid, ())
        if len(vlans) == 1:
            return vlans[0]
        if not self.of_fid and fid in self.known:
            return fid
        untagged = self.of_port.get(port, 0)
        if untagged and (not vlans or untagged in vlans):
            return untagged
        return next(iter(self.known)) if len(self.known) == 1 else 0

    def is_certain(self, fids: Iterable[int]) -> bool:
        """Whether every database belongs to one VLAN, so that ports' own VLANs need not be asked for."""
        return all(len(self.of_fid.get(fid, ())) == 1 for fid in fids)


def base_ports(column: Column) -> dict[int, int]:
    """Bridge port -> ifIndex."""
    return {index[0]: value for index, value in column.items() if len(index) == 1 and isinstance(value, int) and value}


def fid_vlans(column: Column) -> dict[int, tuple[int, ...]]:
    """FDB id -> its VLANs, from dot1qVlanFdbId (index TimeMark.VLAN)."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for index, fid in column.items():
        if len(index) == 2 and isinstance(fid, int) and 1 <= index[1] <= MOST_VLAN and index[1] not in found[fid]:
            found[fid].append(index[1])
    return {fid: tuple(vlans) for fid, vlans in found.items() if vlans}


def port_vlans(column: Column) -> dict[int, int]:
    """Bridge port -> VLAN of its untagged frames."""
    return {
        index[0]: vlan for index, vlan in column.items()
        if len(index) == 1 and isinstance(vlan, int) and 1 <= vlan <= MOST_VLAN
    }  # fmt: skip


def q_rows(rows: Iterable[tuple[Index, Value]], status: Column, ports: Ports, vlans: VlanMap) -> list[Forwarding]:
    """Rows of dot1qTpFdbTable: index FDB id and six arcs, a length before them borne. Others are left out."""
    found = []
    for index, port in rows:
        mac = mac_from_arcs(index[1:] if len(index) == 7 else index[2:] if len(index) == 8 and index[1] == 6 else ())
        if mac and isinstance(port, int) and port >= 0:
            fid = index[0]
            place = ports.of_bridge_port(port) if port else None
            found.append(Forwarding(mac, fid, port, place, _status(status.get(index)), vlans.of(fid, port)))
    return found


def bridge_rows(rows: Iterable[tuple[Index, Value]], status: Column, ports: Ports, vlan: int = 0) -> list[Forwarding]:
    """Rows of dot1dTpFdbTable: index six arcs."""
    found = []
    for index, port in rows:
        mac = mac_from_arcs(index)
        if mac and isinstance(port, int) and port >= 0:
            place = ports.of_bridge_port(port) if port else None
            found.append(Forwarding(mac, None, port, place, _status(status.get(index)), vlan))
    return found


def _status(value: Value | None) -> int:
    return value if isinstance(value, int) else 3


def add_places(
    found: dict[tuple[str, int, int], MacSeen], rows: Iterable[Forwarding], ports: Ports, own: frozenset[str]
) -> None:
    """Add where others' addresses are reached, each (address, VLAN, port) once."""
    for row in rows:
        if row.index is not None and row.is_place(own):
            key = (row.mac, row.vlan, row.index)
            if key not in found:
                found[key] = MacSeen(row.mac, ports.part(row.index), row.index, row.vlan)


def own_macs(rows: Iterable[Forwarding]) -> set[str]:
    """The bridge's own addresses among the rows: those of port 0 and of status self."""
    return {row.mac for row in rows if (row.port == 0 or row.status == _SELF) and not is_group(row.mac)}


def root_port(value: Value | None, ports: Ports) -> int | None:
    """The ifIndex of the port towards the spanning tree's root; None at the root itself and where it is not told."""
    return ports.of_bridge_port(value) if isinstance(value, int) and value > 0 else None


def bridge_mac(value: Value | None) -> str:
    """dot1dBaseBridgeAddress."""
    return mac_of(value)
