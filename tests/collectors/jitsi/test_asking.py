"""Looks at servers over real sockets: the simulated installation, and others that misbehave, named by reason."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from flask import Flask

from collectors import REASONS
from collectors.jitsi import Caller, ServerTarget, ask_endpoint, ask_room, ask_server, read_room, room_jid
from collectors.jitsi.fetch import Ask
from core import GiveUp, OutsideFailure, TryLater
from tests.conference.payloads import payload
from tests.conference.simulator import (
    BridgeRestart,
    Day,
    Installation,
    Outage,
    Prosody,
    Room,
    Stress,
    fake_jitsi,
    serve,
    server_rows,
)

T0 = 1_795_222_800.0


async def resolve(host: str) -> tuple[str, ...]:
    return (host,)


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    found = Caller(resolve)
    yield found
    await found.close()


def day_of(**options) -> Day:
    room = Room("hop-tinh", T0, T0 + 3600)
    room.seat("user-1", "Sở").stay(T0 - 600, T0 + 3600)
    room.seat("ep-site-2", "THCS 2").stay(T0 - 500, T0 + 3600, is_visitor=True)
    installation = options.pop("installation", Installation())
    day = Day(Prosody(installation), [room], T0 - 900, **options)
    list(day.advance(T0 + 60))
    return day


def targets(day: Day, base: str) -> dict[str, ServerTarget]:
    rows = server_rows(day, base)
    return {str(row["name"]): ServerTarget(number, 1, domain="meet.example.edu.vn", **row)
            for number, row in enumerate(rows, start=1)}


async def look(caller: Caller, target: ServerTarget):
    return await ask_server(caller, target, time.monotonic)


async def test_every_kind_of_server_of_an_installation(caller):
    day = day_of(faults=[Stress("jvb-2", T0, T0 + 3600, 0.83)])
    with serve(fake_jitsi(day)) as base:
        found = dict(zip(
            servers := targets(day, base), await asyncio.gather(*(look(caller, one) for one in servers.values())),
            strict=True))
    assert {name: (one.reason, one.is_up) for name, one in found.items()} == dict.fromkeys(found, ("ok", True))
    assert found["jvb-2"].values["jvb_stress_ratio"] == 0.83
    assert sum(found[name].values["meeting_participants"] for name in day.installation.bridges) == 2
    assert found["jicofo"].values["meeting_visitors"] == 1 and found["jicofo"].facts["version"] == "1.1-1200"
    assert found["prosody"].values["meeting_participants"] == 1 and found["prosody"].values["meeting_conferences"] == 1
    assert found["prosody"].values["prosody_cpu_seconds_total"] > 0
    assert found["jibri-1"].values["jibri_free"] == 1 and found["coturn"].values["turn_allocations"] == 0
    busy = next(found[name] for name in day.installation.bridges if found[name].values["meeting_participants"] == 1)
    assert busy.values["meeting_server_used_ratio"] == pytest.approx(1.72e6 / 1e9) and busy.facts["relay_id"]


async def test_a_server_that_is_down_and_its_fallbacks(caller):
    day = day_of(faults=[Outage("jicofo", T0, T0 + 600), BridgeRestart("jvb-1", T0, T0 + 600)])
    with serve(fake_jitsi(day)) as base:
        servers = targets(day, base)
        down = await look(caller, servers["jicofo"])
        restarting = await look(caller, servers["jvb-1"])
        absent = await look(caller, replace(servers["jvb-2"], url=f"{base}/nothing"))
    assert (down.reason, down.is_up, down.values) == ("server_stopped", False, {"meeting_server_up": 0.0})
    assert (restarting.reason, restarting.is_up) == ("server_stopped", False)
    assert absent.reason == "wrong_server" and not absent.is_up
    gone = await look(caller, servers["jvb-2"])
    assert (gone.reason, gone.is_up) == ("server_refused", False)


def app_of(routes: dict[str, tuple[int, str]], headers: dict[str, str] | None = None) -> Flask:
    app = Flask("server")

    @app.get("/<path:path>")
    def answer(path: str):
        status, body = routes.get(f"/{path}", (404, "no such page"))
        return body, status, headers or {}

    return app


JVB = ServerTarget(1, 1, "jvb", "jvb-1", "")


@pytest.mark.parametrize(("kind", "routes", "reason", "metric"), [
    ("jvb", {"/metrics": (200, payload("jvb_metrics_sample.txt")), "/about/health": (200, "")}, "ok",
     "jvb_stress_ratio"),
    ("jvb", {"/about/health": (200, "")}, "no_interface", "meeting_server_healthy"),
    ("jvb", {"/colibri/stats": (200, payload("jvb_colibri_stats_busy_full_keys.json")),
             "/about/health": (500, "Address discovery through STUN failed")}, "server_unhealthy", "jvb_stress_ratio"),
    ("jicofo", {"/metrics": (200, payload("jicofo_metrics_sample.txt"))}, "ok", "jicofo_bridges"),
    ("jicofo", {"/stats": (200, payload("jicofo_stats.json"))}, "ok", "jicofo_bridges"),
    ("prosody", {"/health": (500, "HAS ERRORS"), "/room-census": (200, '{"room_census":[]}')}, "server_unhealthy",
     "meeting_conferences"),
    ("prosody", {"/health": (200, "OK")}, "no_interface", "meeting_server_healthy"),
    ("prosody", {"/room-census": (400, "no muc host"), "/metrics": (200, "process_cpu_seconds_total 4")},
     "no_interface", "prosody_cpu_seconds_total"),
    ("jibri", {"/jibri/api/v1.0/health": (200, json.dumps(json.loads(payload("jibri_health.json"))["expired"]))},
     "server_unhealthy", "jibri_state"),
    ("jigasi", {"/about/stats": (200, payload("jigasi_about_stats.json"))}, "ok", "jigasi_stress_ratio"),
])
async def test_what_is_switched_off_or_ill_is_named(caller, kind, routes, reason, metric):
    with serve(app_of(routes)) as base:
        found = await look(caller, replace(JVB, kind=kind, url=base))
    assert (found.reason, found.is_up) == (reason, True) and metric in found.values


@pytest.mark.parametrize(("kind", "body", "reason"), [
    ("jvb", "<html>welcome</html>", "bad_reply"), ("jibri", "{}", "wrong_server"), ("coturn", "hello", "wrong_server"),
    ("jigasi", "[]", "bad_reply"), ("prosody", "nothing", "bad_reply"),
])
async def test_another_program_at_the_address(caller, kind, body, reason):
    app = Flask("other")
    app.add_url_rule("/<path:path>", "any", lambda path: body)
    with serve(app) as base:
        found = await look(caller, replace(JVB, kind=kind, url=base))
    assert (found.reason, found.is_up) == (reason, False)


@pytest.mark.parametrize(("status", "reason"), [(403, "server_forbids"), (401, "server_forbids")])
async def test_a_proxy_that_refuses_us_is_no_outage(caller, status, reason):
    every = dict.fromkeys(("/colibri/stats", "/about/health", "/metrics"), (status, "no"))
    with serve(app_of(every)) as base:
        found = await look(caller, replace(JVB, url=base))
    assert (found.reason, found.is_up, found.values) == (reason, None, {})


async def test_redirects_are_not_followed(caller):
    with serve(app_of({"/colibri/stats": (301, "")}, {"Location": "http://169.254.169.254/"})) as base, pytest.raises(
            GiveUp, match="server_redirects"):
        await caller.get(base, Ask("/colibri/stats"))


@pytest.mark.parametrize(("url", "reason"), [
    ("http://169.254.169.254", "forbidden_address"), ("http://[fe80::1]", "forbidden_address"),
    ("ftp://10.0.0.1", "bad_server_address"), ("http://user:geheim@10.0.0.1", "bad_server_address"),
    ("//", "bad_server_address"), ("http://127.0.0.1:1", "server_refused"),
])
async def test_addresses_that_are_never_asked(caller, url, reason):
    with pytest.raises(OutsideFailure, match=reason) as told:
        await caller.get(url, Ask("/metrics"))
    assert "geheim" not in str(told.value) and reason in REASONS


@asynccontextmanager
async def raw_server(answer: Callable[[asyncio.StreamWriter], AsyncIterator[bytes]]) -> AsyncIterator[str]:
    """A server that writes these bytes one after the other and keeps the line open."""
    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            async for part in answer(writer):
                writer.write(part)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(serve_one, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def test_a_server_that_drips_has_a_deadline(caller):
    waiting = asyncio.Event()

    async def drip(_writer):
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"
        await waiting.wait()

    async with raw_server(drip) as base:
        with pytest.raises(TryLater, match="server_timeout"):
            await caller.get(base, Ask("/stats", timeout_s=0.3))
        waiting.set()


async def test_an_answer_without_end_is_cut(caller):
    async def flood(_writer):
        yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        while True:
            yield b"10000\r\n" + b"x" * 0x10000 + b"\r\n"

    async with raw_server(flood) as base:
        with pytest.raises(TryLater, match="server_too_large"):
            await caller.get(base, Ask("/stats", limit=1 << 20))


@pytest.mark.parametrize("garbage", [
    b"SSH-2.0-OpenSSH_9.6\r\n", b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
])
async def test_what_is_no_http_is_another_program(caller, garbage):
    async def answer(_writer):
        yield garbage

    async with raw_server(answer) as base:
        with pytest.raises(TryLater, match="wrong_server"):
            await caller.get(base, Ask("/stats"))


async def test_a_room_and_one_connection(caller):
    day = day_of()
    (open_room,) = day.open.values()
    visitor = next(one for one in open_room.stays if one.is_visitor)
    jid = room_jid("hop-tinh", "meet.example.edu.vn", "muc")
    with serve(fake_jitsi(day)) as base:
        servers = targets(day, base)
        seen = read_room(await ask_room(caller, servers["jicofo"], jid))
        with pytest.raises(TryLater, match="room_not_open"):
            await ask_room(caller, servers["jicofo"], room_jid("none", "meet.example.edu.vn", "muc"))
        one = await ask_endpoint(caller, servers[visitor.bridge], jid, visitor.endpoint)
        with pytest.raises(GiveUp, match="no_such_connection"):
            await ask_endpoint(caller, servers[visitor.bridge], jid, "00000000")
    assert {key: row.is_visitor for key, row in seen.connections.items()} == {
        stay.endpoint: stay.is_visitor for stay in open_room.stays}
    assert one.is_visitor and one.rtt_s == pytest.approx(0.03)


async def test_a_room_of_a_tenant(caller):
    day = day_of(installation=Installation(tenant="SoGDDT"))
    jid = room_jid("hop-tinh", "meet.example.edu.vn", "muc", "SoGDDT")
    assert jid == "[sogddt]hop-tinh@muc.meet.example.edu.vn"
    with serve(fake_jitsi(day)) as base:
        body = await ask_room(caller, targets(day, base)["jicofo"], jid)
    assert len(read_room(body).connections) == 2


async def test_our_certificate_must_be_readable(tmp_path):
    found = Caller(resolve, certificate_file=str(tmp_path / "missing.pem"))
    with pytest.raises(GiveUp, match="server_wants_certificate"):
        await found.get("https://127.0.0.1:1", Ask("/metrics"))


def test_every_reason_is_told_to_people():
    from collectors.jitsi.reasons import REASONS as own

    assert own.items() <= REASONS.items() and all(message for message, _advice in own.values())
