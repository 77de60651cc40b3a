"""Makes a device of an unmanaged switch that was inferred, and hangs on it what was seen behind it."""

from __future__ import annotations

from dataclasses import dataclass

from core import Scope, Session
from core import gettext as _
from inventory import Device, NotFound, SiteTopology, create_record, free_device_name, update_record


@dataclass(frozen=True, slots=True)
class Accepted:
    """The new device and how many devices hang on it from now on."""

    device: Device
    moved: int


def accept_hub(session: Session, scope: Scope, topology: SiteTopology, key: str, name: str) -> Accepted:
    """Enter the unmanaged switch `key` of a site's graph. It answers nobody, so nobody watches it; what hung nowhere by
    a person's word hangs on it. Raises NotFound when it is not on the map any more, InvalidInput for a bad name."""
    if all(node.key != key or node.kind != "hub" for node in topology.nodes):
        raise NotFound(_("This switch is not on the map any more. Look at the map again."))
    above = next((edge.upper_device_id for edge in topology.edges if edge.lower == key), None)
    behind = [edge.lower_device_id for edge in topology.edges if edge.upper == key and edge.lower_device_id is not None]
    device = create_record(session, scope, Device, {
        "site_id": topology.site_id, "kind": "switch", "parent_device_id": above, "is_monitored": False,
        "name": name.strip() or free_device_name(session, topology.site_id, _("Unmanaged switch")),
    })
    for device_id in behind:
        update_record(session, scope, Device, device_id, {"parent_device_id": device.id})
    return Accepted(device, len(behind))
