"""The Wi-Fi pages, asked through the application."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import numpy as np
import pytest
from watched_world import World, counted, epoch, make_incident
from web_person import Person

from core import Role
from dashboards import Services, create_app
from inventory import Device, Room, touch_inventory

HOSTILE = "<script>alert(1)</script>\u202e"


@pytest.fixture
def world(database, now) -> World:
    return World(database, now)


@pytest.fixture
def services(services: Services, world: World) -> Services:
    return dataclasses.replace(services, registry=world.registry, live=world.live, reachability=world.view)


@pytest.fixture
def admin(as_role):
    return as_role(Role.ADMINISTRATOR)


@pytest.fixture
def staff(as_role):
    return as_role(Role.SCHOOL_STAFF)


def add(database, **values) -> int:
    with database.session() as session:
        device = Device(**{"kind": "ap", "address": "10.1.1.1", **values})
        session.add(device)
        touch_inventory(session)
        session.flush()
        return device.id


def add_room(database, site_id: int, name: str, floor: str) -> int:
    with database.session() as session:
        room = Room(site_id=site_id, name=name, code=name[:10], kind="classroom", floor=floor)
        session.add(room)
        session.flush()
        return room.id


def radio(channel: float, busy: float, clients: float = 3, name: str = "wifi0", prefix: str = "") -> dict:
    part = f"{prefix}radio:{name}"
    return {(part, "wifi_channel"): channel, (part, "wifi_channel_busy_ratio"): busy, (part, "wifi_clients"): clients,
            (part, "wifi_noise_dbm"): -93.0}


@pytest.fixture
def bad_school(database, world, places) -> dict[str, int]:
    """Five points of the first school crowd around channel 6; one of them stands in a room upstairs."""
    room = add_room(database, places.site1, "Thư viện", "2")
    found = {}
    for number, (channel, busy) in enumerate(((6, 0.78), (6, 0.6), (4, 0.4), (8, 0.4), (6, 0.55)), start=1):
        found[f"AP {number}"] = device = add(database, site_id=places.site1, name=f"AP {number}",
                                             room_id=room if number == 1 else None)
        world.measure(device, radio(channel, busy))
    return found


def test_an_empty_province_says_what_will_be_here(admin) -> None:
    page = admin.get("/wifi").text
    assert "Chưa có điểm phát nào" in page
    assert 'href="/discovery"' in page or "Dò tìm" in page


def test_the_worst_school_stands_first_with_its_diagnosis(admin, database, world, places, bad_school) -> None:
    other = add(database, site_id=places.site2, name="AP tốt")
    world.measure(other, radio(1, 0.1))
    page = admin.get("/wifi").text
    assert "kênh 6 bận 78 %, 5 điểm phát chồng kênh" in page
    assert page.index("Điểm 1") < page.index("Điểm 2")
    assert "Điểm 1" not in admin.get("/wifi?state=good").text
    assert "Điểm 2" in admin.get("/wifi?state=good").text
    assert "Điểm 2" not in admin.get(f"/wifi?unit={places.unit1}").text
    assert "Không có mục nào khớp" in admin.get("/wifi?q=khongco").text


@pytest.mark.parametrize("sort", ["name", "points", "clients", "busy", "state", "nonsense"])
@pytest.mark.parametrize("turn", ["", "desc"])
def test_every_order_shows_every_site(admin, database, world, places, bad_school, sort: str, turn: str) -> None:
    add(database, site_id=places.site2, name="AP không số liệu")
    page = admin.get(f"/wifi?sort={sort}&dir={turn}").text
    assert "Điểm 1" in page
    assert "Điểm 2" in page


def test_what_is_not_known_is_never_good(admin, database, places) -> None:
    add(database, site_id=places.site1, name="AP")
    page = admin.get("/wifi").text
    assert "chưa có số liệu Wi-Fi" in page
    assert "st-good" not in page
    shown = admin.get(f"/wifi/{places.site1}").text
    assert "st-good" not in shown


def test_the_sites_page_shows_rooms_channels_radios_and_networks(admin, world, places, bad_school) -> None:
    world.measure(bad_school["AP 1"], {("ssid:Học sinh@wifi0", "wifi_clients"): 7, ("", "wifi_clients"): 9})
    page = admin.get(f"/wifi/{places.site1}").text
    for text in ("kênh 6 bận 78 %, 5 điểm phát chồng kênh", "Thư viện", "chưa nhập phòng", "Học sinh", "AP 5", "-93"):
        assert text in page, text
    assert page.index("Thư viện") < page.index("chưa nhập phòng")  # the busiest room first


def test_points_that_only_a_controller_knows_can_be_entered(admin, database, world, places) -> None:
    controller = add(database, site_id=places.site1, name="Bộ điều khiển", kind="wlan_controller")
    world.measure(controller, {
        ("ap:Hội trường", "wifi_access_point_up"): 1, **radio(11, 0.2, prefix="ap:Hội trường/", name="0"),
        ("ap:Sân", "wifi_access_point_up"): 0, ("", "wifi_clients"): 12,
    })
    page = admin.get(f"/wifi/{places.site1}").text
    assert "Hội trường" in page
    assert "chưa gán phòng" in page
    assert "name=H%E1%BB%99i+tr%C6%B0%E1%BB%9Dng" in page
    assert "1 trên 2 điểm phát mất kết nối" in page
    form = admin.get(f"/inventory/device/new?site_id={places.site1}&kind=ap&name=H%E1%BB%99i+tr%C6%B0%E1%BB%9Dng").text
    assert 'value="Hội trường"' in form


def test_school_staff_see_their_own_wifi_only(staff, database, world, places, bad_school) -> None:
    other = add(database, site_id=places.site2, name="AP lạ")
    world.measure(other, radio(1, 0.9))
    page = staff.get("/wifi").text
    assert "Điểm 1" in page
    assert "Điểm 2" not in page
    assert staff.get(f"/wifi/{places.site1}").status_code == 200
    for path in ("", "/chart/busy", "/chart/clients"):
        assert staff.get(f"/wifi/{places.site2}{path}").status_code == 404
    assert "/inventory/device/new" not in staff.get(f"/wifi/{places.site1}").text


def test_lists_are_exported(admin, as_role, places, bad_school) -> None:
    text = admin.get("/wifi?format=csv").data.decode("utf-8-sig")
    assert "5 điểm phát chồng kênh" in text
    radios = admin.get(f"/wifi/{places.site1}?format=csv").data.decode("utf-8-sig").splitlines()
    assert len(radios) == 6
    assert admin.get(f"/wifi/{places.site1}?format=xlsx").data[:2] == b"PK"
    staff = as_role(Role.SCHOOL_STAFF)
    assert staff.get("/wifi?format=csv").status_code == 403
    assert staff.get(f"/wifi/{places.site1}?format=csv").status_code == 403


@pytest.mark.parametrize("sort", ["name", "band", "channel", "busy", "clients", "noise", "power", "overlap"])
def test_radios_in_every_order(admin, database, world, places, bad_school, sort: str) -> None:
    world.measure(add(database, site_id=places.site1, name="AP 6"), {("radio:wifi0", "wifi_channel"): 36.0})
    for turn in ("", "desc"):
        page = admin.get(f"/wifi/{places.site1}?sort={sort}&dir={turn}").text
        assert all(f"AP {n}" in page for n in range(1, 7))


def test_hostile_names_are_text(admin, database, world, places) -> None:
    device = add(database, site_id=places.site1, name=HOSTILE)
    world.measure(device, {**radio(6, 0.9, name=HOSTILE), (f"ssid:{HOSTILE}", "wifi_clients"): 4})
    for path in ("/wifi", f"/wifi/{places.site1}"):
        page = admin.get(path).text
        assert "<script>alert" not in page
        assert "\u202e" not in page


def test_the_charts(admin, services, world, places, bad_school, now) -> None:
    series = world.registry.find(bad_school["AP 1"], "radio:wifi0", "wifi_channel_busy_ratio")
    end = epoch(now)
    services.store.append(np.full(3, series, np.int32), np.array([end - 3000, end - 2000, end - 1000]),
                          np.array([0.5, 0.6, 0.7]))
    services.store.flush()
    answer = admin.get(f"/wifi/{places.site1}/chart/busy").json
    assert len(answer["series"]) == 5
    assert answer["series"][0]["label"] == "AP 1 · 2,4 GHz"
    assert [one for one in answer["series"][0]["mean"] if one is not None]
    assert len(admin.get(f"/wifi/{places.site1}/chart/clients").json["series"]) == 5
    assert admin.get(f"/wifi/{places.site2}/chart/busy").status_code == 404
    assert admin.get(f"/wifi/{places.site1}/chart/noise").status_code == 404


def test_incidents_of_wifi_are_its_history(admin, database, places, bad_school, now) -> None:
    with database.session() as session:
        for number, rule in enumerate(("wifi_jammed", "device_down")):
            session.add(make_incident(now, f"Chuyện {rule}", rule_id=rule, site_id=places.site1, cause=f"x:{number}",
                                      closed_at=now - timedelta(minutes=5), state="closed"))
    page = admin.get(f"/wifi/{places.site1}").text
    assert "Chuyện wifi_jammed" in page
    assert "Chuyện device_down" not in page


def test_a_process_that_measures_nothing_shows_its_empty_pages(fresh_services_app) -> None:
    admin, places = fresh_services_app
    assert admin.get("/wifi").status_code == 200
    assert admin.get(f"/wifi/{places.site1}").status_code == 200
    assert admin.get(f"/wifi/{places.site1}/chart/busy").status_code == 404


@pytest.fixture
def fresh_services_app(services: Services, places):
    app = create_app(dataclasses.replace(services, registry=None, live=None, store=None, ingest=None))
    app.testing = False
    person = Person(app.test_client())
    person.sign_in(Role.ADMINISTRATOR.value)
    return person, places


def test_the_list_asks_a_fixed_number_of_statements(admin, database, world, places, bad_school) -> None:
    admin.get("/wifi")
    with counted(database) as few:
        admin.get("/wifi")
    for number in range(30):
        world.measure(add(database, site_id=places.site2, name=f"AP {number}"), radio(1, 0.1))
    admin.get("/wifi")
    with counted(database) as many:
        admin.get("/wifi")
    assert len(many) == len(few)


def test_the_sites_own_page_names_what_is_wrong_with_its_wifi(admin, world, places, bad_school) -> None:
    world.ping(dict.fromkeys(bad_school.values(), "up"))
    page = admin.get(f"/sites/{places.site1}").text
    assert "kênh 6 bận 78 %, 5 điểm phát chồng kênh, 15" in page
    assert f'href="/wifi/{places.site1}"' in page
