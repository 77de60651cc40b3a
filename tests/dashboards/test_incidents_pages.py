"""Incidents: the list and the story."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from watched_world import World, counted, epoch, make_incident, make_member

from alerts import Channel, Incident, IncidentEvent, Notification
from core import AuditEntry, Role, User
from dashboards import Services
from dashboards.pages.incidents.story import stages_of
from inventory import FactChange
from telemetry import NewEvent, record_event


@pytest.fixture
def world(database, now) -> World:
    return World(database, now)


@pytest.fixture
def services(services: Services, world: World) -> Services:
    return dataclasses.replace(services, registry=world.registry, live=world.live, reachability=world.view)


@pytest.fixture
def engineer(as_role):
    return as_role(Role.NETWORK_ENGINEER)


@pytest.fixture
def incident(database, now, places) -> int:
    """An incident of the first school, with what hangs on it."""
    with database.session() as session:
        one = make_incident(
            now,
            unit_path=f"/{places.top}/{places.unit1}/",
            site_id=places.site1,
            site_name="Điểm 1",
            device_id=places.device1,
            device_name="sw1",
            behind_count=3,
            sites_count=1,
            severity="critical",
        )
        session.add(one)
        session.flush()
        session.add(make_member(one, places.device1, one.unit_path, now))
        stages = [["reachability", "go", "ping_verdict", ""], ["route", "quiet", "no_route", "1"]]
        session.add(
            IncidentEvent(incident_id=one.id, kind="opened", at=now - timedelta(minutes=30), data={"stages": stages})
        )
        return one.id


def deeds(database, action: str) -> int:
    with database.reading() as session:
        return session.query(AuditEntry).filter_by(action=action).count()


# ---- list


def test_without_incidents_the_list_says_what_will_be_here(engineer) -> None:
    page = engineer.get("/incidents").text
    assert "Chưa thấy có gì hỏng" in page
    assert "Xem cả sự cố đã đóng" in page


def test_the_list_is_worst_first_and_tells_what_is_behind(engineer, database, now, incident) -> None:
    with database.session() as session:
        session.add(make_incident(now, "Ổ đĩa đầy", cause="disk", severity="minor"))
    page = engineer.get("/incidents").text
    assert page.index("mất liên lạc") < page.index("Ổ đĩa đầy")
    assert "3 thiết bị" in page


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 2),
        ("state=open", 1),
        ("state=acknowledged", 1),
        ("state=closed", 1),
        ("state=all", 3),
        ("severity=critical", 1),
        ("severity=nonsense", 2),
        ("q=o+dia", 1),
        ("mine=1", 1),
        ("unit=2", 1),
        ("unit=zz", 2),
        ("device=1", 1),
        ("page=99", 2),
    ],
)
def test_filters(engineer, database, now, incident, places, query: str, count: int) -> None:
    with database.session() as session:
        me = session.query(User).filter_by(username="network_engineer").one().id
        session.add(
            make_incident(
                now, "Ổ đĩa đầy", cause="disk", severity="minor", state="acknowledged", owner_id=me, unit_path="/1/3/"
            )
        )
        session.add(make_incident(now, "Đã xong", cause="old", state="closed", closed_at=now, unit_path="/1/3/"))
    query = query.replace("unit=2", f"unit={places.unit1}").replace("device=1", f"device={places.device1}")
    page = engineer.get(f"/incidents?{query}")
    assert page.status_code == 200
    assert page.text.count('class="cell-title"') == (
        count if "page=99" not in query else page.text.count('class="cell-title"')
    )


def test_school_staff_see_their_own_incidents_only(as_role, database, now, incident, places) -> None:
    with database.session() as session:
        other = make_incident(now, "Trường khác", cause="other", unit_path=f"/{places.top}/{places.unit2}/")
        wide = make_incident(now, "Mất mạng diện rộng", cause="wide", unit_path=f"/{places.top}/")
        session.add_all([other, wide])
        session.flush()
        session.add(make_member(wide, places.device1, f"/{places.top}/{places.unit1}/", now))
        other_id = other.id
    staff = as_role(Role.SCHOOL_STAFF)
    page = staff.get("/incidents").text
    assert "Trường số 1 mất liên lạc" in page
    assert "Mất mạng diện rộng" in page  # it took their device down
    assert "Trường khác" not in page
    for path in ("", "/chart"):
        assert staff.get(f"/incidents/{other_id}{path}").status_code == 404
    assert staff.post(f"/incidents/{other_id}/close").status_code == 404
    staff.post("/incidents/acknowledge", {"incident": str(other_id)})
    with database.reading() as session:
        assert session.get(Incident, other_id).state == "open"


def test_many_are_taken_at_once_and_each_is_audited(engineer, database, now) -> None:
    with database.session() as session:
        session.add_all(make_incident(now, cause=f"c{n}") for n in range(5))
        session.add(make_incident(now, cause="taken", state="acknowledged"))
    engineer.get("/incidents")
    answer = engineer.post(
        "/incidents/acknowledge", {"incident": ["1", "2", "3", "3", "6", "99", "x"], "next": "/incidents?page=1"}
    )
    assert answer.status_code == 303
    assert answer.location == "/incidents?page=1"
    assert deeds(database, "incident.acknowledge") == 3
    assert "Bạn đã nhận 3 sự cố." in engineer.get("/incidents").text


def test_the_way_back_leads_nowhere_else(engineer, database) -> None:
    engineer.get("/incidents")
    assert engineer.post("/incidents/acknowledge", {"next": "//evil.example/"}).location == "/incidents"


def test_the_list_asks_as_often_for_many_as_for_few(engineer, database, now, incident) -> None:
    engineer.get("/incidents")
    with counted(database) as few:
        engineer.get("/incidents")
    with database.session() as session:
        session.add_all(make_incident(now, cause=f"c{n}") for n in range(150))
    with counted(database) as many:
        engineer.get("/incidents?per=200")
    assert len(many) <= len(few)


def test_the_list_is_exported(engineer, database, now, incident) -> None:
    with database.session() as session:
        session.add_all(make_incident(now, "=1+1", cause=f"c{n}") for n in range(60))
    lines = engineer.get("/incidents?format=csv&per=25").text.splitlines()
    assert len(lines) == 62
    assert any("'=1+1" in line for line in lines)


# ---- story


def test_the_story_tells_cause_what_is_behind_and_why_nobody_was_told(
    engineer, database, now, incident, places
) -> None:
    with database.session() as session:
        session.add(
            FactChange(
                device_id=places.device1, name="version", old="7.1", new="7.2", changed_at=now - timedelta(hours=2)
            )
        )
        session.add(
            FactChange(
                device_id=places.device2, name="version", old="8.1", new="8.2", changed_at=now - timedelta(hours=2)
            )
        )
        session.get(Incident, incident).quiet_reason = "no_route"
        for source, kind, text in (("ping", "device_down", "no_answer"), ("layer2", "neighbour_gone", "sw9 g1")):
            record_event(session, NewEvent(now - timedelta(hours=1), source, kind, text, places.device1))
    page = engineer.get(f"/incidents/{incident}").text
    for text in ("Gọi nhà trường.", ">sw1</a>", "7.1</del>", "Người nhận tin", "Sự cố bắt đầu"):
        assert text in page, text
    assert "8.1" not in page  # of another site
    assert "không còn thấy thiết bị lân cận: sw9 g1" in page
    assert "no_answer" not in page  # that it fell silent is the incident itself
    assert f'href="/sites/{places.site1}/topology#device:{places.device1}"' in page


def test_messages_say_how_they_went(engineer, database, now, incident) -> None:
    with database.session() as session:
        channel = Channel(name="Thư trực ban", kind="email", sealed="x", created_at=now)
        session.add(channel)
        session.flush()
        common = {
            "incident_id": incident,
            "channel_id": channel.id,
            "kind": "opened",
            "severity": "critical",
            "subject": "s",
            "text": "t",
            "created_at": now,
            "due_at": now,
        }
        session.add(Notification(once="1", recipient="a@so.vn", state="sent", done_at=now, **common))
        session.add(
            Notification(
                once="2", recipient="b@so.vn", state="failed", reason="refused", detail="550", attempts=4, **common
            )
        )
    page = engineer.get(f"/incidents/{incident}").text
    for text in ("a@so.vn", "đã gửi", "b@so.vn", "Bên nhận từ chối tin", "550", "4 lần gửi", "Thư trực ban"):
        assert text in page, text


def test_the_judged_series_is_drawn_around_the_time(engineer, database, world, now, incident, places) -> None:
    world.measure(places.device1, {("storage:/", "storage_used_ratio"): 0.97})
    with database.session() as session:
        one = session.get(Incident, incident)
        one.series_id, one.value = world.registry.find(places.device1, "storage:/", "storage_used_ratio"), 0.97
    page = engineer.get(f"/incidents/{incident}").text
    assert f'data-from="{epoch(now - timedelta(minutes=90))}"' in page
    assert "97 %" in page.replace("\xa0", " ")
    found = engineer.get(f"/incidents/{incident}/chart").json
    assert found["markers"][0]["to"] is None


def test_an_incident_outlives_its_device(engineer, database, now) -> None:
    with database.session() as session:
        session.add(make_incident(now, device_id=4711, device_name="đã xoá", site_id=4711, site_name="Trường cũ"))
    page = engineer.get("/incidents/1").text
    assert "đã xoá" in page
    assert "/devices/4711" not in page
    assert engineer.get("/incidents/1/chart").status_code == 404


def test_hostile_text_is_shown_harmlessly(engineer, database, now) -> None:
    bad = "<script>alert(1)</script>" + "A" * 10_000
    with database.session() as session:
        one = make_incident(
            now, bad, device_name=bad[:255], site_name=bad[:255], part="if:<i>x", messages={"vi": bad}, next_steps={}
        )
        session.add(one)
        session.flush()
        session.add(IncidentEvent(incident_id=one.id, kind="commented", at=now, text=bad, user_name="<b>"))
        session.add(
            IncidentEvent(
                incident_id=one.id, kind="<u>", at=now, data={"stages": [["<s>", "go", "<em>", "<q>"], 5, ["x"]]}
            )
        )
    for path in ("/incidents", "/incidents/1", "/overview", "/overview?wall=1"):
        page = engineer.get(path)
        assert page.status_code == 200
        for wrong in ("<script>alert", "<i>x", "<b></", "<s>", "<em>", "<q>"):
            assert wrong not in page.text, (path, wrong)


@pytest.mark.parametrize("data", [{}, {"stages": None}, {"stages": [1, [], ["a", "go"]]}])
def test_damaged_stages_are_left_out(data: dict) -> None:
    assert stages_of(data) == []
