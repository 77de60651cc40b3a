"""The pages of services: the list and its order, one service explained, the starting list, needs, exports, rights."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import numpy as np
import pytest
from openpyxl import load_workbook
from watched_world import make_incident
from web_person import Person

from alerts import Maintenance
from collectors import CheckState, ServiceOutage, ServiceState, save_answers, service_part
from core import Role
from inventory import Check, Service, ServiceNeed, service_number
from telemetry import Batch, SeriesKey

MINUTE = 60


@pytest.fixture
def engineer(as_role: Callable[[Role], Person]) -> Person:
    return as_role(Role.NETWORK_ENGINEER)


@pytest.fixture
def world(services, places: SimpleNamespace, clock) -> SimpleNamespace:
    """Portal well with a certificate of ten days, mail down, a library nobody has checked; samples of this month."""
    now = clock()
    with services.database.session() as session:
        portal = Service(unit_id=places.top, name="Cổng thông tin", kind="portal", importance="critical")
        mail = Service(unit_id=places.top, name="Thư điện tử", kind="mail", target_percent=99.9)
        library = Service(unit_id=places.unit1, name="Thư viện", kind="library")
        session.add_all([portal, mail, library])
        session.flush()
        page = Check(service_id=portal.id, kind="http", target="https://portal.example.edu.vn/", name="Trang chủ")
        door = Check(service_id=mail.id, kind="smtp", target="mail.example.edu.vn:25")
        session.add_all([page, door])
        session.flush()
        session.add_all([
            ServiceState(service_id=portal.id, is_up=True, since=now - timedelta(days=3)),
            ServiceState(service_id=mail.id, is_up=False, since=now - timedelta(hours=1), reason="refused",
                         check_id=door.id),
            ServiceOutage(service_id=mail.id, started_at=now - timedelta(hours=1), reason="refused"),
            CheckState(check_id=page.id, last_at=now, is_ok=True, reason="ok", since=now, seconds=0.25),
            CheckState(check_id=door.id, last_at=now, is_ok=False, reason="refused", detail="mail:25", since=now,
                       seconds=0.1),
            ServiceNeed(service_id=mail.id, device_id=places.device1),
        ])
        save_answers(session, {page.id: (now, {"certificate_issuer": "Một CA <thử>", "status": "200"})})
        found = SimpleNamespace(portal=portal.id, mail=mail.id, library=library.id, page=page.id, door=door.id)
    with services.database.session() as session:
        session.add(make_incident(
            now, "Thư không dùng được", device_id=service_number(found.mail), rule_id="service_down", cause="x"))
    measure(services, now, found.portal, service_part(found.page), {
        "check_seconds": 0.25, "check_connect_seconds": 0.02, "certificate_remaining_seconds": 10.5 * 86400})
    minutes = np.arange(now.timestamp() - 4 * 3600, now.timestamp(), MINUTE)
    for service_id, is_down in ((found.portal, np.zeros(len(minutes), bool)), (found.mail, minutes >= minutes[-60])):
        series = services.registry.resolve(service_number(service_id), [SeriesKey("", "service_up")])
        services.store.append(
            np.repeat(series, len(minutes)), (minutes * 1000).astype(np.int64), (~is_down).astype(np.float64))
    return found


def measure(services, now, service_id: int, part: str, values: dict[str, float]) -> None:
    series = services.registry.resolve(service_number(service_id), [SeriesKey(part, metric) for metric in values])
    services.ingest.submit(Batch(series, np.array(list(values.values())), now.timestamp()))
    services.ingest.flush(now.timestamp())


def test_the_list_is_worst_first_in_plain_words(engineer: Person, world):
    text = engineer.get("/services").text
    assert text.index("Thư điện tử</a>") < text.index("Cổng thông tin</a>") < text.index("Thư viện</a>")
    assert "Máy trả lời rằng không có dịch vụ nào" in text
    assert "75 %" in text  # mail: three hours up, one down
    assert "100 %" in text
    assert "10 ngày" in text
    assert "Chứng chỉ của dịch vụ sắp hết hạn." in text
    only = engineer.get("/services?state=down").text
    assert "Thư điện tử" in only and "Cổng thông tin</a>" not in only
    for sort in ("name", "month", "before", "seconds", "days"):
        assert engineer.get(f"/services?sort={sort}&dir=desc").status_code == 200
    assert "Thư viện" in engineer.get("/services?q=thu+vien").text


def test_one_service_is_explained(engineer: Person, world):
    text = engineer.get(f"/services/{world.portal}").text
    assert "Trang chủ" in text and "250 ms" in text and "kết nối 20 ms" in text
    assert "Một CA &lt;thử&gt;" in text
    assert "<thử>" not in text
    text = engineer.get(f"/services/{world.mail}").text
    assert "mail:25" in text
    assert "Thư không dùng được" in text
    assert "sw1" in text
    assert '<td class="num">60</td>' in text
    part = engineer.get(f"/services/{world.mail}/now")
    assert part.status_code == 200 and "<html" not in part.text
    chart = engineer.get(f"/services/{world.portal}/chart/check_seconds")
    assert chart.get_json()["series"][0]["label"] == "Trang chủ"
    assert engineer.get(f"/services/{world.library}/chart/check_seconds").status_code == 404
    assert engineer.get("/services/999").status_code == 404


def test_availability_leaves_maintenance_out(engineer: Person, services, world, places, clock):
    now = clock()
    with services.database.session() as session:
        session.add(Maintenance(
            device_id=places.device1, starts_at=now - timedelta(hours=2), ends_at=now + timedelta(hours=1), reason="x",
            created_by="x", created_at=now))
    text = engineer.get("/services?state=maintenance").text
    assert "Thư điện tử" in text
    rows = sheet(engineer.get(f"/services/{world.mail}?format=xlsx").data)
    assert rows[1][1] == 100
    assert (rows[1][2], rows[1][4]) == (0, 0)


def test_the_exports(engineer: Person, world):
    rows = sheet(engineer.get("/services?format=xlsx").data)
    names = [row[0] for row in rows]
    assert names[1:] == ["Thư điện tử", "Cổng thông tin", "Thư viện"]
    by_head = dict(zip(rows[0], rows[1], strict=True))
    assert next(value for head, value in by_head.items() if "phút ngừng" in head) == 60
    assert engineer.get("/services?format=csv").text.count("\n") >= 4


def sheet(content: bytes) -> list[list]:
    return [list(row) for row in load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)]


def test_check_now_is_asked_and_waited_for(engineer: Person, services, world):
    engineer.get(f"/services/{world.mail}")
    assert engineer.post(f"/services/{world.mail}/check").status_code == 302
    assert "Đang kiểm tra" in engineer.get(f"/services/{world.mail}").text


def test_the_starting_list_is_previewed_and_added(engineer: Person, services, places):
    empty = engineer.get("/services").text
    assert "/services/usual" in empty
    page = engineer.get("/services/usual").text
    assert page.count('name="kind"') == 17
    assert "SO · Sở Giáo dục" in page
    assert engineer.post("/services/usual", {"unit_id": "SO"}).status_code == 422
    assert engineer.post("/services/usual", {"unit_id": "nothing", "kind": ["portal"]}).status_code == 422
    assert engineer.post("/services/usual", {"unit_id": "SO", "kind": ["portal", "mail", "bad"]}).status_code == 302
    text = engineer.get("/services").text
    assert "Cổng thông tin điện tử" in text and "Thư điện tử" in text
    assert engineer.get("/services/usual").text.count('name="kind"') == 15


def test_what_a_service_needs(engineer: Person, services, world):
    url = f"/services/{world.portal}/needs"
    engineer.get(f"/services/{world.portal}")
    assert engineer.post(url, {"kind": "device", "device": "D1/sw1"}).status_code == 302
    assert engineer.post(url, {"kind": "service", "service": "SO/Thư điện tử"}).status_code == 302
    text = engineer.get(f"/services/{world.portal}").text
    assert "sw1" in text and f'/services/{world.mail}"' in text
    engineer.post(f"/services/{world.mail}/needs", {"kind": "service", "service": "Cổng thông tin"})
    assert "vòng" in engineer.get(f"/services/{world.mail}").text
    engineer.post(url, {"kind": "device", "device": "no such"})
    assert "chưa được thêm" in engineer.get(f"/services/{world.portal}").text
    assert engineer.post(url, {"kind": "planet"}).status_code == 400
    with services.database.reading() as session:
        row = session.query(ServiceNeed).filter_by(service_id=world.portal, needed_id=world.mail).one().id
    engineer.post(f"{url}/{row}/remove")
    assert f'/services/{world.mail}"' not in engineer.get(f"/services/{world.portal}").text


def test_a_check_is_entered_with_errors_at_their_fields(engineer: Person, world):
    url = f"/inventory/check/new?service_id={world.portal}"
    assert "SO/Cổng thông tin" in engineer.get(url).text
    bad = engineer.post(url, {"service_id": "SO/Cổng thông tin", "kind": "dns", "target": "a b c",
                              "interval_s": "60", "timeout_s": "5"})
    assert bad.status_code == 422
    assert 'id="target-error"' in bad.text
    form = {"service_id": "SO/Cổng thông tin", "kind": "dns", "target": "example.edu.vn mx @203.0.113.53",
            "interval_s": "60", "timeout_s": "5", "security": "auto", "is_enabled": "true"}
    good = engineer.post(url, form)
    assert good.status_code == 302 and good.location.endswith(f"/services/{world.portal}")
    assert "example.edu.vn MX @203.0.113.53" in engineer.get(f"/services/{world.portal}").text


def test_a_school_sees_its_own_services_only(as_role, world):
    school = as_role(Role.SCHOOL_STAFF)
    text = school.get("/services").text
    assert "Thư viện</a>" in text and "Cổng thông tin</a>" not in text
    assert school.get(f"/services/{world.portal}").status_code == 404
    assert school.get(f"/services/{world.library}").status_code == 200


def test_a_number_of_telemetry_leads_to_the_service(engineer: Person, world):
    answer = engineer.get(f"/devices/{service_number(world.mail)}")
    assert answer.status_code == 302 and answer.location.endswith(f"/services/{world.mail}")


def test_the_search_finds_services(engineer: Person, world):
    assert f"/services/{world.mail}" in engineer.get("/search?q=thu+dien+tu").text
