"""Room events as event_sync tells them: recorded payloads, any order, repetition, garbage, hostile names, a storm."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from conference.jitsi import REASONS, RoomEvent, drain_desk, is_room_open
from conference.schedule import Meeting
from tests.conference.jitsi.conftest import ROOM
from tests.conference.payloads import json_payload, payload

JID = "14f01c40-5195-4a4d-8efb-f58b49d18741@meet.example.edu.vn/OWhl8jSh"
PATHS = {
    "muc-room-created": "room/created", "muc-room-destroyed": "room/destroyed",
    "muc-occupant-joined": "occupant/joined", "muc-occupant-left": "occupant/left",
}
RECORDED = [f"event_sync_{word}.json" for word in (
    "room_created", "room_destroyed", "occupant_joined", "occupant_joined_breakout", "occupant_left",
    "occupant_left_full",
)]


def event(what: str, at: datetime, jid: str = JID, **occupant: object) -> dict:
    """An event of our room."""
    body = {"event_name": what, "room_name": ROOM, "room_jid": f"{ROOM}@muc.meet.example.edu.vn", "is_breakout": False}
    stamp = int(at.timestamp())
    if what.startswith("muc-room"):
        return {**body, "created_at" if what.endswith("created") else "destroyed_at": stamp}
    times = {"joined_at": stamp} if what.endswith("joined") else {"joined_at": stamp - 60, "left_at": stamp}
    return {**body, "occupant": {"occupant_jid": jid, "id": "ep-site-0412", "name": "THCS", **times, **occupant}}


def tell(ask, body: object, **options):
    path = options.pop("path", None) or f"/jitsi/events/{PATHS[body['event_name']]}"
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return ask("POST", path, raw, **options)


def rows(database) -> list[RoomEvent]:
    with database.reading() as session:
        return list(session.scalars(select(RoomEvent).order_by(RoomEvent.happened_at, RoomEvent.id)))


def meeting_now(database, world) -> Meeting:
    with database.reading() as session:
        return session.get(Meeting, world.meeting.id)


@pytest.mark.parametrize("file", RECORDED)
def test_every_recorded_event_is_kept_whole(ask, database, desk, file) -> None:
    body = json_payload(file)
    assert tell(ask, payload(file).encode(), path=f"/jitsi/events/{PATHS[body['event_name']]}").status == 200
    drain_desk(desk, database)
    (row,) = rows(database)
    assert (row.name, row.room) == (body["event_name"], body["room_name"])
    assert json.loads(row.raw) == body
    if "occupant" in body:
        assert row.endpoint == "14f01c40"
        assert row.subject == body["occupant"]["id"]
    assert row.happened_at < datetime(2030, 1, 1, tzinfo=UTC)


def test_repeated_events_count_once_whether_at_once_or_a_day_later(ask, database, desk, now) -> None:
    joined = event("muc-occupant-joined", now)
    for _ in range(3):
        assert tell(ask, joined).status == 200
    drain_desk(desk, database)
    tell(ask, joined, at=now + timedelta(days=1))
    drain_desk(desk, database)
    assert len(rows(database)) == 1


def test_the_meeting_began_with_the_first_and_was_left_with_the_room_in_every_order(
    ask, database, desk, world, now
) -> None:
    first, last = now + timedelta(minutes=1), now + timedelta(minutes=80)
    story = [event("muc-room-created", now), event("muc-occupant-joined", first),
             event("muc-occupant-joined", first + timedelta(minutes=3), jid="aaaaaaaa-0000@x/y"),
             event("muc-occupant-left", last), event("muc-room-destroyed", last + timedelta(seconds=1))]
    random.Random(7).shuffle(story)
    for one in story:
        tell(ask, one)
    assert drain_desk(desk, database) == 5
    meeting = meeting_now(database, world)
    assert (meeting.state, meeting.began_at) == ("running", first)
    assert meeting.ended_at == last + timedelta(seconds=1)
    assert all(row.meeting_id == world.meeting.id for row in rows(database))
    with database.reading() as session:
        assert not is_room_open(session, world.meeting.id)


def test_a_room_that_opens_again_after_a_restart_goes_on(ask, database, desk, world, now) -> None:
    tell(ask, event("muc-occupant-joined", now))
    tell(ask, event("muc-room-destroyed", now + timedelta(minutes=5)))
    drain_desk(desk, database)
    assert meeting_now(database, world).ended_at is not None
    tell(ask, event("muc-occupant-joined", now + timedelta(minutes=6), jid="bbbbbbbb-0000@x/y"))
    drain_desk(desk, database)
    meeting = meeting_now(database, world)
    assert (meeting.state, meeting.ended_at) == ("running", None)
    with database.reading() as session:
        assert is_room_open(session, world.meeting.id)


def test_an_unknown_room_is_kept_without_a_meeting(ask, database, desk, now) -> None:
    body = {**event("muc-room-created", now), "room_jid": "elsewhere@muc.meet.example.edu.vn"}
    tell(ask, body)
    drain_desk(desk, database)
    assert [(row.room, row.meeting_id) for row in rows(database)] == [("elsewhere", None)]


def test_case_tenant_and_times_of_other_kinds_are_understood(ask, database, desk, world, now) -> None:
    body = event("muc-occupant-joined", now)
    body["room_jid"] = f"{ROOM.upper()}@muc.meet.example.edu.vn"
    body["occupant"]["joined_at"] = str(int(now.timestamp() * 1000))  # milliseconds, as a text
    tell(ask, body)
    drain_desk(desk, database)
    (row,) = rows(database)
    assert (row.meeting_id, row.happened_at) == (world.meeting.id, now)


def test_a_hostile_name_is_kept_harmless_and_the_raw_event_whole(ask, database, desk, now) -> None:
    name = "<script>\u202egnp\x00\x1b[31m\ud800" + "x" * 1000
    tell(ask, event("muc-occupant-joined", now, name=name, id="ep'); DROP TABLE\n--", extra={"deep": [1]}))
    drain_desk(desk, database)
    (row,) = rows(database)
    assert row.display_name.isprintable()
    assert len(row.display_name) <= 300
    assert row.subject == "ep'); DROP TABLE --"
    assert "\x00" not in row.raw
    assert json.loads(row.raw)["occupant"]["name"] == name
    assert json.loads(row.raw)["occupant"]["extra"] == {"deep": [1]}


GARBAGE = [
    (b"", "no_json"), (b"[]", "no_json"), (b"{" * 5000, "no_json"), (b"null", "no_json"), (b"\xff", "no_json"),
    (b"{}", "no_room"), (b'{"room_name": 5, "room_jid": []}', "no_room"),
    (b'{"room_jid": "r@m"}', "no_occupant"), (b'{"room_jid": "r@m", "occupant": "x"}', "no_occupant"),
    (b'{"room_jid": "r@m", "occupant": {}}', "no_time"),
    (b'{"room_jid": "r@m", "occupant": {"joined_at": true}}', "no_time"),
    (b'{"room_jid": "r@m", "occupant": {"joined_at": 12}}', "no_time"),
    (b'{"room_jid": "r@m", "occupant": {"joined_at": NaN}}', "no_time"),
    (b'{"room_jid": "r@m", "occupant": {"joined_at": 1e400}}', "no_time"),
    (b'{"room_jid": "[other]r@m", "occupant": {"joined_at": 1795224400}}', "wrong_tenant"),
]


@pytest.mark.parametrize(("body", "reason"), GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_is_refused_with_a_named_reason(ask, desk, body, reason) -> None:
    answer = ask("POST", "/jitsi/events/occupant/joined", body)
    assert (answer.status, json.loads(answer.body)["reason"]) == (400, reason)
    assert reason in REASONS
    assert desk.spooled(1) == []


def test_who_has_not_the_secret_tells_nothing(ask, desk, now) -> None:
    for header, reason in (("", "no_secret"), ("Bearer reservation-secret-for-tests", "wrong_secret")):
        answer = tell(ask, event("muc-room-created", now), authorization=header)
        assert (answer.status, json.loads(answer.body)["reason"]) == (401, reason)
    assert ask("POST", "/jitsi/events/room/created", b"x" * (1024 * 1024 + 1)).status == 413
    assert ask("GET", "/jitsi/events/room/created").status == 405
    assert ask("POST", "/jitsi/events/room/renamed").status == 404
    assert desk.spooled(1) == []


def test_600_joins_are_all_taken_and_kept(ask, database, desk, world, now) -> None:
    joins = [json.dumps(event("muc-occupant-joined", now + timedelta(seconds=i // 30), jid=f"{i:08x}-0000@x/y",
                              id=f"ep-{i}")).encode() for i in range(600)]
    for body in joins:
        assert ask("POST", "/jitsi/events/occupant/joined", body).status == 200
    assert drain_desk(desk, database) == 600
    assert len(rows(database)) == 600


def test_events_of_a_system_that_was_deleted_do_not_stop_the_others(ask, database, desk, world, now) -> None:
    tell(ask, event("muc-occupant-joined", now))
    desk.spool("event", now.timestamp(), json.dumps({"system_id": 999, "name": "muc-room-created",
                                                     "payload": event("muc-room-created", now)}))
    desk.spool("event", now.timestamp(), json.dumps({"system_id": world.system.id, "name": "muc-room-created",
                                                     "payload": {"of": "an older EduNOC"}}))
    assert drain_desk(desk, database) == 3
    assert len(rows(database)) == 1


def test_a_recorder_tells_of_itself_from_its_own_address(ask, database, desk, world, now) -> None:
    for state in ("idle", "busy", "expired"):
        body = json.dumps(json_payload("jibri_health.json")[state]).encode()
        assert ask("POST", "/jibri/v1/status", body, address="10.0.0.9").status == 200
    drain_desk(desk, database)
    with database.reading() as session:
        jibri = session.get(type(world.jibri), world.jibri.id)
    assert json.loads(jibri.told)["status"]["busyStatus"] == "EXPIRED"
    assert jibri.told_at == now
    assert ask("POST", "/jibri/v1/status", b"{}", address="10.0.0.9").status == 400
    assert ask("POST", "/jibri/v1/status", b"{}", address="192.0.2.1").status == 403
