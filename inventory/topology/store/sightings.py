"""MAC addresses on ports and radios: the newest table of a device compared with what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from inventory.models import MacSighting

Place = tuple[int, int, str]  # mac, vlan, part


@dataclass(slots=True)
class SightingChanges:
    """What one table changed: MAC to the ports at which it came, and at which it is no longer."""

    came: dict[int, set[str]] = field(default_factory=dict)
    left: dict[int, set[str]] = field(default_factory=dict)

    @property
    def is_different(self) -> bool:
        """True when something came or left."""
        return bool(self.came or self.left)


def record_sightings(
    session: Session, origin: tuple[int, str], seen: Mapping[Place, tuple[str, str]],
    moments: tuple[datetime | None, datetime],
) -> SightingChanges:
    """Make the sightings of `origin` (device, source) what its table `seen` says: (mac, vlan, part) to (ssid, access
    point). `moments`: when the table was read before, and now."""
    (device_id, source), (before, now) = origin, moments
    columns = (MacSighting.id, MacSighting.mac, MacSighting.vlan, MacSighting.part, MacSighting.is_present,
               MacSighting.ssid, MacSighting.access_point)
    live = select(*columns).where(
        MacSighting.device_id == device_id, MacSighting.source == source, MacSighting.ended_at.is_(None)
    )
    parts_of: dict[tuple[int, int], set[str]] = {}
    for mac, vlan, part in seen:
        parts_of.setdefault((mac, vlan), set()).add(part)
    changes = SightingChanges()
    returned: list[dict[str, Any]] = []
    absent: list[dict[str, Any]] = []
    moved: list[dict[str, Any]] = []
    known: set[Place] = set()
    for row_id, mac, vlan, part, is_present, ssid, access_point in session.execute(live):
        place = (mac, vlan, part)
        known.add(place)
        told = seen.get(place)
        if told is not None:
            if not is_present or told != (ssid, access_point):
                returned.append({"id": row_id, "is_present": True, "ssid": told[0], "access_point": told[1]})
            if not is_present:
                changes.came.setdefault(mac, set()).add(part)
            continue
        row: dict[str, Any] = {"id": row_id, "is_present": False}
        if is_present:
            changes.left.setdefault(mac, set()).add(part)
            row["last_seen"] = before or now
        if (mac, vlan) in parts_of:
            moved.append(row | {"ended_at": now})
        elif is_present:
            absent.append(row)
    _update(session, returned, absent, moved)
    fresh = [
        {"device_id": device_id, "source": source, "part": part, "vlan": vlan, "mac": mac, "ssid": ssid,
         "access_point": access_point, "first_seen": now, "last_seen": now, "is_present": True}
        for (mac, vlan, part), (ssid, access_point) in seen.items() if (mac, vlan, part) not in known
    ]
    for row in fresh:
        changes.came.setdefault(row["mac"], set()).add(row["part"])
    if fresh:
        session.execute(insert(MacSighting), fresh)
    return changes


def _update(session: Session, *lists: list[dict[str, Any]]) -> None:
    """Write the rows of each list, those with the same columns together."""
    for rows in lists:
        for has_moment in (True, False):
            alike = [row for row in rows if ("last_seen" in row) is has_moment]
            if alike:
                session.execute(update(MacSighting), alike)
