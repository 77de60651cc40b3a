"""A real Prosody lets our tokens in and others not, asks our reservations and tells our events (docs/jitsi.md)."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copyfile
from types import SimpleNamespace

import jwt
import pytest
from sqlalchemy import select
from waitress.server import create_server

from conference.jitsi import (
    Desk,
    RoomEvent,
    claims_of,
    desk_file,
    drain_desk,
    encode,
    grant_of,
    join_token,
    make_machine_app,
    refresh_desk,
    reservations_of,
)
from core import Database, Secret, Vault, sqlite_url, utc_now
from inventory import Unit, change_key, open_system, save_system
from tests.conference.jitsi.bosh import BoshClient, Refused
from tests.conference.jitsi.conftest import EVENT_SECRET, RESERVATION_SECRET, SYSTEM_FORM, meeting_row, participant_row
from tests.conference.jitsi.prosody_server import prosody
from tests.waiting import wait_until

HOUR = timedelta(hours=1)


def lua_lines(system, secrets, port: int) -> dict[str, str]:
    """What stands in prosody.cfg for this system."""
    key = f'    app_secret = "{secrets.token_key.reveal()}"' if system.algorithm == "HS256" else (
        f'    asap_key_server = "http://127.0.0.1:{port}/asap"')
    return {
        "host": f'    signature_algorithm = "{system.algorithm}"\n{key}\n'
                '    asap_accepted_issuers = { "edunoc" }\n    asap_accepted_audiences = { "jitsi" }',
        "muc": f'    reservations_api_prefix = "http://127.0.0.1:{port}/jitsi"\n'
               f'    reservations_api_headers = {{ ["Authorization"] = "Bearer {system.name}-{RESERVATION_SECRET}" }}\n'
               f'    event_sync_api_prefix = "http://127.0.0.1:{port}/jitsi"\n'
               f'    event_sync_authorization = "Bearer {system.name}-{EVENT_SECRET}"',
    }


def make_world(session, vault, now: datetime) -> dict[str, SimpleNamespace]:
    """One system by shared secret, one by key pair; a meeting that is open and one of tomorrow on each."""
    unit = Unit(code="SO", name="Sở", kind="department", path="/1/")
    session.add(unit)
    session.flush()
    worlds = {}
    for algorithm in ("HS256", "RS256"):
        name = algorithm.lower()
        form = {**SYSTEM_FORM, "name": name, "domain": f"{name}.test", "algorithm": algorithm,
                "reservation_secret": f"{name}-{RESERVATION_SECRET}", "event_secret": f"{name}-{EVENT_SECRET}"}
        system = save_system(session, vault, None, form)
        if algorithm == "RS256":
            change_key(session, vault, system.id, "login", now, now)
        rooms = {}
        for word, starts in (("open", now), ("later", now + timedelta(days=1))):
            meeting = meeting_row(unit.id, system.id, starts, room=f"{word}-{name}-k7f2")
            session.add(meeting)
            session.flush()
            chair = participant_row(meeting.id, "person-1", role="chair")
            site = participant_row(meeting.id, "ep-site-0412")
            session.add_all([chair, site])
            session.flush()
            rooms[word] = SimpleNamespace(meeting=meeting, chair=chair, site=site)
        worlds[name] = SimpleNamespace(system=system, secrets=open_system(session, vault, system.id), **rooms)
    return worlds


@pytest.fixture(scope="module")
def place(database_template: Path, tmp_path_factory):
    """EduNOC's answerer and Prosody, both running; the clock is the real one, as Prosody's is."""
    folder = tmp_path_factory.mktemp("prosody")
    copyfile(database_template, folder / "edunoc.db")
    database, vault = Database(sqlite_url(folder)), Vault.open_or_create(folder / "secret.key")
    with database.session() as session:
        worlds = make_world(session, vault, utc_now().replace(microsecond=0))
    desk = Desk(desk_file(folder))
    refresh_desk(desk, database, utc_now())
    server = create_server(make_machine_app(desk, utc_now, "vi"), host="127.0.0.1", port=0, threads=2)
    threading.Thread(target=server.run, daemon=True).start()
    lines = {one.system.domain: lua_lines(one.system, one.secrets, server.effective_port) for one in worlds.values()}
    with prosody(folder, lines) as port:
        yield SimpleNamespace(port=port, worlds=worlds, database=database, desk=desk)
    for channel in list(server.active_channels.values()):
        channel.close()
    server.close()
    desk.close()
    database.close()


def good(world, who: str = "site", word: str = "open") -> str:
    rooms = getattr(world, word)
    return join_token(world.system, world.secrets, rooms.meeting, getattr(rooms, who), utc_now()).reveal()


def made(world, algorithm: str = "", kid: str = "", key: Secret | None = None, **changes: object) -> str:
    claims = claims_of(world.system, grant_of(world.open.meeting, world.open.site), utc_now()) | changes
    system = world.system
    return encode(claims, key or world.secrets.token_key, algorithm or system.algorithm, kid or system.key_id).reveal()


@pytest.mark.parametrize("name", ["hs256", "rs256"])
def test_who_has_a_token_enters_his_room_with_his_role_and_events_tell_of_it(place, name) -> None:
    world = place.worlds[name]
    room, domain = world.open.meeting.room, world.system.domain
    chair = BoshClient(place.port, domain, good(world, "chair"))
    assert chair.join(room.upper(), f"muc.{domain}") == "owner"
    site = BoshClient(place.port, domain, good(world))
    assert site.join(room, f"muc.{domain}") == "member"
    site.leave()
    chair.leave()

    def story() -> list[RoomEvent]:
        drain_desk(place.desk, place.database)
        with place.database.reading() as session:
            return list(session.scalars(select(RoomEvent).where(RoomEvent.meeting_id == world.open.meeting.id)))

    wait_until(lambda: len(story()) >= 6)
    names = sorted(row.name for row in story())
    assert names == ["muc-occupant-joined"] * 2 + ["muc-occupant-left"] * 2 + ["muc-room-created", "muc-room-destroyed"]
    assert {(row.subject, row.endpoint) for row in story() if row.name == "muc-occupant-joined"} == {
        ("person-1", chair.jid[:8]), ("ep-site-0412", site.jid[:8])}
    with place.database.reading() as session:
        (opening,) = reservations_of(session, world.open.meeting.id)
    assert opening.name == room
    assert opening.mail_owner.endswith(f"@{domain}")
    assert opening.closed_at is not None


@pytest.mark.parametrize("name", ["hs256", "rs256"])
def test_a_token_for_another_room_stays_outside(place, name) -> None:
    world = place.worlds[name]
    client = BoshClient(place.port, world.system.domain, made(world))
    with pytest.raises(Refused, match="Room and token mismatched"):
        client.join("somebody-elses-room", f"muc.{world.system.domain}")
    client.leave()


def bad_tokens(world) -> list[tuple[str | None, str]]:
    """Tokens and what Prosody says to each."""
    at = int(utc_now().timestamp())
    token = made(world)
    head, body, tail = token.split(".")
    unsigned, other = (jwt.utils.base64url_encode(b'{"typ":"JWT","alg":"%s"}' % name).decode() for name in (
        b"none", b"RS256" if world.system.algorithm == "HS256" else b"HS256"))
    return [
        (None, "no token"), ("x.y", "malformed"), (f"{unsigned}.{body}.", "invalid or unsupported alg"),
        (made(world, exp=at - 1), "not acceptable by exp"), (made(world, exp=at), "not acceptable by exp"),
        (made(world, nbf=at + 60), "not acceptable by nbf"), (made(world, iss="somebody"), "invalid issuer"),
        (made(world, aud="other"), "invalid audience"),
        (f"{head}.{made(world, room='other').split('.')[1]}.{tail}", "invalid signature"),
        (f"{other}.{body}.{tail}", "invalid or unsupported alg"),
    ]


@pytest.mark.parametrize("name", ["hs256", "rs256"])
def test_every_bad_token_is_refused_at_the_log_in(place, name) -> None:
    world = place.worlds[name]
    for token, why in bad_tokens(world):
        with pytest.raises(Refused, match=why) as caught:
            BoshClient(place.port, world.system.domain, token)
        assert caught.value.where == "login"


def test_a_token_of_the_other_system_and_of_another_key_is_refused(place, rsa_pair) -> None:
    shared, paired = place.worlds["hs256"], place.worlds["rs256"]
    for world, token, why in (
        (paired, made(shared), "invalid or unsupported alg"),
        (shared, made(paired), "invalid or unsupported alg"),
        (shared, made(shared, key=Secret("another-secret-of-thirty-two-characters")), "invalid signature"),
        (paired, made(paired, key=rsa_pair.private), "invalid signature"),
        (paired, made(paired, kid="edunoc-nobody-knows"), "no public key for this kid"),
        (shared, made(shared, algorithm="HS384", key=Secret("s" * 48)), "invalid or unsupported alg"),
    ):
        with pytest.raises(Refused, match=why):
            BoshClient(place.port, world.system.domain, token)


def test_a_room_that_is_not_open_yet_is_not_made_and_says_when(place) -> None:
    """A token that is good (made by hand) opens nothing before the reservation says so."""
    world = place.worlds["hs256"]
    client = BoshClient(place.port, world.system.domain, made(world, room=world.later.meeting.room))
    with pytest.raises(Refused, match="403 Phòng của cuộc họp này mở lúc"):
        client.join(world.later.meeting.room, "muc.hs256.test")
    client.leave()
    stranger = BoshClient(place.port, world.system.domain, made(world, room="never-booked"))
    with pytest.raises(Refused, match="không có trong lịch họp"):
        stranger.join("never-booked", "muc.hs256.test")
    stranger.leave()


def test_an_exchanged_key_is_served_until_the_tokens_of_the_old_one_have_run_out(place, tmp_path) -> None:
    world = place.worlds["rs256"]
    old = made(world)
    with place.database.session() as session:
        vault = Vault.open_or_create(Path(place.database.url.removeprefix("sqlite:///")).parent / "secret.key")
        kid = change_key(session, vault, world.system.id, "login", utc_now(), utc_now() + HOUR)
        secrets = open_system(session, vault, world.system.id)
    refresh_desk(place.desk, place.database, utc_now())
    new = encode(claims_of(world.system, grant_of(world.open.meeting, world.open.site), utc_now()),
                 secrets.token_key, "RS256", kid).reveal()
    assert jwt.get_unverified_header(new)["kid"] != jwt.get_unverified_header(old)["kid"]
    for token in (old, new):
        client = BoshClient(place.port, world.system.domain, token)
        assert client.join(world.open.meeting.room, "muc.rs256.test") == "member"
        client.leave()
