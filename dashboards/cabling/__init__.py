"""Who is plugged into which port of a device, for its page: neighbours, devices of the map, MAC addresses, VLANs."""

from dashboards.cabling.ports import Cabling, Fellow, PortUse, cabling_of, seen_devices

__all__ = ["Cabling", "Fellow", "PortUse", "cabling_of", "seen_devices"]
