"""What exists: units, sites, rooms, devices, lines, credentials, assets and the school calendar."""

from __future__ import annotations

from inventory.models import (
    Asset,
    CalendarEntry,
    Check,
    Credential,
    Device,
    Fact,
    FactChange,
    InventoryStamp,
    Link,
    Part,
    Room,
    Site,
    Unit,
)

__all__ = [
    "Asset", "CalendarEntry", "Check", "Credential", "Device", "Fact", "FactChange", "InventoryStamp", "Link", "Part",
    "Room", "Site", "Unit",
]
