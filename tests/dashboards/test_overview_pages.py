"""The overview and the wall board: what is wrong now, by unit, provider and kind."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import numpy as np
import pytest
from watched_world import World, counted, make_incident

from core import Role
from dashboards import Services
from dashboards.pages.overview.board import Share, unit_shares
from dashboards.pages.overview.store import UnitRow
from dashboards.status import STATES, Board
from dashboards.status.fleet import FleetRow, SiteRow, make_fleet
from inventory import Device, Link, Site, Unit, touch_inventory
from tests.conference import world as world_of_meetings


@pytest.fixture
def world(database, now) -> World:
    return World(database, now)


@pytest.fixture
def services(services: Services, world: World) -> Services:
    return dataclasses.replace(services, registry=world.registry, live=world.live, reachability=world.view)


@pytest.fixture
def admin(as_role):
    return as_role(Role.ADMINISTRATOR)


@pytest.mark.parametrize("path", ["/overview", "/overview/part"])
def test_a_fresh_install_is_led_to_the_first_steps(admin, database, path: str) -> None:
    with database.session() as session:
        session.query(Unit).delete()
        touch_inventory(session)
    page = admin.get(path).text
    for text in ("Chưa giám sát thiết bị nào", "first-steps", "Nhập từ bảng tính", "make demo"):
        assert text in page, text


def test_meetings_stand_there_before_any_device_is_watched(as_role, database, now) -> None:
    """Who only holds meetings watches no switches, and still sees today's meetings first."""
    with database.session() as session:
        session.query(Unit).delete()
        endpoints = world_of_meetings.endpoints(session, 1)
        world_of_meetings.a_meeting(session, endpoints, now + timedelta(hours=2), title="Giao ban sáng thứ Hai")
        touch_inventory(session)
    page = as_role(Role.MEETING_TECHNICIAN).get("/overview").text
    assert "Chưa giám sát thiết bị nào" in page and "Giao ban sáng thứ Hai" in page


def test_the_door_leads_to_the_overview(admin) -> None:
    assert admin.get("/").location == "/overview"


def test_it_counts_by_state_unit_provider_and_kind(admin, database, world, places, now) -> None:
    world.ping({places.device1: "up", places.device2: "down"})
    with database.session() as session:
        session.add(Link(site_id=places.site2, name="Chính", isp="Viettel", device_id=places.device2))
        session.add(Link(site_id=places.site1, name="Chính", isp="VNPT"))
        session.add(make_incident(now, "Trường số 2 mất liên lạc", behind_count=12, sites_count=3))
    page = admin.get("/overview").text
    assert "2 thiết bị được giám sát" in page
    assert "kéo theo 12 thiết bị" in page
    assert page.index(">Trường số 1<") < page.index(">Trường số 2<")  # a place of its own for each
    assert 'class="strip-down"' in page
    assert "Viettel" in page
    assert "VNPT" in page  # a line nobody measures is unknown
    assert 'class="fill-unknown"' in page


def test_nothing_is_good_when_nothing_is_known(admin) -> None:
    page = admin.get("/overview").text
    assert "2 thiết bị chưa rõ tình trạng." in page
    assert "fill-good" not in page


def test_school_staff_see_their_own_only(as_role, database, world, places, now) -> None:
    world.ping({places.device1: "up", places.device2: "down"})
    with database.session() as session:
        session.add(make_incident(now, "Trường khác", unit_path=f"/{places.top}/{places.unit2}/"))
        session.add(Link(site_id=places.site2, name="Chính", isp="Viettel"))
    page = as_role(Role.SCHOOL_STAFF).get("/overview").text
    assert "1 thiết bị được giám sát" in page
    for text in ("Trường khác", "Trường số 2", "Viettel"):
        assert text not in page


def test_mine_stands_out(admin, database, now) -> None:
    with database.session() as session:
        session.add(make_incident(now, owner_id=1, owner_name="Quản trị", state="acknowledged"))
    page = admin.get("/overview").text
    assert "is-mine" in page
    assert "1 của bạn" in page


def test_what_is_over_again_is_told_for_a_day(admin, database, now) -> None:
    with database.session() as session:
        session.add(
            make_incident(
                now,
                "Vừa xong",
                cause="a",
                state="closed",
                closed_at=now - timedelta(hours=1),
                started_at=now - timedelta(hours=3),
            )
        )
        session.add(
            make_incident(
                now,
                "Hôm kia",
                cause="b",
                state="closed",
                closed_at=now - timedelta(days=2),
                started_at=now - timedelta(days=3),
            )
        )
    page = admin.get("/overview").text
    assert "kéo dài 2 giờ" in page
    assert "Hôm kia" not in page


def test_it_asks_as_often_for_many_as_for_few(admin, database, places, now) -> None:
    admin.get("/overview/part")
    with counted(database) as few:
        admin.get("/overview/part")
    with database.session() as session:
        for number in range(70):
            unit = Unit(
                parent_id=places.top,
                name=f"Trường thêm {number}",
                code=f"T{number}",
                path=f"/{places.top}/{1000 + number}/",
                kind="primary",
            )
            session.add(unit)
            session.flush()
            site = Site(unit_id=unit.id, name=f"Điểm thêm {number}", code=f"X{number}")
            session.add(site)
            session.flush()
            session.add(Device(site_id=site.id, name="sw", kind="switch", address="10.1.1.1"))
            session.add(Link(site_id=site.id, name="Chính", isp=f"Nhà mạng {number % 5}"))
        session.add_all(make_incident(now, cause=f"c{n}") for n in range(40))
        touch_inventory(session)
    admin.get("/overview/part")
    with counted(database) as many:
        assert admin.get("/overview/part").status_code == 200
    assert len(many) <= len(few)


def test_the_wall_turns_through_incidents_units_and_sums(admin, database, world, places, now) -> None:
    world.ping({places.device1: "up", places.device2: "down"})
    with database.session() as session:
        session.add_all(make_incident(now, f"Sự cố số {n}", cause=f"c{n}") for n in range(20))
    page = admin.get("/overview?wall=1").text
    assert 'data-pages="5"' in page  # three of incidents, one of units, one of sums
    assert 'class="side"' not in page  # no menu on the wall
    assert 'data-refresh-url="/overview/part?wall=1"' in page
    assert "wall-page-5" in admin.get("/overview/part?wall=1").text


def test_a_bar_is_whole_and_shows_the_smallest_share() -> None:
    share = Share(1, "x", {"down": 1, "attention": 0, "unknown": 0, "maintenance": 0, "good": 9999})
    assert share.segments[0][2] > 1
    assert share.segments[-1][1] + share.segments[-1][2] == pytest.approx(100, abs=0.1)
    assert share.worst == "down"
    assert Share(1, "x", dict.fromkeys(("down", "attention", "unknown", "maintenance", "good"), 0)).segments == []


def test_a_unit_counts_its_whole_branch_and_many_stand_worst_first() -> None:
    sites = [SiteRow(number, 100 + number, f"/1/{100 + number}/{200 + number}/") for number in range(80)]
    fleet = make_fleet([FleetRow(number + 1, number, "ap", "", "", 60, True) for number in range(80)], sites)
    state = np.full(80, STATES.index("good"), np.int8)
    state[70] = STATES.index("down")
    units = [UnitRow(100 + number, f"Đơn vị {number:02d}", f"/1/{100 + number}/") for number in range(80)]
    shares = unit_shares(Board(fleet, state), units, np.ones(80, bool))
    assert shares[0].name == "Đơn vị 70"
    assert len(shares) == 80
