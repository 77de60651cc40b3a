"""The loop between the answerer's file and the main database, the relay's credentials, the files' lines, lost keys."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import jwt
import pytest
from sqlalchemy import select

from conference.jitsi import (
    LOOP,
    RoomEvent,
    config_files,
    desk_of,
    ice_servers,
    is_room_open,
    last_token_end,
    reservations_of,
    turn_credentials,
)
from conference.jitsi.answering import OpenRoom
from conference.jitsi.store import keep_rooms
from core import Secret
from inventory import (
    MeetingServer,
    SystemSecrets,
    change_key,
    forget_secrets,
    get_system,
    meeting_servers,
    open_system,
    sign_system_token,
)
from tests.conference.jitsi.conftest import meeting_row


@pytest.fixture
def bench(database, tmp_path) -> SimpleNamespace:
    """What the step needs of the bench."""
    return SimpleNamespace(database=database, settings=SimpleNamespace(core=SimpleNamespace(data_dir=tmp_path)))


def test_a_turn_takes_what_waits_and_looks_for_news_every_five_seconds(bench, world, database, now, tmp_path) -> None:
    LOOP.step(bench, now)
    desk = desk_of(tmp_path)
    assert len(desk.snapshot().bookings) == 1
    with database.session() as session:
        session.add(meeting_row(world.unit.id, world.system.id, now, room="another"))
    payload = {"room_jid": "another@muc.x", "created_at": now.timestamp()}
    desk.spool("event", now.timestamp(), json.dumps(
        {"system_id": world.system.id, "name": "muc-room-created", "payload": payload}))
    LOOP.step(bench, now + timedelta(seconds=2))
    assert len(desk.snapshot().bookings) == 1
    with database.reading() as session:
        assert session.scalar(select(RoomEvent.room)) == "another"
    LOOP.step(bench, now + timedelta(seconds=6))
    assert len(desk.snapshot().bookings) == 2
    LOOP.step(bench, now - timedelta(hours=1))  # a clock that was set back stops nothing
    assert desk.looked_at == now - timedelta(hours=1)
    desk.close()


def test_a_room_that_prosody_ended_by_its_time_is_closed_by_our_clock(bench, world, database, now) -> None:
    room = OpenRoom("mtg-1", world.system.id, world.meeting.id, world.meeting.room, "x", "", now.timestamp())
    with database.session() as session:
        keep_rooms(session, [room])
    LOOP.step(bench, world.meeting.ends_at + timedelta(minutes=59))
    with database.reading() as session:
        assert is_room_open(session, world.meeting.id)
    LOOP.step(bench, world.meeting.ends_at + timedelta(minutes=61))
    with database.reading() as session:
        (row,) = reservations_of(session, world.meeting.id)
        assert not is_room_open(session, world.meeting.id)
    assert row.closed_at == world.meeting.ends_at + timedelta(minutes=60)


def test_a_control_token_is_short_lived_and_signed_with_a_key_of_its_own(database, vault, world, now) -> None:
    with database.session() as session:
        with pytest.raises(ValueError, match="no key pair"):
            sign_system_token(get_system(session, world.system.id), SystemSecrets().system_key, "room", now)
        kid = change_key(session, vault, world.system.id, "system", now, now)
        system, secrets = get_system(session, world.system.id), open_system(session, vault, world.system.id)
    token = sign_system_token(system, secrets.system_key, "Phong-1", now).reveal()
    pem = json.loads(system.proofs)["system"][0]["pem"]
    assert jwt.get_unverified_header(token) == {"typ": "JWT", "alg": "RS256", "kid": kid}
    claims = json.loads(jwt.PyJWS().decode(token, pem, algorithms=["RS256"]))
    assert (claims["room"], claims["iss"], claims["exp"] - claims["nbf"]) == ("phong-1", "edunoc", 300)
    assert secrets.token_key.reveal() == world.secrets.token_key.reveal()


def test_an_exchanged_key_is_served_until_the_last_token_that_it_may_have_signed(database, world, now) -> None:
    far = now + timedelta(days=7)
    with database.session() as session:
        session.add(meeting_row(world.unit.id, world.system.id, far, room="in-a-week"))
        session.add(meeting_row(world.unit.id, world.system.id, far + timedelta(days=3), room="later"))
        session.flush()
        until = last_token_end(session, world.system.id, now)
    assert far + timedelta(hours=3) <= until < far + timedelta(days=3)


def test_the_relays_credentials_are_those_of_the_draft(now) -> None:
    made = turn_credentials(Secret("north"), "ep-1", now)
    assert made.user == f"{int(now.timestamp()) + 3600}:ep-1"
    assert len(made.password.reveal()) == 28
    assert "***" in repr(made)
    with pytest.raises(ValueError, match="no TURN secret"):
        turn_credentials(Secret(""), "ep-1", now)


def test_without_a_relay_only_what_is_there_is_named(world, now) -> None:
    assert ice_servers(world.system, None, now)["iceServers"] == [{"urls": ["stun:turn.example.edu.vn:3478"]}]
    world.system.stun_host = ""
    assert ice_servers(world.system, None, now) == {"iceServers": [], "ttl": 0}


@pytest.mark.parametrize("algorithm", ["HS256", "RS256"])
def test_the_lines_for_prosody_are_lua_and_hold_no_secret(database, world, algorithm, tmp_path: Path) -> None:
    world.system.algorithm = algorithm
    with database.session() as session:
        session.add(MeetingServer(system_id=world.system.id, kind="jvb", name="jvb-7", url="http://10.0.0.5:8080"))
        session.flush()
        files = config_files(world.system, meeting_servers(session, world.system.id), "http://10.0.0.1:8091")
    lines = {file.name: file.text for file in files}
    assert set(lines) == {"prosody.cfg.lua", "jicofo.conf", "jvb.conf (jvb-7)", "jibri.conf", "turnserver.conf"}
    assert 'relay-id = "jvb-7"' in lines["jvb.conf (jvb-7)"]
    assert not [word for word in ("for-tests", "PRIVATE KEY") for text in lines.values() if word in text]
    assert ("asap_key_server" in lines["prosody.cfg.lua"]) == (algorithm == "RS256")
    file = tmp_path / "prosody.cfg.lua"
    file.write_text(lines["prosody.cfg.lua"], encoding="utf-8")
    lua = shutil.which("lua5.4")
    assert lua, "lua5.4 comes with prosody"
    read = f'local ok, why = loadfile("{file}") assert(ok, why) print("read")'
    done = subprocess.run([lua, "-e", read], capture_output=True, text=True, check=False)
    assert done.stdout == "read\n", done.stderr


def test_lost_key_files_empty_the_secrets_and_leave_the_public_keys(database, vault, world, now) -> None:
    with database.session() as session:
        change_key(session, vault, world.system.id, "login", now, now)
        assert forget_secrets(session) == 1
        system = get_system(session, world.system.id)
        assert (system.sealed, system.key_id) == ("", "")
        assert "BEGIN PUBLIC KEY" in system.proofs
        assert not open_system(session, vault, world.system.id).turn_secret
