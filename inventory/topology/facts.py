"""What is known of one site when its graph is built: plain values, read from the tables by the store. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from inventory.topology.shapes import Evidence

# Kinds of devices through which others are reached
BRIDGING = frozenset({"switch", "router", "firewall", "ap", "wlan_controller"})
ENTRY_KINDS = ("router", "firewall")
# Ports to these are worth a message when they go down; the rest people switch off
STEADY = BRIDGING | {"server", "nas", "nvr"}


@dataclass(frozen=True, slots=True)
class PortName:
    """A port under the names that a neighbour may give it. `part` is "if:<key>"."""

    part: str
    names: tuple[str, ...] = ()
    mac: int | None = None
    index: int | None = None


@dataclass(frozen=True, slots=True)
class DeviceFact:
    """One device of the site. `macs`: its own ones, told or entered; `names`: its name here and what it calls itself.

    `root_part`: its port towards the spanning tree's root. `has_line`: an Internet line is measured on it.
    """

    id: int
    kind: str
    names: tuple[str, ...]
    macs: frozenset[int] = frozenset()
    entered_mac: int | None = None
    addresses: frozenset[str] = frozenset()
    ports: tuple[PortName, ...] = ()
    parent_id: int | None = None
    root_part: str = ""
    has_line: bool = False
    tells_macs: bool = False

    @property
    def key(self) -> str:
        """The key of its node."""
        return f"device:{self.id}"

    @property
    def name(self) -> str:
        """What people call it."""
        return self.names[0]


@dataclass(frozen=True, slots=True)
class NeighbourFact:
    """A neighbour as its teller named it. `gone_at` None: it is there, and was last seen at `last_seen`."""

    device_id: int
    protocol: str
    part: str
    remote_name: str
    remote_part: str
    remote_label: str
    remote_mac: int | None
    remote_address: str
    description: str
    capabilities: tuple[str, ...]
    first_seen: datetime
    last_seen: datetime
    gone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MacFact:
    """A MAC on a port, or a Wi-Fi client on a radio (`access_point`: the name of the point, told by a controller)."""

    device_id: int
    part: str
    mac: int
    first_seen: datetime
    last_seen: datetime
    is_present: bool = True
    access_point: str = ""


@dataclass(frozen=True, slots=True)
class AddressFact:
    """An IP address with its MAC in a device's ARP table."""

    device_id: int
    part: str
    address: str
    mac: int
    first_seen: datetime
    last_seen: datetime
    is_present: bool = True


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """Everything that the graph of a site follows from. `names`: those of devices elsewhere that a parent points to."""

    devices: Mapping[int, DeviceFact]
    neighbours: tuple[NeighbourFact, ...] = ()
    fdb: tuple[MacFact, ...] = ()
    stations: tuple[MacFact, ...] = ()
    addresses: tuple[AddressFact, ...] = ()
    now: datetime | None = None
    elsewhere: Mapping[int, str] = field(default_factory=dict)

    def name_of(self, key: str) -> str:
        """What people call the node of a device; "" for other nodes."""
        if not key.startswith("device:"):
            return ""
        device_id = int(key.removeprefix("device:"))
        device = self.devices.get(device_id)
        return device.name if device is not None else self.elsewhere.get(device_id, "")


@dataclass(slots=True)
class Draft:
    """An edge while it is being found: two ends, (node key, part)."""

    a: tuple[str, str]
    b: tuple[str, str]
    how: set[str]
    first_seen: datetime
    last_seen: datetime
    is_current: bool = True
    is_disputed: bool = False
    evidence: list[Evidence] = field(default_factory=list)

    def other(self, key: str) -> str:
        """The node at the other end."""
        return self.b[0] if self.a[0] == key else self.a[0]

    def part_at(self, key: str) -> str:
        """The part at the end of this node."""
        return self.a[1] if self.a[0] == key else self.b[1]


@dataclass(frozen=True, slots=True)
class FoundNode:
    """A node that is no device of the inventory: kind hub or found."""

    key: str
    kind: str
    name: str = ""
    mac: int | None = None
    address: str = ""
    description: str = ""
    capabilities: tuple[str, ...] = ()
    mac_count: int = 0

    @property
    def is_bridging(self) -> bool:
        """Whether others may hang on it: it says so, or says nothing at all."""
        words = set(self.capabilities)
        return self.kind == "hub" or not words or bool(words & {"bridge", "router", "wlan_access_point", "repeater"})


def node_key(kind: str, *words: str) -> str:
    """A node's key, short enough for the map's memory."""
    return ":".join((kind, *words))[:120]
