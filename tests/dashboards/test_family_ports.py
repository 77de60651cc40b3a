"""Which port's use a family's page shows: the line's, the one that leads up, or the busiest."""

from __future__ import annotations

import csv
import dataclasses
from datetime import UTC, datetime

import pytest
from watched_world import World
from web_person import Person

from core import Role
from dashboards import Services, create_app
from dashboards.pages.families.ports import PortsCache
from inventory import Device, Link, SavedEdge, touch_inventory


@pytest.fixture
def world(database, now) -> World:
    return World(database, now)


@pytest.fixture
def services(services: Services, world: World) -> Services:
    return dataclasses.replace(services, registry=world.registry, live=world.live, reachability=world.view)


@pytest.fixture
def add(database):
    def make(site_id: int, kind: str, name: str, **values) -> int:
        with database.session() as session:
            device = Device(**{"site_id": site_id, "kind": kind, "name": name, "address": "10.1.1.1", **values})
            session.add(device)
            touch_inventory(session)
            session.flush()
            return device.id

    return make


def _row(admin, family: str, name: str) -> dict[str, str]:
    lines = admin.get(f"/families/{family}?q={name}&format=csv").data.decode("utf-8-sig").splitlines()
    return dict(zip(*(next(csv.reader([line])) for line in lines[:2]), strict=True))


def test_the_line_comes_before_the_uplink_and_both_before_the_busiest(services, database, world, places, add) -> None:
    one, two, three = (add(places.site1, "router", f"RT {name}") for name in "abc")
    for device in (one, two, three):
        world.measure(device, {
            ("if:wan", "if_in_octets_total"): 1e6, ("if:wan", "if_speed_bits_per_second"): 1e8,
            ("if:up", "if_in_octets_total"): 5e6, ("if:up", "if_speed_bits_per_second"): 1e8,
            ("if:lan", "if_in_octets_total"): 11.5e6, ("if:lan", "if_speed_bits_per_second"): 1e8,
        })
    with database.session() as session:
        session.add(Link(site_id=places.site1, name="Cáp quang", device_id=one, part_key="if:wan"))
        for device, part in ((one, "if:up"), (two, "if:up"), (three, "if:gone")):
            session.add(_edge(places.site1, device, part))
    app = create_app(services)
    admin = Person(app.test_client())
    admin.sign_in(Role.ADMINISTRATOR.value)
    found = {name: _row(admin, "router", f"RT+{name}") for name in "abc"}
    shown = {name: (row["Chiều vào, %"], row["Chiều vào: của cổng nào"]) for name, row in found.items()}
    assert shown == {"a": ("8.0", "cổng đường truyền"), "b": ("40.0", "cổng lên"), "c": ("92.0", "cổng bận nhất")}
    page = admin.get("/families/router").text
    assert all(f'<span class="sub">{word}</span>' in page for word, _value in map(reversed, shown.values()))


def _edge(site_id: int, device_id: int, part: str) -> SavedEdge:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return SavedEdge(
        site_id=site_id, upper_key="outside", lower_key=f"device:{device_id}", lower_device_id=device_id,
        upper_part="", lower_part=part, how="lldp", first_seen=moment, last_seen=moment, is_current=True,
        is_uplink=True, is_redundant=False, is_disputed=False, evidence="[]",
    )  # fmt: skip


def test_changed_ports_are_read_beside_the_page(database, places, add) -> None:
    router, cache = add(places.site1, "router", "RT"), PortsCache()
    with database.reading() as session:
        assert cache.get(session, database, 0.0).lines == []
    with database.session() as session:
        session.add(Link(site_id=places.site1, name="Cáp quang", device_id=router, part_key="wan"))
        touch_inventory(session)
    with database.reading() as session:
        assert cache.get(session, database, 59.0).lines == []  # graphs change all day: not for each of them
        assert cache.get(session, database, 61.0).lines == []
    cache.wait(5.0)
    with database.reading() as session:
        assert cache.get(session, database, 62.0).lines == [(router, "if:wan")]
