"""Who hangs on which port: what devices tell of their neighbours, and the graph that follows from it."""

from __future__ import annotations

from inventory.topology.report import (
    AddressSeen,
    Layer2Report,
    MacSeen,
    NeighbourSeen,
    StationSeen,
    VlanSeen,
)
from inventory.topology.shapes import Evidence, Layer2Change, Location, SiteTopology, TopologyEdge, TopologyNode
from inventory.topology.store.locate import locate, mac_history
from inventory.topology.store.marking import mark_edited_sites
from inventory.topology.store.pruning import prune_layer2
from inventory.topology.store.reading import (
    site_topology,
    topology_entries,
    topology_version,
    uplink_peers,
    uplink_ports,
    uplinks,
)
from inventory.topology.store.rebuilding import (
    due_sites,
    edited_sites,
    rebuild_sites,
    rebuild_topology,
    save_rebuilt,
)
from inventory.topology.store.record import record_layer2
from inventory.topology.words import EVIDENCE, HOW_WORDS, say_evidence

__all__ = [
    "EVIDENCE", "HOW_WORDS", "AddressSeen", "Evidence", "Layer2Change", "Layer2Report", "Location", "MacSeen",
    "NeighbourSeen", "SiteTopology", "StationSeen", "TopologyEdge", "TopologyNode", "VlanSeen", "due_sites",
    "edited_sites", "locate", "mac_history", "mark_edited_sites", "prune_layer2", "rebuild_sites", "rebuild_topology",
    "record_layer2", "save_rebuilt", "say_evidence", "site_topology", "topology_entries", "topology_version",
    "uplink_peers", "uplink_ports", "uplinks",
]
