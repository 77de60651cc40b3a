"""The slow loop: who hangs on which port is read, kept, told as events; one huge table holds up nobody."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from collectors import CollectorSettings, Worker, load_profiles, request_poll
from collectors.store.networks import NetworkOutcome, network_state, network_states, save_network_state
from collectors.work import WorkSetting
from collectors.work.networks import Networks
from collectors.work.roll import read_roll
from core import Database, Scope, Vault
from deploy.demo.replay import ReplayAgent, ReplayServer, in_order, parse_snmprec
from inventory import PartSpec, locate, sync_parts
from telemetry import EventFilter, events
from tests.waiting import wait_until_async

Start = Callable[..., Worker]
AddDevice = Callable[..., int]
PORTS = 8


def bridge(name: str, macs: int, moved: int = 0, first: int = 1) -> ReplayAgent:
    """A bridge of eight ports with so many addresses, those below `moved` one port further than otherwise."""
    lines = [f"1.3.6.1.2.1.1.1.0|4|{name}", "1.3.6.1.2.1.1.3.0|67|100000", f"1.3.6.1.2.1.1.5.0|4|{name}",
             "1.3.6.1.2.1.17.2.4.0|65|7", "1.3.6.1.2.1.17.1.1.0|4x|02000000ff00"]  # fmt: skip
    for port in range(1, PORTS + 1):
        lines += [f"1.3.6.1.2.1.2.2.1.2.{port}|4|port {port}", f"1.3.6.1.2.1.2.2.1.3.{port}|2|6",
                  f"1.3.6.1.2.1.2.2.1.7.{port}|2|1", f"1.3.6.1.2.1.2.2.1.8.{port}|2|1",
                  f"1.3.6.1.2.1.31.1.1.1.1.{port}|4|p{port}", f"1.3.6.1.2.1.17.1.4.1.2.{port}|2|{port}"]  # fmt: skip
    for number in range(first, macs + first):
        index = f"0.22.{number >> 24 & 255}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        place = number % PORTS + 1 if number >= moved else (number + 1) % PORTS + 1
        lines += [f"1.3.6.1.2.1.17.4.3.1.2.{index}|2|{place}", f"1.3.6.1.2.1.17.4.3.1.3.{index}|2|3"]
    return ReplayAgent(in_order(parse_snmprec("\n".join(lines).encode())), community="school")


@pytest.fixture
def serve() -> Iterator[Callable[..., list[int]]]:
    running: list[ReplayServer] = []

    def begin(*agents: ReplayAgent, ports: tuple[int, ...] = ()) -> list[int]:
        wanted = ports or (0,) * len(agents)
        servers = [ReplayServer({("127.0.0.1", port): one}) for port, one in zip(wanted, agents, strict=True)]
        for server in servers:
            running.append(server.__enter__())
        return [server.addresses[0][1] for server in servers]

    yield begin
    for server in running:
        server.__exit__(None, None, None)


def read_of(database: Database, device_id: int) -> tuple[str, int]:
    with database.reading() as session:
        state = network_state(session, device_id)
        return (state.reason, state.fdb_entries) if state else ("", 0)


def last_read(database: Database, device_id: int) -> datetime:
    with database.reading() as session:
        return network_state(session, device_id).last_at


async def test_tables_are_read_after_the_first_poll_and_a_machine_is_found(
    start: Start, database: Database, add_device: AddDevice, credential_id: int, serve, sink
):
    (port,) = serve(bridge("sw1", 40))
    device_id = add_device("sw1", "127.0.0.1", snmp_port=port, credential_id=credential_id, kind="switch")
    start()
    await wait_until_async(lambda: read_of(database, device_id) == ("ok", 40), 15)
    await wait_until_async(lambda: sink.value(device_id, "fdb_entries") == 40, 5)
    assert sink.value(device_id, "stp_topology_changes_total") == 7
    with database.reading() as session:
        found = locate(session, Scope.everything(), "00:16:00:00:00:07")
    assert [(one.device_id, one.part) for one in found][:1] == [(device_id, "if:p8")]


async def test_poll_now_reads_the_tables_anew(
    start: Start, database: Database, add_device: AddDevice, credential_id: int, serve, now: datetime
):
    (port,) = serve(bridge("sw1", 12))
    device_id = add_device("sw1", "127.0.0.1", snmp_port=port, credential_id=credential_id, kind="switch")
    start()
    await wait_until_async(lambda: read_of(database, device_id) == ("ok", 12), 15)
    with database.session() as session:
        first = network_state(session, device_id).last_at
        request_poll(session, device_id, "a person", now)
    await wait_until_async(lambda: last_read(database, device_id) > first, 15)


async def test_printers_and_silent_devices_are_not_asked(
    start: Start, database: Database, add_device: AddDevice, credential_id: int, serve, sink, unused_udp_port: int
):
    first, second = serve(bridge("printer", 5), bridge("sw1", 5))
    printer = add_device("p", "127.0.0.1", snmp_port=first, credential_id=credential_id, kind="printer")
    switch = add_device("sw1", "127.0.0.1", snmp_port=second, credential_id=credential_id, kind="switch")
    silent = add_device("gone", "127.0.0.3", snmp_port=unused_udp_port, credential_id=credential_id, kind="switch")
    start()
    await wait_until_async(lambda: read_of(database, switch) == ("ok", 5), 15)
    await wait_until_async(lambda: sink.value(printer, "snmp_up") == 1, 10)
    with database.reading() as session:
        assert set(network_states(session)) == {switch} and silent != switch


class Answering:
    """Polls that all succeed, but those of silent devices."""

    def __init__(self) -> None:
        self.silent: set[int] = set()

    def is_answering(self, device_id: int) -> bool:
        return device_id not in self.silent

    def is_reading(self, device_id: int) -> bool:
        return False


async def test_new_and_moved_machines_become_events_from_the_second_reading_on(
    database: Database, vault: Vault, registry, sink, add_device: AddDevice, credential_id: int, serve
):
    port, later_port = serve(bridge("sw1", 20), bridge("sw1", 22, moved=3))
    device_id = add_device("sw1", "127.0.0.1", snmp_port=port, credential_id=credential_id, kind="switch")
    parts = [PartSpec(kind="port", key=f"if:p{n}", index=n, name=f"p{n}") for n in range(1, PORTS + 1)]
    at = [datetime(2026, 9, 7, 8, 0, tzinfo=UTC)]
    setting = WorkSetting(database, vault, registry, sink.submit, CollectorSettings(), lambda: at[0])
    with database.session() as session:
        sync_parts(session, device_id, parts, at[0], frozenset({"port"}))
    networks = Networks(setting, load_profiles(), Answering())
    with database.reading() as session:
        roll = read_roll(session, vault, (0, 1))
    roll = replace(roll, addresses={device_id: "127.0.0.1"})
    later = replace(roll, devices={device_id: roll.devices[device_id]._replace(snmp_port=later_port)})
    networks.apply(roll, asyncio.get_running_loop().time())
    running = asyncio.create_task(networks.run())
    try:
        await wait_until_async(lambda: read_of(database, device_id) == ("ok", 20), 15)
        with database.reading() as session:
            assert events(session, EventFilter(source="topology")) == []
        at[0] += timedelta(minutes=30)
        networks.apply(later, asyncio.get_running_loop().time())
        networks.hasten([device_id])
        await wait_until_async(lambda: read_of(database, device_id) == ("ok", 22), 15)
        with database.reading() as session:
            kinds = Counter(one.kind for one in events(session, EventFilter(source="topology")))
        assert kinds["mac_new"] == 2
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        networks.close()
        setting.close()


async def test_who_was_read_before_a_restart_waits_for_its_time(
    database: Database, vault: Vault, registry, sink, add_device: AddDevice, credential_id: int, now: datetime
):
    old, new = (add_device(name, "127.0.0.1", credential_id=credential_id, kind="switch") for name in ("old", "new"))
    with database.session() as session:
        save_network_state(session, old, NetworkOutcome(now, "ok", is_ok=True))
    setting = WorkSetting(database, vault, registry, sink.submit, CollectorSettings(), lambda: now)
    networks = Networks(setting, load_profiles(), Answering())
    await networks.restore()
    with database.reading() as session:
        networks.apply(read_roll(session, vault, (0, 1)), 1_000_000.0)
    assert networks.due(1_000_000.0) == [new]
    later = 1_000_000.0 + CollectorSettings().topology_interval_s
    assert networks.due(later) == [old]  # the new one is being read
    setting.close()


async def test_a_whole_province_does_not_begin_at_once(
    database: Database, vault: Vault, registry, sink, add_device: AddDevice, credential_id: int, now: datetime
):
    """18,000 devices that were never read: at most ten begin at each look, and those who are silent are put off."""
    one = add_device("sw", "127.0.0.1", credential_id=credential_id, kind="switch")
    with database.reading() as session:
        roll = read_roll(session, vault, (0, 1))
    many = {key: roll.devices[one]._replace(id=key, site_id=key) for key in range(1, 18_001)}
    settings = CollectorSettings(topology_at_once=200)
    setting = WorkSetting(database, vault, registry, sink.submit, settings, lambda: now)
    polls = Answering()
    networks = Networks(setting, load_profiles(), polls)
    networks.apply(replace(roll, devices=many), 1_000_000.0)
    begun = networks.due(1_000_000.0)
    assert len(begun) == 10 and len(networks.due(1_000_000.5)) == 10
    polls.silent = set(many)
    assert networks.due(1_000_001.0) == []
    setting.close()


async def test_a_table_of_20_000_entries_holds_up_nobody(
    start: Start, database: Database, add_device: AddDevice, credential_id: int, serve, sink
):
    """While the huge table is read the small one is read whole and polled on and on: no clock is looked at."""
    huge_port, small_port = serve(bridge("core", 20_000), bridge("sw1", 10))
    huge = add_device("core", "127.0.0.1", snmp_port=huge_port, credential_id=credential_id, kind="switch",
                      spacing_s=0.005)  # fmt: skip
    start(topology_rows=50_000)
    await wait_until_async(lambda: sink.value(huge, "snmp_up") == 1, 15)
    small = add_device("sw1", "127.0.0.1", snmp_port=small_port, credential_id=credential_id, kind="switch")
    await wait_until_async(lambda: read_of(database, small) == ("ok", 10), 15)
    assert read_of(database, huge) == ("", 0)  # the small one came later and is done earlier
    polls = len(sink.batches)
    await wait_until_async(lambda: read_of(database, huge) == ("ok", 20_000), 60)
    assert len(sink.batches) > polls
