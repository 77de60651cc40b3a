"""The live board's pages: the feed and its differences, scope, remedies and orders with their rights, exports."""

from __future__ import annotations

import dataclasses
import io
import json
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from watched_world import counted

from conference import KioskCommand, LiveNote, Meeting
from core import AuditEntry, Role
from dashboards import Services
from inventory import Endpoint, MeetingSystem, Site, Unit
from playbooks import MeetingOrder
from tests.conference.live.conftest import Hall, build
from tests.conference.live.test_story import ready


@pytest.fixture
def hall(database, vault) -> Hall:
    return build(database, vault, 6)


@pytest.fixture
def services(services: Services, hall: Hall) -> Services:
    return dataclasses.replace(services, reachability=hall.view, clock=lambda: hall.now)


@pytest.fixture
def technician(as_role):
    return as_role(Role.MEETING_TECHNICIAN)


def url(hall: Hall, rest: str = "") -> str:
    return f"/meeting-live/{hall.meeting_id}{rest}"


def feed(person, hall: Hall, version: str = "") -> dict:
    return json.loads(person.get(url(hall, f"/data?v={version}")).text)


def later(hall: Hall) -> None:
    hall.now += timedelta(seconds=2)


def test_the_feed_sends_all_once_and_then_what_changed(technician, hall):
    hall.beat(range(6))
    first = feed(technician, hall)
    assert first["full"] and len(first["rows"]) == len(first["names"]) == 6 and first["counts"]["in"] == 6
    later(hall)
    hall.beat(range(6))
    assert set(feed(technician, hall, first["v"])) == {"v", "at"}
    later(hall)
    hall.beat([1], net={"wan_loss_pct": 6}, connection={"loss_down_pct": 6})
    news = feed(technician, hall, first["v"])
    assert set(news["rows"]) == {str(hall.endpoint_ids[1])} and "full" not in news and "names" not in news
    _rank, tone, state, cause, why, _marks, figures, _incident = news["rows"][str(hall.endpoint_ids[1])]
    assert (tone, state, cause) == ("attention", "degraded", "wan") and "mất gói 6 %" in why and "6 %" in figures
    assert news["groups"][0]["ids"] == [hall.endpoint_ids[1]]
    later(hall)
    assert feed(technician, hall, "unknown-version")["full"]


def test_small_changes_of_figures_send_nothing(technician, hall):
    hall.beat(range(6), connection={"rtt_ms": 41, "quality": 90})
    first = feed(technician, hall)
    later(hall)
    hall.beat(range(6), connection={"rtt_ms": 55, "quality": 97}, host={"cpu_pct": 33})
    assert set(feed(technician, hall, first["v"])) == {"v", "at"}


def test_a_school_sees_its_own_room_only(as_role, database, places, hall):
    hall.beat(range(6))
    with database.session() as session:
        unit = session.get(Unit, places.unit1)
        site = session.get(Site, session.get(Endpoint, hall.endpoint_ids[0]).site_id)
        site.unit_id = unit.id
    school = as_role(Role.SCHOOL_STAFF)
    answer = feed(school, hall)
    assert list(answer["rows"]) == [str(hall.endpoint_ids[0])]
    assert school.get(url(hall, f"/endpoint/{hall.endpoint_ids[0]}")).status_code == 200
    assert school.get(url(hall, f"/endpoint/{hall.endpoint_ids[1]}")).status_code == 404
    assert school.get(url(hall, "/control")).status_code == 403
    assert school.post(url(hall, "/do"), {"do": "reload"}).status_code == 403


def test_every_page_opens_with_and_without_anything(technician, hall):
    for path in ("", "?wall=1", "/wall", "/table", "/timeline", "/control", f"/endpoint/{hall.endpoint_ids[0]}"):
        assert technician.get(url(hall, path)).status_code == 200, path
    hall.beat(range(3))
    hall.was_in(range(3))
    hall.sight(range(3))
    later(hall)
    assert technician.get("/meeting-live").status_code == 200
    for path in ("", "?wall=1", "/table", "/timeline", "/control", f"/endpoint/{hall.endpoint_ids[0]}"):
        assert technician.get(url(hall, path)).status_code == 200, path
    assert technician.get("/meeting-live/99999").status_code == 404


def test_the_table_goes_out_as_spreadsheet(technician, hall):
    hall.beat([0])
    sheet = load_workbook(io.BytesIO(technician.get(url(hall, "/table?format=xlsx")).data)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) == 7 and rows[-1][1] == "Điểm cầu 0"


def test_a_remedy_is_previewed_wants_a_reason_and_is_done(technician, hall, database):
    ready(hall, [0, 1])
    technician.get(url(hall))
    chosen = {"do": "audio_only", "endpoint": [str(one) for one in hall.endpoint_ids[:3]]}
    shown = technician.post(url(hall, "/preview"), chosen)
    assert shown.status_code == 200 and "2 điểm cầu" in shown.text and "Điểm cầu 2" in shown.text
    refused = technician.post(url(hall, "/do"), {**chosen, "reason": " "})
    assert refused.status_code == 422 and "lý do" in refused.text
    done = technician.post(url(hall, "/do"), {**chosen, "reason": "đường truyền kém"})
    assert done.status_code == 200
    with database.reading() as session:
        assert session.query(KioskCommand).count() == 2
        assert "đường truyền kém" in session.query(LiveNote).filter_by(kind="remedy").one().text
    assert "đường truyền kém" in technician.get(url(hall, "/control")).text


def test_an_order_is_previewed_with_how_many_it_hits_then_placed_and_taken_back(technician, hall, database):
    hall.beat(range(4))
    technician.get(url(hall, "/control"))
    shown = technician.post(url(hall, "/order/preview"), {"verb": "end_meeting"})
    assert shown.status_code == 200 and "4 kết nối" in shown.text
    assert technician.post(url(hall, "/order"), {"verb": "end_meeting", "reason": ""}).status_code == 422
    assert technician.post(url(hall, "/order"), {"verb": "end_meeting", "reason": "xong"}).status_code == 303
    with database.reading() as session:
        (order,) = session.query(MeetingOrder).all()
        assert (order.verb, order.hits, order.reason) == ("end_meeting", 4, "xong")
        assert order.ordered_by == "meeting_technician"
        assert session.query(AuditEntry).filter_by(action="meeting.end_meeting").count() == 1
    assert technician.post(url(hall, f"/orders/{order.id}/undo")).status_code == 303
    with database.reading() as session:
        assert session.get(MeetingOrder, order.id).state == "cancelled"


@pytest.mark.parametrize(("form", "said"), [
    ({"verb": "drain_enable"}, "máy chủ cầu"), ({"verb": "start_stream", "server": "1"}, "khóa phát"),
    ({"verb": "pin", "version": "", "minutes": "5"}, "phiên bản"),
])  # fmt: skip
def test_an_order_that_cannot_be_says_why_before_it_is_placed(technician, hall, form, said):
    technician.get(url(hall, "/control"))
    answer = technician.post(url(hall, "/order/preview"), form)
    assert answer.status_code == 422 and said in answer.text
    assert technician.post(url(hall, "/order/preview"), {"verb": "no such"}).status_code == 400


def test_who_may_not_control_sees_no_buttons_and_is_refused(as_role, hall):
    hall.beat([0])
    viewer = as_role(Role.VIEWER)
    page = viewer.get(url(hall)).text
    assert "data-control" not in page and "/control" not in page
    assert "data-remedy" not in viewer.get(url(hall, f"/endpoint/{hall.endpoint_ids[0]}")).text
    for path in ("/order", "/order/preview", "/preview", "/do", "/remark", "/orders/1/undo", "/commands/1/undo"):
        assert viewer.post(url(hall, path), {"verb": "end_meeting", "do": "reload"}).status_code == 403, path


def test_an_order_of_another_system_is_not_taken_back_here(technician, hall, database):
    technician.get(url(hall, "/control"))
    technician.post(url(hall, "/order"), {"verb": "end_meeting", "reason": "xong"})
    with database.session() as session:
        other = MeetingSystem(name="Khác", public_url="https://x.example", domain="x.example")
        session.add(other)
        session.flush()
        order = session.query(MeetingOrder).one()
        order.system_id, order.meeting_id = other.id, 0
        number = order.id
    assert technician.post(url(hall, f"/orders/{number}/undo")).status_code == 404


def test_a_remark_stands_in_the_timeline_and_is_escaped(technician, hall):
    technician.get(url(hall, "/timeline"))
    technician.post(url(hall, "/remark"), {"text": "<b>đã gọi điện</b>"})
    page = technician.get(url(hall, "/timeline")).text
    assert "&lt;b&gt;đã gọi điện&lt;/b&gt;" in page and "<b>đã gọi" not in page


def test_a_hostile_name_stays_text(technician, hall, database):
    with database.session() as session:
        session.get(Meeting, hall.meeting_id).title = "<script>alert(1)</script>"
    hall.event("joined", "ep-x", "aaaaaaaa", 300, "<img src=x onerror=alert(1)>")
    for path in ("", "?wall=1", "/timeline", "/control", "/table"):
        assert "<script>alert" not in technician.get(url(hall, path)).text
    assert "<img" in feed(technician, hall)["findings"][0]   # JSON; the script writes it as text


def test_it_asks_as_often_for_many_rooms_as_for_few(technician, hall, database, vault):
    def asked(one: Hall) -> int:
        one.beat(range(3))
        with counted(database) as statements:
            assert technician.get(f"/meeting-live/{one.meeting_id}/data").status_code == 200
        return len(statements)

    few = asked(hall)
    assert asked(build(database, vault, 30)) == few


def test_the_wall_shows_everyone_in_trouble_once_under_a_heading():
    from types import SimpleNamespace as Thing

    from dashboards.pages.meeting_live.wall import CELLS_A_PAGE, wall_pages

    rows = [Thing(endpoint_id=one, tone="down" if one < 70 else "attention" if one < 75 else "good")
            for one in range(700)]  # fmt: skip
    groups = (Thing(key="line|isp:VNPT", cause=Thing(word="line"), tone="down", endpoint_ids=tuple(range(70))),
              Thing(key="fallback|isp:FPT", cause=Thing(word="fallback"), tone="minor", endpoint_ids=(600, 601)))
    causes, *tiles = wall_pages(Thing(rows=rows, groups=groups))
    assert causes.kind == "groups" and len(causes.items) == 2
    shown = [row.endpoint_id for page in tiles for _, part in page.items for row in part]
    assert sorted(shown) == list(range(75))
    assert all(sum(1 + len(part) for _, part in page.items) <= CELLS_A_PAGE for page in tiles)
    assert [(one.of, len(one.rows)) for one, _ in tiles[-1].items] == [("VNPT", 70), ("", 5)]
    assert len(wall_pages(Thing(rows=(), groups=()))) == 1


def test_a_wall_names_a_school_by_what_differs():
    from dashboards.template_tools import wall_name

    names = ("Trường THCS số 4", "Trường mầm non Hoa Mai", "Trường", "Phòng họp Sở", "")
    assert [wall_name(name) for name in names] == ["THCS số 4", "Mầm non Hoa Mai", "Trường", "Phòng họp Sở", ""]
