"""What one device tells of the layer-2 network around it: the form in which collectors hand it to inventory. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NeighbourSeen:
    """A device that named itself on a port, by LLDP (IEEE 802.1AB), CDP or a maker's own protocol.

    `local_part` is the key of our port ("if:<name>"), "" when it could not be found; `remote_mac` is aa:bb:cc:dd:ee:ff
    or "". `remote_part` is the port's identity as the neighbour gives it (a name or a MAC), `remote_label` its own
    description of that port, often the name where the identity is a MAC; `remote_id` the chassis' identity, a MAC or
    a text.
    `capabilities` are words such as bridge, router, wlan_access_point, telephone, station.
    """

    protocol: str
    local_part: str
    local_index: int | None
    remote_name: str = ""
    remote_part: str = ""
    remote_mac: str = ""
    remote_address: str = ""
    remote_description: str = ""
    capabilities: tuple[str, ...] = ()
    remote_id: str = ""
    remote_label: str = ""


@dataclass(frozen=True, slots=True)
class MacSeen:
    """A MAC in a bridge's forwarding table. `vlan` is the VLAN id, or 0 where the bridge does not tell it."""

    mac: str
    part: str
    index: int | None
    vlan: int = 0


@dataclass(frozen=True, slots=True)
class AddressSeen:
    """An IP address with its MAC in a device's ARP or neighbour table."""

    address: str
    mac: str
    part: str
    index: int | None


@dataclass(frozen=True, slots=True)
class StationSeen:
    """A Wi-Fi client: `part` is the radio or access point it is associated with, as in the device's parts."""

    mac: str
    part: str
    ssid: str = ""
    access_point: str = ""


@dataclass(frozen=True, slots=True)
class VlanSeen:
    """A VLAN that the device knows."""

    id: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Layer2Report:
    """One reading of a device's slow tables.

    A table that was not read (`missing` names it) says nothing about its rows; one that was read and is empty says that
    they are gone. A table cut short by a device that fell silent is in `missing` too: the rows that came are true, of
    the others nothing is known. One cut short by a limit that stays the same is not; then `reason` says so.

    Names in `missing`: neighbours, fdb, arp, stations, vlans.
    """

    neighbours: tuple[NeighbourSeen, ...] = ()
    fdb: tuple[MacSeen, ...] = ()
    arp: tuple[AddressSeen, ...] = ()
    stations: tuple[StationSeen, ...] = ()
    vlans: tuple[VlanSeen, ...] = ()
    own_macs: tuple[str, ...] = ()  # chassis, bridge and port addresses of the device itself
    chassis_mac: str = ""
    root_part: str = ""  # the port towards the spanning tree's root bridge, "" at the root itself or when not told
    own_addresses: tuple[str, ...] = ()  # IP addresses of the device itself
    missing: tuple[str, ...] = ()
    reason: str = "ok"
    detail: str = ""
