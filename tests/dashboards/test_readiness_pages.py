"""The pages of readiness: board, wall, one endpoint, call list, messages, actions from here, rehearsals."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from conference import Kiosk, KioskCommand, KioskState, Meeting, Readiness, ReadinessCall, RehearsalEntry, readiness
from core import Role
from inventory import Endpoint, Unit
from tests.conference.world import a_meeting, a_system, an_endpoint

TILE = re.compile(r'class="rt rt-(\w+)"')


@pytest.fixture
def technician(as_role):
    return as_role(Role.MEETING_TECHNICIAN)


@pytest.fixture
def ready(database, places, now):
    """A meeting in forty minutes: the first school's room is well, the second's page is gone; (meeting, rooms)."""
    with database.session() as session:
        rooms = [an_endpoint(session, session.get(Unit, unit), name=name, phone="0900 000 001", contact="Cán bộ CNTT")
                 for unit, name in ((places.unit1, "Phòng họp Một"), (places.unit2, "Phòng họp Hai"))]
        meeting = a_meeting(session, rooms, now + timedelta(minutes=40), unit=session.get(Unit, places.top),
                            system=a_system(session), now=now)
        for room, ago in zip(rooms, (20, 3600), strict=True):
            session.add(Kiosk(endpoint_id=room.id, sealed_secret="x", paired_at=now))
            session.add(KioskState(endpoint_id=room.id, at=now - timedelta(seconds=ago), state="waiting",
                                   payload=json.dumps({"devices": {"camera": "ok"}})))
        session.flush()
        verdicts = readiness.assess(session, readiness.Instruments(), meeting, now)
        readiness.save_verdicts(session, meeting, verdicts, now)
        return meeting.id, [room.id for room in rooms]


def text_of(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    return answer.get_data(as_text=True)


def test_no_meeting_tells_what_will_be_here(technician):
    assert "Sắp tới không có cuộc họp nào" in text_of(technician.get("/readiness"))


def test_the_list_and_the_board_count_and_group(technician, ready):
    meeting_id, _rooms = ready
    assert "2 điểm cầu" in text_of(technician.get("/readiness"))
    page = text_of(technician.get(f"/readiness/{meeting_id}"))
    assert "Chưa mở trang điểm cầu" in page
    assert "Gọi điện: bật máy tính và mở trang điểm cầu" in page
    assert TILE.findall(page) == ["down"]           # who is ready is a number until asked for
    only = text_of(technician.get(f"/readiness/{meeting_id}?state=ready"))
    assert TILE.findall(only) == ["good"]
    assert not TILE.findall(text_of(technician.get(f"/readiness/{meeting_id}?q=khong+co")))


def test_the_part_is_empty_until_something_changes(database, technician, ready, now):
    meeting_id, rooms = ready
    page = text_of(technician.get(f"/readiness/{meeting_id}"))
    url = re.search(r'data-refresh-url="([^"]+)"', page)[1].replace("&amp;", "&")
    assert technician.get(url).status_code == 204
    with database.session() as session:
        readiness.note_calls(session, meeting_id, rooms[1:], ("reached", ""), "an", now + timedelta(seconds=5))
    answer = technician.get(url)
    assert answer.status_code == 200
    assert "đã liên hệ" in answer.get_data(as_text=True)


def test_the_wall_shows_what_needs_somebody(technician, ready):
    page = text_of(technician.get(f"/readiness/{ready[0]}?wall=1"))
    assert "Phòng họp Hai" in page
    assert "Phòng họp Một" not in page


def test_wall_pages_hold_everyone_once_and_fit():
    from dashboards.pages.meeting_readiness.board import WALL_CELLS, Group, Tile, wall_pages

    tiles = [Tile(None, "risk", 50, "cpu", "none", False, None, None) for _ in range(150)]
    pages = wall_pages([Group("not_ready", "mic", "none", tiles[:7]), Group("risk", "cpu", "none", tiles[7:]),
                        Group("ready", "fit", "none", tiles)])
    assert sum(len(part) for page in pages for _group, part in page) == 150
    assert all(sum(1 + len(part) for _group, part in page) <= WALL_CELLS for page in pages)
    assert wall_pages([]) == [[]]


def test_one_endpoint_as_panel_and_page(technician, ready):
    meeting_id, rooms = ready
    page = text_of(technician.get(f"/readiness/{meeting_id}/endpoints/{rooms[1]}"))
    assert "Trang điểm cầu mất tín hiệu 1 giờ" in page
    assert 'href="tel:0900000001"' in page
    panel = text_of(technician.get(f"/readiness/{meeting_id}/endpoints/{rooms[1]}", headers={"HX-Request": "true"}))
    assert "<html" not in panel


def test_school_staff_see_their_own_endpoint_only(as_role, ready):
    meeting_id, rooms = ready
    staff = as_role(Role.SCHOOL_STAFF)
    page = text_of(staff.get(f"/readiness/{meeting_id}?state=ready"))
    assert "Phòng họp Một" in page and "Phòng họp Hai" not in page
    assert staff.get(f"/readiness/{meeting_id}/endpoints/{rooms[1]}").status_code == 404
    assert "Phòng họp Hai" not in text_of(staff.get(f"/readiness/{meeting_id}/calls"))


def test_a_long_call_list_is_paged_on_screen_and_whole_on_paper(technician, ready):
    from flask import Flask

    from dashboards.pages.meeting_readiness.acting import _paged
    from dashboards.pages.meeting_readiness.board import Wanted

    app, seen = Flask(__name__), []
    for page in ("1", "2", "3", "99", "x"):
        with app.test_request_context(f"/?page={page}"):
            listing = _paged(list(range(120)), Wanted(state="risk"))
        seen.append((listing.rows[0], len(listing.rows)))
        assert listing.total == 120 and "state=risk" in listing.query.url(page=2)
    assert seen == [(0, 50), (50, 50), (100, 20), (100, 20), (0, 50)]
    paper = text_of(technician.get(f"/readiness/{ready[0]}/calls?format=print"))
    assert "data-print" in paper and "Phòng họp Hai" in paper and 'name="outcome"' not in paper


def test_calls_are_noted_with_one_tap_and_taken_back(database, technician, ready):
    meeting_id, rooms = ready
    page = text_of(technician.get(f"/readiness/{meeting_id}/calls"))
    assert "Còn 1 điểm cầu cần gọi" in page
    row = technician.post(f"/readiness/{meeting_id}/endpoints/{rooms[1]}/calls", {"outcome": "reached"},
                          headers={"HX-Request": "true"})
    assert 'class="is-done"' in text_of(row)
    assert technician.post(f"/readiness/{meeting_id}/endpoints/{rooms[1]}/calls", {"outcome": "x"}).status_code == 400
    assert "Còn 0 điểm cầu cần gọi" in text_of(technician.get(f"/readiness/{meeting_id}/calls"))
    assert technician.post(f"/readiness/{meeting_id}/endpoints/{rooms[1]}/calls/undo", {}).status_code == 303
    with database.reading() as session:
        assert session.query(ReadinessCall).count() == 0


def test_the_call_list_goes_into_a_spreadsheet(technician, ready):
    table = text_of(technician.get(f"/readiness/{ready[0]}/calls?format=csv"))
    assert len(table.strip().splitlines()) == 2
    assert "0900 000 001" in table and "chưa sẵn sàng" in table
    heads = "Điểm cầu,Điểm trường,Đơn vị,Trạng thái,Lý do,Nói gì khi gọi"
    assert table.splitlines()[0].lstrip("\ufeff").startswith(heads)
    printed = text_of(technician.get(f"/readiness/{ready[0]}/calls?format=print"))
    assert "Đã gọi</th>" in printed


def test_an_action_is_shown_before_it_is_done(database, technician, ready):
    meeting_id, rooms = ready
    form = {"action": "device_check", "endpoint": [str(one) for one in rooms]}
    page = text_of(technician.post(f"/readiness/{meeting_id}/preview", form))
    assert "Thực hiện với 1 điểm cầu" in page
    assert "Trang điểm cầu hiện không mở" in page or "Phòng họp Hai" in page
    with database.reading() as session:
        assert session.query(KioskCommand).count() == 0
    answer = technician.post(f"/readiness/{meeting_id}/act", form)
    assert answer.status_code == 303
    with database.reading() as session:
        command = session.query(KioskCommand).one()
        assert (command.endpoint_id, command.verb) == (rooms[0], "run_device_check")
    page = text_of(technician.get(answer.location))
    assert "đang chờ trang nhận" in page
    back = technician.post(f"/readiness/{meeting_id}/done/cancel", {"first": str(command.id), "last": str(command.id)})
    assert back.status_code == 303
    assert "đã thu hồi" in text_of(technician.get(answer.location))
    bad = technician.post(f"/readiness/{meeting_id}/act", {"action": "message", "endpoint": [str(rooms[0])]})
    assert bad.status_code == 422                    # a message without a text
    assert technician.post(f"/readiness/{meeting_id}/preview", {"action": "call_open"}).status_code == 422


def test_a_projector_that_nobody_entered_is_left_out_with_the_reason(technician, ready):
    meeting_id, rooms = ready
    page = text_of(technician.post(f"/readiness/{meeting_id}/preview",
                                   {"action": "projector_on", "endpoint": [str(rooms[0])]}))
    assert "Lúc này không gửi lệnh cho ai được" in page


def test_a_message_shows_who_gets_it(technician, ready):
    page = text_of(technician.get(f"/readiness/{ready[0]}/message"))
    assert "1 trường sẽ nhận thư này" in page
    assert "chưa gửi được gì" in page                # no mail server in the settings
    assert technician.post(f"/readiness/{ready[0]}/message", {"sure": "1"}).status_code == 200


def test_judging_on_demand(database, technician, ready):
    meeting_id, _rooms = ready
    with database.session() as session:
        session.query(Readiness).delete()
    assert technician.post(f"/readiness/{meeting_id}/judge", {}).status_code == 303
    with database.reading() as session:
        assert session.query(Readiness).count() == 2


def test_a_rehearsal_is_planned_and_decided(database, technician, ready, now):
    meeting_id, rooms = ready
    with database.session() as session:
        session.get(Meeting, meeting_id).starts_at = now + timedelta(days=3)
        session.get(Meeting, meeting_id).ends_at = now + timedelta(days=3, hours=2)
    assert "Chưa có buổi chạy thử nào" in text_of(technician.get(f"/readiness/{meeting_id}/rehearsals"))
    bad = technician.post(f"/readiness/{meeting_id}/rehearsals", {"starts_at": "mai", "size": "1", "minutes": "10"})
    assert bad.status_code == 422
    assert "Nhập ngày giờ của đợt đầu tiên" in bad.get_data(as_text=True)
    form = {"starts_at": "2026-11-24T08:00", "size": "1", "minutes": "10", "who": ""}
    made = technician.post(f"/readiness/{meeting_id}/rehearsals", form)
    assert made.status_code == 303
    page = text_of(technician.get(made.location))
    assert "Đợt 1" in page and "Đợt 2" in page and "08:00" in page
    number = int(re.search(r"/readiness/(\d+)/", made.location)[1])
    answer = technician.post(f"/readiness/{number}/rehearsals/decide",
                             {"state": "passed", "endpoint": [str(rooms[0]), "9999"]})
    assert answer.status_code == 303
    with database.reading() as session:
        assert [one.state for one in session.query(RehearsalEntry).order_by(RehearsalEntry.wave)] == [
            "passed", "waiting"]
    assert technician.post(f"/readiness/{number}/rehearsals/decide", {"state": "x"}).status_code == 400


def test_hostile_names_stay_text(database, technician, ready):
    meeting_id, rooms = ready
    with database.session() as session:
        session.get(Endpoint, rooms[1]).name = "<script>alert(1)</script>"
    for url in (f"/readiness/{meeting_id}", f"/readiness/{meeting_id}?wall=1", f"/readiness/{meeting_id}/calls"):
        assert "<script>alert" not in text_of(technician.get(url))
