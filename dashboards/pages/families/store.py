"""Which port of a device carries its Internet line, and which leads up: what people entered and what was found."""

from __future__ import annotations

from sqlalchemy import select

from core import Session
from inventory import Link, SavedEdge, inventory_version, topology_version

PortName = tuple[int, str]


def ports_version(session: Session) -> tuple[int, int]:
    """Another one when lines or uplinks changed."""
    return inventory_version(session), topology_version(session)


def line_ports(session: Session) -> list[PortName]:
    """(device, part) of the ports on which a line is measured by its contract."""
    chosen = select(Link.device_id, Link.part_key).where(Link.device_id.is_not(None), Link.part_key.is_not(None))
    return [(device_id, _series_part(key)) for device_id, key in session.execute(chosen) if device_id and key]


def upward_ports(session: Session) -> list[PortName]:
    """(device, part) of the ports by which a device hangs on the one above it, as found."""
    chosen = select(SavedEdge.lower_device_id, SavedEdge.lower_part).where(
        SavedEdge.is_uplink, SavedEdge.lower_device_id.is_not(None), SavedEdge.lower_part != ""
    )
    return [(device_id, part) for device_id, part in session.execute(chosen) if device_id]


def _series_part(key: str) -> str:
    return key if key.startswith("if:") else f"if:{key}"
