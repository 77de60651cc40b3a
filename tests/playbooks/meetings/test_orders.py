"""Orders to meeting servers: through the queue, over real HTTP, to a pretended installation in Jitsi's own shapes."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from core import AuditFilter, list_audit
from inventory import MeetingServer, MeetingSystem
from playbooks import MeetingOrder, meetings
from playbooks.meetings.sending import carry_out
from playbooks.meetings.store import aim_of
from playbooks.meetings.verbs import Aim, request_of
from tests.conference.payloads import json_payload
from tests.playbooks.meetings.conftest import Desk
from tests.waiting import wait_until_async

# verb -> (what it is given, the reason it ends with, the request that went out)
ORDERS = {
    "end_meeting": ({}, "done", "POST /end-meeting"),
    "kick": ({"endpoint": "14f01c40"}, "done", "PUT /kick-participant"),
    "drain_enable": ({}, "done", "POST /colibri/drain/enable"),
    "drain_disable": ({}, "done", "POST /colibri/drain/disable"),
    "move_endpoint": ({"endpoint": "14f01c40"}, "moved", "GET /move-endpoints/move-endpoint"),
    "move_endpoints": ({"arguments": {"bridge": "jvb-1", "count": 10}}, "moved", "GET /move-endpoints/move-endpoints"),
    "move_fraction": ({"arguments": {"bridge": "jvb-1", "fraction": 0.1}}, "moved",
                      "GET /move-endpoints/move-fraction"),
    "pin": ({"arguments": {"version": "2.3.200", "minutes": 180}}, "done", "POST /pin"),
    "start_recording": ({}, "recording", "POST /jibri/api/v1.0/startService"),
    "stop_recording": ({}, "done", "POST /jibri/api/v1.0/stopService"),
    "start_stream": ({"sealed_stream": "yes"}, "recording", "POST /jibri/api/v1.0/startService"),
    "stop_stream": ({}, "done", "POST /jibri/api/v1.0/stopService"),
}  # fmt: skip


def test_every_verb_is_tried():
    assert {*ORDERS, "unpin"} == set(meetings.VERBS)
    for verb in meetings.VERBS.values():
        assert not verb.undo or verb.undo in meetings.VERBS


def given(desk: Desk, verb: str) -> dict:
    values = dict(ORDERS[verb][0])
    if "sealed_stream" in values:
        values["sealed_stream"] = desk.vault.seal("test-stream-key")
    return values


async def finished(desk: Desk, order_id: int) -> MeetingOrder:
    """The order once it ended; the clock goes on so that second looks become due."""

    def step() -> MeetingOrder | None:
        desk.now += timedelta(seconds=1)
        found = desk.get(order_id)
        return found if found.done_at is not None else None

    return await wait_until_async(step, 10, "ended")


@pytest.mark.parametrize("verb", list(ORDERS))
async def test_each_order_is_sent_as_jitsi_wants_it_and_noted_before(desk, work, verb):
    work()
    order_id = desk.order(verb, **given(desk, verb))
    found = await finished(desk, order_id)
    assert (found.state, found.failure) == ("done", ORDERS[verb][1]), found.detail
    method, _space, path = ORDERS[verb][2].partition(" ")
    sent = [one for one in desk.installation.asked if (one.method, one.path) == (method, path)]
    assert len(sent) == 1 and found.sent_at is not None
    assert meetings.say(found.failure, found.detail)


def keys_of(shape) -> set[str]:
    return set(shape) if isinstance(shape, dict) else set()


def test_requests_have_the_shapes_of_the_payloads():
    jicofo, prosody, jibri = (json_payload(f"{name}.json") for name in
                              ("jicofo_control_api", "prosody_control_api", "jibri_start_stop"))  # fmt: skip
    aim = {"room": "giaoban-tinh-20261121", "jid": "giaoban-tinh-20261121@muc.meet.example.edu.vn", "url": "http://x",
           "endpoint": "14f01c40", "public_url": "https://meet.example.edu.vn", "session": "rec-1"}  # fmt: skip
    pin = request_of(Aim("pin", arguments={"version": "2.3.200", "minutes": 180}, **aim))
    assert pin.body == jicofo["POST /pin"]["request"] | {"conferenceId": aim["jid"]}
    assert request_of(Aim("unpin", **aim)).body == jicofo["POST /pin/remove"]["request"] | {"conferenceId": aim["jid"]}
    kick = request_of(Aim("kick", **aim))
    (name, shape), = [item for item in prosody.items() if item[0].startswith("PUT")]
    assert name.startswith(f"PUT {kick.path}?room={kick.query['room']}&prefix=") and kick.body == shape["body"]
    end = request_of(Aim("end_meeting", **aim))
    (name,) = [name for name in prosody if name.startswith("POST")]
    assert name == f"POST {end.path}?" + "&".join(f"{key}={value}" for key, value in end.query.items())
    moves = {name.split("?")[0].split()[1]: {part.split("=")[0] for part in name.split("?")[1].split("&")}
             for name in jicofo if "/move-endpoints/" in name}  # fmt: skip
    for verb, arguments in (("move_endpoint", {"bridge": "jvb-2"}), ("move_endpoints", {"bridge": "b", "count": 10}),
                            ("move_fraction", {"bridge": "b", "fraction": 0.1})):  # fmt: skip
        request = request_of(Aim(verb, arguments=arguments, **aim))
        assert request.method == "GET" and set(request.query) == moves[request.path]
    start = request_of(Aim("start_recording", **aim))
    shape = jibri[f"POST {start.path}"]["request"]
    assert set(start.body) | {"callLoginParams", "youTubeStreamKey"} == set(shape)
    assert keys_of(start.body["callParams"]["callUrlInfo"]) == keys_of(shape["callParams"]["callUrlInfo"])


async def test_a_recorder_is_signed_in_and_its_password_stands_in_no_row(desk, work):
    work()
    order_id = desk.order("start_stream", **given(desk, "start_stream"))
    await finished(desk, order_id)
    (start,) = [one for one in desk.installation.asked if one.path.endswith("startService")]
    assert start.body["callLoginParams"] == {"domain": "recorder.meet.example.edu.vn", "username": "recorder",
                                             "password": "test-recorder-password"}  # fmt: skip
    assert start.body["youTubeStreamKey"] == "test-stream-key" and start.body["sinkType"] == "stream"
    row = desk.get(order_id)
    kept = " ".join(str(getattr(row, column.key)) for column in MeetingOrder.__table__.columns)
    assert "test-stream-key" not in kept and "test-recorder-password" not in kept
    with desk.database.reading() as session:
        audited, _total = list_audit(session, AuditFilter())
    assert audited and "test-stream-key" not in str([(one.summary, one.detail) for one in audited])


@pytest.mark.parametrize(("verb", "values", "reason"), [
    ("move_endpoints", {"arguments": {"bridge": "jvb-9", "count": 3}}, "not_found"),   # Jicofo: HTTP 500
    ("move_endpoint", {"endpoint": "14f01c40", "room": "no-such-room"}, "not_found"),
    ("kick", {"endpoint": "00000000"}, "not_found"),
    ("end_meeting", {"room": "another"}, "token_refused"),                             # token names another room
    ("unpin", {}, "not_found"),
])  # fmt: skip
async def test_a_refusal_ends_with_a_named_reason_and_is_not_repeated(desk, work, verb, values, reason):
    work()
    found = await finished(desk, desk.order(verb, **values))
    assert (found.state, found.failure) == ("failed", reason)
    assert len(desk.installation.asked) == 1


@pytest.mark.parametrize(("path", "status", "body", "reason"), [
    ("/colibri", 404, "<html>not here</html>", "switched_off"), ("/colibri", 500, "boom\nsecond line", "server_error"),
    ("/jibri", 412, "", "recorder_busy"), ("/kick", 400, "bad", "bad_request"), ("/kick", 403, "", "token_refused"),
])  # fmt: skip
async def test_what_each_status_means(desk, work, path, status, body, reason):
    desk.installation.faults.append((path, status, body))
    verb = {"/colibri": "drain_enable", "/jibri": "start_recording", "/kick": "kick"}[path]
    work()
    found = await finished(desk, desk.order(verb, **given(desk, verb)))
    assert (found.state, found.failure) == ("failed", reason)
    assert "<" not in found.detail and "\n" not in found.detail


async def test_a_busy_server_is_asked_again_and_then_does_it(desk, work):
    desk.installation.faults += [("/colibri/drain/enable", 503, ""), ("/colibri/drain/enable", 502, "")]
    work()
    found = await finished(desk, desk.order("drain_enable"))
    assert found.state == "done" and desk.installation.is_draining
    assert [one.path for one in desk.installation.asked].count("/colibri/drain/enable") == 3


async def test_a_dead_server_is_given_up_in_time_with_its_reason(desk, work):
    desk.write(lambda session: session.query(MeetingServer).update({"url": "http://127.0.0.1:9"}))
    work()
    order_id = desk.order("drain_enable")
    await desk.until(order_id, "waiting", "unreachable")
    desk.now += timedelta(minutes=5)
    found = await desk.until(order_id, "failed")
    assert found.failure == "unreachable"


async def test_a_recorder_that_accepts_and_never_joins_is_found_out(desk, work):
    desk.installation.joins_late = True
    work()
    found = await finished(desk, desk.order("start_recording"))
    assert (found.state, found.failure) == ("failed", "did_not_start")


async def test_what_may_not_be_repeated_is_not_when_the_worker_died_meanwhile(desk):
    order_id = desk.order("move_fraction", arguments={"bridge": "jvb-1", "fraction": 0.2})
    desk.write(lambda session: session.query(MeetingOrder).update(
        {"state": "running", "sent_at": desk.now, "claimed_at": desk.now - timedelta(minutes=5)}))  # fmt: skip
    moving = {"bridge": "b", "fraction": 1}
    aim = Aim("move_fraction", "http://127.0.0.1:9", arguments=moving, was_sent=True, attempts=2)
    outcome = await carry_out(None, aim, None)
    assert (outcome.state, outcome.reason) == ("failed", "interrupted") and not desk.installation.asked
    assert desk.get(order_id).attempts == 0


async def test_an_abandoned_kick_is_repeated_and_told_as_already_done(desk, work):
    order_id = desk.order("kick", endpoint="00000001")
    desk.write(lambda session: session.query(MeetingOrder).update(
        {"state": "running", "sent_at": desk.now, "claimed_at": desk.now - timedelta(seconds=61)}))  # fmt: skip
    work()
    found = await finished(desk, order_id)
    assert (found.state, found.failure) == ("done", "already")


async def test_undo_takes_a_drain_back_and_only_once(desk, work):
    work()
    order_id = desk.order("drain_enable")
    await finished(desk, order_id)
    with desk.database.session() as session:
        back = meetings.undo_order(session, order_id, "ky-thuat", desk.now).id
        assert meetings.undo_order(session, order_id, "ky-thuat", desk.now) is None
    found = await finished(desk, back)
    assert (found.verb, found.state, found.undoes_id) == ("drain_disable", "done", order_id)
    assert not desk.installation.is_draining


async def test_pin_and_its_undo(desk, work):
    work()
    order_id = desk.order("pin", arguments={"version": "2.3.200", "minutes": 60})
    await finished(desk, order_id)
    assert desk.installation.pins == {desk.installation.jid: "2.3.200"}
    with desk.database.session() as session:
        back = meetings.undo_order(session, order_id, "ky-thuat", desk.now).id
    assert (await finished(desk, back)).state == "done" and not desk.installation.pins


def test_what_was_not_sent_yet_is_taken_back_and_what_cannot_be_undone_is_not(desk):
    order_id = desk.order("end_meeting")
    with desk.database.session() as session:
        assert meetings.undo_order(session, order_id, "ky-thuat", desk.now).state == "cancelled"
        assert meetings.undo_order(session, order_id, "ky-thuat", desk.now) is None


@pytest.mark.parametrize(("verb", "values", "name"), [
    ("kick", {"endpoint": "14f01c40", "reason": "  "}, "reason"), ("kick", {"endpoint": "XYZ"}, "endpoint"),
    ("end_meeting", {"room": ""}, "room"), ("move_endpoints", {"arguments": {"bridge": "b", "count": 0}}, "count"),
    ("move_fraction", {"arguments": {"bridge": "b", "fraction": "2"}}, "fraction"),
    ("move_fraction", {"arguments": {"fraction": 0.1}}, "bridge"), ("pin", {"arguments": {"minutes": 5}}, "version"),
    ("pin", {"arguments": {"version": "1", "minutes": "long"}}, "minutes"), ("start_stream", {}, "stream"),
    ("drain_enable", {"server_id": 9999}, "server"), ("drain_enable", {"server_id": None}, "server"),
])  # fmt: skip
def test_an_order_that_cannot_be_is_refused_at_its_field(desk, verb, values, name):
    with pytest.raises(meetings.OrderProblem) as caught:
        desk.order(verb, **values)
    assert caught.value.field == name and caught.value.text
    with desk.database.reading() as session:
        assert not session.query(MeetingOrder).count()


def test_a_system_without_a_control_key_says_so(desk):
    order_id = desk.order("end_meeting")
    desk.write(lambda session: session.query(MeetingSystem).update({"system_key_id": ""}))
    with desk.database.reading() as session:
        assert aim_of(session, desk.vault, order_id, desk.settings, desk.now).reason == "no_key"


def test_a_preview_says_what_happens_to_how_many_and_is_kept(desk):
    found = desk.get(desk.order("end_meeting", hits=656, names="Giao ban"))
    assert "656" in found.preview and "Giao ban" in found.preview and found.hits == 656
    with desk.database.reading() as session:
        (entry,), _total = list_audit(session, AuditFilter(action="meeting.end_meeting"))
    assert entry.actor == "ky-thuat" and json.loads(entry.detail)["reason"] == "thử nghiệm"


async def test_two_workers_send_an_order_once(desk, work):
    work()
    work()
    ids = [desk.order("move_endpoint", endpoint="14f01c40") for _one in range(12)]
    for order_id in ids:
        await finished(desk, order_id)
    assert len(desk.installation.asked) == 12
