"""The rows of one device's cabling, each kind by one statement."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from core import Session
from inventory import Device, DeviceVlan, MacSighting, Neighbour, SavedEdge, SavedNode

MOST = 2_000  # lines of one kind; a chassis has 500 ports


def edges_at(session: Session, device_id: int) -> Sequence[tuple[SavedEdge, str | None, str | None]]:
    """The lines of the map that end at a device now, each with the names of the devices at its upper and lower end."""
    upper, lower = aliased(Device), aliased(Device)
    chosen = (
        select(SavedEdge, upper.name, lower.name)
        .outerjoin(upper, upper.id == SavedEdge.upper_device_id)
        .outerjoin(lower, lower.id == SavedEdge.lower_device_id)
        .where(or_(SavedEdge.upper_device_id == device_id, SavedEdge.lower_device_id == device_id))
        .where(SavedEdge.is_current).order_by(SavedEdge.id).limit(MOST)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(chosen)]


def others_named(session: Session, keys: Sequence[str]) -> dict[str, SavedNode]:
    """The nodes of the map with these keys that are no devices of the inventory."""
    wanted = sorted({key for key in keys if not key.startswith("device:")})
    if not wanted:
        return {}
    return {node.key: node for node in session.scalars(select(SavedNode).where(SavedNode.key.in_(wanted)))}


def neighbours_at(session: Session, device_id: int) -> list[Neighbour]:
    """Who names itself on a device's ports now."""
    chosen = select(Neighbour).where(Neighbour.device_id == device_id, Neighbour.gone_at.is_(None))
    return list(session.scalars(chosen.order_by(Neighbour.part, Neighbour.id).limit(MOST)))


def mac_counts(session: Session, device_id: int) -> dict[str, int]:
    """Part to how many MAC addresses are behind it now, by its forwarding table or as Wi-Fi clients."""
    chosen = select(MacSighting.part, func.count(MacSighting.mac.distinct())).where(
        MacSighting.device_id == device_id, MacSighting.is_present, MacSighting.ended_at.is_(None)
    )
    return dict(session.execute(chosen.group_by(MacSighting.part)).all())


def vlans_at(session: Session, device_id: int) -> list[tuple[int, str]]:
    """(number, name) of the VLANs that a device knows."""
    chosen = select(DeviceVlan.vlan, DeviceVlan.name).where(DeviceVlan.device_id == device_id)
    return [(row[0], row[1]) for row in session.execute(chosen.order_by(DeviceVlan.vlan).limit(MOST))]
