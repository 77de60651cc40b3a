"""The collectors' tables on a real PostgreSQL: several writers at once, nothing lost, nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from threading import Barrier

import pytest

from collectors.jitsi import (
    Connection,
    RoomLook,
    ServerLook,
    ask_meeting_server,
    end_watches,
    open_questions,
    open_sightings,
    rooms_to_watch,
    save_look,
    save_looks,
    server_states,
    sightings_of,
    watch_room,
)
from collectors.models import DeviceRecording, PlanPiece
from collectors.services import (
    ServiceOutage,
    Verdict,
    check_answers,
    open_service_requests,
    outages_between,
    request_checks,
    save_answers,
    save_verdict,
    service_states,
)
from collectors.store.networks import NetworkOutcome, network_state, save_network_state
from collectors.store.plans import StoredPlan, keep_plan, kept_plans, prune_pieces
from collectors.store.recordings import (
    RecordingResult,
    claim_recording,
    finish_recording,
    latest_recording,
    note_recording,
    prune_recordings,
    request_recording,
)
from core import Database, Scope, Session
from inventory import Check, Device, MeetingServer, MeetingSystem, Service, Site, Unit, create_record
from tests.core.postgresql import running_postgresql

WORKERS = 4


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """Instead of the shared fixture."""
    with running_postgresql() as url, closing(Database(url)) as database:
        database.create_all()
        yield database


@pytest.fixture(scope="module")
def devices(database: Database) -> list[int]:
    with database.session() as session:
        everything = Scope.everything()
        unit = create_record(session, everything, Unit, {"code": "T", "name": "Trường"})
        site = create_record(session, everything, Site, {"code": "S", "name": "Điểm", "unit_id": unit.id})
        return [
            create_record(session, everything, Device, {"site_id": site.id, "name": f"sw-{number}"}).id
            for number in range(WORKERS)
        ]


def side_by_side(database: Database, deeds: Sequence[Callable[[Session], object]]) -> list:
    """What the deeds gave, each in a transaction of its own, all open at the same time."""
    gate = Barrier(len(deeds))

    def one(deed: Callable[[Session], object]) -> object:
        with database.session() as session:
            gate.wait(10)
            return deed(session)

    with ThreadPoolExecutor(len(deeds)) as threads:
        return list(threads.map(one, deeds))


def plan(device_id: int, keys: Sequence[str], now: datetime, body: bytes = b"\x00plan") -> StoredPlan:
    return StoredPlan(device_id, "wish", "profiles", now, "ok", "", body, {key: key.encode() for key in keys})


def test_plans_of_like_devices_are_kept_side_by_side(database: Database, devices: list[int], now: datetime) -> None:
    keys = [f"piece{number:02}" for number in range(30)]
    orders = [keys, keys[::-1], keys[15:] + keys[:15], keys[::2] + keys[1::2]]
    for _again in range(3):
        side_by_side(database, [
            lambda session, device=device, order=order: keep_plan(session, plan(device, order[:12], now))
            for device, order in zip(devices, orders, strict=True)
        ])
    with database.reading() as session:
        found = kept_plans(session)
        assert sorted(one.device_id for one in found) == devices
        assert all(list(one.pieces.values()) == [key.encode() for key in one.pieces] for one in found)


def test_one_device_read_by_two_workers_keeps_one_plan(database: Database, devices: list[int], now: datetime) -> None:
    with database.session() as session:
        device = create_record(session, Scope.everything(), Device, {"site_id": 1, "name": "twice"}).id
    side_by_side(database, [
        lambda session, body=body: keep_plan(session, plan(device, ["same"], now, body)) for body in (b"one", b"two")
    ])
    with database.session() as session:
        (found,) = [one for one in kept_plans(session) if one.device_id == device]
        assert found.body in (b"one", b"two")
        keep_plan(session, plan(device, ["other"], now))
        session.flush()
        assert prune_pieces(session) >= 1
        assert session.get(PlanPiece, "same") is None and session.get(PlanPiece, "other") is not None


def test_a_recording_is_made_once(database: Database, devices: list[int], now: datetime) -> None:
    with database.session() as session:
        wish = request_recording(session, devices[0], "cô giáo", now).id
        assert request_recording(session, devices[0], "thầy giáo", now).id == wish
    claimed = side_by_side(database, [lambda session: claim_recording(session, now)] * WORKERS)
    assert [one for one in claimed if one] == [(wish, devices[0])]
    late = now + timedelta(minutes=16)  # that worker died
    claimed = side_by_side(database, [lambda session: claim_recording(session, late)] * WORKERS)
    assert [one for one in claimed if one] == [(wish, devices[0])]
    kept = ["<script>\x00\x1b[31m", "=cmd|' /C calc'!A0"]
    with database.session() as session:
        note_recording(session, wish, 12)
        finish_recording(session, wish, RecordingResult("ok", "", "switch", kept, 12, 3, b"\x00PK"), late)
    with database.session() as session:
        assert latest_recording(session, devices[0]).done_at == late
        assert session.get(DeviceRecording, wish).body == b"\x00PK"
        assert prune_recordings(session, late + timedelta(days=8)) == 1


def test_how_services_stand(database: Database, devices: list[int], now: datetime) -> None:
    with database.session() as session:
        service = create_record(session, Scope.everything(), Service, {"unit_id": 1, "name": "Cổng"}).id
        check = Check(service_id=service, kind="tcp", target="127.0.0.1:1")
        session.add(check)
        session.flush()
        check_id = check.id
    moments = [now + timedelta(minutes=minutes) for minutes in range(4)]
    for moment, is_up in zip(moments, (True, False, False, True), strict=True):
        with database.session() as session:
            verdict = Verdict(is_up, check_id, "" if is_up else "refused", "chi tiết " * 99)
            save_verdict(session, service, verdict, moment)
            save_answers(session, {check_id: (moment, {"greeting": "220 x" * 400}), 999_999: (moment, {"a": "b"})})
    with database.reading() as session:
        assert service_states(session, [service])[service].since == moments[3]
        (outage,) = outages_between(session, [service], now, moments[3])[service]
        assert (outage.started_at, outage.ended_at) == (moments[1], moments[3])
        assert len(check_answers(session, [check_id])[check_id]["greeting"]) == 500
        assert session.query(ServiceOutage).count() == 1


def test_how_reading_networks_goes(database: Database, devices: list[int], now: datetime) -> None:
    for moment, reason in ((now, "timeout"), (now + timedelta(hours=1), "timeout")):
        with database.session() as session:
            save_network_state(session, devices[1], NetworkOutcome(moment, reason, "x" * 900, fdb_entries=20_000))
            save_network_state(session, 999_999, NetworkOutcome(moment, reason))
    with database.reading() as session:
        state = network_state(session, devices[1])
        assert (state.since, state.last_at, state.last_ok_at) == (now, now + timedelta(hours=1), None)


def test_wishes_that_nobody_answers_hold_up_no_newer_one(database: Database, devices: list[int], now: datetime) -> None:
    """A service without checks belongs to no worker: its wishes stay open."""
    with database.session() as session:
        services = [Service(unit_id=1, name=f"không có phép kiểm tra {number}") for number in range(101)]
        session.add_all(services)
        session.flush()
        for service in services[:-1]:
            request_checks(session, service.id, "cô giáo", now - timedelta(minutes=3))
        wish = request_checks(session, services[-1].id, "cô giáo", now).id
    with database.reading() as session:
        assert (wish, services[-1].id) in open_service_requests(session, now)


def test_rooms_and_meeting_servers_are_kept_alike(database: Database, now: datetime):
    with database.session() as session:
        system = MeetingSystem(name="Họp", public_url="https://meet.x.vn", domain="meet.x.vn")
        session.add(system)
        session.flush()
        server = MeetingServer(system_id=system.id, kind="jicofo", name="jicofo", url="http://10.0.0.5:8888")
        session.add(server)
        session.flush()
        system_id, server_id = system.id, server.id
        watch_room(session, system_id, "Giao-Ban", now, now + timedelta(hours=1))
        watch_room(session, system_id, "giao-ban", now, now + timedelta(hours=2))
        (room,) = rooms_to_watch(session, now)
    looks = [("aaaaaaaa", "bbbbbbbb"), ("bbbbbbbb",), ("bbbbbbbb", "cccccccc")]
    for number, there in enumerate(looks):
        found = {one: Connection(one, f"jvb-{number}", is_visitor=one == "cccccccc") for one in there}
        with database.session() as session:
            look = RoomLook(found, {"jvb-1": {"stress": 0.3}})
            save_look(session, room.id, look, now + timedelta(seconds=30 * number))
            save_looks(session, {server_id: (now, ServerLook("ok", facts={"version": "1"}))})
    with database.session() as session:
        rows = sightings_of(session, system_id, "giao-ban", now, now + timedelta(hours=1))
        assert [(row.endpoint, row.bridge, row.gone_at is None, (until - now).seconds) for row, until in rows] == [
            ("aaaaaaaa", "jvb-0", False, 0), ("bbbbbbbb", "jvb-2", True, 60), ("cccccccc", "jvb-2", True, 60)]
        assert end_watches(session, now + timedelta(hours=2)) == 2 and not open_sightings(session, room.id)
        assert server_states(session)[server_id].is_up
        asked = ask_meeting_server(session, server_id, "lan", now, ("giao-ban@muc.meet.x.vn", "bbbbbbbb"))
        assert [one.id for one in open_questions(session, now)] == [asked.id]
