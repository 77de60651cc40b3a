"""The projector pages and their API, asked through the application: states, forecasts, refusals, orders, schedules."""

from __future__ import annotations

import dataclasses
import io
from datetime import timedelta

import numpy as np
import pytest
from openpyxl import load_workbook
from watched_world import World, counted

from core import AuditEntry, Permission, Role
from dashboards import Services
from dashboards.pages.projectors.fleet import STATES, judge_states
from dashboards.pages.projectors.forecast import forecast, weekly_hours
from inventory import Device, Room, RoomUse, record_facts, set_rated_life, touch_inventory
from playbooks import ProjectorOrder, ProjectorSchedule, ProjectorTask
from telemetry import SeriesKey

DAY_S = 86_400.0
KEYS = [SeriesKey("", "projector_power"), SeriesKey("", "projector_answers"),
        SeriesKey("lamp:1", "projector_lamp_seconds")]  # fmt: skip


@pytest.fixture
def world(database, now) -> World:
    return World(database, now)


@pytest.fixture
def services(services: Services, world: World) -> Services:
    return dataclasses.replace(services, registry=world.registry, live=world.live, reachability=world.view)


@pytest.fixture
def technician(as_role):
    return as_role(Role.MEETING_TECHNICIAN)


@pytest.fixture
def projector(database, places) -> int:
    return add(database, places.site1)


def add(database, site_id: int, name: str = "Máy chiếu A", **values) -> int:
    with database.session() as session:
        room = Room(site_id=site_id, name=f"Phòng {name}", code=name[:20], kind="meeting")
        session.add(room)
        session.flush()
        row = {"kind": "projector", "address": "10.9.9.9", "pjlink_port": 4352, "model": "DP-1", **values}
        device = Device(site_id=site_id, name=name, room_id=room.id, **row)
        session.add(device)
        session.flush()
        touch_inventory(session)
        return device.id


def hold(database, now, site_id: int, purpose: str = "exam", title: str = "Thi học kỳ I") -> None:
    with database.session() as session:
        session.add(RoomUse(site_id=site_id, name=title, purpose=purpose, starts_at=now - timedelta(hours=1),
                            ends_at=now + timedelta(hours=1)))  # fmt: skip


def shine(world: World, device: int, **values: float) -> None:
    whole = {"projector_power": 1.0, "projector_error": 0.0, "projector_answers": 1.0, **values}
    world.measure(device, {("", name): value for name, value in whole.items()})


# -- pure ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("values", "is_down", "want"), [
    ({"power": 1}, False, "on"), ({"power": 0}, False, "standby"), ({"power": 2}, False, "cooling"),
    ({"power": 3}, False, "warming"), ({"power": 1, "error": 2}, False, "error"),
    ({"power": 0, "error": 1}, False, "warning"), ({"power": 1, "left_on": 1}, False, "left_on"),
    ({"power": 0, "answers": 0}, False, "unreachable"), ({"answers": 2, "error": 2}, False, "asleep"),
    ({"answers": 2}, True, "asleep"), ({}, True, "unreachable"), ({}, False, "unknown"),
])  # fmt: skip
def test_states(values, is_down, want):
    names = ("power", "error", "answers", "left_on")
    arrays = {f"projector_{name}": np.array([float(values.get(name, np.nan))]) for name in names}
    state = judge_states(arrays, np.array([is_down]), np.array([False]))
    assert tuple(STATES)[state[0]] == want


def test_a_lamp_ends_when_its_pace_says():
    times = np.arange(10) * DAY_S
    hours = 1000 + np.arange(10) * 3.0  # 21 h a week
    assert weekly_hours(times, hours) == pytest.approx(21)
    found = forecast(3958, 4000, 21, now=0)
    assert found.ends_at == pytest.approx(2 * 7 * DAY_S) and found.used == pytest.approx(0.9895)


def test_a_changed_lamp_starts_anew():
    times = np.arange(12) * DAY_S
    hours = np.r_[3990, 3995, 4000, 1 + np.arange(9) * 1.0]
    assert weekly_hours(times, hours) == pytest.approx(7)


def test_no_date_without_a_pace():
    assert weekly_hours(np.array([0.0, DAY_S]), np.array([1.0, 2.0])) is None
    assert forecast(100, 4000, None, 0).ends_at is None
    assert forecast(100, 4000, 0.0, 0).ends_at is None
    assert forecast(4001, 4000, None, 5).ends_at == 5
    assert forecast(100, None, 7, 0).used is None


# -- the fleet -------------------------------------------------------------------------------------------------------


def test_an_empty_fleet_says_how_to_begin(technician, as_role):
    assert "4352" in technician.get("/projectors").text
    assert "/inventory" in as_role(Role.ADMINISTRATOR).get("/projectors").text
    for path in ("/projectors/replacements", "/projectors/schedules", "/projectors/orders"):
        assert technician.get(path).status_code == 200


def test_the_fleet_worst_first(database, places, world, technician):
    good, bad = add(database, places.site1, "Tốt"), add(database, places.site2, "Hỏng")
    shine(world, good)
    shine(world, bad, projector_error=2.0)
    page = technician.get("/projectors").text
    assert page.index("Hỏng</a>") < page.index("Tốt</a>")
    only = technician.get("/projectors?state=on").text
    assert "Tốt</a>" in only and "Hỏng</a>" not in only
    assert "Hỏng</a>" not in technician.get("/projectors?q=tot&room_kind=meeting").text


def test_hostile_names_stay_text(database, places, world, technician):
    device = add(database, places.site1, "<script>alert(1)</script>")
    with database.session() as session:
        record_facts(session, device, {"inputs": "31 <b>x</b>, 32 y, kaputt"}, world.now)
    shine(world, device, projector_input=31.0)
    for path in ("/projectors", f"/projectors/{device}", f"/projectors/{device}/section"):
        text = technician.get(path).text
        assert "<script>alert" not in text and "<b>x</b>" not in text


def test_lamp_and_replacement_list(database, places, world, services, technician, projector, now):
    shine(world, projector)
    world.measure(projector, {("lamp:1", "projector_lamp_seconds"): 3958 * 3600.0})
    series = world.registry.find(projector, "lamp:1", "projector_lamp_seconds")
    days = np.arange(20, 0, -1)
    at = ((now.timestamp() - days * DAY_S) * 1000).astype(np.int64)
    services.store.append(np.full(20, series, np.int32), at, (3958 - days * 3.0) * 3600)
    services.store.flush()
    text = technician.get("/projectors/replacements").text
    ends = now + timedelta(days=14)
    assert ends.strftime("%d/%m/%Y") in text or (ends - timedelta(days=1)).strftime("%d/%m/%Y") in text
    sheet = load_workbook(io.BytesIO(technician.get("/projectors/replacements?format=xlsx").data)).active
    assert sheet.max_row == 2 and sheet.cell(2, 4).value == "Máy chiếu A"
    assert "3958" in technician.get("/projectors?format=csv").data.decode("utf-8-sig")
    with database.session() as session:
        set_rated_life(session, "DP-1", 20_000, None)
    assert "Máy chiếu A" not in technician.get("/projectors/replacements").text


def test_rated_lives_are_entered_by_model(as_role, database, world, projector):
    admin = as_role(Role.ADMINISTRATOR)
    admin.get("/projectors/replacements")
    assert admin.post("/projectors/lives", {"model": "DP-1", "lamp_hours": "6000"}).status_code == 303
    assert "6.000" in admin.get("/projectors/replacements").text
    admin.post("/projectors/lives", {"model": "DP-1", "lamp_hours": "-1"})
    assert "50" in admin.get("/projectors/replacements").text


# -- commands --------------------------------------------------------------------------------------------------------


def test_preview_changes_nothing_and_an_order_is_audited(database, technician, projector):
    technician.get("/projectors")
    shown = technician.post("/projectors/preview", {"command": "off", "device": str(projector)})
    assert shown.status_code == 200 and "Máy chiếu A" in shown.text
    with database.reading() as session:
        assert session.query(ProjectorOrder).count() == 0
    answer = technician.post("/projectors/orders", {"command": "off", "device": str(projector)})
    assert answer.status_code == 303
    assert "Máy chiếu A" in technician.get(answer.headers["Location"]).text
    with database.reading() as session:
        assert session.query(ProjectorTask).one().state == "waiting"
        entry = session.query(AuditEntry).filter(AuditEntry.action == "projector.off").one()
        assert entry.actor == "meeting_technician"


@pytest.mark.parametrize(("purpose", "word"), [("exam", "kỳ thi"), ("meeting", "cuộc họp")])
def test_a_command_is_refused_during_an_exam_or_meeting(database, places, now, technician, projector, purpose, word):
    hold(database, now, places.site1, purpose, "Thi học kỳ I")
    technician.get("/projectors")
    shown = technician.post("/projectors/preview", {"command": "off", "device": str(projector)}).text
    assert word in shown and "Thi học kỳ I" in shown and 'name="device"' not in shown
    answer = technician.post("/projectors/orders", {"command": "off", "device": str(projector)})
    page = technician.get(answer.headers["Location"]).text
    assert "Thi học kỳ I" in page
    with database.reading() as session:
        task = session.query(ProjectorTask).one()
        assert (task.state, task.reason, task.until) == ("refused", purpose, now + timedelta(hours=1))


def test_the_api_refuses_with_the_reason(app, database, places, now, token, projector):
    hold(database, now, places.site1)
    client, headers = app.test_client(), token(Permission.CONTROL_PROJECTORS, Permission.VIEW)
    answer = client.post("/api/v1/projectors/orders", json={"command": "off", "devices": [projector]}, headers=headers)
    assert answer.status_code == 202
    (task,) = answer.json["tasks"]
    assert (task["state"], task["reason"]) == ("refused", "exam") and "Thi học kỳ I" in task["message"]
    again = client.get(answer.headers["Location"], headers=headers)
    assert again.json["tasks"] == answer.json["tasks"]
    for wrong in ({"command": "explode", "devices": [projector]}, {"command": "input", "input": "99", "devices": [1]},
                  {"command": "off", "devices": [999_999]}):  # fmt: skip
        assert client.post("/api/v1/projectors/orders", json=wrong, headers=headers).status_code == 422
    undone = client.post(f"/api/v1/projectors/orders/{answer.json['id']}/undo", headers=headers)
    assert undone.status_code == 409


def test_everything_of_the_filtered_list(database, places, technician):
    first, second = add(database, places.site1, "Một"), add(database, places.site2, "Hai")
    technician.get("/projectors")
    form = {"command": "freeze", "which": "all", "list_site": str(places.site1), "device": str(second)}
    shown = technician.post("/projectors/preview", form).text
    assert f'name="device" value="{first}"' in shown and f'value="{second}"' not in shown


@pytest.mark.parametrize("form", [{}, {"command": "off"}, {"command": "boom", "device": "1"},
                                  {"command": "input", "device": "1"}, {"command": "off", "device": "x"}])  # fmt: skip
def test_what_cannot_be_ordered_says_why(technician, projector, form):
    technician.get("/projectors")
    for path in ("/projectors/preview", "/projectors/orders"):
        answer = technician.post(path, {**form, "back": "https://evil.example/"})
        assert answer.status_code == 422 and "evil.example" not in answer.text


def test_school_staff_steer_their_own_only(database, places, as_role, projector):
    other = add(database, places.site2, "Trường khác")
    staff = as_role(Role.SCHOOL_STAFF)
    assert "Trường khác" not in staff.get("/projectors").text
    assert staff.get(f"/projectors/{projector}").status_code == 200
    assert staff.get(f"/projectors/{other}").status_code == 404
    assert staff.post("/projectors/orders", {"command": "off", "device": str(other)}).status_code == 422
    answer = staff.post("/projectors/orders", {"command": "off", "device": [str(projector), str(other)]})
    assert answer.status_code == 303
    with database.reading() as session:
        assert [task.device_id for task in session.query(ProjectorTask)] == [projector]


def test_others_may_look_but_not_touch(as_role, projector):
    viewer = as_role(Role.VIEWER)
    text = viewer.get(f"/projectors/{projector}").text
    assert "/projectors/preview" not in text
    assert viewer.post("/projectors/orders", {"command": "off", "device": str(projector)}).status_code == 403


def test_undo_of_what_was_done(database, technician, projector, now):
    technician.get("/projectors")
    where = technician.post("/projectors/orders", {"command": "input", "input": "32", "device": str(projector)})
    with database.session() as session:
        task = session.query(ProjectorTask).one()
        task.state, task.reason, task.before, task.done_at = "done", "done", "31", now
    technician.get(where.headers["Location"])
    answer = technician.post(where.headers["Location"] + "/undo")
    assert answer.status_code == 303
    with database.reading() as session:
        newest = session.query(ProjectorTask).order_by(ProjectorTask.id.desc()).first()
        assert (newest.command, newest.argument) == ("input", "31")
    progress = technician.get(answer.headers["Location"] + "/part").text
    assert "Máy chiếu A" in progress and "hx-get" in progress


# -- schedules -------------------------------------------------------------------------------------------------------

FORM = {"name": "Tắt sau giờ học", "command": "off", "runs_at": "17:30", "days": "school_days", "wait_minutes": "120",
        "room_kind": "", "is_enabled": "true"}  # fmt: skip


def test_schedules_are_made_changed_and_deleted(database, places, technician):
    technician.get("/projectors/schedules")
    form = {**FORM, "place": f"unit:{places.top}"}
    assert technician.post("/projectors/schedules", form).status_code == 303
    assert "Tắt sau giờ học" in technician.get("/projectors/schedules").text
    with database.reading() as session:
        number = session.query(ProjectorSchedule).one().id
    assert 'value="17:30"' in technician.get(f"/projectors/schedules?edit={number}").text
    technician.post("/projectors/schedules", {**form, "id": str(number), "runs_at": "18:00", "is_enabled": ""})
    with database.reading() as session:
        kept = session.query(ProjectorSchedule).one()
        assert (kept.runs_at.hour, kept.is_enabled) == (18, False)
    assert technician.post(f"/projectors/schedules/{number}/delete").status_code == 303
    with database.reading() as session:
        assert session.query(ProjectorSchedule).count() == 0


@pytest.mark.parametrize("wrong", [{"runs_at": "25:00"}, {"name": " "}, {"days": "never"}, {"command": "freeze"},
                                   {"place": "unit:999"}, {"place": "moon:1"}, {"wait_minutes": "-1"}])  # fmt: skip
def test_a_wrong_schedule_says_where(places, technician, wrong):
    technician.get("/projectors/schedules")
    answer = technician.post("/projectors/schedules", {**FORM, "place": f"unit:{places.top}", **wrong})
    assert answer.status_code == 422 and ("invalid-feedback" in answer.text or "command" in wrong or "days" in wrong)


def test_a_school_makes_schedules_for_itself_only(places, as_role):
    staff = as_role(Role.SCHOOL_STAFF)
    staff.get("/projectors/schedules")
    assert staff.post("/projectors/schedules", {**FORM, "place": f"unit:{places.top}"}).status_code == 422
    assert staff.post("/projectors/schedules", {**FORM, "place": f"site:{places.site1}"}).status_code == 303


# -- size ------------------------------------------------------------------------------------------------------------


def test_a_province_of_projectors_takes_few_questions(database, places, world, technician):
    with database.session() as session:
        rows = [Device(site_id=places.site1, name=f"Máy {n}", kind="projector", address=f"10.1.{n // 250}.{n % 250}",
                       pjlink_port=4352) for n in range(1500)]  # fmt: skip
        session.add_all(rows)
        session.flush()
        ids = [row.id for row in rows]
        touch_inventory(session)
    from_registry = world.registry.resolve_many(dict.fromkeys(ids, KEYS))
    world.live.grow(len(world.registry), world.registry.width)
    every = np.concatenate(list(from_registry.values()))
    world.live.value[every] = 1.0
    world.live.at[every] = world.now.timestamp() - 5
    technician.get("/projectors")
    with counted(database) as questions:
        assert technician.get("/projectors?per=50").status_code == 200
    assert len(questions) < 25

