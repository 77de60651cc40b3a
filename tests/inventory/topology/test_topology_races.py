"""Several write at the same moment and nobody's reading is lost: on a real PostgreSQL writers go side by side."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from threading import Barrier

import pytest

from core import Database, Scope
from inventory import (
    Device,
    InventorySettings,
    Layer2Report,
    MacSeen,
    NeighbourSeen,
    Site,
    Unit,
    create_record,
    due_sites,
    edited_sites,
    keep_map_places,
    map_places,
    mark_edited_sites,
    rebuild_sites,
    record_layer2,
    save_rebuilt,
)
from tests.core.postgresql import running_postgresql

SETTINGS = InventorySettings()
AT_ONCE = 6


@pytest.fixture(scope="module")
def server() -> Iterator[Database]:
    with running_postgresql() as url, closing(Database(url)) as database:
        database.create_all()
        yield database


def school(database: Database, code: str) -> tuple[int, list[int]]:
    """A site with switches that were never read."""
    with database.session() as session:
        unit = create_record(session, Scope.everything(), Unit, {"code": code, "name": f"Trường {code}"})
        site = create_record(session, Scope.everything(), Site, {"code": code, "name": code, "unit_id": unit.id})
        made = [
            create_record(session, Scope.everything(), Device, {
                "site_id": site.id, "name": f"sw-{number}", "kind": "switch", "mac": f"02:00:00:00:01:{number:02x}"})
            for number in range(AT_ONCE)
        ]
        return site.id, [device.id for device in made]


def report(number: int) -> Layer2Report:
    """What switch `number` tells: the next one hangs on its port 1."""
    after = f"02:00:00:00:01:{(number + 1) % AT_ONCE:02x}"
    return Layer2Report(
        neighbours=(NeighbourSeen("lldp", "if:1", None, f"sw-{number + 1}", "up", after, capabilities=("bridge",)),),
        fdb=(MacSeen(after, "if:1", None, 1),), chassis_mac=f"02:00:00:00:01:{number:02x}")


def at_once(database: Database, deeds: list) -> None:
    """Every deed in a transaction of its own, all begun before the first ends. Raises what any of them raised."""
    gate = Barrier(len(deeds))

    def one(deed) -> None:
        with database.session() as session:
            gate.wait(10)
            deed(session)

    with ThreadPoolExecutor(len(deeds)) as threads:
        list(threads.map(one, deeds))


def test_a_report_that_comes_while_the_graph_is_drawn_is_drawn_too(database: Database, now: datetime) -> None:
    site_id, (first, second, *_rest) = school(database, "T1")
    with database.session() as session:
        record_layer2(session, first, report(0), now)
    with database.reading() as session:
        drawn = rebuild_sites(session, SETTINGS, [site_id], now)
    with database.session() as session:
        record_layer2(session, second, report(1), now + timedelta(seconds=1))
    with database.session() as session:
        save_rebuilt(session, drawn, now + timedelta(seconds=2))
    with database.reading() as session:
        assert due_sites(session, SETTINGS, now + timedelta(seconds=3)) == [site_id]


def test_first_readings_of_a_site_go_side_by_side(server: Database, now: datetime) -> None:
    site_id, ids = school(server, "T2")
    at_once(server, [
        lambda session, number=number, device=device: record_layer2(session, device, report(number), now)
        for number, device in enumerate(ids)
    ])
    with server.reading() as session:
        assert due_sites(session, SETTINGS, now) == [site_id]
        drawn = rebuild_sites(session, SETTINGS, [site_id], now)
    assert len(drawn[0].graph.edges) >= AT_ONCE - 1


def test_drawing_marking_and_readings_go_side_by_side(server: Database, now: datetime) -> None:
    site_id, ids = school(server, "T3")
    with server.reading() as session:
        drawn = rebuild_sites(session, SETTINGS, [site_id], now)
        edited = edited_sites(session)
    at_once(server, [
        lambda session: save_rebuilt(session, drawn, now), lambda session: mark_edited_sites(session, edited, now),
        *(lambda session, number=number: record_layer2(session, ids[number], report(number), now)
          for number in range(3)),
    ])
    with server.reading() as session:
        assert site_id in due_sites(session, SETTINGS, now)


def test_two_people_move_the_same_switch(server: Database) -> None:
    site_id, _ids = school(server, "T4")
    at_once(server, [
        lambda session, x=x: keep_map_places(session, site_id, {"device:1": (float(x), 1.0), f"device:{x}": (0, 0)})
        for x in range(2, 6)
    ])
    with server.reading() as session:
        found = map_places(session, site_id)
    assert set(found) == {f"device:{number}" for number in range(1, 6)} and found["device:1"][1] == 1.0
