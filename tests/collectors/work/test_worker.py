"""The worker as it runs in service: real snmpd, real ping, real tables."""

import asyncio
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text

from collectors import (
    CollectorSettings,
    DiscoveryOrder,
    DiscoveryRun,
    Options,
    Worker,
    cancel_discovery,
    check_states,
    finds_of,
    get_discovery,
    get_poll_request,
    poll_states,
    request_poll,
    seal_communities,
    start_discovery,
)
from collectors.store.recordings import RecordingResult
from collectors.work.reader import Packed, Polled, Subject, Surveyed
from core import Database, Scope, Secret, Vault
from inventory import Check, Device, create_credential, facts_of, parts_of, touch_inventory
from telemetry import EventFilter, events
from tests.waiting import wait_until_async

Start = Callable[..., Worker]
AddDevice = Callable[..., int]


def reason_of(database: Database, device_id: int) -> str:
    with database.reading() as session:
        state = poll_states(session, [device_id]).get(device_id)
        return state.reason if state else ""


async def reason_becomes(database: Database, device_id: int, reason: str, deadline: float = 40.0) -> None:
    await wait_until_async(lambda: reason_of(database, device_id) == reason, deadline, f"reason {reason}")


async def test_device_is_surveyed_polled_and_its_state_written(
    start: Start, database: Database, add_device: AddDevice, credential_id: int, snmpd: int, sink
):
    device_id = add_device("sw1", "127.0.0.1", snmp_port=snmpd, credential_id=credential_id)
    start()
    await wait_until_async(lambda: sink.value(device_id, "snmp_up") == 1, 40)
    await wait_until_async(lambda: sink.value(device_id, "device_up") == 1, 40)
    await wait_until_async(lambda: sink.value(device_id, "if_in_octets_total") is not None, 40)
    assert sink.value(device_id, "poll_seconds") > 0
    await wait_until_async(lambda: (sink.value(device_id, "ping_rtt_seconds") or 0) > 0, 40)
    await reason_becomes(database, device_id, "ok")
    with database.reading() as session:
        facts = {fact.name: fact.value for fact in facts_of(session, Scope.everything(), device_id)}
        assert facts["sysname"] == "sw-phong-may"
        assert [part.name for part in parts_of(session, Scope.everything(), device_id) if part.kind == "port"]
        state = poll_states(session, [device_id])[device_id]
        assert state.last_ok_at is not None
        assert state.requests > 0


async def test_each_bad_device_has_its_reason_and_disturbs_no_other(
    start: Start, database: Database, add_device: AddDevice, credential_id: int, snmpd: int, unused_udp_port: int, sink
):
    good = add_device("good", "127.0.0.1", snmp_port=snmpd, credential_id=credential_id)
    closed = add_device("closed", "127.0.0.3", snmp_port=unused_udp_port, credential_id=credential_id)
    silent = add_device("silent", "127.0.0.4", snmp_port=9, credential_id=credential_id)
    nameless = add_device("nameless", "no-such-host.invalid", credential_id=credential_id)
    with database.session() as session:
        session.get(Device, silent).address = "192.0.2.77"  # nobody there: TEST-NET-1
    start()
    await reason_becomes(database, closed, "unreachable")
    await reason_becomes(database, silent, "timeout")
    await reason_becomes(database, nameless, "unknown_host")
    await wait_until_async(lambda: sink.value(good, "snmp_up") == 1, 40)
    assert sink.value(closed, "snmp_up") == 0


async def test_wrong_community_is_silence_and_the_right_one_is_taken_over_within_seconds(
    start: Start, database: Database, vault: Vault, add_device: AddDevice, credential_id: int, snmpd: int, sink
):
    with database.session() as session:
        wrong = create_credential(session, vault, {"name": "w", "kind": "snmp_v2c", "community": Secret("wrong")}).id
    device_id = add_device("sw", "127.0.0.1", snmp_port=snmpd, credential_id=wrong)
    start()
    await reason_becomes(database, device_id, "timeout")
    with database.session() as session:
        session.get(Device, device_id).credential_id = credential_id
        touch_inventory(session)
    await reason_becomes(database, device_id, "ok")


async def test_new_device_is_watched_within_seconds_and_a_deleted_one_forgotten(
    start: Start, database: Database, add_device: AddDevice, sink
):
    first = add_device("first", "127.0.0.1")
    worker = start()
    await wait_until_async(lambda: sink.value(first, "device_up") == 1, 40)
    second = add_device("second", "127.0.0.2")
    await wait_until_async(lambda: sink.value(second, "device_up") == 1, 40)
    with database.session() as session:
        session.delete(session.get(Device, first))
        touch_inventory(session)
    await wait_until_async(lambda: worker.view.of(first) is None, 40)
    assert worker.view.of(second).state == "up"


class Reader:
    """Answers at once for every device, but breaks inside for those whose name says so."""

    fingerprint = "of a test"

    def __init__(self, setting) -> None:
        self.polled: list[str] = []

    async def survey(self, subject: Subject) -> Surveyed:
        if "survey" in subject.device.name:
            raise RuntimeError("a defect of ours")
        return Surveyed("ok", plan=object())

    async def poll(self, subject: Subject, plan: Any) -> Polled:
        self.polled.append(subject.device.name)
        if "poll" in subject.device.name:
            raise ValueError("a defect of ours")
        if "hangs" in subject.device.name:
            await asyncio.Event().wait()
        return Polled("ok")

    def unpack(self, device_id: int, packed: Packed) -> Any | None:
        return None

    async def explain(self, subject: Subject) -> tuple[str, str, str]:
        raise RuntimeError("a defect of ours")

    async def record(self, subject: Subject, told: Callable[[int], None]) -> RecordingResult:
        raise RuntimeError("a defect of ours")

    def close(self) -> None:
        return


async def test_defect_in_one_device_is_its_internal_error_and_never_ends_the_loop(
    start: Start, database: Database, add_device: AddDevice, credential_id: int
):
    broken = [add_device(f"breaks in {where}", f"127.0.1.{n}", credential_id=credential_id, interval_s=1)
              for n, where in enumerate(("survey", "poll"))]  # fmt: skip
    add_device("hangs", "127.0.1.9", credential_id=credential_id, interval_s=1)
    good = add_device("good", "127.0.1.8", credential_id=credential_id, interval_s=1)
    readers: list[Reader] = []

    def make(setting) -> Reader:
        readers.append(Reader(setting))
        return readers[0]

    worker = start(Options(make_reader=make))
    for device_id in broken:
        await reason_becomes(database, device_id, "internal_error")
    await wait_until_async(lambda: readers[0].polled.count("good") >= 3, 40)
    await reason_becomes(database, good, "ok")
    assert worker.figures()["internal_error"] >= 2
    with database.session() as session:
        request = request_poll(session, good, "an", datetime.fromisoformat("2026-11-23T00:00:00+00:00"))
    await wait_until_async(lambda: request_of(database, request.id).done_at is not None, 30)
    assert request_of(database, request.id).reason == "internal_error"


def request_of(database: Database, request_id: int):
    with database.reading() as session:
        return get_poll_request(session, request_id)


async def test_poll_now_answers_in_its_row(
    start: Start, database: Database, add_device: AddDevice, credential_id: int, snmpd: int, now: datetime
):
    device_id = add_device("sw", "127.0.0.1", snmp_port=snmpd, credential_id=credential_id, interval_s=3600)
    alone = add_device("ping alone", "127.0.0.2")
    start()
    with database.session() as session:
        asked = [request_poll(session, one, "cô Lan", now).id for one in (device_id, alone)]
    await wait_until_async(lambda: all(request_of(database, one).done_at for one in asked), 40)
    read, refused = (request_of(database, one) for one in asked)
    assert read.reason == "ok", read.detail
    shown = json.loads(read.result)
    assert shown["facts"]["sysname"] == "sw-phong-may"
    assert shown["timing"]["requests"] > 0
    assert (refused.reason, refused.result) == ("no_credential", "")


async def test_search_through_the_table_finds_and_names_with_progress(
    start: Start, database: Database, vault: Vault, add_device: AddDevice, credential_id: int, snmpd: int, now: datetime
):
    known = add_device("known", "127.0.0.1", snmp_port=snmpd, is_monitored=False)
    start()
    order = DiscoveryOrder(
        f"127.0.0.1:{snmpd} 127.0.9.0/30",
        credential_ids=(credential_id,),
        sealed=seal_communities(vault, [Secret("wrong")]),
    )
    with database.session() as session:
        run = start_discovery(session, order, "an", now)

    def ended() -> bool:
        with database.reading() as session:
            return get_discovery(session, run.id).state in ("done", "failed")

    await wait_until_async(ended, 30)
    with database.reading() as session:
        done = get_discovery(session, run.id)
        assert (done.state, done.total, done.asked, done.answered, done.identified) == ("done", 3, 3, 3, 1)
        finds = {find.address: find for find in finds_of(session, run.id)}
        agent = finds["127.0.0.1"]
        assert (agent.reason, agent.name, agent.credential_id) == ("ok", "sw-phong-may", credential_id)
        assert agent.device_id == known
        assert agent.kind == "server"
        assert finds["127.0.9.1"].reason == "no_snmp_answer"
        assert finds["127.0.9.1"].rtt_s > 0


async def test_running_search_is_cancelled(start: Start, database: Database, now: datetime):
    start()
    with database.session() as session:
        run = start_discovery(session, DiscoveryOrder("192.0.2.0/24 198.51.100.0/24 203.0.113.0/24"), "an", now)

    def state() -> str:
        with database.reading() as session:
            return get_discovery(session, run.id).state

    await wait_until_async(lambda: state() == "running", 30)
    with database.session() as session:
        assert cancel_discovery(session, run.id, now)
    await wait_until_async(lambda: state() == "cancelled", 40)


async def test_search_with_wrong_targets_fails_with_its_reason(start: Start, database: Database, now: datetime):
    start()
    with database.session() as session:
        run = start_discovery(session, DiscoveryOrder("10.0.0.0/8"), "an", now)

    def ended() -> bool:
        with database.reading() as session:
            return get_discovery(session, run.id).state == "failed"

    await wait_until_async(ended, 30)
    with database.reading() as session:
        assert get_discovery(session, run.id).reason == "bad_targets"


async def test_checks_are_made_and_their_states_written(
    start: Start, database: Database, add_device: AddDevice, sink, unused_tcp_port: int
):
    device_id = add_device("server", "127.0.0.1")
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with database.session() as session:
        checks = [
            Check(device_id=device_id, kind="tcp", target=f":{port}", interval_s=1, timeout_s=2),
            Check(device_id=device_id, kind="http", target=f"http://127.0.0.1:{unused_tcp_port}/", interval_s=1),
        ]
        session.add_all(checks)
        session.flush()
        touch_inventory(session)
        ids = [check.id for check in checks]
    start()

    def reasons() -> list[str]:
        with database.reading() as session:
            states = check_states(session, device_id)
            return [states[one].reason for one in ids if one in states]

    await wait_until_async(lambda: reasons() == ["ok", "refused"], 40)
    server.close()
    assert sink.value(device_id, "check_up", f"check:tcp::{port}") == 1
    await wait_until_async(lambda: reasons() == ["refused", "refused"], 40)
    assert sink.value(device_id, "check_up", f"check:tcp::{port}") == 0


@pytest.fixture
def school() -> Iterator[tuple[str, str, str]]:
    """A virtual school: a network namespace with one address behind a veth cable. (namespace, its end, its address)"""
    tag, net = f"{os.getpid() % 10000}", f"10.204.{os.getpid() % 200}"
    name, ours, theirs = f"work{tag}", f"wa{tag}", f"wb{tag}"
    ip("netns", "add", name)
    try:
        ip("link", "add", ours, "type", "veth", "peer", "name", theirs, "netns", name)
        ip("addr", "add", f"{net}.1/24", "dev", ours)
        ip("link", "set", ours, "up")
        ip("-n", name, "addr", "add", f"{net}.2/24", "dev", theirs)
        ip("-n", name, "link", "set", theirs, "up")
        yield name, theirs, f"{net}.2"
    finally:
        ip("netns", "del", name)


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, timeout=10, capture_output=True)


async def test_dead_device_is_not_read_until_it_answers_ping_again(
    start: Start, database: Database, add_device: AddDevice, credential_id: int, school, sink
):
    name, link, address = school
    device_id = add_device("sw", address, credential_id=credential_id, interval_s=1)
    readers: list[Reader] = []

    def make(setting) -> Reader:
        readers.append(Reader(setting))
        return readers[0]

    worker = start(Options(make_reader=make))
    await wait_until_async(lambda: sink.value(device_id, "device_up") == 1, 40)
    await wait_until_async(lambda: "sw" in readers[0].polled, 40)
    ip("-n", name, "link", "set", link, "down")
    await reason_becomes(database, device_id, "ping_down")
    assert sink.value(device_id, "device_up") == 0
    assert worker.view.of(device_id).state == "down"
    polls = len(readers[0].polled)
    ip("-n", name, "link", "set", link, "up")
    await wait_until_async(lambda: len(readers[0].polled) > polls, 40)
    await reason_becomes(database, device_id, "ok")
    with database.reading() as session:
        kinds = [event.kind for event in events(session, EventFilter(device_ids={device_id}))]
    assert {"device_down", "device_up"} <= set(kinds)


async def test_states_survive_a_restart(start: Start, database: Database, add_device: AddDevice, credential_id: int):
    device_id = add_device("good", "127.0.1.8", credential_id=credential_id, interval_s=1)
    worker = start(Options(make_reader=Reader))
    await reason_becomes(database, device_id, "ok")
    with database.reading() as session:
        since = poll_states(session)[device_id].since
    again = start(Options(make_reader=Reader))
    await wait_until_async(lambda: again.figures().get("poll_plans") == 1, 30)
    with database.reading() as session:
        assert poll_states(session)[device_id].since == since
    assert worker.view is not again.view


async def test_database_that_takes_nothing_stops_neither_ping_nor_reading(
    start: Start, database: Database, add_device: AddDevice, credential_id: int, sink
):
    device_id = add_device("good", "127.0.1.8", credential_id=credential_id, interval_s=1)
    readers: list[Reader] = []

    def make(setting) -> Reader:
        readers.append(Reader(setting))
        return readers[0]

    with database.session() as session:
        session.execute(text("CREATE TRIGGER full BEFORE INSERT ON collectors_poll_state"
                             " BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END"))  # fmt: skip
    worker = start(Options(make_reader=make))
    await wait_until_async(lambda: worker.figures().get("write_failed", 0) >= 2, 40)
    polls = len(readers[0].polled)
    await wait_until_async(lambda: len(readers[0].polled) >= polls + 2, 40)
    assert sink.value(device_id, "device_up") == 1
    assert reason_of(database, device_id) == ""
    with database.session() as session:
        session.execute(text("DROP TRIGGER full"))
    await reason_becomes(database, device_id, "ok")


async def test_poll_now_of_a_device_made_a_moment_ago_waits_for_it(
    start: Start, database: Database, add_device: AddDevice, credential_id: int, snmpd: int, now: datetime
):
    worker = start(reload_s=2.0)
    await wait_until_async(lambda: worker.figures().get("poll_devices") == 0, 30)
    device_id = add_device("new", "127.0.0.1", snmp_port=snmpd, credential_id=credential_id)
    with database.session() as session:
        request = request_poll(session, device_id, "an", now)
    await wait_until_async(lambda: request_of(database, request.id).done_at is not None, 40)
    assert request_of(database, request.id).reason == "ok"


async def test_stop_during_a_search_is_quick_and_says_interrupted(
    database: Database, vault: Vault, registry, sink, now: datetime
):
    worker = Worker(database, vault, registry, sink, CollectorSettings(), lambda: now)
    running = asyncio.create_task(worker.run())
    with database.session() as session:
        run = start_discovery(session, DiscoveryOrder("192.0.2.0/24 198.51.100.0/24 203.0.113.0/24"), "an", now)

    def found() -> DiscoveryRun:
        with database.reading() as session:
            return get_discovery(session, run.id)

    await wait_until_async(lambda: found().state == "running", 30)
    running.cancel()
    _, late = await asyncio.wait([running], timeout=20.0)
    assert not late
    assert (found().state, found().reason) == ("failed", "interrupted")
