"""Sightings change set-wise: only differences are written, gaps end what nobody saw, the end of a watch closes all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from collectors.jitsi import (
    Connection,
    RoomLook,
    RoomSighting,
    ServerLook,
    WatchedRoom,
    answer_question,
    ask_meeting_server,
    end_watches,
    latest_question,
    open_questions,
    open_sightings,
    rooms_to_watch,
    save_failed_look,
    save_look,
    save_looks,
    server_states,
    server_targets,
    sightings_of,
    watch_room,
)
from core import Database
from inventory import MeetingServer, MeetingSystem

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
STEP = timedelta(seconds=30)


@pytest.fixture
def system_id(database: Database) -> int:
    with database.session() as session:
        system = MeetingSystem(name="Họp tỉnh", public_url="https://meet.example.edu.vn", domain="meet.example.edu.vn")
        session.add(system)
        session.flush()
        for kind in ("jvb", "jicofo"):
            session.add(MeetingServer(system_id=system.id, kind=kind, name=kind, url=f"http://10.0.0.5/{kind}"))
        session.flush()
        return system.id


@pytest.fixture
def watched_id(database: Database, system_id: int) -> int:
    with database.session() as session:
        watch_room(session, system_id, "Giao-Ban", START, START + timedelta(hours=2))
        (target,) = rooms_to_watch(session, START)
        assert target.jid == "giao-ban@muc.meet.example.edu.vn" and target.focus.name == "jicofo"
        return target.id


def look_of(*connections: str, **values) -> RoomLook:
    return RoomLook({one: Connection(one, "jvb-1", **values) for one in connections}, {"jvb-1": {"stress": 0.3}})


def spans(database: Database, system_id: int) -> list[tuple[str, int, int, bool]]:
    with database.reading() as session:
        found = sightings_of(session, system_id, "GIAO-BAN", START, START + timedelta(hours=3))
        return [(row.endpoint, round((row.first_seen - START).total_seconds()),
                 round((until - START).total_seconds()), row.gone_at is None) for row, until in found]


def looks(database: Database, watched_id: int, *series: RoomLook, step: timedelta = STEP) -> None:
    for number, one in enumerate(series):
        with database.session() as session:
            save_look(session, watched_id, one, START + number * step)


def test_who_came_and_left(database, system_id, watched_id):
    looks(database, watched_id, look_of("aaaaaaaa"), look_of("aaaaaaaa", "bbbbbbbb"), look_of("bbbbbbbb"),
          look_of("aaaaaaaa", "bbbbbbbb"))
    assert spans(database, system_id) == [
        ("aaaaaaaa", 0, 30, False), ("bbbbbbbb", 30, 90, True), ("aaaaaaaa", 90, 90, True)]
    with database.reading() as session:
        watched = session.get(WatchedRoom, watched_id)
        assert (watched.main_count, watched.visitor_count, watched.reason) == (2, 0, "")
        assert watched.asked_at == START + 3 * STEP and watched.bridges == '{"jvb-1": {"stress": 0.3}}'
        assert {row.endpoint for row in open_sightings(session, watched_id)} == {"aaaaaaaa", "bbbbbbbb"}


def test_only_differences_are_written(database, watched_id):
    crowd = [f"{number:08x}" for number in range(600)]
    looks(database, watched_id, look_of(*crowd))
    written: list[str] = []

    def count(_connection, _cursor, statement, parameters, _context, _many) -> None:
        if "room_sighting" in statement and not statement.startswith("SELECT"):
            written.append(f"{statement.split()[0]} {len(parameters)}")

    event.listen(database.engine, "before_cursor_execute", count)
    looks(database, watched_id, look_of(*crowd))
    assert written == []
    changed = {**look_of(*crowd).connections, crowd[0]: Connection(crowd[0], "jvb-2", audio_muted=True)}
    looks(database, watched_id, RoomLook(changed))
    event.remove(database.engine, "before_cursor_execute", count)
    assert [one.split()[0] for one in written] == ["UPDATE"]
    with database.reading() as session:
        moved = next(row for row in open_sightings(session, watched_id) if row.endpoint == crowd[0])
        assert (moved.bridge, moved.audio_muted) == ("jvb-2", True)


def test_a_visitor_who_may_speak_is_seen_anew(database, system_id, watched_id):
    looks(database, watched_id, look_of("aaaaaaaa", is_visitor=True), look_of("aaaaaaaa"))
    assert spans(database, system_id) == [("aaaaaaaa", 0, 0, False), ("aaaaaaaa", 30, 30, True)]


def test_after_a_long_time_without_a_look_nobody_was_surely_there(database, system_id, watched_id):
    looks(database, watched_id, look_of("aaaaaaaa"), look_of("aaaaaaaa"), step=timedelta(minutes=10))
    assert spans(database, system_id) == [("aaaaaaaa", 0, 0, False), ("aaaaaaaa", 600, 600, True)]


def test_a_failed_look_changes_nobody(database, system_id, watched_id):
    looks(database, watched_id, look_of("aaaaaaaa"))
    with database.session() as session:
        save_failed_look(session, watched_id, "server_timeout")
    assert spans(database, system_id) == [("aaaaaaaa", 0, 0, True)]
    with database.session() as session:
        assert session.get(WatchedRoom, watched_id).reason == "server_timeout"
        save_look(session, watched_id, RoomLook(), START + STEP, "room_not_open")
    assert spans(database, system_id) == [("aaaaaaaa", 0, 0, False)]


def test_the_end_of_a_watch_closes_what_is_open(database, system_id, watched_id):
    looks(database, watched_id, look_of("aaaaaaaa", "bbbbbbbb"), look_of("aaaaaaaa", "bbbbbbbb"))
    with database.session() as session:
        assert end_watches(session, START + timedelta(hours=1)) == 0
        assert end_watches(session, START + timedelta(hours=2)) == 2
        assert rooms_to_watch(session, START + timedelta(hours=2)) == []
    assert spans(database, system_id) == [("aaaaaaaa", 0, 30, False), ("bbbbbbbb", 0, 30, False)]


def test_a_watch_is_moved_not_doubled(database, system_id, watched_id):
    with database.session() as session:
        watch_room(session, system_id, "GIAO-BAN", START, START + timedelta(hours=5))
    with database.reading() as session:
        assert [one.id for one in rooms_to_watch(session, START + timedelta(hours=4))] == [watched_id]
        assert session.query(RoomSighting).count() == 0


def test_states_of_servers(database, system_id):
    with database.session() as session:
        first, second = sorted(server_targets(session))
        facts = {"version": "2.3.200", "relay_id": "jvb-1"}
        save_looks(session, {first: (START, ServerLook(facts=facts)), 99: (START, ServerLook())})
    with database.session() as session:
        save_looks(session, {first: (START + STEP, ServerLook("server_refused", "x" * 900, False))})
    with database.reading() as session:
        state = server_states(session)[first]
        assert (state.is_up, state.reason, state.since) == (False, "server_refused", START + STEP)
        assert len(state.detail) == 300
        assert "2.3.200" in state.facts and second not in server_states(session)


def test_switched_off_servers_are_left_alone(database, system_id):
    with database.session() as session:
        first, second = sorted(server_targets(session))
        session.get(MeetingServer, first).is_enabled = False
        session.flush()
        assert list(server_targets(session)) == [second]
        assert list(server_targets(session, (second % 2, 2))) == [second]
        assert not server_targets(session, ((second + 1) % 2, 2))
        session.get(MeetingSystem, system_id).is_enabled = False
        session.flush()
        assert not server_targets(session)


def test_questions(database, system_id):
    with database.session() as session:
        server_id = min(server_targets(session))
        first = ask_meeting_server(session, server_id, "lan", START)
        assert ask_meeting_server(session, server_id, "minh", START + STEP).id == first.id
        other = ask_meeting_server(session, server_id, "lan", START, ("Room@muc.x", "aaaaaaaa"))
        assert other.id != first.id and other.room == "room@muc.x"
        number = first.id
    with database.session() as session:
        assert [one.id for one in open_questions(session, START + STEP)] == [number, number + 1]
        assert open_questions(session, START + timedelta(minutes=5)) == []
        answer_question(session, number, ("ok", "", {"version": "2"}), START + STEP)
    with database.reading() as session:
        assert [one.kind for one in open_questions(session, START + STEP)] == ["endpoint"]
        assert latest_question(session, server_id).answer == '{"version": "2"}'
        assert latest_question(session, server_id, "endpoint", ("room@muc.x", "aaaaaaaa")).done_at is None
