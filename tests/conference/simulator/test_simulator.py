"""The simulator keeps to the recorded payloads, tells the scenario's truth, and steps through a large day."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from collectors.jitsi import answers
from tests.conference.payloads import json_payload
from tests.conference.simulator import (
    BridgeRestart,
    Curve,
    Day,
    Delivery,
    Installation,
    KioskKey,
    Outage,
    Prosody,
    Restart,
    Room,
    Stress,
    fake_jitsi,
    serve,
)
from tests.conference.simulator.standard import province_day

T0 = 1_795_222_800.0  # 2026-11-21 08:00 in Hà Nội


def accept(call):
    """EduNOC as it should be, for a simulator without one."""
    if call.source == "reservation" and call.method == "POST":
        name = parse_qs(call.body.decode())["name"][0]
        return 200, json.dumps({"id": 7, "name": name, "mail_owner": "a@b", "start_time": "", "duration": 900}).encode()
    return 200, b"{}"


def small(**options) -> tuple[Day, Room]:
    installation = options.pop("installation", Installation())
    room = Room("giaoban-tinh-20261121", T0, T0 + 3600, 42, asked_name="GiaoBan-Tinh-20261121")
    chair = room.seat("user-42", "Sở Giáo dục và Đào tạo")
    chair.stay(T0 - 600, T0 + 3700)
    school = room.seat("ep-site-0412", "THCS Nguyễn Trãi", kiosk=KioskKey("site-0412", "a secret of a test"))
    school.stay(T0 - 60, T0 + 3650, is_visitor=True)
    late = room.seat("ep-site-0413", "<b>TH Lê Lợi</b>")
    late.stay(T0 + 600, T0 + 1200)
    late.stay(T0 + 1230, T0 + 3000)
    return Day(Prosody(installation, "r", "e"), [room], T0 - 900, **options), room


def shape(value, depth=4):
    """Keys and kinds of values; maps by endpoint, bridge or room have one representative."""
    if isinstance(value, dict) and depth:
        return {key: shape(one, depth - 1) for key, one in value.items()}
    return bool if isinstance(value, bool) else float if isinstance(value, int | float) else type(value)


def test_answers_have_the_shapes_of_the_payloads():
    day, room = small()
    day.run(T0 + 700, accept)
    ask = fake_jitsi(day).test_client()
    stats = ask.get("/jvb-1/colibri/stats").json
    assert shape(stats) == shape(json_payload("jvb_colibri_stats_busy_full_keys.json"))
    assert shape(ask.get("/jicofo/stats").json) == shape(json_payload("jicofo_stats.json"))
    assert shape(ask.get("/prosody/room-census").json) == shape(json_payload("prosody_room_census.json"))
    assert shape(ask.get("/jibri-1/jibri/api/v1.0/health").json) == shape(json_payload("jibri_health.json")["idle"])
    told = ask.get(f"/jicofo/debug/conference/{day.installation.room_jid(room.node)}").json
    sample = json_payload("jicofo_debug_conference_trimmed.json")
    assert told.keys() == sample.keys() and told["chat_room"].keys() == sample["chat_room"].keys()
    for one in told["chat_room"]["members"].values():
        assert shape(one) == shape(sample["chat_room"]["members"]["a3b2c1d0"])
    for one in told["participants"].values():
        assert shape(one) == shape(sample["participants"]["14f01c40"])
    for one in told["colibri_session_manager"]["participants"].values():
        assert shape(one) == shape(sample["colibri_session_manager"]["participants"]["14f01c40"])
    for one in told["colibri_session_manager"]["sessions"].values():
        assert shape(one) == shape(sample["colibri_session_manager"]["sessions"]["jvb-1"])
    (people,) = [ask.get(f"/prosody/room?room={room.node}&domain=x").json]
    assert {frozenset(one) for one in people} == {frozenset({"jid", "email", "display_name"})}


def test_the_calls_have_the_shapes_of_the_payloads():
    day, room = small()
    room.seats["ep-site-0413"].breakout(T0 + 1500, T0 + 1600, "2b6f5f0e-0b1a-4d3c-9d55-0c0f3f0b7a11")
    day = Day(day.prosody, [room], T0 - 900)
    calls = list(day.advance(T0 + 4000))
    by_name = {}
    for call in calls:
        if call.source == "event":
            body = call.json()
            by_name[body["event_name"], body["is_breakout"]] = body
    assert shape(by_name["muc-occupant-joined", False]) == shape(json_payload("event_sync_occupant_joined.json"))
    assert shape(by_name["muc-occupant-left", False]) == shape(json_payload("event_sync_occupant_left.json"))
    assert shape(by_name["muc-room-created", False]) == shape(json_payload("event_sync_room_created.json"))
    assert shape(by_name["muc-room-destroyed", False]) == shape(json_payload("event_sync_room_destroyed.json"))
    breakout = json_payload("event_sync_occupant_joined_breakout.json")
    assert by_name["muc-occupant-joined", True].keys() == breakout.keys()
    (first, *_rest) = [call for call in calls if call.source == "reservation"]
    assert list(parse_qs(first.body.decode())) == ["name", "start_time", "mail_owner"]
    assert parse_qs(first.body.decode())["name"] == ["GiaoBan-Tinh-20261121"]  # as typed; EduNOC compares without case
    beats = [call.json() for call in calls if call.source == "heartbeat"]
    inside = next(one for one in beats if one["state"] == "in_meeting")
    proposal = json_payload("edunoc_kiosk_heartbeat_proposal.json")
    assert {key: set(one) for key, one in inside.items() if isinstance(one, dict)} == {
        key: set(one) for key, one in proposal.items() if isinstance(one, dict)} and inside.keys() == proposal.keys()


def test_who_is_where_and_for_how_long():
    day, room = small()
    count = day.run(T0 + 700, accept)
    (found,) = day.open.values()
    assert count > 90 and len(found.mains) == 2 and len(found.stays) == 3 and found.number == 7
    assert answers.read_census(json.dumps(fake_jitsi(day).test_client().get("/prosody/room-census").json).encode())[
        0].participants == 2
    calls = list(day.advance(T0 + 5000))
    assert not day.open and [call.method for call in calls if call.source == "reservation"] == ["DELETE"]
    (destroyed,) = [call.json() for call in calls if call.path.endswith("room/destroyed")]
    assert len(destroyed["all_occupants"]) == 3  # main intervals; visitors are not in it
    truth = day.truth()[room.node]
    assert {subject: one.minutes for subject, one in truth.items()} == {
        "user-42": 60, "ep-site-0412": 60, "ep-site-0413": 40}
    assert day.truth(bridge_s=0)[room.node]["ep-site-0413"].seconds == 600 + 1770


def test_a_refused_room_lets_nobody_in_and_is_tried_again():
    day, room = small()
    until = T0 + 290

    def send(call):
        if call.source == "reservation" and call.at < until:
            return 403, b'{"message": "not yet"}'
        return accept(call)

    day.run(T0 + 280, send)
    assert not day.open and {status for _room, status in day.refusals} == {403}
    day.run(T0 + 5000, send)
    chair = room.seats["user-42"].stays[0]
    assert chair.joined == T0 + 300 and day.truth()[room.node]["user-42"].minutes == 55


def test_an_open_reservation_is_looked_up():
    day, _room = small(faults=[Restart(T0 + 1800)])
    asked = []

    def send(call):
        if call.source != "reservation":
            return 200, b"{}"
        asked.append((call.method, call.path))
        if call.method == "POST" and len(asked) > 1:
            return 409, b'{"conflict_id": 7}'
        return accept(call) if call.method == "POST" else (200, b'{"id": 7}')

    day.run(T0 + 5000, send)
    assert [method for method, _path in asked] == ["POST", "POST", "GET", "DELETE"]


def test_after_prosodys_restart_all_are_others_and_nobody_was_told_to_have_left():
    day, room = small(faults=[Restart(T0 + 2000)])
    calls = [call for call in day.advance(T0 + 2100) if call.source == "event"]
    assert not [call for call in calls if "destroyed" in call.path]
    assert [call.json()["occupant"]["id"] for call in calls if call.path.endswith("left")] == ["ep-site-0413"]
    chair = room.seats["user-42"].stays
    assert len(chair) == 2 and chair[0].endpoint != chair[1].endpoint and 5 <= chair[1].joined - chair[0].left <= 25
    list(day.advance(T0 + 5000))
    assert day.truth()[room.node]["user-42"].minutes == 60


def test_a_promoted_visitor_is_another_connection_in_the_main_room():
    day, room = small()
    seat = room.seats["ep-site-0412"]
    seat.promote(T0 + 900)
    day = Day(day.prosody, [room], T0 - 900)
    day.run(T0 + 1000, accept)
    old, new = seat.stays
    assert old.endpoint != new.endpoint and not old.is_in and new.is_in and not new.is_visitor
    look = answers.read_room(json.dumps(_document(day, room)).encode())
    assert new.endpoint in look.connections and not look.connections[new.endpoint].is_visitor
    list(day.advance(T0 + 5000))
    assert day.truth()[room.node]["ep-site-0412"].minutes == 60


def _document(day: Day, room: Room):
    return fake_jitsi(day).test_client().get(f"/jicofo/debug/conference/{day.installation.room_jid(room.node)}").json


def test_events_come_twice_late_and_never():
    def events(**delivery):
        day, _room = small(delivery=Delivery(**delivery))
        return [call for call in day.advance(T0 + 5000) if call.source == "event"]

    plain = events()
    assert [call.at for call in plain] == sorted(call.at for call in plain)
    assert len(events(twice=1.0)) == 2 * len(plain) and not events(lost=1.0)
    late = events(late=1.0)
    bodies = [call.body for call in late]
    assert sorted(bodies) == sorted(call.body for call in plain)
    assert all(call.at > plain_call.at for call, plain_call in zip(late, plain, strict=True))


def test_a_tenant_and_mixed_case():
    day, room = small(installation=Installation(tenant="SoGDDT"))
    calls = list(day.advance(T0 + 700))
    name = parse_qs(next(call for call in calls if call.source == "reservation").body.decode())["name"][0]
    assert name == "[SoGDDT]GiaoBan-Tinh-20261121"
    created = next(call.json() for call in calls if call.path.endswith("room/created"))
    assert created["room_jid"] == "[sogddt]giaoban-tinh-20261121@muc.meet.example.edu.vn"
    assert _document(day, room)["name"] == created["room_jid"]


def test_faults_of_servers():
    day, _room = small(
        installation=Installation(versions={"jvb-2": "2.3.63-gold"}, dialects={
            "jvb-1": "jvb_colibri_stats_legacy_2019.json"}),
        faults=[BridgeRestart("jvb-3", T0 + 100, T0 + 160), Outage("jicofo", T0 + 200, T0 + 260),
                Stress("jvb-4", T0, T0 + 50, 0.93)],
    )
    day.run(T0 + 10, accept)
    ask = fake_jitsi(day).test_client()
    assert ask.get("/jvb-4/colibri/stats").json["stress_level"] == 0.93
    assert ask.get("/jvb-1/colibri/stats").json.keys() == json_payload("jvb_colibri_stats_legacy_2019.json").keys()
    assert ask.get("/jicofo/stats").json["bridge_selector"]["bridge_version_count"] == 2
    day.run(T0 + 120, accept)
    assert ask.get("/jvb-3/colibri/stats").status_code == 502 and not day.on_bridge("jvb-3")
    assert ask.get("/jicofo/stats").json["bridge_selector"]["operational_bridge_count"] == 3
    day.run(T0 + 230, accept)
    assert ask.get("/jvb-3/colibri/stats").json["total_ice_succeeded"] == 0
    assert ask.get("/jicofo/about/health").status_code == 502
    assert ask.get("/jvb-1/debug/6f2b9c1e7a40d3b1/14f01c40").json["conferences"] == {"6f2b9c1e7a40d3b1": "null"}
    day.run(T0 + 300, accept)
    assert ask.get("/jicofo/debug/conference/none@muc.meet.example.edu.vn").status_code == 500
    moved = ask.get("/jicofo/move-endpoints/move-endpoints?bridge=jvb-9")
    assert moved.status_code == 500


def test_a_bad_line_shows_at_the_bridge_in_the_debug_and_in_heartbeats():
    day, room = small()
    seat = room.seats["ep-site-0412"]
    seat.curves.append(Curve(T0, T0 + 600, loss_down=0.2, rtt_s=0.3))
    beats = []

    def send(call):
        if call.source == "heartbeat":
            beats.append(call)
        return accept(call)

    day.run(T0 + 100, send)
    (stay,) = seat.stays
    ask = fake_jitsi(day).test_client()
    body = ask.get(f"/{stay.bridge}/debug").get_data()
    conference = answers.conference_of(body, day.installation.room_jid(room.node), stay.endpoint)
    look = answers.read_endpoint(
        ask.get(f"/{stay.bridge}/debug/{conference}/{stay.endpoint}").get_data(), conference, stay.endpoint)
    assert look.loss_down == 0.2 and look.rtt_s == pytest.approx(0.3) and look.is_visitor
    found, _facts = answers.read_stats(ask.get(f"/{stay.bridge}/colibri/stats").get_data())
    assert found["jvb_out_loss_ratio"] > 0
    assert beats[-1].json()["connection"]["loss_down_pct"] == 20


def test_control_needs_a_system_token_and_changes_the_day():
    day, room = small()
    key = rsa.generate_private_key(65537, 2048)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    with serve(fake_jitsi(day, {"sys-1": public}.__getitem__)) as base:
        assert base.startswith("http://127.0.0.1:")
    ask = fake_jitsi(day, {"sys-1": public}.__getitem__).test_client()
    day.run(T0 + 700, accept)
    jid = day.installation.room_jid(room.node)
    token = jwt.encode({"iss": "edunoc"}, key, algorithm="RS256", headers={"kid": "sys-1"})
    good, wrong = {"Authorization": f"Bearer {token}"}, {"Authorization": "Bearer a.b.c"}
    assert ask.post(f"/prosody/end-meeting?conference={jid}").status_code == 401
    assert ask.post(f"/prosody/end-meeting?conference={jid}", headers=wrong).status_code == 401
    kick = f"/prosody/kick-participant?room={room.node}&prefix="
    late = room.seats["ep-site-0413"].stays[0]
    assert ask.put(kick, headers=good, json={}).status_code == 400
    assert ask.put(kick, headers=good, json={"participantId": "00000000"}).status_code == 404
    assert ask.put(kick, headers=good, json={"participantId": late.endpoint}).status_code == 200
    left = [call for call in day.advance(T0 + 701) if call.path.endswith("left")]
    assert [call.json()["occupant"]["id"] for call in left] == ["ep-site-0413"] and not late.is_in
    assert ask.post(f"/prosody/end-meeting?conference={jid}", headers=good).status_code == 200
    ended = [call.path.rpartition("events/")[2] for call in day.advance(T0 + 702) if call.source == "event"]
    assert ended == ["occupant/left", "room/destroyed"]
    assert ask.post(f"/prosody/end-meeting?conference={jid}", headers=good).status_code == 404
    assert ask.post("/jvb-2/colibri/drain/enable").status_code == 200
    assert ask.get("/jvb-2/colibri/drain").json == {"drain": True}
    bad, fine = {"sessionId": "x", "sinkType": "file"}, {"sessionId": "x", "sinkType": "file", "callLoginParams": {}}
    start = "/jibri-1/jibri/api/v1.0/startService"
    assert [ask.post(start, json=one).status_code for one in (bad, fine, fine)] == [412, 200, 412]
    assert ask.get("/jibri-1/jibri/api/v1.0/health").json["status"]["busyStatus"] == "BUSY"


def test_a_large_day_is_stepped_through():
    day = province_day(T0, beat_s=300.0)
    largest = max(day.rooms.values(), key=lambda room: len(room.seats))
    assert len(day.rooms) == 40 and len(largest.seats) == 600
    counts, size = {}, 0
    for minute in range(0, 13 * 60, 10):
        for call in day.advance(T0 - 3600 + 60 * minute):
            call.status, call.answer = accept(call)
            counts[call.source] = counts.get(call.source, 0) + 1
        if day.installation.node(largest.node) in day.open:
            jid = day.installation.room_jid(largest.node)
            told = fake_jitsi(day).test_client().get(f"/jicofo/debug/conference/{jid}")
            if told.status_code == 200:  # Jicofo is away for a while
                size = max(size, len(answers.read_room(told.get_data()).connections))
    assert not day.open
    assert counts["event"] > 900 and counts["heartbeat"] > 20_000 and size > 580
    minutes = [one.minutes for room in day.truth().values() for one in room.values()]
    assert len(minutes) > 1_000 and 0 in minutes and max(minutes) >= 90
