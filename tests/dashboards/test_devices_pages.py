"""The device list and the device page, asked through the application."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta

import numpy as np
import pytest
from watched_world import World, counted, epoch, make_incident

from collectors import PollRequest, PollState, request_poll
from core import AuditEntry, Role
from dashboards import Services
from dashboards.api.shapes import LineShape, WindowShape
from inventory import Check, Device, FactChange, Part, PartSpec, Unit, record_facts, sync_parts, touch_inventory


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


def empty_the_inventory(database) -> None:
    with database.session() as session:
        session.query(Unit).delete()
        touch_inventory(session)


def add_devices(database, places, count: int, **values) -> None:
    with database.session() as session:
        session.add_all(
            Device(
                **{
                    "site_id": places.site1,
                    "name": f"máy {n:04d}",
                    "kind": "computer",
                    "address": f"10.9.{n // 250}.{n % 250}",
                    **values,
                }
            )
            for n in range(count)
        )
        touch_inventory(session)


# ---- list


def test_an_empty_list_says_how_to_begin(admin, database) -> None:
    empty_the_inventory(database)
    page = admin.get("/devices").text
    assert "Chưa có thiết bị nào" in page
    assert 'href="/welcome"' in page


def test_the_list_shows_states_worst_first_and_unknown_is_not_good(admin, world, places) -> None:
    world.ping({places.device1: "up", places.device2: "down"})
    page = admin.get("/devices").text
    assert page.index("sw2") < page.index("sw1")
    world.ping({places.device1: "up", places.device2: "down"}, age_s=600)
    page = admin.get("/devices").text
    assert "không rõ" in page
    assert "st-good" not in page


@pytest.mark.parametrize(
    ("query", "there", "gone"),
    [
        ("state=down", "sw2", "sw1"),
        ("state=good", "sw1", "sw2"),
        ("q=sw2", "sw2", "sw1"),
        ("q=diem+2", "sw2", "sw1"),
        ("kind=router", "", "sw1"),
        ("unit=2", "sw1", "sw2"),
        ("site=2", "sw2", "sw1"),
        ("unit=99", "", "sw1"),
        ("unit=zz", "", "sw1"),
    ],
)
def test_filters_of_the_list(admin, world, places, query: str, there: str, gone: str) -> None:
    world.ping({places.device1: "up", places.device2: "down"})
    query = query.replace("unit=2", f"unit={places.unit1}").replace("site=2", f"site={places.site2}")
    page = admin.get(f"/devices?{query}").text
    assert not there or f">{there}<" in page
    assert f">{gone}<" not in page


def test_school_staff_see_their_own_devices_only(staff, world, places) -> None:
    world.ping({places.device1: "up", places.device2: "down"})
    page = staff.get("/devices").text
    assert ">sw1<" in page
    assert ">sw2<" not in page
    assert "hỏng</span><b>" not in page  # not even counted


@pytest.mark.parametrize(
    "path", ["", "/part/now", "/part/ports", "/part/around", "/port?key=if:a", "/chart/rtt", "/poll/1"]
)
def test_another_units_device_is_not_there_for_school_staff(staff, places, path: str) -> None:
    assert staff.get(f"/devices/{places.device2}{path}").status_code == 404


def test_school_staff_cannot_poll_another_units_device(staff, database, places) -> None:
    assert staff.post(f"/devices/{places.device2}/poll").status_code == 404
    with database.reading() as session:
        assert session.query(PollRequest).count() == 0


def test_the_list_asks_as_often_for_many_as_for_few(admin, database, places) -> None:
    admin.get("/devices")
    with counted(database) as few:
        admin.get("/devices")
    add_devices(database, places, 300)
    admin.get("/devices?per=200")
    with counted(database) as many:
        page = admin.get("/devices?per=200")
    assert len(many) <= len(few)
    assert page.text.count("máy 0") >= 198


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_list_is_exported_whole(admin, database, places, form: str) -> None:
    add_devices(database, places, 120, vendor="=cmd()")
    answer = admin.get(f"/devices?format={form}&per=25")
    assert answer.status_code == 200
    if form == "csv":
        assert len(answer.text.splitlines()) == 123
        assert "'=cmd()" in answer.text


def test_who_may_not_export_does_not(staff) -> None:
    assert staff.get("/devices?format=csv").status_code == 403


# ---- page


def test_the_page_of_a_device_nobody_has_heard_of(admin, places) -> None:
    page = admin.get(f"/devices/{places.device1}").text
    assert "Chưa nhận được tin gì từ thiết bị này." in page
    assert "verdict-unknown" in page
    assert "Chưa có gì" in page  # no facts yet


def test_the_sentence_says_why_and_what_to_do(admin, database, world, places, now) -> None:
    world.ping({places.device1: "up"})
    world.measure(places.device1, {("", "snmp_up"): 0.0})
    with database.session() as session:
        session.get(Device, places.device1).credential_id = None
        session.add(
            PollState(device_id=places.device1, last_poll_at=now, reason="timeout", since=now - timedelta(hours=2))
        )
    page = admin.get(f"/devices/{places.device1}").text
    assert "Trả lời ping nhưng không đọc được qua SNMP." in page
    assert "community" in page


def test_a_device_that_is_down_says_so_with_its_incident(admin, database, world, places, now) -> None:
    world.ping({places.device1: "down"})
    with database.session() as session:
        session.add(make_incident(now, device_id=places.device1))
    page = admin.get(f"/devices/{places.device1}").text
    assert "verdict-down" in page
    assert "Gọi nhà trường." in page
    assert "Sự cố #1" in page


def test_old_values_fade_and_tell_their_age(admin, world, places) -> None:
    world.ping({places.device1: "up"})
    world.measure(places.device1, {("cpu:1", "cpu_used_ratio"): 0.42}, age_s=3600)
    page = admin.get(f"/devices/{places.device1}/part/measured").text
    assert "is-stale" in page
    assert "1 giờ trước" in page


def test_ports_are_a_panel_a_table_and_a_detail(admin, database, world, places, now) -> None:
    with database.session() as session:
        sync_parts(
            session,
            places.device1,
            [PartSpec("port", f"if:Gi1/0/{n}", n, name=f"Gi1/0/{n}", type="ethernetCsmacd") for n in range(1, 53)],
            now,
        )
    world.measure(places.device1, {("if:Gi1/0/1", "if_oper_up"): 1, ("if:Gi1/0/1", "if_in_octets_total"): 12_500_000.0})
    page = admin.get(f"/devices/{places.device1}").text
    assert page.count('class="socket ') == 52
    assert "Gi1/0/1: có kết nối" in page
    assert "Gi1/0/2: không rõ" in page
    table = admin.get(f"/devices/{places.device1}/part/ports").text
    assert "100 Mbit/s" in table
    detail = admin.get(f"/devices/{places.device1}/port?key=if:Gi1/0/1").text
    assert "100 Mbit/s" in detail
    assert admin.get(f"/devices/{places.device1}/port?key=nope").status_code == 404


def test_the_page_asks_as_often_for_many_parts_as_for_few(admin, database, world, places, now) -> None:
    admin.get(f"/devices/{places.device1}")
    with counted(database) as few:
        admin.get(f"/devices/{places.device1}")
    with database.session() as session:
        sync_parts(session, places.device1, [PartSpec("port", f"if:p{n}", n, name=f"p{n}") for n in range(500)], now)
        session.add_all(Check(device_id=places.device1, kind="tcp", target=f":{n}") for n in range(1, 40))
        session.add_all(make_incident(now, device_id=places.device1, cause=f"x:{n}") for n in range(30))
        record_facts(session, places.device1, {f"fact{n}": "x" for n in range(60)}, now)
    add_devices(database, places, 50, parent_device_id=places.device1)
    admin.get(f"/devices/{places.device1}")
    with counted(database) as many:
        assert admin.get(f"/devices/{places.device1}").status_code == 200
    assert len(many) <= len(few) + 1  # the states of checks


HOSTILE = "<script>alert(1)</script>\u202e" + "A" * 10_000


def test_hostile_text_is_shown_harmlessly(admin, database, world, places, now) -> None:
    with database.session() as session:
        device = session.get(Device, places.device1)
        device.name, device.notes, device.vendor = HOSTILE[:200], HOSTILE, "<b>"
        record_facts(session, places.device1, {"sysname": HOSTILE}, now)
        session.add(
            FactChange(
                device_id=places.device1, name="sysname", old="x", new="<img src=x onerror=alert(1)>", changed_at=now
            )
        )
        session.add(
            Part(
                device_id=places.device1, kind="port", key="if:<i>", name="<i>", alias='"onmouseover="x', first_seen=now
            )
        )
        request = request_poll(session, places.device1, HOSTILE, now)
        request.done_at, request.reason, request.detail = now, "ok", HOSTILE[:500]
        request.result = json.dumps(
            {"facts": {"a": HOSTILE}, "dropped": [{"oid": HOSTILE, "value": HOSTILE, "reason": HOSTILE}]}
        )
    for path in ("", "/part/ports", f"/poll/{request.id}", "/port?key=if:%3Ci%3E"):
        page = admin.get(f"/devices/{places.device1}{path}").text
        for wrong in ("<script>alert", "<img src=x", "<i>", "<b>x", '"onmouseover', "\u202e"):
            assert wrong not in page, (path, wrong)
        assert len(page) < 120_000
    assert "<script>alert" not in admin.get("/devices").text


# ---- charts


def test_a_chart_gives_lines_with_gaps_and_marks(admin, services, database, world, places, now) -> None:
    world.measure(places.device1, {("", "ping_rtt_seconds"): 0.002})
    series = world.registry.find(places.device1, "", "ping_rtt_seconds")
    minutes = [n for n in range(60) if not 20 <= n < 40]
    start = epoch(now) - 3_600_000
    services.store.append(*_rows(series, [start + n * 60_000 for n in minutes]))
    services.store.flush()
    with database.session() as session:
        session.add(make_incident(now, device_id=places.device1))
    found = admin.get(f"/devices/{places.device1}/chart/rtt?from={start}&to={epoch(now)}&points=200").json
    assert found["series"][0]["label"] == "Khứ hồi"
    assert None in found["series"][0]["mean"]
    assert len(found["series"][0]["mean"]) == 41
    assert found["markers"][0]["from"] == epoch(now - timedelta(minutes=30))
    assert found["markers"][0]["severity"] == "major"
    assert admin.get(f"/devices/{places.device1}/chart/nothing").status_code == 404


def test_pages_and_api_give_charts_of_one_shape(admin, services, world, places, now) -> None:
    world.measure(places.device1, {("", "ping_rtt_seconds"): 0.002})
    series = world.registry.find(places.device1, "", "ping_rtt_seconds")
    services.store.append(*_rows(series, [epoch(now) - 60_000, epoch(now) - 1]))
    services.store.flush()
    span = f"from={epoch(now) - 3_600_000}&to={epoch(now)}"
    of_page = admin.get(f"/devices/{places.device1}/chart/rtt?{span}").json
    of_api = admin.get(f"/api/v1/window?series={series}&{span}").json
    assert set(of_page) == set(of_api) == set(WindowShape.model_json_schema()["properties"])
    assert set(of_page["series"][0]) == set(LineShape.model_fields)
    known = of_page["series"][0] | {"label": ""}
    assert known == of_api["series"][0] | {"label": ""}
    lean = admin.get(f"/devices/{places.device1}/chart/rtt?{span}&bounds=false").json["series"][0]
    assert lean == of_page["series"][0] | {"min": [], "max": []}


def _rows(series: int, moments: list[int]):
    return np.full(len(moments), series, np.int32), np.array(moments, np.int64), np.full(len(moments), 0.002)


# ---- poll now


def test_poll_now_is_asked_once_audited_and_explained(admin, database, places, now) -> None:
    admin.get(f"/devices/{places.device1}")
    first = admin.post(f"/devices/{places.device1}/poll", headers={"HX-Request": "true"}).text
    assert "Đang chờ bộ thu thập nhận yêu cầu" in first
    admin.post(f"/devices/{places.device1}/poll", headers={"HX-Request": "true"})
    with database.session() as session:
        (request,) = session.query(PollRequest).all()
        assert session.query(AuditEntry).filter_by(action="device.poll").count() == 2
        request.done_at, request.reason = now, "ok"
        request.result = json.dumps(
            {
                "profile": "generic",
                "facts": {"sysname": "sw"},
                "interfaces": [{"index": 1, "name": "ether1", "oper_up": True}],
                "samples": [{"metric": "cpu_used_ratio", "part": "cpu:1", "value": 0.5, "unit": "ratio"}],
                "dropped": [{"oid": "1.3.6.1", "value": "-1", "reason": "sentinel"}],
                "timing": {"requests": 7, "seconds": 0.42, "timeouts": 1},
            }
        )
        number = request.id
    page = admin.get(f"/devices/{places.device1}/poll/{number}").text
    for text in ("Đã đọc được thiết bị", "không có giá trị", "7 yêu cầu", "0,42 s", "50 %", "1.3.6.1", "ether1"):
        assert text in page, text
    assert "hx-trigger" not in page  # it is over: nothing asks on


def test_a_request_nobody_takes_says_so(admin, database, places, now) -> None:
    with database.session() as session:
        number = request_poll(session, places.device1, "admin", now - timedelta(minutes=3)).id
    page = admin.get(f"/devices/{places.device1}/poll/{number}").text
    assert "chưa có bộ thu thập nào nhận yêu cầu" in page
    assert "hx-get" not in page


def test_a_request_belongs_to_its_device(admin, database, places, now) -> None:
    with database.session() as session:
        number = request_poll(session, places.device2, "admin", now).id
    assert admin.get(f"/devices/{places.device1}/poll/{number}").status_code == 404


def test_a_viewer_sees_but_does_not_poll(as_role, places) -> None:
    viewer = as_role(Role.VIEWER)
    assert "Đọc ngay</button>" not in viewer.get(f"/devices/{places.device1}").text
    assert viewer.post(f"/devices/{places.device1}/poll").status_code == 403


def test_school_staff_see_neither_parents_nor_children_of_other_units(as_role, database, places) -> None:
    with database.session() as session:
        session.get(Device, places.device1).parent_device_id = places.device2
        session.add(Device(site_id=places.site2, name="con-ngoai", kind="ap", parent_device_id=places.device1))
        session.add(Device(site_id=places.site1, name="con-trong", kind="ap", parent_device_id=places.device1))
        touch_inventory(session)
    page = as_role(Role.SCHOOL_STAFF).get(f"/devices/{places.device1}").text
    assert "con-trong" in page
    assert "con-ngoai" not in page
    assert "sw2" not in page
    page = as_role(Role.ADMINISTRATOR).get(f"/devices/{places.device1}").text
    assert "con-ngoai" in page
    assert ">sw2</a>" in page
