"""What is missing before a map can be drawn or completed, and who has to do what about it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inventory import Device, SiteTopology

_TELLING = frozenset({"router", "switch", "firewall", "wlan_controller", "ap"})
NAMED = 6  # devices named in one sentence


@dataclass(frozen=True, slots=True)
class Advice:
    """`without_credential` cannot be read at all; `silent` can be read but named no neighbour; `unplaced` is how many
    devices hang nowhere."""

    device_count: int
    without_credential: Sequence[Device]
    silent: Sequence[Device]
    unplaced: int

    @property
    def has_map(self) -> bool:
        """True when at least one line can be drawn."""
        return self.unplaced < self.device_count

    @property
    def is_complete(self) -> bool:
        """True when every device has its place."""
        return self.unplaced == 0 and self.device_count > 0


def advise(devices: Sequence[Device], topology: SiteTopology) -> Advice:
    """Look at what tells of neighbours: switches, routers, access points."""
    naming = {
        one for edge in topology.edges if set(edge.how) & {"lldp", "cdp", "fdb", "arp", "wifi"}
        for one in (edge.upper_device_id, edge.lower_device_id)
    }
    telling = [device for device in devices if device.kind in _TELLING and device.is_monitored]
    joined = {key for edge in topology.edges for key in (edge.upper, edge.lower)}
    unplaced = sum(
        node.key not in joined for node in topology.nodes
        if node.kind == "device" and node.site_id in (None, topology.site_id)
    )
    return Advice(
        len(devices),
        [device for device in telling if device.credential_id is None],
        [device for device in telling if device.credential_id is not None and device.id not in naming],
        unplaced if topology.edges else len(devices),
    )
