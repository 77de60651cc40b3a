"""The loops over meetings in the real worker, against the simulated installation."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from collectors import (
    ask_meeting_server,
    latest_question,
    open_sightings,
    server_states,
    servers_now,
    watch_room,
)
from collectors.work.meetings import rooms as rooms_loop
from collectors.work.meetings import servers as servers_loop
from core import Database
from inventory import MeetingServer, MeetingSystem, meeting_server_number
from telemetry import LiveTable
from tests.conference.simulator import Day, Installation, Outage, Prosody, Room, fake_jitsi, serve, server_rows
from tests.waiting import wait_until_async

T0 = 1_795_222_800.0


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look each second or so."""
    monkeypatch.setattr("collectors.jitsi.asking.QUICK_S", 1.0)
    monkeypatch.setattr("collectors.jitsi.asking.SLOW_S", 1.0)
    monkeypatch.setattr(servers_loop, "FOLLOW_EVERY_S", 0.2)
    monkeypatch.setattr(servers_loop, "SAVE_EVERY_S", 0.3)
    monkeypatch.setattr(servers_loop, "QUESTIONS_EVERY_S", 0.1)
    monkeypatch.setattr(rooms_loop, "TICK_S", 0.1)
    monkeypatch.setattr(rooms_loop, "LOOK_EVERY_S", 0.5)


def enter(database: Database, day: Day, base: str) -> tuple[int, dict[str, MeetingServer]]:
    with database.session() as session:
        system = MeetingSystem(name="Họp", public_url=base, domain=day.installation.domain)
        session.add(system)
        session.flush()
        rows = [MeetingServer(system_id=system.id, **row) for row in server_rows(day, base)]
        rows.append(MeetingServer(system_id=system.id, kind="jvb", name="jvb-9", url="http://127.0.0.1:1"))
        session.add_all(rows)
        session.flush()
        session.expunge_all()
        return system.id, {row.name: row for row in rows}


async def test_servers_and_a_room_are_followed(start, database, registry, sink):
    room = Room("hop-tinh", T0, T0 + 3600)
    for number in range(4):
        room.seat(f"ep-{number}", "THCS").stay(T0 - 60, T0 + 3600, is_visitor=number > 1)
    late = room.seat("ep-late", "THCS").stay(T0 + 300, T0 + 600)
    day = Day(Prosody(Installation()), [room], T0 - 600, faults=[Outage("jicofo", T0 + 400, T0 + 500)])
    list(day.advance(T0 + 60))
    with serve(fake_jitsi(day)) as base:
        system_id, servers = enter(database, day, base)
        now = datetime.now(UTC)
        with database.session() as session:
            watch_room(session, system_id, "hop-tinh", now - timedelta(minutes=1), now + timedelta(minutes=5))
        start(is_ping_on=False, projector_notice_port=0)

        def reason_of(name: str) -> str:
            with database.reading() as session:
                state = server_states(session).get(servers[name].id)
                return state.reason if state else ""

        def seen() -> set[str]:
            with database.reading() as session:
                return {row.endpoint for row in open_sightings(session, 1)}

        await wait_until_async(lambda: all(reason_of(name) for name in servers), 20)
        assert {name: reason_of(name) for name in servers} == {
            **dict.fromkeys(servers, "ok"), "jvb-9": "server_refused"}
        number = meeting_server_number(servers["jicofo"].id)
        assert sink.value(number, "meeting_participants") == 4 and sink.value(number, "meeting_server_up") == 1
        assert sink.value(meeting_server_number(servers["jvb-9"].id), "meeting_server_up") == 0
        everybody = {stay.endpoint for found in day.open.values() for stay in found.stays}
        await wait_until_async(lambda: seen() == everybody)

        list(day.advance(T0 + 310))
        await wait_until_async(lambda: late.endpoint in seen())
        list(day.advance(T0 + 450))  # Jicofo is away: nobody is taken for gone
        await wait_until_async(lambda: reason_of("jicofo") == "server_stopped")
        assert seen() == everybody | {late.endpoint}
        list(day.advance(T0 + 610))
        await wait_until_async(lambda: seen() == everybody and reason_of("jicofo") == "ok")

        live = LiveTable()
        live.grow(len(registry), registry.width)
        live.apply(list(sink.batches))
        wanted = [servers["jvb-1"], servers["jvb-9"], servers["jicofo"]]
        one, gone, focus = servers_now(live, registry, wanted, datetime.now(UTC).timestamp())
        assert one.is_up and one.state == "good" and one.stress is not None and one.is_joined and not one.is_draining
        assert (gone.is_up, gone.state, gone.stress) == (False, "down", None)
        assert focus.bridges == 4 and focus.versions == 1 and focus.recorders_free == 1
        (later,) = servers_now(live, registry, [servers["jvb-1"]], datetime.now(UTC).timestamp() + 1000)
        assert later.is_up is None and later.state == "unknown"


async def test_questions_of_people_are_answered(start, database, sink, monkeypatch):
    monkeypatch.setattr(servers_loop, "A_BRIDGE_A_SECOND", 1)
    room = Room("hop-tinh", T0, T0 + 3600)
    stay = room.seat("ep-1", "THCS").stay(T0 - 60, T0 + 3600)
    day = Day(Prosody(Installation()), [room], T0 - 600)
    list(day.advance(T0 + 60))
    jid = day.installation.room_jid("hop-tinh")
    with serve(fake_jitsi(day)) as base:
        _system_id, servers = enter(database, day, base)
        bridge = servers[stay.bridge].id
        asked = [(bridge, (jid, stay.endpoint)), (bridge, (jid, "00000000")), (servers["jvb-9"].id, None)]
        with database.session() as session:
            for server_id, connection in asked:
                ask_meeting_server(session, server_id, "lan", datetime.now(UTC), connection)
        start(is_ping_on=False, projector_notice_port=0)

        def answers() -> list:
            with database.reading() as session:
                return [latest_question(session, one, "endpoint" if about else "test", about) for one, about in asked]

        await wait_until_async(lambda: all(one.done_at for one in answers()))
        first, second, third = answers()
        assert first.reason == "ok" and json.loads(first.answer)["rtt_s"] == pytest.approx(0.03)
        assert second.reason == "bridge_busy_asked"  # one question a second in this test
        assert third.reason == "server_refused" and json.loads(third.answer)["meeting_server_up"] == 0
