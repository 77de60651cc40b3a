"""What the inventory says that the worker needs beside its own functions: whose an address is already."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from core import Session
from inventory import Device

# SQLite takes at most 32,766 bound values in one statement.
SLICE = 5000


def addresses_in_use(session: Session, addresses: Sequence[str]) -> dict[tuple[str, int], int]:
    """(address, SNMP port) -> device id, of the devices that have one of these addresses; the oldest device wins."""
    found: dict[tuple[str, int], int] = {}
    for start in range(0, len(addresses), SLICE):
        part = addresses[start : start + SLICE]
        for device_id, address, port in session.execute(
            select(Device.id, Device.address, Device.snmp_port)
            .where(Device.address.in_(part))
            .order_by(Device.id.desc())
        ):
            found[address, port] = device_id
    return found
