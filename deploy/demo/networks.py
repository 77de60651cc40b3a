"""Tells the demonstration's layer-2 reports the way real devices' readings go in, school by school, and again each
quarter of an hour. The department's own devices are read by SNMP like real ones and are not told here."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta

from core import Context, Scope, Session, get_mark, set_mark
from deploy.demo.topology import School, reports_of, sort_out
from inventory import (
    Device,
    InventorySettings,
    Layer2Change,
    ListQuery,
    list_records,
    rebuild_sites,
    record_layer2,
    save_rebuilt,
)
from telemetry import NewEvent, record_events

MARK = "demo_networks"
KNOWN_FOR = timedelta(hours=26)  # how long ago everybody was seen first
AGAIN_S, PAUSE_S = 900.0, 0.05
PAGE = 500


class Networks:
    """The networks of all schools of a demonstration."""

    def __init__(self, context: Context, sites: list[int]) -> None:
        self._context, self._sites = context, sites

    async def run(self) -> None:
        """Tell everything, rest, tell it again."""
        while True:
            for number, site_id in enumerate(self._sites, start=1):
                await asyncio.to_thread(self.tell, number, site_id)
                await asyncio.sleep(PAUSE_S)
            await asyncio.sleep(AGAIN_S)

    def tell(self, number: int, site_id: int) -> list[Layer2Change]:
        """One school's devices tell their tables; the first time also those of the day before."""
        context = self._context
        now, mark = context.clock(), f"{MARK}.{site_id}"
        with context.database.session() as session:
            devices = list(_devices(session, site_id))
            if get_mark(session, mark) is None:
                before = sort_out(devices, number, is_later=False)
                if before is not None:
                    _record(session, before, now - KNOWN_FOR)
                    # Only who knows the ports that lead on can tell a moved machine from the way to it
                    settings = context.settings[InventorySettings]
                    save_rebuilt(session, rebuild_sites(session, settings, [site_id], now), now)
                set_mark(session, mark, now.isoformat())
            school = sort_out(devices, number, is_later=True)
            changes = _record(session, school, now) if school is not None else []
            record_events(session, [_event(one, now) for one in changes])
        return changes


def _devices(session: Session, site_id: int) -> Iterator[Device]:
    page, pages = 1, 1
    while page <= pages:
        query = ListQuery(filters={"site_id": site_id}, sort="name", page=page, page_size=PAGE)
        found = list_records(session, Scope.everything(), Device, query)
        yield from found.rows
        page, pages = page + 1, found.pages


def _record(session: Session, school: School, now: datetime) -> list[Layer2Change]:
    changes: list[Layer2Change] = []
    for device_id, report in reports_of(school):
        changes += record_layer2(session, device_id, report, now)
    return changes


def _event(change: Layer2Change, now: datetime) -> NewEvent:
    raw = asdict(change)
    text = " ".join(word for word in (change.mac, change.name, change.part) if word)
    return NewEvent(now, "topology", raw.pop("kind"), text, raw.pop("device_id"), raw)
