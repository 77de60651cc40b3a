"""The power fails and the disk fills while projectors are switched and tables of switches are written down."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from core import Scope
from deploy.demo.pjlink import Door, Faults, Fittings, PjlinkServer, Projector
from deploy.demo.replay import ReplayAgent
from inventory import Check, Device, Service, touch_inventory
from playbooks import projectors
from tests.collectors.work.test_networks import bridge
from tests.journey.parts import free_port
from tests.journey.watched import Folder, fill, logged, served, small_disk, started
from tests.waiting import wait_until

QUICK = {"EDUNOC_PLAYBOOKS_PROJECTOR_COOLING_S": "30", "EDUNOC_ALERTS_TICK_S": "0.5"}


@contextmanager
def hanging(number: int) -> Iterator[list[Door]]:
    """Projectors on the wall of a loop of their own, slow to answer."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    doors = [
        Door(Projector(time.time, Fittings(warm_s=1, cool_s=1), power="1"), faults=Faults(delay_s=0.3))
        for _ in range(number)
    ]
    server = PjlinkServer(doors)
    try:
        asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(10)
        yield doors
    finally:
        asyncio.run_coroutine_threadsafe(server.aclose(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


def open_bridge(name: str, macs: int) -> ReplayAgent:
    """A switch with so many addresses that answers the community of the journeys."""
    return ReplayAgent(bridge(name, macs)._variables, community="public")


def hang(folder: Folder, doors: list[Door]) -> list[int]:
    """Enter the projectors."""
    with folder.opened() as own, own.database.session() as session:
        rows = [
            Device(site_id=1, name=f"Máy chiếu {door.port}", kind="projector", address=door.host,
                   pjlink_port=door.port, timeout_s=2.0)
            for door in doors
        ]
        session.add_all(rows)
        session.flush()
        touch_inventory(session)
        return [row.id for row in rows]


def order(folder: Folder, ids: list[int], word: str) -> None:
    """What the page does when somebody confirms."""
    with folder.opened() as own, own.database.session() as session:
        now, targets = own.clock(), projectors.targets_of(session, Scope.everything(), ids)
        preview = projectors.preview_order(
            session, targets, (word, ""), projectors.Rules(word), (now, "Asia/Ho_Chi_Minh"))
        assert len(preview.accepted) == len(ids)
        projectors.place_order(session, preview, projectors.Wish("quantri", timedelta(hours=1)), now)


def two_minutes_pass(folder: Folder) -> None:
    """What the dead worker claimed is free again, and what waits is due."""
    with folder.opened() as own, own.database.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE playbooks_projector_task SET claimed_at = datetime(claimed_at, '-3 minutes'),"
            " not_before = datetime(not_before, '-3 minutes')")


def states(folder: Folder) -> set[tuple[str, str]]:
    return set(folder.rows("SELECT state, reason FROM playbooks_projector_task"))


def count_of(doors: list[Door], command: str) -> list[int]:
    return [door.projector.commands.count(command) for door in doors]


def test_a_power_cut_switches_no_projector_twice(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "data", QUICK)
    folder.settle()
    port = free_port(socket.SOCK_DGRAM)
    switch = folder.add_device("sw", port, kind="switch", credential_id=1)
    agent = open_bridge("sw", 3000)
    with hanging(12) as doors, served({port: agent}):
        ids = hang(folder, doors)
        order(folder, ids[:6], "off")
        order(folder, ids[6:], "volume_up")
        for cut in range(3):
            with started(folder) as (running, _reader):
                heard = sum(len(door.projector.commands) for door in doors)
                wait_until(lambda heard=heard: sum(len(door.projector.commands) for door in doors) > heard + 8, 20,
                           "projectors are spoken to", every=0.01)
                running.kill()
            assert folder.rows("PRAGMA integrity_check") == [("ok",)], cut
            two_minutes_pass(folder)
        with started(folder) as (running, _reader):
            def are_ended() -> bool:
                if states(folder) - {("done", "done"), ("done", "already"), ("failed", "interrupted")}:
                    two_minutes_pass(folder)
                    return False
                return True

            wait_until(are_ended, 60, "all orders end", every=1.0)
            wait_until(lambda: folder.rows(
                "SELECT fdb_entries FROM collectors_network_state WHERE device_id = ?", switch) == [(3000,)], 40,
                "the switch's table is read")  # fmt: skip
            assert folder.rows("SELECT count(*), count(DISTINCT mac) FROM inventory_mac_sighting") == [(3000, 3000)]
            assert not [line for line in running.lines if "Traceback" in line]
            assert running.stop() == 0
        assert max(count_of(doors[:6], "POWR 0")) == 1 and max(count_of(doors[6:], "SVOL 1")) == 1
        assert all(door.projector.power in "02" for door in doors[:6])
    assert folder.rows("PRAGMA integrity_check") == [("ok",)]


def test_a_full_disk_stops_no_loop(tmp_path: Path) -> None:
    """Projectors, services, tables of switches and kept plans all want to write; each goes on when there is room."""
    with small_disk(tmp_path / "disk", 64) as disk, hanging(3) as doors:
        folder = Folder(disk / "data", {**QUICK, "EDUNOC_TELEMETRY_MIN_FREE_MB": "1"})
        folder.settle()
        ports = [free_port(socket.SOCK_DGRAM) for _ in range(2)]
        agents = [open_bridge(f"sw{number}", 50) for number in range(2)]
        ids = hang(folder, doors)
        first = folder.add_device("sw0", ports[0], kind="switch")
        with folder.opened() as own, own.database.session() as session:
            service = Service(unit_id=1, name="Cổng", down_after=1)
            session.add(service)
            session.flush()
            session.add(Check(service_id=service.id, kind="tcp", target="127.0.0.1:1", interval_s=1, timeout_s=0.5))
        with served(dict(zip(ports, agents, strict=True))), started(folder) as (running, reader):
            read = "SELECT fdb_entries FROM collectors_network_state WHERE device_id = ?"
            wait_until(lambda: folder.rows(read, first) == [(50,)], 40, "the first switch's table")
            wait_until(lambda: folder.rows("SELECT is_up FROM collectors_service_state"), 20, "the service is judged")
            second = folder.add_device("sw1", ports[1], kind="switch")
            order(folder, ids, "off")
            fill(disk, leave=0)
            seen = time.monotonic()
            wait_until(lambda: time.monotonic() - seen > 8, 10, "all loops have met the full disk")
            assert running.is_alive
            for path in ("/projectors", "/services", "/wifi", "/sites/1/topology", f"/devices/{first}"):
                assert reader.get(path).status_code == 200, path
            (disk / "ballast").unlink()
            wait_until(lambda: folder.rows(read, second) == [(50,)], 60, "the second switch's table")
            two_minutes_pass(folder)
            wait_until(lambda: not states(folder) - {("waiting", "cooling"), ("done", "done"), ("done", "already")},
                       60, "the projectors go off")  # fmt: skip
            repeated = {}
            for line in running.lines:
                if '"warning"' in line or '"error"' in line:
                    event = line.split('"event":')[1][:60] if '"event":' in line else line[:60]
                    repeated[event] = repeated.get(event, 0) + 1
            assert not [line for line in running.lines if "Traceback" in line], running.lines[-40:]
            assert max(repeated.values(), default=0) <= 6, repeated
            assert len(logged(running, "projector commands wait for the database", reason="disk_full")) <= 1
            assert running.stop() == 0
        assert max(count_of(doors, "POWR 0")) == 1
        assert folder.rows("PRAGMA integrity_check") == [("ok",)]
