"""The kiosk page in Chromium with a fake camera and microphone, against a stand-in for Jitsi's IFrame API."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import jwt
import pytest
from flask import Flask
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from sqlalchemy import select
from test_web_browser import FLAGS
from waitress import create_server, wasyncore

from conference import KioskCommand, KioskSpell
from conference.kiosk import Ask, KioskNow, command_kiosk, kiosk_states, make_code
from core import Secret
from dashboards import make_server
from inventory import Endpoint, MeetingSystem, Site, SystemSecrets, endpoint_number
from inventory.meeting_secrets import secrets_to_json
from telemetry import Event
from tests.conference import world
from tests.conference.payloads import json_payload
from tests.waiting import wait_until

STUB = Path(__file__).with_name("kiosk_stub.js")
SECRET = "a-token-secret-of-this-test-only-0123456789"


def serve(app, port: int = 0):
    """(server, stop) behind waitress on a port of this machine."""
    is_ours = "edunoc" in app.extensions
    server = make_server(app, "127.0.0.1", port) if is_ours else create_server(app, host="127.0.0.1", port=port)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()

    def stop() -> None:
        server.close()
        wasyncore.close_all(server._map, ignore_all=True)
        thread.join(timeout=5)

    return server, stop


@pytest.fixture(scope="module")
def jitsi() -> Iterator[str]:
    """Where the stand-in is served: the address of a meeting system."""
    app = Flask("stub")
    events = ["audioOnlyChanged", "videoConferenceLeft", "audioMuteStatusChanged", "videoMuteStatusChanged",
              *json_payload("iframe_events.json")]
    text = STUB.read_text(encoding="utf-8")
    text = text.replace("STATS", json.dumps(json_payload("iframe_getConnectionStats.json")))
    text = text.replace("EVENTS", json.dumps(events))
    app.add_url_rule("/external_api.js", "script", lambda: (text, {"Content-Type": "text/javascript"}))
    app.add_url_rule("/<path:room>", "room", lambda room: f"<title>{len(room)}</title>")
    server, stop = serve(app)
    yield f"http://127.0.0.1:{server.effective_port}"
    stop()


@pytest.fixture
def clock():
    """The real clock: the browser has no other."""
    return lambda: datetime.now(UTC)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    """A fresh Chromium with a fake camera and microphone."""
    options = Options()
    options.binary_location = "/usr/bin/chromium"
    media = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
             "--autoplay-policy=no-user-gesture-required", "--window-size=1920,1080")
    for flag in (*FLAGS[:-1], *media, f"--user-data-dir={tmp_path / 'profile'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    browser.set_page_load_timeout(30)
    yield browser
    browser.quit()


class Room:
    """The room as the test meets it: the page in the browser and what the database knows of it."""

    def __init__(self, browser: webdriver.Chrome, database, endpoint_id: int) -> None:
        self.browser, self.database, self.endpoint_id = browser, database, endpoint_id
        self.wait = WebDriverWait(browser, 40, poll_frequency=0.05)

    def do(self, script: str, *arguments):
        """Ask the page."""
        return self.browser.execute_script(script, *arguments)

    def until(self, script: str, *arguments):
        """Wait for the page."""
        return self.wait.until(lambda b: b.execute_script(f"return {script}", *arguments))

    def heard(self, condition: Callable[[KioskNow], object]):
        """Wait until a heartbeat says so."""
        def ask():
            with self.database.reading() as session:
                now = kiosk_states(session, [self.endpoint_id])[self.endpoint_id]
            return now if now.at is not None and condition(now) else None

        return wait_until(ask, 40, "a heartbeat")

    def events(self, *names: str) -> None:
        """Wait until heartbeats have told of events."""
        def ask():
            with self.database.reading() as session:
                number = endpoint_number(self.endpoint_id)
                return set(names) <= set(session.scalars(select(Event.kind).where(Event.device_id == number)))

        wait_until(ask, 40, f"events {names}")

    def command(self, verb: str, value=None) -> KioskCommand:
        """Ask the room for something and wait for what comes of it."""
        with self.database.session() as session:
            arguments = {} if value is None else {"value": value}
            given = command_kiosk(session, [self.endpoint_id], Ask(verb, arguments), "ky-thuat", datetime.now(UTC))
        assert given.commands, given.refused
        self.do("Kiosk.hurry()")
        return wait_until(lambda: self.answered(given.commands[0].id), 40, verb)

    def answered(self, command_id: int) -> KioskCommand | None:
        """The command, once it was answered."""
        with self.database.reading() as session:
            row = session.get(KioskCommand, command_id)
        return row if row.state in ("done", "failed") else None

    def connection(self) -> str:
        """The newest connection that the stand-in gave."""
        return self.do("return stub.apis.at(-1).id")

    def enters(self, connection_before: str = "") -> str:
        """Wait until the page is in the meeting with a connection of its own."""
        self.until("window.stub && Kiosk.meeting.connection !== '' && Kiosk.meeting.connection !== arguments[0]",
                   connection_before)
        self.do("Kiosk.hurry()")
        now = self.heard(lambda now: now.state == "in_meeting" and now.connection == self.connection())
        return now.connection


@pytest.fixture
def system(database, vault, jitsi) -> MeetingSystem:
    """The stand-in as a meeting system that signs by a shared secret."""
    with database.session() as session:
        sealed = vault.seal(secrets_to_json(SystemSecrets(token_key=Secret(SECRET))))
        return world.a_system(session, public_url=jitsi, domain=urlsplit(jitsi).netloc, algorithm="HS256",
                              sealed=sealed)


@pytest.fixture
def room(browser, database, places) -> Room:
    """A room of the first school, not paired yet."""
    with database.session() as session:
        site = session.get(Site, places.site1)
        endpoint = world.an_endpoint(session, site=site, name="Điểm cầu Trường số 1", code="DC-TH1")
    return Room(browser, database, endpoint.id)


def book(database, room: Room, system: MeetingSystem):
    """A meeting of the room that runs already."""
    now = datetime.now(UTC)
    with database.session() as session:
        endpoint = session.get(Endpoint, room.endpoint_id)
        return world.a_meeting(session, [endpoint], now - timedelta(minutes=1), system=system, now=now,
                               title="Giao ban toàn tỉnh")


def test_a_day_of_a_room(app, room: Room, database, system, jitsi) -> None:
    server, stop = serve(app)
    port = server.effective_port
    _pair(room, database, f"http://127.0.0.1:{port}")
    _wait(room)
    meeting = book(database, room, system)
    room.do("Kiosk.hurry()")
    first = room.enters()
    _joined_as_planned(room, meeting, first, jitsi)
    _obeys(room)
    _tells_of_failures(room)
    loud = [line["message"] for line in room.browser.get_log("browser") if line["level"] == "SEVERE"]
    assert not [line for line in loud if "422" not in line], loud  # the wrong code's answer

    room.browser.refresh()  # a power cut is a reload that takes longer
    second = room.enters()
    assert second != first
    room.do("stub.apis.at(-1).tell('errorOccurred', {name: 'x', type: 'BRAND_NEW', isFatal: true})")
    third = room.enters(second)
    room.events("join_failed")

    stop()
    room.do("Kiosk.hurry()")
    room.until("!document.getElementById('offline').hidden")
    assert room.do("return document.body.dataset.view + Kiosk.meeting.connection") == f"meeting{third}"
    _server, stop = serve(app, port)
    room.do("Kiosk.hurry()")
    room.until("document.getElementById('offline').hidden")
    room.events("online")
    with database.reading() as session:
        spells = list(session.scalars(select(KioskSpell).order_by(KioskSpell.id)))
    assert [one.connection for one in spells] == [first, second, third]
    assert {one.meeting_id for one in spells} == {meeting.id}
    assert all(one.first_at <= one.last_at for one in spells)
    stop()


def _pair(room: Room, database, address: str) -> None:
    room.browser.get(f"{address}/kiosk")
    box = room.browser.find_element(By.ID, "code")
    box.send_keys("AAAAAAAA", Keys.ENTER)
    room.until("document.getElementById('pair-problem').textContent.includes('Không có mã')")
    with database.session() as session:
        code = make_code(session, session.get(Endpoint, room.endpoint_id), "ky-thuat", datetime.now(UTC))
    box.clear()
    box.send_keys(f"{code[:4].lower()}-{code[4:]}", Keys.ENTER)
    room.until("document.body.dataset.view === 'waiting'")
    assert room.browser.find_element(By.ID, "name").text == "Điểm cầu Trường số 1"
    cookie = next(one for one in room.browser.get_cookies() if one["name"].startswith("edunoc_kiosk_"))
    assert cookie["httpOnly"] and cookie["sameSite"] == "Strict" and cookie["path"] == "/kiosk"
    assert cookie["value"] not in room.do("return document.documentElement.outerHTML + document.cookie")


def _wait(room: Room) -> None:
    room.until("Kiosk.devices.words.camera === 'ok' && Kiosk.devices.luma > 0 && Kiosk.devices.soundAge() !== null")
    assert room.do("return document.getElementById('ready').textContent") == "Sẵn sàng"
    room.do("Kiosk.hurry()")
    now = room.heard(lambda now: now.devices.get("camera") == "ok" and "picture_luma" in now.payload["levels"])
    assert now.state == "waiting" and now.devices["mic"] == now.devices["speaker"] == "ok"
    assert -60 < now.payload["levels"]["mic_rms_dbfs"] <= 0 and now.payload["check"]["sound_heard"]
    assert abs(now.ntp_offset_ms) < 2000
    assert any("fake" in label.lower() for label in now.lists["camera"])


def _joined_as_planned(room: Room, meeting, connection: str, jitsi: str) -> None:
    asked = room.do("const {options, domain} = stub.apis[0]; return {...options, parentNode: null, domain}")
    expected = json_payload("kiosk_config_overwrite.json")
    assert asked["domain"] == urlsplit(jitsi).netloc and asked["roomName"] == meeting.room and asked["lang"] == "vi"
    assert set(asked["configOverwrite"]) == set(expected["configOverwrite"])
    assert not asked["configOverwrite"]["startWithAudioMuted"]  # this room speaks
    claims = jwt.decode(asked["jwt"], SECRET, algorithms=["HS256"], audience="jitsi")
    assert claims["room"] == meeting.room and claims["context"]["user"]["id"] == "ep-DC-TH1"
    room.until("Object.keys(Kiosk.meeting.stats).length > 0")
    room.do("Kiosk.hurry()")
    now = room.heard(lambda now: "rtt_ms" in now.payload.get("connection", {}))
    assert now.payload["connection"]["quality"] == 95.4 and now.payload["connection"]["transport"] == "udp"
    assert now.meeting_id == meeting.id and now.connection == connection
    assert room.do("return document.getElementById('foot-title').textContent") == "Giao ban toàn tỉnh"


def _obeys(room: Room) -> None:
    room.do("stub.apis[0].tell('participantJoined', {id: 'a3b2c1d0', displayName: 'Sở'})")
    volume = room.command("set_volume", "40")
    assert (volume.state, volume.result, json.loads(volume.before)) == ("done", "40 %", {"value": 100})
    assert ["setParticipantVolume", "a3b2c1d0", 0.4] in room.do("return stub.commands")
    assert room.command("camera_off").state == "done" and room.do("return stub.apis[0].hidden")
    label = room.do("return Kiosk.devices.lists.mic.at(-1).label")
    assert room.command("choose_microphone", label).result == label
    assert room.command("show_message", "Xin ngồi gần micro <b>").state == "done"
    assert room.browser.find_element(By.ID, "ask-text").text == "Xin ngồi gần micro <b>"
    room.browser.find_element(By.ID, "ask-yes").click()
    check = room.command("run_device_check")
    assert check.state == "done" and "Camera: bình thường" in check.result


def _tells_of_failures(room: Room) -> None:
    unheard_of = "{name: 'new.kind', type: 'BRAND_NEW', isFatal: false, details: {a: 1}}"
    room.do(f"stub.apis[0].tell('errorOccurred', {unheard_of})")
    room.do("stub.apis[0].tell('cameraError', {type: 'gum.not_found', message: 'x'})")
    room.do("Kiosk.hurry()")
    now = room.heard(lambda now: now.devices.get("camera") == "missing")
    assert now.state == "in_meeting"
    room.events("errorOccurred", "cameraError", "videoConferenceJoined", "page_loaded")
    room.do("Kiosk.devices.words.camera = 'ok'")
