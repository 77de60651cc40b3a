"""What rules, folding and messages need to know of the inventory, as plain values read once per inventory change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from inventory import MEETING_SERVER_KINDS

# Switched off by people when the day ends: their silence alone never makes a school dark
RESTING_KINDS = ("computer", "printer", "projector", "codec", "camera")
# What a rule's `select.device_kind` may name beside the kinds of devices: services, by their importance
SERVICE_KIND_OF = {"critical": "critical_service", "normal": "service", "low": "minor_service"}
# and what meetings are held with: servers by their kind, and the rooms made ready to meet
ENDPOINT_KIND = "endpoint"
MEETING_KINDS = (*MEETING_SERVER_KINDS, ENDPOINT_KIND)
ENTRY_KINDS = ("router", "firewall")  # the devices through which a site is reached when nobody said otherwise


@dataclass(frozen=True, slots=True)
class DeviceLabel:
    """One device."""

    id: int
    name: str
    kind: str
    site_id: int
    vendor: str = ""
    address: str = ""
    interval_s: float = 60.0
    parent_id: int | None = None
    is_monitored: bool = True


@dataclass(frozen=True, slots=True)
class ServiceLabel(DeviceLabel):
    """A service, meeting server or endpoint, under its number among those of devices. It stands in no graph, and at no
    site but for an endpoint.

    `devices` and `services` (numbers) are what it does not work without, at any remove.
    """

    unit_path: str = "/"
    devices: frozenset[int] = frozenset()
    services: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class SiteLabel:
    """One site with its unit and the providers of its lines."""

    id: int
    name: str
    unit_path: str
    code: str = ""
    unit_name: str = ""
    isps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Labels:
    """The inventory as alerts see it. Parts are named (device id, part key)."""

    devices: dict[int, DeviceLabel] = field(default_factory=dict)
    sites: dict[int, SiteLabel] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)  # path -> name
    unwatched: frozenset[tuple[int, str]] = frozenset()
    uplinks: frozenset[tuple[int, str]] = frozenset()
    part_names: dict[tuple[int, str], str] = field(default_factory=dict)  # only of uplinks: what people call them
    version: int = 0
    found_above: Mapping[int, tuple[int, ...]] = field(default_factory=dict)  # device -> those above it, as found
    peers: Mapping[tuple[int, str], int | None] = field(default_factory=dict)  # port of a found uplink -> far device
    points: Mapping[tuple[int, str], int] = field(default_factory=dict)  # controller's part -> that point as a device
    services: Mapping[int, ServiceLabel] = field(default_factory=dict)  # by number

    def named(self, number: int | None) -> DeviceLabel | None:
        """The device or service with this number."""
        return self.devices.get(number or 0) or self.services.get(number or 0)

    def above(self, device_id: int) -> tuple[int, ...]:
        """The devices that one hangs on: the one a person named, else those found; several are redundant paths."""
        device = self.devices.get(device_id)
        if device is None:
            return ()
        if device.parent_id is not None and device.parent_id != device.id and device.parent_id in self.devices:
            return (device.parent_id,)
        return tuple(one for one in self.found_above.get(device_id, ()) if one in self.devices and one != device_id)

    def path_of(self, device_id: int) -> str:
        """Names from the site's entry down to the device, "" when nothing is known above it."""
        steps: list[str] = []
        seen, above = {device_id}, self.above(device_id)
        while above and above[0] not in seen:
            steps.append(" / ".join(self.devices[one].name for one in above))
            seen.update(above)
            above = self.above(above[0])
        return " › ".join([*reversed(steps), self.devices[device_id].name]) if steps else ""

    def unit_path_of(self, device_id: int) -> str:
        """The unit path of a device or service; "/" when it is gone."""
        device = self.devices.get(device_id)
        if device is None and device_id in self.services:
            return self.services[device_id].unit_path
        site = self.sites.get(device.site_id) if device else None
        return site.unit_path if site else "/"
