"""The tables of inventory. Passive: they read no clock and send nothing."""

from __future__ import annotations

from inventory.models.contracts import Asset, CalendarEntry, Link
from inventory.models.drawing import MapPlace
from inventory.models.equipment import Check, Credential, Device, Fact, FactChange, Part
from inventory.models.places import InventoryStamp, Room, Site, Unit

__all__ = [
    "Asset", "CalendarEntry", "Check", "Credential", "Device", "Fact", "FactChange", "InventoryStamp", "Link",
    "MapPlace", "Part", "Room", "Site", "Unit",
]
