"""The pages of meeting servers: worst first in plain words, one server with history, the test, today's forecast."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pytest
from openpyxl import load_workbook
from watched_world import make_incident
from web_person import Person

from collectors import MeetingServerQuestion, MeetingServerState
from conference import Meeting, Participant, capacity
from core import Role
from dashboards.pages.meeting_servers.forecast import hours_of
from inventory import MeetingServer, MeetingSystem, meeting_server_number
from telemetry import Batch, SeriesKey

GOOD_BRIDGE = {
    "meeting_server_up": 1, "jvb_stress_ratio": 0.31, "meeting_participants": 51, "meeting_visitors": 40,
    "jvb_out_bits_per_second": 88e6, "jvb_in_bits_per_second": 12e6, "meeting_server_used_ratio": 0.088,
    "jvb_out_loss_ratio": 0.004, "jvb_rtt_seconds": 0.024, "jvb_xmpp_joined": 1, "meeting_conferences": 1,
}


@pytest.fixture
def technician(as_role: Callable[[Role], Person]) -> Person:
    return as_role(Role.MEETING_TECHNICIAN)


@pytest.fixture
def world(services, places: SimpleNamespace, clock) -> SimpleNamespace:
    """Three bridges (good, overloaded and of an old version, gone), Jicofo that sees two versions, a busy recorder."""
    now = clock()
    with services.database.session() as session:
        system = MeetingSystem(name="Họp <tỉnh>", public_url="https://meet.x.vn", domain="meet.x.vn")
        session.add(system)
        session.flush()
        rows = {
            name: MeetingServer(system_id=system.id, kind=kind, name=name, url=f"http://10.0.0.5/{name}")
            for kind, name in (("jvb", "jvb-1"), ("jvb", "jvb-2"), ("jvb", "jvb-3"), ("jicofo", "jicofo"),
                               ("jibri", "jibri-1"), ("coturn", "coturn"))
        }
        session.add_all(rows.values())
        session.flush()
        ids = {name: row.id for name, row in rows.items()}
        for name, version in (("jvb-1", "2.3.200"), ("jvb-2", "2.3.63"), ("jvb-3", "2.3.200")):
            is_gone = name == "jvb-3"
            session.add(MeetingServerState(
                server_id=ids[name], is_up=not is_gone, since=now - timedelta(minutes=5), asked_at=now,
                reason="server_refused" if is_gone else "ok", detail="http://10.0.0.5" if is_gone else "",
                facts=f'{{"version": "{version}", "relay_id": "<{name}>"}}'))
        session.add(make_incident(
            now, "Máy chủ cầu jvb-3 không trả lời", device_id=meeting_server_number(ids["jvb-3"]),
            rule_id="bridge_down", cause="x"))
        rows["coturn"].is_enabled = False
        known = {name.replace("-", "_"): key for name, key in ids.items()}
        found = SimpleNamespace(system=system.id, unit=places.unit1, **known)
    measure(services, now, found.jvb_1, GOOD_BRIDGE)
    measure(services, now, found.jvb_2, {**GOOD_BRIDGE, "jvb_stress_ratio": 0.93, "jvb_out_loss_ratio": 0.08})
    measure(services, now, found.jvb_3, {"meeting_server_up": 0})
    measure(services, now, found.jicofo, {
        "meeting_server_up": 1, "meeting_participants": 102, "meeting_visitors": 80, "meeting_conferences": 2,
        "jicofo_bridge_versions": 2, "jicofo_bridges_operational": 2, "jicofo_recorders": 1,
        "jicofo_recorders_available": 0})
    measure(services, now, found.jibri_1, {"meeting_server_up": 1, "jibri_state": 1})
    return found


def measure(services, now, server_id: int, values: dict[str, float]) -> None:
    keys = [SeriesKey("", metric) for metric in values]
    series = services.registry.resolve(meeting_server_number(server_id), keys)
    services.ingest.submit(Batch(series, np.array(list(values.values()), float), now.timestamp()))
    services.ingest.flush(now.timestamp())


def test_the_list_is_worst_first_in_plain_words(technician: Person, world):
    text = technician.get("/meeting-servers").text
    assert max(text.index(">jvb-3</a>"), text.index(">jvb-2</a>")) < text.index(">jvb-1</a>")
    assert "Không có gì trả lời ở địa chỉ này" in text and "docs/jitsi-servers.md" in text
    assert "Quá tải: Jicofo không đưa thêm người vào" in text and "Khác phiên bản với đa số" in text
    assert "Các máy chủ cầu chạy 2 phiên bản khác nhau" in text
    assert "Máy chủ cầu jvb-3 không trả lời" in text
    assert "102" in text and "80 chỉ nghe" in text
    assert "<tỉnh>" not in text
    only = technician.get("/meeting-servers?state=good").text
    assert "jvb-3</a>" not in only
    for sort in ("name", "people", "stress", "traffic", "loss", "version", "state"):
        assert technician.get(f"/meeting-servers?sort={sort}&dir=desc").status_code == 200
    assert "jvb-2</a>" in technician.get("/meeting-servers?q=2.3.63").text


def test_the_list_as_a_spreadsheet(technician: Person, world):
    answer = technician.get("/meeting-servers?format=xlsx")
    sheet = load_workbook(io.BytesIO(answer.data)).active
    rows = {row[2]: row for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert len(rows) == 6 and rows["jvb-2"][9] == 93 and rows["jvb-2"][11] == 88 and rows["jvb-2"][14] == 8
    assert rows["jvb-3"][9] in ("", None) and rows["jvb-3"][16] == "2.3.200"
    assert technician.get("/meeting-servers?format=csv").status_code == 200


def test_one_server_is_explained(technician: Person, world):
    text = technician.get(f"/meeting-servers/{world.jvb_2}").text
    assert "Quá tải" in text and "93 %" in text and "8 %" in text and "24 ms" in text
    assert "&lt;jvb-2&gt;" in text and "<jvb-2>" not in text
    assert "chart-stress" in text and "chart-bridges" not in text
    part = technician.get(f"/meeting-servers/{world.jvb_3}/now")
    assert part.status_code == 200 and "<html" not in part.text and "Không có gì trả lời" in part.text
    assert "chart-bridges" in technician.get(f"/meeting-servers/{world.jicofo}").text
    chart = technician.get(f"/meeting-servers/{world.jvb_2}/chart/traffic").get_json()
    assert [line["label"] for line in chart["series"]] == ["gửi", "nhận"]
    for path in ("chart/relay", "chart/nonsense"):
        assert technician.get(f"/meeting-servers/{world.jvb_2}/{path}").status_code == 404
    assert technician.get("/meeting-servers/999").status_code == 404
    off = technician.get(f"/meeting-servers/{world.coturn}").text
    assert "switched off" not in off and "Kiểm tra ngay" not in off


def test_a_test_is_asked_for_and_told(technician: Person, services, world, clock):
    page = f"/meeting-servers/{world.jvb_1}"
    technician.get(page)
    assert technician.post(f"{page}/test").status_code == 302
    assert "Đang hỏi máy chủ" in technician.get(page).text
    with services.database.session() as session:
        asked = session.query(MeetingServerQuestion).one()
        assert asked.kind == "test" and asked.server_id == world.jvb_1
        asked.done_at, asked.reason, asked.answer = clock(), "ok", '{"seconds": 0.042}'
    text = technician.get(f"{page}/now").text
    assert "Kiểm tra thành công." in text and "Mất 42 ms." in text
    with services.database.session() as session:
        asked = session.query(MeetingServerQuestion).one()
        asked.reason, asked.detail, asked.answer = "server_certificate", "https://<x>", "{}"
    text = technician.get(f"{page}/now").text
    assert "Chứng chỉ của proxy quản trị không hợp lệ." in text and "https://&lt;x&gt;" in text
    with services.database.session() as session:
        asked = session.query(MeetingServerQuestion).one()
        asked.done_at, asked.asked_at = None, clock() - timedelta(minutes=3)
    assert "bộ thu thập không chạy" in technician.get(f"{page}/now").text


def test_today_asks_for_more_bridges_than_there_are(technician: Person, services, world, clock):
    now = clock()
    with services.database.session() as session:
        meeting = Meeting(
            uid="u", title="Giao ban", state="scheduled", unit_id=world.unit, system_id=world.system, room="giao-ban",
            starts_at=now + timedelta(hours=1), ends_at=now + timedelta(hours=2), join_code="j", created_at=now,
            updated_at=now)
        session.add(meeting)
        session.flush()
        session.add_all([
            Participant(meeting_id=meeting.id, kind="person", name=f"Người {number}", subject=f"person-{number}",
                        invite_code=f"i{number}") for number in range(700)
        ])
    text = technician.get("/meeting-servers").text
    assert "Các cuộc họp hôm nay cần" in text and "700" in text


def test_an_incident_of_a_server_leads_to_its_page(technician: Person, world, services):
    number = meeting_server_number(world.jvb_3)
    answer = technician.get(f"/devices/{number}")
    assert answer.status_code == 302 and answer.headers["Location"].endswith(f"/meeting-servers/{world.jvb_3}")
    listed = technician.get("/incidents").text
    assert "Máy chủ cầu jvb-3 không trả lời" in listed


def test_who_may_see_them(as_role: Callable[[Role], Person], world, services):
    for role in (Role.SCHOOL_STAFF, Role.VIEWER):
        assert as_role(role).get("/meeting-servers").status_code in (403, 404)
    assert as_role(Role.NETWORK_ENGINEER).get("/meeting-servers").status_code == 200


def test_nothing_there_yet(technician: Person):
    text = technician.get("/meeting-servers").text
    assert "Chưa có máy chủ họp" in text and "proxy quản trị" in text


def test_an_hour_is_as_bad_as_its_worst_moment():
    start = datetime(2026, 11, 23, 1, tzinfo=UTC)
    minute = timedelta(minutes=1)

    def moment(at: datetime, meetings: int, bridges: int, out: int = 0) -> capacity.Moment:
        return capacity.Moment(at, meetings, 100 * bridges, out, 0, 0, bridges)

    moments = (
        moment(start, 0, 0), moment(start + 30 * minute, 1, 3), moment(start + 40 * minute, 2, 5),
        moment(start + 50 * minute, 1, 3), moment(start + 130 * minute, 1, 2, 3_000_000_000),
        moment(start + 170 * minute, 0, 0),
    )
    limits = capacity.SystemLimits(bridges=(None, None, None), trunk_bps=2_000_000_000)
    hours = hours_of(moments, limits, start, start + timedelta(hours=6))
    assert [(one.starts_at.hour, one.need.bridges, one.state) for one in hours] == [
        (1, 5, "down"), (2, 3, "attention"), (3, 2, "down")]  # at 03:10 the trunk carries less than is asked
    assert hours[0].share == pytest.approx(5 / 3)
