"""The pages of meeting systems: made, keyed, changed, deleted; what is secret never comes back; machines' doors."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from conference import Meeting, Participant, jitsi, kiosk
from core import Role
from inventory import Endpoint, MeetingServer, MeetingSystem, Site, key_file_name, meeting_systems, open_system

SECRETS = {name: f"{name}-of-thirty-two-characters-or-more" for name in (
    "token_key", "reservation_secret", "event_secret", "turn_secret")}
FORM = {
    "name": "Jitsi của Sở", "public_url": "https://meet.example.edu.vn", "domain": "meet.example.edu.vn",
    "muc_prefix": "muc", "algorithm": "HS256", "app_id": "edunoc", "audience": "jitsi",
    "server_networks": "127.0.0.1\n10.1.0.0/24", "has_visitors": "true", "is_enabled": "true", "trunk_bps": "1 Gbit/s",
    "stun_host": "turn.example.edu.vn", **SECRETS,
}


@pytest.fixture
def person(as_role):
    return as_role(Role.ADMINISTRATOR)


@pytest.fixture
def made(person, database) -> SimpleNamespace:
    """A system made by the form."""
    person.get("/meeting-systems/new")
    answer = person.post("/meeting-systems/new", FORM)
    assert answer.status_code == 302, answer.text
    with database.reading() as session:
        (system,) = meeting_systems(session)
    return SimpleNamespace(id=system.id, url=f"/meeting-systems/{system.id}")


def system_of(database, made) -> MeetingSystem:
    with database.reading() as session:
        return session.get(MeetingSystem, made.id)


def test_an_empty_list_says_how_to_begin(person) -> None:
    assert "Chưa có hệ thống họp nào" in person.get("/meeting-systems").text


def test_a_system_is_kept_with_its_secrets_sealed_and_never_shown(person, database, vault, made) -> None:
    system = system_of(database, made)
    assert (system.trunk_bps, system.server_networks) == (1_000_000_000, "127.0.0.1 10.1.0.0/24")
    with database.reading() as session:
        opened = open_system(session, vault, made.id)
    assert opened.turn_secret.reveal() == SECRETS["turn_secret"]
    for page in ("", "/edit", "/files"):
        text = person.get(made.url + page).text
        assert not [secret for secret in SECRETS.values() if secret in text]
        assert "PRIVATE KEY" not in text
    assert not [secret for secret in SECRETS.values() if secret in system.sealed + system.proofs]


def test_secrets_left_empty_stay_and_short_ones_are_refused(person, database, vault, made) -> None:
    person.get(made.url + "/edit")
    kept = {**FORM, **dict.fromkeys(SECRETS, ""), "name": "Đổi tên"}
    assert person.post(made.url + "/edit", kept).status_code == 302
    with database.reading() as session:
        assert open_system(session, vault, made.id).event_secret.reveal() == SECRETS["event_secret"]
    answer = person.post(made.url + "/edit", {**kept, "token_key": "short", "domain": "https://x/y",
                                              "server_networks": "10.0.0.300", "event_secret": "hai ba"})
    assert answer.status_code == 422
    for told in ("ít nhất 32 ký tự", "không kèm https://", "10.0.0.300 không phải", "không có dấu cách"):
        assert told in answer.text
    assert "value=\"short\"" not in answer.text


def test_a_key_pair_is_made_changed_and_the_old_one_served_until_its_tokens_end(
    person, app, database, made, clock
) -> None:
    person.get(made.url + "/edit")
    person.post(made.url + "/edit", {**FORM, **dict.fromkeys(SECRETS, ""), "algorithm": "RS256"})
    assert "Tạo cặp khóa" in person.get(made.url).text
    kids = []
    for _turn in range(2):
        assert person.post(made.url + "/key/login").status_code == 302
        kids.append(system_of(database, made).key_id)
    assert person.post(made.url + "/key/system").status_code == 302
    text = person.get(made.url).text
    assert all(kid in text for kid in kids)
    client = app.test_client()
    _refresh(app)
    for kid in kids:
        answer = client.get(f"/asap/{key_file_name(kid)}")
        assert (answer.status_code, answer.text.splitlines()[0]) == (200, "-----BEGIN PUBLIC KEY-----")
    control = system_of(database, made).system_key_id
    assert client.get(f"/asap/system/{key_file_name(control)}").status_code == 200
    assert client.get(f"/asap/{key_file_name(control)}").status_code == 404  # the two stay apart
    assert client.get(f"/asap/system/{key_file_name(kids[0])}").status_code == 404
    strange = client.get(f"/asap/{key_file_name(kids[1])}", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert (strange.status_code, strange.json["reason"]) == (403, "wrong_address")
    later = clock() + timedelta(days=400)
    call = jitsi.Call("GET", f"/asap/{key_file_name(kids[0])}", "127.0.0.1", "", b"")
    desk = jitsi.desk_of(app.extensions["edunoc"].settings.core.data_dir)
    assert jitsi.answer_call(desk, call, later.timestamp()).status == 404


def test_the_lines_for_the_files_fit_the_settings(person, made) -> None:
    text = person.get(made.url + "/files?base=http://10.1.0.9:8091").text
    for line in ("app_secret = &#34;THE-TOKEN-SECRET&#34;", "signature_algorithm = &#34;HS256&#34;",
                 "reservations_api_prefix = &#34;http://10.1.0.9:8091/jitsi&#34;", "max-bridge-participants = 200"):
        assert line in text
    hostile = person.get(made.url + '/files?base=http://x"%0aevil = 1').text
    assert "evil" not in "".join(re.findall("<pre.*?</pre>", hostile, re.DOTALL))


def test_servers_are_added_changed_and_deleted(person, database, made) -> None:
    person.get(made.url + "/servers/new")
    form = {"kind": "jvb", "name": "jvb-1", "url": "http://10.1.0.5:8080", "is_enabled": "true"}
    assert person.post(made.url + "/servers/new", form).status_code == 302
    again = person.post(made.url + "/servers/new", form)
    assert (again.status_code, "Đã có một mục mang tên này" in again.text) == (422, True)
    with database.reading() as session:
        server = session.query(MeetingServer).one()
    path = f"/meeting-systems/servers/{server.id}"
    assert person.get(path).status_code == 200
    assert person.post(path, {**form, "url": "ftp://x"}).status_code == 422
    assert person.post(path, {**form, "name": "jvb-2"}).status_code == 302
    assert "jvb-2" in person.get(made.url).text
    assert person.post(path + "/delete").status_code == 302
    assert person.post(made.url + "/delete").status_code == 302
    assert person.get(made.url).status_code == 404


def test_who_may_not_manage_them_sees_nothing(as_role, made) -> None:
    assert as_role(Role.SCHOOL_STAFF).get(made.url).status_code == 403


def _refresh(app) -> None:
    parts = app.extensions["edunoc"]
    jitsi.refresh_desk(jitsi.desk_of(parts.settings.core.data_dir), parts.database, parts.clock())


def test_the_doors_beside_the_pages_answer_as_the_role_does(app, database, made, places, clock) -> None:
    _book(database, made, places, clock())
    _refresh(app)
    client = app.test_client()
    bearer = {"Authorization": f"Bearer {SECRETS['reservation_secret']}"}
    opened = client.post("/jitsi/conference", data={"name": "phong-hop-1", "mail_owner": "a@b"}, headers=bearer)
    assert (opened.status_code, opened.json["name"]) == (200, "phong-hop-1")
    assert client.get(f"/jitsi/conference/{opened.json['id']}", headers=bearer).status_code == 200
    body = json.dumps({"room_jid": "phong-hop-1@muc.x", "created_at": 1795396500})
    told = client.post("/jitsi/events/room/created", data=body,
                       headers={"Authorization": f"Bearer {SECRETS['event_secret']}"})
    assert told.status_code == 200
    assert client.delete(f"/jitsi/conference/{opened.json['id']}", headers=bearer).status_code == 200
    assert client.post("/jitsi/conference", data={"name": "phong-hop-1"}).status_code == 401


def test_a_participants_own_code_gets_credentials_of_the_relay(app, database, made, places, clock) -> None:
    _book(database, made, places, clock())
    answer = app.test_client().get("/ice/precall?code=moi-12345")
    assert answer.headers["Cache-Control"] == "no-store"
    turn = answer.json["iceServers"][1]
    until, _colon, who = turn["username"].partition(":")
    assert (int(until), who) == (int((clock() + timedelta(hours=1)).timestamp()), "ep-site-0412")
    proof = hmac.new(SECRETS["turn_secret"].encode(), turn["username"].encode(), hashlib.sha1).digest()
    assert turn["credential"] == base64.b64encode(proof).decode()
    assert "turn:turn.example.edu.vn:3478?transport=udp" in turn["urls"]
    assert app.test_client().get("/ice/precall?code=nobody").status_code == 401


def test_a_paired_kiosk_gets_credentials_of_the_relay_by_its_cookie(app, database, made, places, clock) -> None:
    _book(database, made, places, clock())
    browser, parts = app.test_client(), app.extensions["edunoc"]
    assert browser.get("/kiosk/ice").status_code == 401
    with database.session() as session:
        endpoint = Endpoint(site_id=session.scalar(select(Site.id)), name="Phòng họp", code="phong-1")
        session.add(endpoint)
        session.flush()
        code = kiosk.make_code(session, endpoint, "tester", clock())
        paired = kiosk.redeem(session, parts.vault, code, "Chromium", clock())
    browser.set_cookie(f"edunoc_kiosk_{parts.settings.core.port}", paired.cookie, path="/kiosk")
    answer = browser.get("/kiosk/ice")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.json["iceServers"][0] == {"urls": ["stun:turn.example.edu.vn:3478"]}
    assert answer.json["iceServers"][1]["username"].endswith(":ep-phong-1")
    with database.session() as session:
        kiosk.unpair(session, session.get(Endpoint, endpoint.id), "tester", clock())
    assert browser.get("/kiosk/ice").status_code == 401


def _book(database, made, places, now) -> None:
    with database.session() as session:
        meeting = Meeting(
            uid="u1", title="Giao ban", state="scheduled", unit_id=places.top, system_id=made.id, room="phong-hop-1",
            starts_at=now, ends_at=now + timedelta(hours=1), join_code="j1", created_at=now, updated_at=now,
        )
        session.add(meeting)
        session.flush()
        session.add(Participant(meeting_id=meeting.id, kind="person", name="Điểm cầu", subject="ep-site-0412",
                                invite_code="moi-12345"))
