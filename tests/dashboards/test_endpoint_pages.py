"""Endpoints' pages: worst first, one room, pairing, commands, making many, a school's own; nothing of another unit."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from conference import Kiosk, KioskCommand, KioskSpell, KioskState, RehearsalEntry
from conference.kiosk import make_code, redeem
from core import Role
from dashboards.pages.endpoints.advice import advise
from dashboards.pages.endpoints.words import STATES
from inventory import Endpoint, Link, Room, Site, endpoint_number
from telemetry import Batch, SeriesKey
from tests.conference import world

GOOD = {"camera": "ok", "mic": "ok", "speaker": "ok", "display": "ok"}


@pytest.fixture
def rooms(database, vault, places, now) -> dict[str, int]:
    """Endpoints of the first school in several states, and one of the second school."""
    found = {}
    with database.session() as session:
        site, other = session.get(Site, places.site1), session.get(Site, places.site2)
        for word in ("ready", "devices", "off", "unpaired", "never", "cannot"):
            found[word] = world.an_endpoint(session, site=site, name=f"Điểm cầu {word}", code=f"DC-{word}",
                                            phone="0219 3866 123" if word == "ready" else "").id
        found["theirs"] = world.an_endpoint(session, site=other, name="Điểm cầu khác", code="DC-khac").id
        for word in ("ready", "devices", "off", "never", "cannot", "theirs"):
            code = make_code(session, session.get(Endpoint, found[word]), "ky-thuat", now)
            redeem(session, vault, code, "Chromium", now)
        silent = GOOD | {"mic": "missing"}
        heard = (("ready", 5, GOOD), ("devices", 5, silent), ("off", 7200, GOOD), ("cannot", 5, GOOD))
        for word, ago, devices in heard:
            problem = {"problem": "Hệ thống họp không trả lời."} if word == "cannot" else {}
            payload = {"devices": devices, **problem, "levels": {"mic_rms_dbfs": -31.0, "seconds_since_sound": 4},
                       "media": {"volume_pct": 80}}
            session.add(KioskState(endpoint_id=found[word], at=now - timedelta(seconds=ago),
                                   state="rejoining" if problem else "waiting",
                                   payload=json.dumps(payload), sequence=1, ntp_offset_ms=12.0))
    return found


def order_of(text: str) -> list[str]:
    known = ("ready", "devices", "off", "unpaired", "never", "cannot")
    return sorted(known, key=lambda word: text.index(f"Điểm cầu {word}<"))


def test_worst_first(as_role, rooms) -> None:
    person = as_role(Role.MEETING_TECHNICIAN)
    text = person.get("/endpoints").text
    assert order_of(text) == ["devices", "cannot", "unpaired", "never", "off", "ready"]
    assert "Micro: không kết nối" in text and "Hệ thống họp không trả lời." in text
    assert "Điểm cầu off" not in person.get("/endpoints?state=ready").text
    assert "Điểm cầu khac" not in person.get("/endpoints?q=diem cau ready").text
    answer = person.get("/endpoints?format=xlsx")
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert sheet.max_row == 8 and sheet["A2"].value == "Điểm cầu devices"


def test_a_school_sees_its_own_only(as_role, rooms) -> None:
    person = as_role(Role.SCHOOL_STAFF)
    assert person.get("/endpoints").location == "/endpoints/mine"
    text = person.get("/endpoints/mine").text
    assert "Điểm cầu ready" in text and "khác" not in text
    assert person.get(f"/endpoints/{rooms['ready']}").status_code == 200
    for path in ("", "/now", "/advice", "/chart/speech"):
        assert person.get(f"/endpoints/{rooms['theirs']}{path}").status_code == 404
    assert person.post(f"/endpoints/{rooms['ready']}/command", {"verb": "reload"}).status_code == 403
    assert person.post(f"/endpoints/{rooms['ready']}/code").status_code == 403


def test_a_code_is_shown_once(as_role, database, vault, rooms, now) -> None:
    person = as_role(Role.MEETING_TECHNICIAN)
    person.get(f"/endpoints/{rooms['unpaired']}")
    text = person.post(f"/endpoints/{rooms['unpaired']}/code").text
    code = text.split('id="pairing-code">')[1].split("<")[0]
    with database.session() as session:
        assert redeem(session, vault, code, "", now).endpoint.id == rooms["unpaired"]
    assert code not in person.get(f"/endpoints/{rooms['unpaired']}").text
    assert person.post(f"/endpoints/{rooms['unpaired']}/unpair").status_code == 303
    with database.reading() as session:
        assert session.get(Kiosk, rooms["unpaired"]).cookie_hash == ""


def test_commands_by_button(as_role, database, rooms, now) -> None:
    person = as_role(Role.MEETING_TECHNICIAN)
    page = f"/endpoints/{rooms['ready']}"
    text = person.get(page).text
    assert 'data-dialog="verb-run_device_check"' in text
    assert 'data-dialog="verb-mute"' not in text  # it is in no meeting
    sent = {"verb": "show_message", "value": "Chào <b>cả phòng</b>", "reason": "thử"}
    assert person.post(f"{page}/command", sent).status_code == 303
    assert "không ở trong cuộc họp" in person.post(f"{page}/command", {"verb": "mute"}, follow_redirects=True).text
    assert "300 ký tự" in person.post(f"{page}/command", {"verb": "show_message"}, follow_redirects=True).text
    with database.session() as session:
        row = session.scalars(select(KioskCommand)).one()
        assert (row.verb, row.asked_by, row.reason) == ("show_message", "meeting_technician", "thử")
    assert "Rút lại" in person.get(f"{page}/now").text
    assert person.post(f"{page}/command/{row.id}/cancel").status_code == 303
    other = f"/endpoints/{rooms['devices']}/command/{row.id}/cancel"
    assert person.post(other).status_code == 404
    with database.session() as session:
        volume = KioskCommand(endpoint_id=rooms["ready"], verb="set_volume", arguments='{"value": 10}', asked_by="x",
                              asked_at=now, good_until=now, state="done", before='{"value": 80}')
        session.add(volume)
        session.get(KioskState, rooms["ready"]).state = "in_meeting"
        session.flush()
        number = volume.id
    assert person.post(f"{page}/command/{number}/undo").status_code == 303
    with database.reading() as session:
        back = session.scalar(select(KioskCommand).where(KioskCommand.undoes_id == number))
        assert back.arguments == '{"value": 80}'


def test_the_page_of_a_room(as_role, database, services, rooms, places, now) -> None:
    with database.session() as session:
        endpoint = session.get(Endpoint, rooms["ready"])
        link = Link(site_id=places.site1, name="Cáp quang", isp="Viễn thông A", committed_down_bps=300_000_000)
        session.add(link)
        session.flush()
        endpoint.link_id, endpoint.codec_id = link.id, places.device1
        meeting = world.a_meeting(session, [endpoint], now - timedelta(days=1), title="Giao ban hôm qua")
        session.add_all([
            KioskSpell(meeting_id=meeting.id, endpoint_id=endpoint.id, first_at=now - timedelta(minutes=90),
                       last_at=now - timedelta(minutes=30)),
            RehearsalEntry(meeting_id=meeting.id, endpoint_id=endpoint.id, wave=1, starts_at=now, ends_at=now,
                           state="passed", decided_at=now)])
        world.a_meeting(session, [endpoint], now + timedelta(hours=3), title="Tập huấn chiều nay", now=now)
    names = ("endpoint_mos", "endpoint_loss_down_ratio", "endpoint_rtt_seconds")
    series = services.registry.resolve(endpoint_number(endpoint.id), [SeriesKey("", name) for name in names])
    for minutes in range(1, 300, 5):
        at = now.timestamp() - minutes * 60
        services.ingest.submit(Batch(series, [3.2, 0.05, 0.04], at))
    services.ingest.flush(now.timestamp())
    person = as_role(Role.MEETING_TECHNICIAN)
    text = person.get(f"/endpoints/{endpoint.id}").text
    for words in ("Giao ban hôm qua", "60 phút", "Tập huấn chiều nay", "Viễn thông A", "sw1", "Cáp quang", "3,2",
                  "tel:02193866123", 'id="chart-speech"', 'id="chart-loss"', "-31"):
        assert words in text, words
    assert 'id="chart-computer"' not in text
    chart = person.get(f"/endpoints/{endpoint.id}/chart/loss").json
    assert len(chart["series"]) == 1 and max(filter(None, chart["series"][0]["mean"])) == pytest.approx(0.05)
    advice = person.get(f"/endpoints/{endpoint.id}/advice").text
    assert "mất 5 % số gói" in advice and "Viễn thông A" in advice and "bộ lưu điện" in advice


def test_advice_follows_the_figures() -> None:
    bare = Endpoint(site_id=1, name="x", code="x", phone="")
    assert [one.tone for one in advise(bare, None, {}, "vi")] == ["attention", "info", "info"]
    full = Endpoint(site_id=1, name="x", code="x", phone="1", ups_id=1)
    link = Link(site_id=1, name="x", isp="A")
    assert advise(full, link, {"endpoint_mos": 4.2, "endpoint_loss_up_ratio": 0.01}, "vi") == []
    means = {"endpoint_mos": 3.0, "endpoint_rtt_seconds": 0.4, "endpoint_cpu_used_ratio": 0.9,
             "endpoint_devices_ok": 0.5, "endpoint_bandwidth_estimate_bits_per_second": 900_000}
    assert len(advise(full, link, means, "vi")) == 5


def test_many_at_once(as_role, database, rooms, places) -> None:
    with database.session() as session:
        session.add_all([Room(site_id=places.site2, code=f"H{n}", name=f"Phòng họp {n}", kind="meeting", seats=40 + n)
                         for n in (1, 2)])
        session.add(Room(site_id=places.site2, code="L1", name="Phòng máy", kind="lab"))
        session.get(Site, places.site2).contact = "Cán bộ CNTT, 0219 3866 123"
        line = Link(site_id=places.site2, name="Cáp quang chính")
        session.query(Link).filter_by(site_id=places.site2).delete()
        session.add(line)
        session.flush()
        line_id = line.id
    person = as_role(Role.MEETING_TECHNICIAN)
    text = person.get("/endpoints/bulk").text
    ids = [one.split('"')[0] for one in text.split('name="place" value="')[1:]]
    assert len(ids) == 2 and "Phòng máy" not in text
    assert person.post("/endpoints/bulk", {"mode": "rooms", "place": ids}).status_code == 303
    with database.reading() as session:
        made = list(session.scalars(select(Endpoint).where(Endpoint.code.startswith("DC-D2"))))
    assert {(one.code, one.seats) for one in made} == {("DC-D2-H1", 41), ("DC-D2-H2", 42)}
    # What the site knows already nobody types again: the call list needs the number, the causes need the line
    assert {(one.contact, one.phone, one.link_id) for one in made} == {("Cán bộ CNTT", "0219 3866 123", line_id)}
    assert "Không còn nơi nào" in person.get("/endpoints/bulk").text
    assert 'name="place"' not in person.get("/endpoints/bulk?mode=sites").text  # both schools have one
    assert person.post("/endpoints/bulk", {"mode": "rooms"}, follow_redirects=True).status_code == 200


def test_a_room_becomes_an_endpoint_in_one_step(as_role, database, places) -> None:
    with database.session() as session:
        room = Room(site_id=places.site1, code="P 1/ấ", name="Hội trường", kind="meeting")
        session.add(room)
        session.flush()
        number = room.id
    person = as_role(Role.MEETING_TECHNICIAN)
    assert "/endpoints/" in person.post(f"/endpoints/from-room/{number}").location
    with database.reading() as session:
        made = session.scalars(select(Endpoint)).one()
    assert (made.code, made.room_id) == ("DC-D1-P-1", number) and "Hội trường" in made.name


def test_the_form_keeps_what_was_entered(as_role, database, rooms, places) -> None:
    person = as_role(Role.MEETING_TECHNICIAN)
    page = f"/endpoints/{rooms['ready']}/edit"
    assert 'value="DC-ready"' in person.get(page).text
    whole = {"name": "Phòng lớn", "code": "DC-ready", "kind": "codec", "phone": "0219 3866 124", "can_speak": "true"}
    answer = person.post(page, whole | {"seats": "many"})
    assert answer.status_code == 422 and "Phòng lớn" in answer.text
    assert person.post(page, whole | {"sip_uri": "10.1.2.3", "codec_id": "99999"}).status_code == 422
    assert person.post(page, whole | {"sip_uri": "10.1.2.3", "is_active": "true"}).status_code == 303
    with database.reading() as session:
        kept = session.get(Endpoint, rooms["ready"])
    assert (kept.name, kept.kind, kept.sip_uri, kept.can_speak) == ("Phòng lớn", "codec", "sip:10.1.2.3", True)


def test_an_empty_house_helps(as_role) -> None:
    assert "/endpoints/bulk" in as_role(Role.MEETING_TECHNICIAN).get("/endpoints").text
    assert "Chưa có điểm cầu" in as_role(Role.SCHOOL_STAFF).get("/endpoints/mine").text


def test_every_state_has_a_word() -> None:
    assert all(str(word.label) and word.icon for word in STATES.values())
    assert {"kiosk", "codec", "manual"} - {"kiosk"} <= set(STATES)

