"""The layer-2 graph of a site, where a machine is found, and what changed, as values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import networkx as nx

# How an edge is known, the surest first
HOW = ("manual", "lldp", "cdp", "wifi", "fdb", "arp", "inferred")
_ENTRY = "entry"  # no node's key: those have a colon


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for an edge, or one thing that speaks against it: a code of topology.words with what it speaks of."""

    code: str
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TopologyNode:
    """kind: device (of the inventory), hub (an unmanaged switch that must be there) or found (a neighbour that is not
    in the inventory). `is_placed` False: nothing tells how it is reached from the site's entry."""

    key: str
    kind: str
    name: str
    device_id: int | None = None
    device_kind: str = ""
    mac: str = ""
    address: str = ""
    description: str = ""
    capabilities: tuple[str, ...] = ()
    mac_count: int = 0  # of a hub: how many machines were seen behind it
    site_id: int | None = None  # of a device: another site's device can stand above
    is_placed: bool = True


@dataclass(frozen=True, slots=True)
class TopologyEdge:
    """A link between two nodes, `upper` the one nearer to the site's entry; parts are "if:<key>" or "" (not known).

    `is_uplink`: carries more than one machine that people switch off. `is_redundant`: without it both ends are still
    reached. `is_current` False: seen before, not now. `is_disputed`: something speaks against it, see `evidence`.
    """

    upper: str
    lower: str
    upper_part: str
    lower_part: str
    how: tuple[str, ...]
    first_seen: datetime
    last_seen: datetime
    is_current: bool = True
    is_uplink: bool = False
    is_redundant: bool = False
    is_disputed: bool = False
    upper_device_id: int | None = None
    lower_device_id: int | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class SiteTopology:
    """The graph of one site. `entries`: the devices through which the site is reached, the likeliest first."""

    site_id: int
    nodes: tuple[TopologyNode, ...] = ()
    edges: tuple[TopologyEdge, ...] = ()
    entries: tuple[int, ...] = ()
    built_at: datetime | None = None

    @property
    def entry(self) -> int | None:
        """The device through which the site is reached."""
        return self.entries[0] if self.entries else None

    @cached_property
    def _dominators(self) -> dict[str, str]:
        graph = nx.DiGraph()
        graph.add_node(_ENTRY)
        graph.add_edges_from((_ENTRY, f"device:{one}") for one in self.entries)
        for edge in self.edges:
            if edge.is_current:
                graph.add_edges_from(((edge.upper, edge.lower), (edge.lower, edge.upper)))
        reached = nx.descendants(graph, _ENTRY)
        for edge in self.edges:
            if not edge.is_current and not (edge.upper in reached and edge.lower in reached):
                graph.add_edges_from(((edge.upper, edge.lower), (edge.lower, edge.upper)))
        return dict(nx.immediate_dominators(graph, _ENTRY))

    @property
    def reached(self) -> frozenset[str]:
        """Keys of the nodes that are joined with an entry, now or by what was seen last."""
        return frozenset(self._dominators.keys() - {_ENTRY})

    def dark_if(self, device_id: int) -> frozenset[int]:
        """The devices that cannot be reached any more when this one dies, itself not among them."""
        wanted = f"device:{device_id}"
        found = set()
        for key in self._dominators:
            if wanted != key and key.startswith("device:") and wanted in self._above(key):
                found.add(int(key.removeprefix("device:")))
        return frozenset(found)

    def path_of(self, device_id: int) -> tuple[str, ...]:
        """Keys of the nodes without which a device is not reached, from the entry down to itself."""
        key = f"device:{device_id}"
        return (*reversed(self._above(key)), key) if key in self._dominators else ()

    def _above(self, key: str) -> list[str]:
        found: list[str] = []
        above = self._dominators.get(key, _ENTRY)
        while above != _ENTRY:
            found.append(above)
            above = self._dominators[above]
        return found


@dataclass(frozen=True, slots=True)
class Location:
    """Where a MAC address was seen: on a port of a device or, with `source` wifi, on an access point's radio.

    `is_current`: it is there now, by the newest reading. `is_nearest` False: only on the way to it, the device that it
    hangs on does not tell. `owner_id`, `owner_name`: the device of the inventory that has this address.
    """

    mac: str
    site_id: int
    site_name: str
    source: str
    since: datetime | None
    last_seen: datetime | None
    is_current: bool
    is_nearest: bool = True
    device_id: int | None = None
    device_name: str = ""
    part: str = ""
    vlan: int = 0
    ssid: str = ""
    access_point: str = ""
    addresses: tuple[str, ...] = ()
    owner_id: int | None = None
    owner_name: str = ""
    is_made_up: bool = False


@dataclass(frozen=True, slots=True)
class Layer2Change:
    """What a report changed that people may want to know: kind is mac_new, mac_moved, neighbour_new, neighbour_gone.

    `from_device_id`, `from_part`: where a moved MAC was before.
    """

    kind: str
    device_id: int
    part: str
    mac: str = ""
    vlan: int = 0
    from_device_id: int | None = None
    from_part: str = ""
    name: str = ""
    remote_part: str = ""
    protocol: str = ""
