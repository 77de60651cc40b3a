"""The tables of inventory. Passive: they read no clock and send nothing."""

from __future__ import annotations

from inventory.models.contracts import Asset, CalendarEntry, Link
from inventory.models.drawing import MapPlace
from inventory.models.equipment import Credential, Device, Fact, FactChange, Part
from inventory.models.layer2 import AddressSighting, DeviceVlan, MacSighting, Neighbour, OwnMac, TableReading
from inventory.models.meetings import (
    ENDPOINTS_FROM,
    MEETING_SERVERS_FROM,
    Endpoint,
    MeetingServer,
    MeetingSystem,
    endpoint_number,
    endpoint_of_number,
    meeting_server_number,
    meeting_server_of_number,
)
from inventory.models.places import InventoryStamp, Room, Site, Unit
from inventory.models.services import SERVICES_FROM, Check, Service, ServiceNeed, service_number, service_of_number
from inventory.models.topology import SavedEdge, SavedNode, SavedUplink, TopologyState
from inventory.models.use import RatedLife, RoomUse

__all__ = [
    "ENDPOINTS_FROM", "MEETING_SERVERS_FROM", "SERVICES_FROM", "AddressSighting", "Asset", "CalendarEntry", "Check",
    "Credential", "Device", "DeviceVlan", "Endpoint", "Fact", "FactChange", "InventoryStamp", "Link", "MacSighting",
    "MapPlace", "MeetingServer", "MeetingSystem", "Neighbour", "OwnMac", "Part", "RatedLife", "Room", "RoomUse",
    "SavedEdge", "SavedNode", "SavedUplink", "Service", "ServiceNeed", "Site", "TableReading", "TopologyState", "Unit",
    "endpoint_number", "endpoint_of_number", "meeting_server_number", "meeting_server_of_number", "service_number",
    "service_of_number",
]
