"""The meeting calendar, its form, deeds, approvals, templates and join pages, asked through the application."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import jwt
import pytest

from conference import Meeting, schedule
from core import Permission, Role
from inventory import Endpoint, Unit
from inventory.store.meetings import change_key
from tests.conference.world import a_meeting, a_person, a_system, an_endpoint, an_item

DAY = timedelta(days=1)


class Clock:
    """A clock that a test may turn."""

    def __init__(self, now) -> None:
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture
def clock(now) -> Clock:
    return Clock(now)


@pytest.fixture
def technician(as_role):
    return as_role(Role.MEETING_TECHNICIAN)


@pytest.fixture
def engineer(as_role):
    return as_role(Role.NETWORK_ENGINEER)


@pytest.fixture
def rooms(database, places) -> list[int]:
    """An endpoint at each of the two schools; their ids."""
    with database.session() as session:
        found = []
        for number in (1, 2):
            unit = session.get(Unit, getattr(places, f"unit{number}"))
            found.append(an_endpoint(session, unit, name=f"Phòng họp {number}", code=f"dc-{number}").id)
        return found


@pytest.fixture
def booked(database, places, rooms, now) -> Meeting:
    """A booked meeting of both endpoints tomorrow at eight, held by the department."""
    with database.session() as session:
        ends = [session.get(Endpoint, one) for one in rooms]
        chair = a_person("Trưởng phòng", "truong@example.edu.vn", role="chair", mode="speak")
        return a_meeting(session, ends, tomorrow(now), unit=session.get(Unit, places.top), system=a_system(session),
                         people=(chair,), agenda=(an_item("Khai mạc", 15, chair), an_item("Báo cáo", 30, ends[0])),
                         now=now)


def tomorrow(now):
    return now.replace(hour=1, minute=0) + DAY


def form(places, now, **values) -> dict:
    day = (now + DAY).date().isoformat()
    given = {"title": "Giao ban tháng 11", "kind": "meeting", "unit_id": places.top, "system_id": "", "day": day,
             "starts": "08:00", "ends": "10:00", "opens_minutes": "30", "overrun_minutes": "60", "repeat": "",
             "interval": "1", "nth": "1", "ends_by": "until", "people": "[]", "then": "book"}
    return {**given, **values}


def only_meeting(database) -> Meeting:
    with database.session() as session:
        return session.query(Meeting).one()


# -- the calendar ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["month", "week", "day", "list", "nonsense"])
def test_every_view_shows_the_meeting(technician, booked, now, view):
    day = (now + DAY).date().isoformat()
    page = technician.get(f"/meetings?view={view}&day={day}")
    assert page.status_code == 200 and "Giao ban chuyên môn" in page.text
    none = technician.get(f"/meetings?view={view}&day={day}&kind=training").text
    assert none.count("Giao ban chuyên môn") < page.text.count("Giao ban chuyên môn")


def test_an_empty_calendar_says_how_to_begin(technician):
    page = technician.get("/meetings").text
    assert "/meetings/new" in page


def test_the_list_goes_out_as_a_file(technician, as_role, booked):
    body = technician.get("/meetings?view=list&format=csv").get_data(as_text=True)
    assert "Giao ban chuyên môn" in body and booked.room in body
    people = technician.get(f"/meetings/{booked.id}?format=csv").get_data(as_text=True)
    assert "truong@example.edu.vn" in people
    assert as_role(Role.SCHOOL_STAFF).get("/meetings?format=csv").status_code == 403


def test_a_school_sees_what_it_is_invited_to_and_only_its_own_people(as_role, booked, database, now, places):
    school = as_role(Role.SCHOOL_STAFF)
    page = school.get(f"/meetings/{booked.id}").text
    assert "Phòng họp 1" in page and "Phòng họp 2" not in page and "truong@example.edu.vn" not in page
    with database.session() as session:
        other = a_meeting(session, starts_at=tomorrow(now), unit=session.get(Unit, places.unit2), title="Họp kín",
                          system=a_system(session))
    assert school.get(f"/meetings/{other.id}").status_code == 404
    assert "Họp kín" not in school.get("/meetings?view=list").text
    with database.session() as session:
        session.get(Meeting, booked.id).state = "pending"
    assert school.get(f"/meetings/{booked.id}").status_code == 404, "nobody is invited yet"
    with database.session() as session:
        session.get(Meeting, booked.id).state = "scheduled"
    assert school.post(f"/meetings/{booked.id}/cancel", {"reason": "x"}).status_code == 403


# -- the form --------------------------------------------------------------------------------------------------------


def test_a_meeting_is_booked_by_the_form(technician, database, places, rooms, now):
    assert technician.get("/meetings/new").status_code == 200
    people = json.dumps([{"k": "endpoint", "e": rooms[0]}, {"k": "person", "n": "Thư ký", "m": "tk@example.edu.vn"}])
    answer = technician.post("/meetings", form(places, now, people=people, **{
        f"role:endpoint:{rooms[0]}": "chair", "item_minutes": "20", "item_title": "Khai mạc",
        "item_speaker": f"endpoint:{rooms[0]}",
    }))  # fmt: skip
    assert answer.status_code == 303
    meeting = only_meeting(database)
    with database.session() as session:
        found = schedule.participants_of(session, meeting.id)
        assert [(one.role, one.mode) for one in found] == [("chair", "speak"), ("participant", "listen")]
        assert schedule.agenda_of(session, meeting.id)[0].participant_id == found[0].id
    assert meeting.state == "scheduled" and meeting.starts_at == tomorrow(now)
    assert technician.get(answer.headers["Location"]).status_code == 200


def test_what_is_wrong_stands_at_its_field(technician, places, now, database):
    technician.get("/meetings/new")
    answer = technician.post("/meetings", form(places, now, title="", ends="07:00"))
    assert answer.status_code == 422
    assert 'id="title-error"' in answer.text and 'id="ends-error"' in answer.text
    answer = technician.post("/meetings", form(places, now, repeat="weekly", ends_by="count", count="9999", starts="x"))
    assert 'id="starts-error"' in answer.text
    with database.session() as session:
        assert session.query(Meeting).count() == 0


def test_a_series_by_the_form(technician, places, now, database):
    technician.get("/meetings/new")
    technician.post("/meetings", form(places, now, repeat="weekly", days=["TU", "TH"], ends_by="count", count="4"))
    with database.session() as session:
        found = session.query(Meeting).order_by(Meeting.starts_at).all()
        assert [one.starts_at.weekday() for one in found] == [1, 3, 1, 3]
    page = technician.get(f"/meetings/{found[0].id}").text
    assert "T3, T5" in page or "Tue, Thu" in page
    page = technician.get(f"/meetings/{found[1].id}/edit").text
    assert 'value="TU" checked' in page and 'name="span"' in page


def test_a_stream_key_is_sealed_and_never_shown(technician, places, now, database, vault):
    technician.get("/meetings/new")
    technician.post("/meetings", form(places, now, is_streamed="true", stream_key="abcd-1234", then="keep"))
    meeting = only_meeting(database)
    assert vault.unseal(meeting.sealed_stream_key).reveal() == "abcd-1234"
    for path in (f"/meetings/{meeting.id}", f"/meetings/{meeting.id}/edit"):
        assert "abcd-1234" not in technician.get(path).text


def test_the_picker_adds_branches_codes_and_people(technician, places, rooms):
    technician.get("/meetings/new")
    found = technician.get("/meetings/candidates?find=so").text
    assert f"branch:{places.top}" in found
    assert "dc-2" in technician.get("/meetings/candidates?find=dc-2").text
    part = technician.post("/meetings/people", {"people": "[]", "add": f"branch:{places.top}"})
    assert set(re.findall(r"role:endpoint:(\d+)", part.text)) == {str(one) for one in rooms}
    assert part.headers["HX-Trigger-After-Swap"] == "people"
    pasted = technician.post("/meetings/people", {"people": "[]", "paste": "1", "codes":
                                                  "dc-1; phát biểu\nkhông có\nKhách; khach@example.edu.vn"}).text
    assert f"role:endpoint:{rooms[0]}" in pasted and "khach@example.edu.vn" in pasted and "không có" in pasted
    gone = technician.post("/meetings/people", {"people": json.dumps([{"k": "endpoint", "e": rooms[0]}]),
                                                "remove": f"endpoint:{rooms[0]}"}).text
    assert "role:endpoint" not in gone
    assert technician.post("/meetings/people", {"people": "{not json", "add": "branch:abc"}).status_code == 200


def test_conflicts_and_mails_are_told_while_typing(technician, booked, places, rooms, now):
    technician.get("/meetings/new")
    people = json.dumps([{"k": "endpoint", "e": rooms[0]}])
    part = technician.post("/meetings/check", form(places, now, people=people)).text
    assert "Giao ban chuyên môn" in part, "the endpoint is in the other meeting at that time"
    assert "Chưa chọn hệ thống họp" in part
    part = technician.post("/meetings/check", form(places, now, people=people, system_id=booked.system_id)).text
    assert "Chưa chọn hệ thống họp" not in part
    page = technician.get(f"/meetings/{booked.id}/edit").text
    json_text = re.search(r'id="people-json"[^>]*>([^<]*)<', page).group(1).replace("&#34;", '"')
    part = technician.post("/meetings/check", form(places, now, title="Giao ban chuyên môn", people=json_text,
                                                   system_id=booked.system_id, meeting_id=booked.id, starts="09:00",
                                                   ends="11:00")).text
    assert re.search(r"<b>3 ", part), "three mails go out"
    assert technician.post("/meetings/check", form(places, now, starts="x")).status_code == 200


def test_a_meeting_is_changed_cancelled_and_restored(technician, booked, places, now, database):
    page = technician.get(f"/meetings/{booked.id}/edit").text
    json_text = re.search(r'id="people-json"[^>]*>([^<]*)<', page).group(1).replace("&#34;", '"')
    answer = technician.post(f"/meetings/{booked.id}", form(places, now, title="Giao ban mới", people=json_text,
                                                            system_id=booked.system_id))
    assert answer.status_code == 303 and only_meeting(database).title == "Giao ban mới"
    technician.post(f"/meetings/{booked.id}/cancel", {"reason": ""})
    assert only_meeting(database).state == "scheduled"
    technician.post(f"/meetings/{booked.id}/cancel", {"reason": "Bão số 9"})
    page = technician.get(f"/meetings/{booked.id}").text
    assert "Bão số 9" in page and only_meeting(database).state == "cancelled"
    technician.post(f"/meetings/{booked.id}/restore")
    assert only_meeting(database).state == "scheduled"


def test_an_absence_is_excused(technician, booked, database):
    with database.session() as session:
        someone = schedule.participants_of(session, booked.id)[0]
    technician.get(f"/meetings/{booked.id}")
    technician.post(f"/meetings/{booked.id}/participants/{someone.id}/excuse", {"reason": "Mất điện"})
    assert "Mất điện" in technician.get(f"/meetings/{booked.id}").text
    assert technician.post(f"/meetings/{booked.id}/participants/99999/excuse", {"reason": "x"}).status_code == 404


# -- approval, templates ---------------------------------------------------------------------------------------------


def test_somebody_else_approves(technician, engineer, as_role, database, places, rooms, now):
    with database.session() as session:
        meeting = a_meeting(session, starts_at=tomorrow(now), unit=session.get(Unit, places.top), state="draft",
                            system=a_system(session))
        meeting.created_by = "meeting_technician"
        schedule.submit(session, meeting, "meeting_technician", now, 0)
    assert technician.get("/meetings/approvals").status_code == 403
    assert "Giao ban chuyên môn" in engineer.get("/meetings/approvals").text
    assert "Giao ban chuyên môn" in engineer.get("/bell").text
    engineer.get(f"/meetings/{meeting.id}")
    engineer.post(f"/meetings/{meeting.id}/refuse", {"note": ""})
    assert only_meeting(database).state == "pending"
    engineer.post(f"/meetings/{meeting.id}/approve", {"note": "Đồng ý"})
    assert only_meeting(database).state == "scheduled"
    assert as_role(Role.ADMINISTRATOR).get("/meetings/approvals").status_code == 200


def test_a_template_is_kept_and_used(technician, booked, rooms):
    technician.get(f"/meetings/{booked.id}")
    technician.post(f"/meetings/{booked.id}/template", {"name": "Giao ban tuần"})
    page = technician.get("/meetings/templates").text
    number = re.search(r"template=(\d+)", page).group(1)
    new = technician.get(f"/meetings/new?template={number}").text
    assert f"role:endpoint:{rooms[0]}" in new and "Khai mạc" in new
    assert "Khai mạc" in technician.get(f"/meetings/new?copy={booked.id}").text
    technician.post(f"/meetings/templates/{number}/delete")
    assert technician.get(f"/meetings/new?template={number}").status_code == 404


def test_the_paper_and_the_search(technician, booked):
    page = technician.get(f"/meetings/{booked.id}/print").text
    assert "Phòng họp 2" in page and "Khai mạc" in page
    assert f"/meetings/{booked.id}" in technician.get("/search?q=giao+ban").text


# -- the join pages --------------------------------------------------------------------------------------------------


def test_the_door_opens_by_the_clock(stranger, booked, clock, database):
    with database.session() as session:
        someone = schedule.participants_of(session, booked.id)[0]
    early = stranger.get(f"/m/{booked.join_code}")
    assert early.status_code == 200 and "07:30" in early.text and "/go" not in early.text
    clock.now = booked.starts_at - timedelta(minutes=20)
    assert 'name="name"' in stranger.get(f"/m/{booked.join_code}").text
    assert "/go?name=" in stranger.get(f"/m/{booked.join_code.upper()}?name=Nguyễn").text
    own = stranger.get(f"/i/{someone.invite_code}").text
    assert "Phòng họp 1" in own and f"/i/{someone.invite_code}/go" in own
    clock.now = booked.ends_at + timedelta(hours=2)
    assert "/go" not in stranger.get(f"/i/{someone.invite_code}").text


def test_the_button_leads_into_the_room_or_says_why_not(stranger, booked, clock, database, services):
    with database.session() as session:
        someone = schedule.participants_of(session, booked.id)[0]
    clock.now = booked.starts_at
    answer = stranger.get(f"/i/{someone.invite_code}/go")
    assert answer.status_code == 303 and answer.headers["Location"] == f"/i/{someone.invite_code}"
    assert "note-warning" in stranger.get(answer.headers["Location"]).text, "the system has no key yet"


def test_the_browser_is_sent_into_the_room_with_a_fresh_token(stranger, booked, clock, database, vault, now):
    with database.session() as session:
        change_key(session, vault, booked.system_id, "login", now, now)
        someone = schedule.participants_of(session, booked.id)[0]
    clock.now = booked.starts_at
    answer = stranger.get(f"/i/{someone.invite_code}/go")
    address = answer.headers["Location"]
    assert address.startswith(f"https://meet.example.edu.vn/{booked.room}?jwt=")
    assert answer.headers["Cache-Control"] == "no-store" and answer.headers["Referrer-Policy"] == "no-referrer"
    assert claims(address)["context"]["user"]["id"] == someone.subject
    guest = claims(stranger.get(f"/m/{booked.join_code}/go?name=Khách+mời").headers["Location"])["context"]["user"]
    assert guest["name"] == "Khách mời" and guest["id"].startswith("guest-") and "moderator" not in str(guest)
    clock.now = booked.starts_at - timedelta(minutes=31)
    assert stranger.get(f"/i/{someone.invite_code}/go").headers["Location"] == f"/i/{someone.invite_code}"


def claims(address: str) -> dict:
    return jwt.decode(address.partition("jwt=")[2], options={"verify_signature": False})


def test_calendar_file_and_picture(stranger, booked):
    text = stranger.get(f"/m/{booked.join_code}.ics").get_data(as_text=True)
    assert "BEGIN:VEVENT" in text and "DTSTART:20261124T010000Z" in text and "METHOD" not in text
    picture = stranger.get(f"/m/{booked.join_code}.svg")
    assert picture.mimetype == "image/svg+xml" and b"<svg" in picture.data


def test_a_draft_has_no_door(stranger, database, places, now):
    with database.session() as session:
        meeting = a_meeting(session, starts_at=tomorrow(now), state="draft")
        code = meeting.join_code
    for path in (f"/m/{code}", f"/m/{code}.ics", f"/m/{code}.svg", f"/m/{code}/go?name=x", "/m/nothing", "/i/nothing"):
        assert stranger.get(path).status_code == 404


def test_who_may_do_what(as_role, booked):
    viewer = as_role(Role.VIEWER)
    assert viewer.get(f"/meetings/{booked.id}").status_code == 200
    for path in ("/meetings/new", f"/meetings/{booked.id}/edit", "/meetings/approvals", "/meetings/templates"):
        assert viewer.get(path).status_code == 403
    assert Permission.HOLD_MEETINGS.value == "hold_meetings"


# -- the API ---------------------------------------------------------------------------------------------------------


def test_a_program_books_changes_and_cancels(app, token, places, rooms, now):
    client, header = app.test_client(), token(Permission.VIEW, Permission.HOLD_MEETINGS)
    body = {
        "title": "Tập huấn", "unit_id": places.top, "starts_at": "2026-11-24T08:00:00+07:00",
        "ends_at": "2026-11-24T10:00:00+07:00", "kind": "training", "participants": [
            {"kind": "branch", "unit_id": places.top},
            {"kind": "person", "name": "Báo cáo viên", "email": "bcv@example.edu.vn", "mode": "speak"}],
        "agenda": [{"title": "Mở đầu", "minutes": 10, "speaker": "person:bcv@example.edu.vn"}],
    }  # fmt: skip
    made = client.post("/api/v1/meetings", json=body, headers=header)
    assert made.status_code == 201, made.text
    meeting = made.json
    assert meeting["state"] == "scheduled" and meeting["endpoints"] == 2 and len(meeting["participants"]) == 3
    assert meeting["agenda"][0]["speaker"] == "person:bcv@example.edu.vn"
    listed = client.get("/api/v1/meetings", headers=header).json
    assert [one["id"] for one in listed["items"]] == [meeting["id"]] and listed["total"] == 1
    changed = client.patch(f"/api/v1/meetings/{meeting['id']}", json={"title": "Tập huấn mới"}, headers=header)
    assert changed.json["title"] == "Tập huấn mới" and changed.json["sequence"] == 1
    assert len(changed.json["participants"]) == 3
    gone = client.post(f"/api/v1/meetings/{meeting['id']}/cancel", json={"reason": "Bão"}, headers=header)
    assert gone.json["state"] == "cancelled" and gone.json["cancel_reason"] == "Bão"


def test_a_program_reads_what_is_wrong(app, token, places, booked):
    client, header = app.test_client(), token(Permission.VIEW, Permission.HOLD_MEETINGS)
    body = {"title": "", "unit_id": places.top, "starts_at": "2026-11-24T10:00:00+07:00",
            "ends_at": "2026-11-24T08:00:00+07:00"}
    answer = client.post("/api/v1/meetings", json=body, headers=header)
    assert answer.status_code == 422
    assert {one["field"] for one in answer.json["errors"]} == {"title", "ends_at"}
    assert client.get("/api/v1/meetings?since=2026-11-24T10:00:00", headers=header).status_code == 422
    assert client.get("/api/v1/meetings/99999", headers=header).status_code == 404
    reading = token(Permission.VIEW, unit_id=places.unit1)
    found = client.get(f"/api/v1/meetings/{booked.id}", headers=reading)
    assert [one["name"] for one in found.json["participants"]] == ["Phòng họp 1"]
    assert client.patch(f"/api/v1/meetings/{booked.id}", json={"title": "x"}, headers=reading).status_code == 403
    own = token(Permission.VIEW, Permission.HOLD_MEETINGS, unit_id=places.unit1)
    assert client.patch(f"/api/v1/meetings/{booked.id}", json={"title": "x"}, headers=own).status_code == 403


def test_the_overview_names_the_next_meetings(technician, booked):
    assert f'href="/meetings/{booked.id}"' in technician.get("/overview").text


def test_a_meeting_leads_to_its_boards(technician, booked):
    page = technician.get(f"/meetings/{booked.id}").text
    for path in (f"/readiness/{booked.id}", f"/meeting-live/{booked.id}", f"/meetings/{booked.id}/attendance"):
        assert f'href="{path}"' in page
