"""What people do to incidents from the pages: each deed is done, told and audited, and refused to others."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta

import pytest
from watched_world import World, make_incident, make_member

from alerts import Incident, IncidentEvent, Silence
from core import AuditEntry, Role, User
from dashboards import Services
from dashboards.pages.incidents.acting import silence_end


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


@pytest.mark.parametrize(
    ("word", "values", "action"),
    [
        ("acknowledge", {}, "incident.acknowledge"),
        ("comment", {"text": "Đã gọi"}, "incident.comment"),
        ("close", {"text": "Thay bộ nguồn"}, "incident.close"),
        ("assign", {"owner": ""}, "incident.assign"),
    ],
)
def test_deeds_are_done_told_and_audited(engineer, database, incident, word: str, values: dict, action: str) -> None:
    engineer.get(f"/incidents/{incident}")
    assert engineer.post(f"/incidents/{incident}/{word}", values).status_code == 303
    assert deeds(database, action) == 1
    page = engineer.get(f"/incidents/{incident}").text
    assert "note-success" in page
    for text in values.values():
        assert text in page


def test_a_closing_can_be_taken_back(engineer, database, incident) -> None:
    engineer.get(f"/incidents/{incident}")
    engineer.post(f"/incidents/{incident}/close")
    engineer.post(f"/incidents/{incident}/reopen")
    with database.reading() as session:
        assert session.get(Incident, incident).state == "open"
    assert deeds(database, "incident.reopen") == 1


def undo(person, page: str):
    """Press "Undo" in the note of this page."""
    form = re.search(r'action="([^"]+)" class="undo">(.*?)</form>', page, re.DOTALL)
    assert form, "no undo"
    pairs = [pair for pair in re.findall(r'name="(\w+)" value="([^"]*)"', form[2]) if pair[0] != "csrf_token"]
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return person.post(form[1], values)


def test_a_taking_can_be_given_back_later(engineer, database, incident) -> None:
    assert f'action="/incidents/{incident}/release"' not in engineer.get(f"/incidents/{incident}").text
    engineer.post(f"/incidents/{incident}/acknowledge")
    engineer.get(f"/incidents/{incident}")
    page = engineer.get(f"/incidents/{incident}").text
    assert f'action="/incidents/{incident}/release"' in page
    assert 'class="undo"' not in page  # the note stood above one page only
    engineer.post(f"/incidents/{incident}/release")
    with database.reading() as session:
        one = session.get(Incident, incident)
        assert (one.state, one.owner_id, one.acknowledged_at) == ("open", None, None)
    assert "Trả lại" in engineer.get(f"/incidents/{incident}").text
    assert deeds(database, "incident.release") == 1


@pytest.mark.parametrize(
    ("before", "word", "state"),
    [("", "acknowledge", "open"), ("", "close", "open"), ("acknowledge", "close", "acknowledged")],
)
def test_undo_takes_back(engineer, database, incident, before: str, word: str, state: str) -> None:
    engineer.get(f"/incidents/{incident}")
    for deed in filter(None, (before, word)):
        engineer.post(f"/incidents/{incident}/{deed}")
        page = engineer.get(f"/incidents/{incident}").text
    assert undo(engineer, page).status_code == 303
    with database.reading() as session:
        assert session.get(Incident, incident).state == state


def test_undo_gives_it_back_to_who_had_it(engineer, database, incident) -> None:
    with database.reading() as session:
        ids = {user.username: user.id for user in session.query(User)}
    engineer.get(f"/incidents/{incident}")
    engineer.post(f"/incidents/{incident}/assign", {"owner": str(ids["administrator"])})
    engineer.get(f"/incidents/{incident}")
    engineer.post(f"/incidents/{incident}/assign", {"owner": str(ids["school_staff"])})
    undo(engineer, engineer.get(f"/incidents/{incident}").text)
    with database.reading() as session:
        assert session.get(Incident, incident).owner_id == ids["administrator"]


@pytest.mark.parametrize(("count", "has_undo"), [(3, True), (250, False)])
def test_undo_of_many(engineer, database, now, count: int, has_undo: bool) -> None:
    with database.session() as session:
        session.add_all(make_incident(now, cause=f"c{n}") for n in range(count))
    engineer.get("/incidents")
    engineer.post("/incidents/acknowledge", {"incident": [str(n + 1) for n in range(count)], "next": "/incidents?q=a"})
    page = engineer.get("/incidents").text
    assert ('class="undo"' in page) is has_undo
    if has_undo:
        assert undo(engineer, page).location == "/incidents?q=a"
        with database.reading() as session:
            assert {one.state for one in session.query(Incident)} == {"open"}
        assert deeds(database, "incident.release") == count


@pytest.mark.parametrize(
    ("before", "word", "values"),
    [
        ("close", "close", {}),
        ("close", "acknowledge", {}),
        ("", "reopen", {}),
        ("", "release", {}),
        ("close", "release", {}),
        ("", "comment", {"text": "  "}),
        ("", "assign", {"owner": "999"}),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(
    engineer, database, incident, before: str, word: str, values: dict
) -> None:
    engineer.get(f"/incidents/{incident}")
    if before:
        engineer.post(f"/incidents/{incident}/{before}")
        engineer.get(f"/incidents/{incident}")
    count = deeds(database, f"incident.{word}")
    assert engineer.post(f"/incidents/{incident}/{word}", values).status_code == 303
    assert "note-warning" in engineer.get(f"/incidents/{incident}").text
    assert deeds(database, f"incident.{word}") == count


def test_it_is_given_only_to_somebody_who_may_handle_it(engineer, database, incident, places) -> None:
    with database.reading() as session:
        ids = {user.username: user.id for user in session.query(User)}
    page = engineer.get(f"/incidents/{incident}").text
    assert f'<option value="{ids["school_staff"]}"' in page
    assert f'<option value="{ids["viewer"]}"' not in page
    engineer.post(f"/incidents/{incident}/assign", {"owner": str(ids["viewer"])})
    with database.reading() as session:
        assert session.get(Incident, incident).owner_id is None


@pytest.mark.parametrize(("target", "column"), [("device", "device_id"), ("site", "site_id"), ("unit", "unit_path")])
def test_messages_are_silenced_from_here_and_let_through_again(
    engineer, database, incident, target: str, column: str
) -> None:
    engineer.get(f"/incidents/{incident}")
    engineer.post(f"/incidents/{incident}/silence", {"target": target, "span": "4h", "reason": "Đang sửa điện"})
    with database.reading() as session:
        (silence,) = session.query(Silence).all()
        assert getattr(silence, column) is not None
        assert silence.ends_at - silence.starts_at == timedelta(hours=4)
    assert "Đang sửa điện" in engineer.get(f"/incidents/{incident}").text
    engineer.post(f"/incidents/{incident}/silence/{silence.id}/end")
    assert "Bật lại thông báo</button>" not in engineer.get(f"/incidents/{incident}").text
    assert (deeds(database, "silence.create"), deeds(database, "silence.cancel")) == (1, 1)


def test_a_silence_needs_a_reason(engineer, database, incident) -> None:
    engineer.get(f"/incidents/{incident}")
    engineer.post(f"/incidents/{incident}/silence", {"target": "device", "span": "1h", "reason": " "})
    assert "note-warning" in engineer.get(f"/incidents/{incident}").text
    assert deeds(database, "silence.create") == 0


def test_until_morning_is_seven_in_the_houses_zone(now) -> None:
    end = silence_end("morning", now, "Asia/Ho_Chi_Minh")
    assert (end.hour, end.minute, end.day) == (0, 0, 24)  # 07:00 in Viet Nam


@pytest.mark.parametrize(
    ("role", "path"),
    [(Role.VIEWER, "close"), (Role.VIEWER, "comment"), (Role.VIEWER, "silence"), (Role.SCHOOL_STAFF, "silence")],
)
def test_who_may_not_is_refused(as_role, database, incident, role: Role, path: str) -> None:
    person = as_role(role)
    page = person.get(f"/incidents/{incident}").text
    assert f'action="/incidents/{incident}/{path}"' not in page
    assert person.post(f"/incidents/{incident}/{path}", {"text": "x"}).status_code == 403


def test_the_bell_counts_what_waits(engineer, database, now) -> None:
    with database.session() as session:
        me = session.query(User).filter_by(username="network_engineer").one().id
        session.add(make_incident(now, "Của tôi", cause="a", severity="minor", owner_id=me, state="acknowledged"))
        session.add(make_incident(now, "Chưa ai nhận", cause="b", severity="critical"))
        session.add(make_incident(now, "Việc nhỏ", cause="c", severity="minor"))
    page = engineer.get("/bell").text
    assert "Của tôi" in page
    assert "Chưa ai nhận" in page
    assert "Việc nhỏ" not in page


def test_school_staff_see_only_their_part_of_a_wide_incident(as_role, database, now, places) -> None:
    with database.session() as session:
        wide = make_incident(now, "Mất mạng diện rộng", cause="wide", unit_path=f"/{places.top}/")
        session.add(wide)
        session.flush()
        session.add(make_member(wide, places.device1, f"/{places.top}/{places.unit1}/", now))
        session.add(make_member(wide, places.device2, f"/{places.top}/{places.unit2}/", now))
        number = wide.id
    staff = as_role(Role.SCHOOL_STAFF)
    page = staff.get(f"/incidents/{number}").text
    assert f">sw{places.device1}</a>" in page
    assert f">sw{places.device2}</a>" not in page
    assert "vượt ngoài đơn vị của bạn" in page
    for word in ("acknowledge", "close", "assign"):
        assert staff.post(f"/incidents/{number}/{word}").status_code == 303
    staff.post("/incidents/acknowledge", {"incident": str(number)})
    staff.post(f"/incidents/{number}/comment", {"text": "Trường đã có điện"})
    with database.reading() as session:
        assert session.get(Incident, number).state == "open"
        assert [event.kind for event in session.query(IncidentEvent)] == ["commented"]
