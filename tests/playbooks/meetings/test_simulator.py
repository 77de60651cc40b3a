"""The same orders against the simulator of a whole installation: what they do to its day, seen from its own side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import parse_qs

import httpx
import pytest

from inventory import MeetingServer, MeetingSystem
from playbooks import MeetingOrder
from playbooks.meetings.sending import PATIENCE, carry_out
from playbooks.meetings.store import aim_of
from playbooks.meetings.verbs import Outcome
from tests.conference.simulator import Day, Installation, Prosody, Room, fake_jitsi, serve
from tests.conference.simulator.calls import Call
from tests.playbooks.meetings.conftest import Desk

T0 = datetime(2026, 11, 23, 1, 0, tzinfo=UTC).timestamp()
ROOM = "giaoban-tinh-20261121"


def accept(call: Call) -> tuple[int, bytes]:
    """EduNOC as it should be: every room is booked."""
    if call.source == "reservation" and call.method == "POST":
        name = parse_qs(call.body.decode())["name"][0]
        return 200, json.dumps({"id": 7, "name": name, "mail_owner": "a@b", "start_time": "", "duration": 900}).encode()
    return 200, b"{}"


@pytest.fixture
def day(desk: Desk, control_keys) -> Iterator[Day]:
    """A day with one room of three, twelve minutes after its start; the desk's system points to its servers."""
    desk.now = datetime.now(UTC)  # the simulator's Prosody checks a token's times by the real clock
    room = Room(ROOM, T0, T0 + 3600, 42)
    for number in range(3):
        room.seat(f"ep-{number}", f"Điểm cầu {number}").stay(T0 - 60, T0 + 3500)
    day = Day(Prosody(Installation(), "r", "e"), [room], T0 - 900)
    with serve(fake_jitsi(day, {control_keys.kid: control_keys.public}.__getitem__)) as base:
        with desk.database.session() as session:
            for server in session.query(MeetingServer):
                server.url = f"{base}/{server.name}"
            system = session.get(MeetingSystem, desk.system_id)
            system.muc_prefix, _dot, system.domain = day.installation.room_jid("x").partition("@")[2].partition(".")
        day.run(T0 + 720, accept)
        yield day


async def sent(desk: Desk, verb: str, **values) -> Outcome:
    """Order it and send it once, as the worker does, the second look included."""

    async def note() -> None:
        pass

    order_id = desk.order(verb, room=ROOM, **values)
    async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False, verify=False) as client:  # plain HTTP on loopback
        for _step in range(2):
            with desk.database.session() as session:
                outcome = await carry_out(client, aim_of(session, desk.vault, order_id, desk.settings, desk.now), note)
                if not outcome.step:
                    return outcome
                session.get(MeetingOrder, order_id).step = outcome.step
    return outcome


async def test_orders_change_the_day(desk, day):
    room = day.rooms[ROOM]
    stay = next(iter(room.seats.values())).stays[0]
    assert stay.is_in and stay.bridge
    moved = await sent(desk, "move_endpoint", endpoint=stay.endpoint)
    assert (moved.state, moved.reason) == ("done", "moved")
    gone = await sent(desk, "move_endpoints", arguments={"bridge": "jvb-99", "count": 3})
    assert (gone.state, gone.reason) == ("failed", "not_found")
    drained = await sent(desk, "drain_enable")
    assert drained.reason == "done" and day.drained == {"jvb-1"}
    assert (await sent(desk, "drain_disable")).reason == "done" and not day.drained
    assert (await sent(desk, "start_recording")).reason == "recording"
    assert (await sent(desk, "start_recording")).reason == "recorder_busy"
    assert (await sent(desk, "stop_recording")).reason == "done"
    assert (await sent(desk, "kick", endpoint=stay.endpoint)).reason == "done"
    assert (await sent(desk, "kick", endpoint="00000000")).reason == "not_found"
    day.run(T0 + 722, accept)
    assert not stay.is_in
    assert (await sent(desk, "pin", arguments={"version": "2.3.200", "minutes": 60})).reason == "done"
    assert list(day.pins) and (await sent(desk, "unpin")).reason == "done" and not day.pins
    assert (await sent(desk, "end_meeting")).reason == "done"
    day.run(T0 + 724, accept)
    assert (await sent(desk, "end_meeting")).reason == "not_found"


async def test_an_unknown_control_key_is_refused(desk, day):
    with desk.database.session() as session:
        session.get(MeetingSystem, desk.system_id).system_key_id = "another-key"
    assert (await sent(desk, "end_meeting")).reason == "token_refused"
