"""The reservation API as mod_reservations asks it (jitsi.md section 3): bodies, refusals, life without a database."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta
from email import message_from_string
from urllib.parse import quote, urlencode

import pytest

from conference.jitsi import (
    REASONS,
    Call,
    Desk,
    answer_call,
    desk_file,
    drain_desk,
    refresh_desk,
    reservations_of,
)
from core import Database
from tests.conference.jitsi.conftest import RESERVATION_SECRET, ROOM, meeting_row
from tests.conference.payloads import json_payload, payload

FIVE = {"id", "name", "mail_owner", "start_time", "duration"}


def form(name: str = ROOM, **changes: str) -> bytes:
    return urlencode({"name": name, "start_time": "2026-11-23T00:45:00.000Z",
                      "mail_owner": "6b1f@meet.example.edu.vn", **changes}).encode()


def told(answer) -> dict:
    return json.loads(answer.body)


def test_a_booked_room_opens_with_the_booked_start_and_the_overrun(ask, world) -> None:
    answer = ask("POST", "/jitsi/conference", form())
    body = told(answer)
    assert answer.status == 200
    assert set(body) == FIVE == set(json_payload("reservation_response_200.json"))
    assert body["name"] == ROOM
    assert body["start_time"] == world.meeting.starts_at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    assert body["duration"] == (60 + 60) * 60


def test_the_documented_request_is_understood(ask, database, desk, world, now) -> None:
    head, _blank, text = payload("reservation_post_request.txt").partition("\n\n")
    headers = message_from_string(head.partition("\n")[2])
    assert int(headers["content-length"]) != len(text.strip())  # the document counts wrongly: nobody may rely on it
    with database.session() as session:
        session.add(meeting_row(world.unit.id, world.system.id, now, room="testroom1"))
    refresh_desk(desk, database, now)
    answer = ask("POST", "/jitsi/conference", text.strip().encode())
    assert (answer.status, told(answer)["mail_owner"]) == (200, "client1@xmpp.com")


def test_case_and_tenant_do_not_matter_and_the_name_comes_back_as_asked(ask, database, desk, world, now) -> None:
    with database.session() as session:
        session.get(type(world.system), world.system.id).tenant = "SoGD"
    refresh_desk(desk, database, now)
    name = f"[sogd]{ROOM.upper()}"
    assert told(ask("POST", "/jitsi/conference", form(name)))["name"] == name
    assert told(ask("POST", "/jitsi/conference", form(f"[other]{ROOM}")))["reason"] == "unknown_room"


def test_an_open_room_is_told_by_409_and_then_read(ask) -> None:
    number = told(ask("POST", "/jitsi/conference", form()))["id"]
    again = ask("POST", "/jitsi/conference", form())
    assert (again.status, told(again)) == (409, {"conflict_id": number})
    assert set(told(again)) == set(json_payload("reservation_response_409.json"))
    shown = ask("GET", f"/jitsi/conference/{number}")
    assert shown.status == 200
    assert set(told(shown)) == FIVE


def test_a_room_that_was_left_may_open_again(ask, now) -> None:
    number = told(ask("POST", "/jitsi/conference", form()))["id"]
    assert ask("DELETE", f"/jitsi/conference/{number}").status == 200
    assert ask("GET", f"/jitsi/conference/{number}").status == 404
    later = ask("POST", "/jitsi/conference", form(), at=now + timedelta(minutes=1))
    assert later.status == 200
    assert told(later)["id"] != number


def test_a_number_that_nobody_knows_is_404(ask) -> None:
    assert payload("reservation_delete_request.txt").startswith("DELETE /conference/364758328 ")
    for method in ("GET", "DELETE"):
        answer = ask(method, "/jitsi/conference/364758328")
        assert (answer.status, told(answer)["reason"]) == (404, "no_reservation")


def test_what_is_refused_is_told_in_vietnamese_with_what_to_do(ask, world, now) -> None:
    unknown = ask("POST", "/jitsi/conference", form("nobody-booked-me"))
    assert (unknown.status, told(unknown)["reason"]) == (403, "unknown_room")
    assert "đặt lịch trên EduNOC" in told(unknown)["message"]
    assert set(json_payload("reservation_response_403.json")) <= set(told(unknown))
    early = ask("POST", "/jitsi/conference", form(), at=now - timedelta(minutes=10))
    assert told(early)["reason"] == "too_early"
    assert "07:45 ngày 23/11/2026" in told(early)["message"]  # half an hour before the start, in Viet Nam's time
    over = ask("POST", "/jitsi/conference", form(), at=world.meeting.ends_at + timedelta(minutes=60))
    assert told(over)["reason"] == "over"


@pytest.mark.parametrize(("state", "reason"), [
    ("draft", "not_scheduled"), ("pending", "not_approved"), ("refused", "not_approved"), ("cancelled", "cancelled"),
    ("ended", "over"),
])
def test_a_meeting_that_is_not_held_opens_no_room(ask, database, desk, world, now, state, reason) -> None:
    with database.session() as session:
        session.get(type(world.meeting), world.meeting.id).state = state
    refresh_desk(desk, database, now)
    assert told(ask("POST", "/jitsi/conference", form()))["reason"] == reason


def test_only_who_knows_the_secret_is_answered(ask, database, desk, world, now) -> None:
    for header, reason in (("", "no_secret"), ("Bearer ", "no_secret"), ("Basic x", "no_secret"),
                           ("Bearer wrong", "wrong_secret"), ("Bearer \u00e9", "wrong_secret")):
        answer = ask("POST", "/jitsi/conference", form(), authorization=header)
        assert (answer.status, told(answer)["reason"]) == (401, reason)
        assert reason in REASONS
    with database.session() as session:
        session.get(type(world.system), world.system.id).is_enabled = False
    refresh_desk(desk, database, now)
    assert told(ask("POST", "/jitsi/conference", form()))["reason"] == "wrong_secret"


@pytest.mark.parametrize("body", [b"", b"name=", b"{}", b"\xff\xfe", b"start_time=x", b"name=" + b"x" * 20_000])
def test_a_body_that_is_no_form_is_refused(ask, body) -> None:
    assert ask("POST", "/jitsi/conference", body).status in (400, 403)


def test_a_hostile_name_finds_nothing_and_harms_nothing(ask) -> None:
    for name in ("*", "../../etc", "' OR 1=1 --", "\u202e", "[", "[[x]]y", "%00"):
        assert ask("POST", "/jitsi/conference", f"name={quote(name)}".encode()).status in (400, 403)


def test_wishes_of_the_plan_are_told(ask, database, desk, world, now) -> None:
    with database.session() as session:
        wishes = {"max_occupants": 120, "lobby": False, "password": ""}
        session.get(type(world.meeting), world.meeting.id).plan = json.dumps(wishes)
    refresh_desk(desk, database, now)
    extended = told(ask("POST", "/jitsi/conference", form()))
    assert set(extended) == set(json_payload("reservation_response_200_extended.json"))
    assert extended["max_occupants"] == 120


def test_openings_reach_the_main_database_once(ask, database, desk, world, now) -> None:
    number = told(ask("POST", "/jitsi/conference", form()))["id"]
    ask("DELETE", f"/jitsi/conference/{number}", at=now + timedelta(minutes=50))
    assert drain_desk(desk, database) == 2
    assert drain_desk(desk, database) == 0
    with database.reading() as session:
        (row,) = reservations_of(session, world.meeting.id)
    assert (row.number, row.name, row.opened_at) == (number, ROOM, now)
    assert row.closed_at == now + timedelta(minutes=50)


def test_it_answers_with_the_main_database_gone_and_after_its_own_restart(
    ask, database, desk, world, now, tmp_path
) -> None:
    number = told(ask("POST", "/jitsi/conference", form()))["id"]
    database.close()
    (tmp_path / "edunoc.db").unlink()
    desk.close()
    risen = Desk(desk_file(tmp_path))
    header = f"Bearer {RESERVATION_SECRET}"
    again = answer_call(risen, Call("POST", "/jitsi/conference", "10.0.0.2", header, form()), now.timestamp())
    assert told(again) == {"conflict_id": number}
    shown = answer_call(risen, Call("GET", f"/jitsi/conference/{number}", "10.0.0.2", header, b""), now.timestamp())
    assert shown.status == 200
    nowhere = Database(f"sqlite:///{tmp_path}/nowhere/edunoc.db")
    with pytest.raises(Exception, match="unable to open"):
        refresh_desk(risen, nowhere, now)
    assert risen.snapshot() is not None
    risen.close()


def test_it_answers_while_its_own_file_is_locked_and_writes_later(ask, desk, tmp_path, now) -> None:
    ask("POST", "/jitsi/conference", form("warms-up"))
    other = sqlite3.connect(desk_file(tmp_path), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    opened = told(ask("POST", "/jitsi/conference", form()))
    assert told(ask("POST", "/jitsi/conference", form())) == {"conflict_id": opened["id"]}
    other.execute("ROLLBACK")
    other.close()
    assert ask("GET", f"/jitsi/conference/{opened['id']}").status == 200
    ask("DELETE", f"/jitsi/conference/{opened['id']}", at=now + timedelta(minutes=1))
    assert [kind for _id, kind, _at, _content in desk.spooled(10)] == ["room", "room"]


def test_a_damaged_file_is_put_aside_and_the_schedule_read_anew(database, world, tmp_path, now) -> None:
    file = desk_file(tmp_path / "hurt")
    file.parent.mkdir(parents=True)
    file.write_bytes(b"a power cut left this here" * 200)
    desk = Desk(file)
    assert refresh_desk(desk, database, now)
    call = Call("POST", "/jitsi/conference", "1.1.1.1", f"Bearer {RESERVATION_SECRET}", form())
    assert answer_call(desk, call, now.timestamp()).status == 200
    assert file.with_suffix(".damaged").exists()
    desk.close()


def test_it_says_to_come_again_while_it_knows_no_schedule_at_all(tmp_path, now) -> None:
    empty = Desk(desk_file(tmp_path / "other"))
    call = Call("POST", "/jitsi/conference", "10.0.0.2", f"Bearer {RESERVATION_SECRET}", form())
    answer = answer_call(empty, call, now.timestamp())
    assert (answer.status, told(answer)["reason"]) == (503, "no_schedule")  # Prosody tries three times more
    empty.close()
