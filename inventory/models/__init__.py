"""The tables of inventory. Passive: they read no clock and send nothing."""

from __future__ import annotations

from inventory.models.contracts import Asset, CalendarEntry, Link
from inventory.models.drawing import MapPlace
from inventory.models.equipment import Check, Credential, Device, Fact, FactChange, Part
from inventory.models.layer2 import AddressSighting, DeviceVlan, MacSighting, Neighbour, OwnMac, TableReading
from inventory.models.places import InventoryStamp, Room, Site, Unit
from inventory.models.topology import SavedEdge, SavedNode, SavedUplink, TopologyState

__all__ = [
    "AddressSighting", "Asset", "CalendarEntry", "Check", "Credential", "Device", "DeviceVlan", "Fact",
    "FactChange", "InventoryStamp", "Link", "MacSighting", "MapPlace", "Neighbour", "OwnMac", "Part", "Room",
    "SavedEdge", "SavedNode", "SavedUplink", "Site", "TableReading", "TopologyState", "Unit",
]
