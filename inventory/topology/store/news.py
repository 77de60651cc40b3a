"""Which changes of MAC tables are news: a machine never seen at the site, a machine that is at another port.

A port that leads to another switch, or up, is only the way to a machine and never news. Wi-Fi clients roam: they are
new once, unless their address is made up, and never "moved".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from inventory.models import Device, MacSighting, SavedEdge, TableReading
from inventory.topology.macs import is_made_up, mac_text
from inventory.topology.shapes import Layer2Change
from inventory.topology.store.sightings import SightingChanges

_CHUNK = 500
Port = tuple[int, str]


def mac_news(
    session: Session, origin: tuple[int, int, str], changes: SightingChanges, now: datetime
) -> list[Layer2Change]:
    """What is to be told of `changes` to the table of `origin` (site, device, source)."""
    site_id, device_id, source = origin
    macs = sorted(changes.came.keys() | changes.left.keys())
    if not macs:
        return []
    leading, roaming = ports_that_lead_on(session, site_id)
    news: list[Layer2Change] = []
    for mac, rows in _known_places(session, site_id, macs, leading):
        came = {part for part in changes.came.get(mac, ()) if (device_id, part) not in leading}
        if came and _is_new(rows, device_id, came):
            row = next(one for one in rows if one.device_id == device_id and one.part in came)
            is_wireless = source == "wifi" or (device_id, row.part) in roaming
            if not (is_wireless and is_made_up(mac)):
                news.append(Layer2Change("mac_new", device_id, row.part, mac_text(mac), row.vlan))
            continue
        moved = _move(session, rows, roaming, now)
        if moved is not None:
            news.append(moved)
    return news


def _is_new(rows: list[MacSighting], device_id: int, came: set[str]) -> bool:
    return all(row.device_id == device_id and row.part in came for row in rows)


def _move(session: Session, rows: list[MacSighting], roaming: set[Port], now: datetime) -> Layer2Change | None:
    """It is at a port now, and no longer at the one where it was before."""
    wired = [row for row in rows if row.source == "fdb" and (row.device_id, row.part) not in roaming]
    present = [row for row in wired if row.is_present and row.ended_at is None]
    if not present:
        return None
    here = max(present, key=lambda row: (row.first_seen, row.id))
    gone = [
        row for row in wired
        if not row.is_present and (row.ended_at is None or row.ended_at == now) and row.first_seen <= here.first_seen
        and (row.device_id, row.part) != (here.device_id, here.part)
    ]
    if not gone:
        return None
    was = max(gone, key=lambda row: (row.last_seen, row.id))
    open_ids = [row.id for row in gone if row.ended_at is None]
    if open_ids:
        session.execute(update(MacSighting).where(MacSighting.id.in_(open_ids)).values(ended_at=now))
    return Layer2Change("mac_moved", here.device_id, here.part, mac_text(here.mac), here.vlan, was.device_id, was.part)


def _known_places(
    session: Session, site_id: int, macs: list[int], leading: set[Port]
) -> Iterator[tuple[int, list[MacSighting]]]:
    """Each MAC with its sightings at the site, past ones included, that are not merely on the way."""
    for start in range(0, len(macs), _CHUNK):
        chunk = macs[start:start + _CHUNK]
        query = select(MacSighting).join(Device, Device.id == MacSighting.device_id).where(
            MacSighting.mac.in_(chunk), Device.site_id == site_id
        ).order_by(MacSighting.id).execution_options(populate_existing=True)
        places: dict[int, list[MacSighting]] = defaultdict(list)
        for row in session.scalars(query):
            if (row.device_id, row.part) not in leading:
                places[row.mac].append(row)
        yield from places.items()


def ports_that_lead_on(session: Session, site_id: int) -> tuple[set[Port], set[Port]]:
    """(ports that lead to a device which tells its own MAC table, or up; ports that lead to an access point)."""
    rows = session.execute(
        select(SavedEdge.upper_device_id, SavedEdge.upper_part, SavedEdge.lower_device_id, SavedEdge.lower_part,
               Device.kind, TableReading.fdb_at)
        .outerjoin(Device, Device.id == SavedEdge.lower_device_id)
        .outerjoin(TableReading, TableReading.device_id == SavedEdge.lower_device_id)
        .where(SavedEdge.site_id == site_id,
               or_(SavedEdge.lower_device_id.is_not(None), SavedEdge.upper_device_id.is_not(None)))
    )
    leading: set[Port] = set()
    roaming: set[Port] = set()
    for upper, upper_part, lower, lower_part, kind, fdb_at in rows:
        if lower is not None and lower_part:
            leading.add((lower, lower_part))
        if upper is not None and upper_part:
            if kind == "ap":
                roaming.add((upper, upper_part))
            elif fdb_at is not None:
                leading.add((upper, upper_part))
    return leading, roaming
