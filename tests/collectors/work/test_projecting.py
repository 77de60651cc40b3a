"""The projectors' loop in the real worker, against pretended projectors in all their states."""

import json
import socket
import time
from datetime import UTC, datetime, timedelta

import pytest

from collectors import Options, Worker, get_poll_request, poll_states, request_poll
from collectors.work import projecting
from core import Database, Scope, Secret, Vault, pjlink
from core.pjlink import reasons
from deploy.demo.pjlink import Door, Faults, Fittings, PjlinkServer, Projector
from inventory import CalendarEntry, Device, RoomUse, create_credential, facts_of, parts_of, touch_inventory
from telemetry import EventFilter, events
from tests.waiting import wait_until_async

QUIET = {"is_ping_on": False, "projector_notice_port": 0}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read each second, look at the calendar twice a second."""
    monkeypatch.setattr(projecting, "LEAST_S", 1.0)
    monkeypatch.setattr(projecting, "LOOK_EVERY_S", 0.5)
    monkeypatch.setattr(projecting, "HINT_GAP_S", 0.0)


def door_of(**options) -> Door:
    fittings = options.pop("fittings", None) or Fittings()
    return Door(Projector(time.monotonic, fittings, power=options.pop("power", "1")), **options)


def add(database: Database, site_id: int, door: Door, **values) -> int:
    with database.session() as session:
        row = {"interval_s": 1, "kind": "projector", "pjlink_port": door.port, **values}
        device = Device(site_id=site_id, name=f"projector {door.port}", address=door.host, **row)
        session.add(device)
        session.flush()
        touch_inventory(session)
        return device.id


def password_of(database: Database, vault: Vault, password: str) -> int:
    with database.session() as session:
        form = {"name": f"pj {password}", "kind": "pjlink", "password": Secret(password)}
        return create_credential(session, vault, form).id


def reason_of(database: Database, device_id: int) -> str:
    with database.reading() as session:
        state = poll_states(session, [device_id]).get(device_id)
        return state.reason if state else ""


async def test_a_projector_is_read_whole(start, database, vault, site_id, sink):
    door = door_of(authentication="sha256", password="bang trang", fittings=Fittings(lamps=(1163.0, 250.0)))
    door.projector.errors = "010000"
    async with PjlinkServer([door]):
        device_id = add(database, site_id, door, credential_id=password_of(database, vault, "bang trang"))
        start(**QUIET)
        await wait_until_async(lambda: reason_of(database, device_id) == "ok")
        assert sink.value(device_id, "projector_power") == 1
        assert sink.value(device_id, "projector_error", "error:lamp") == 1
        assert sink.value(device_id, "projector_lamp_seconds", "lamp:2") == 250 * 3600
        assert sink.value(device_id, "projector_input") == 31
        assert sink.value(device_id, "projector_answers") == 1
        with database.reading() as session:
            told = {fact.name: fact.value for fact in facts_of(session, Scope.everything(), device_id)}
            assert told["pjlink_authentication"] == "sha256" and told["inputs"].startswith("11 Input 11, 31")
            assert [part.key for part in parts_of(session, Scope.everything(), device_id)] == ["lamp:1", "lamp:2"]
            assert session.get(Device, device_id).serial == "DEMO-0001"


async def test_beside_snmp_the_second_credential_counts(start, database, vault, site_id, sink, credential_id):
    door = door_of(authentication="md5", password="bang trang")
    async with PjlinkServer([door]):
        second = password_of(database, vault, "bang trang")
        both = {"credential_id": credential_id, "pjlink_credential_id": second}
        device_id = add(database, site_id, door, timeout_s=0.2, retries=0, **both)
        start(**QUIET)
        await wait_until_async(lambda: sink.value(device_id, "projector_power") == 1)
        assert door.refused_passwords == 0


@pytest.mark.parametrize("power", ["0", "2", "3"])
async def test_standby_cooling_and_warming_are_no_trouble(start, database, site_id, sink, power):
    door = door_of(power=power)
    door.projector._until = float("inf")
    async with PjlinkServer([door]):
        device_id = add(database, site_id, door)
        start(**QUIET)
        await wait_until_async(lambda: reason_of(database, device_id) == "ok")
        assert sink.value(device_id, "projector_power") == int(power)
        assert sink.value(device_id, "projector_input") is None  # not now: no sample


async def test_a_wrong_password_is_tried_once(start, database, vault, site_id):
    door = door_of(authentication="md5", password="right")
    async with PjlinkServer([door]):
        device_id = add(database, site_id, door, credential_id=password_of(database, vault, "guess"))
        worker: Worker = start(**QUIET)
        await wait_until_async(lambda: reason_of(database, device_id) == reasons.WRONG_PASSWORD)
        before = door.refused_passwords
        worker._projecting._table.next_at[:] = 0  # its turn comes again
        await wait_until_async(lambda: worker._projecting._table.next_at[0] > 0)
        assert door.refused_passwords == before <= 1
        with database.session() as session:
            session.get(Device, device_id).credential_id = password_of_in(session, vault, "right")
            touch_inventory(session)
        await wait_until_async(lambda: reason_of(database, device_id) == "ok")


def password_of_in(session, vault: Vault, password: str) -> int:
    form = {"name": f"pj {password}", "kind": "pjlink", "password": Secret(password)}
    return create_credential(session, vault, form).id


async def test_silence_after_standby_is_sleep_and_after_light_is_trouble(start, database, site_id, sink):
    asleep, broken = door_of(power="0"), door_of(power="1")
    async with PjlinkServer([asleep, broken]) as server:
        first, second = add(database, site_id, asleep), add(database, site_id, broken)
        start(**QUIET)
        await wait_until_async(lambda: reason_of(database, first) == reason_of(database, second) == "ok")
        await server.kill(asleep)
        await server.kill(broken)
        await wait_until_async(lambda: reason_of(database, first) == "projector_resting")
        await wait_until_async(lambda: reason_of(database, second) == reasons.REFUSED)
        assert sink.value(first, "projector_answers") == 2
        assert sink.value(second, "projector_answers") == 0
        await server.open(asleep)
        await wait_until_async(lambda: reason_of(database, first) == "ok")


async def test_left_on_outside_of_teaching_unless_the_room_is_used(start, database, site_id, sink):
    door = door_of(power="1")
    now = datetime.now(UTC)
    with database.session() as session:
        line = CalendarEntry(unit_id=1, kind="teaching", name="một năm trước", weekday=(now.weekday() + 3) % 7)
        line.starts_at, line.ends_at = datetime(2026, 1, 1, 7).time(), datetime(2026, 1, 1, 8).time()
        session.add(line)
    async with PjlinkServer([door]):
        device_id = add(database, site_id, door)
        start(**QUIET, projector_rest_s=60)
        await wait_until_async(lambda: sink.value(device_id, "projector_left_on") == 1)
        with database.session() as session:
            session.add(RoomUse(site_id=site_id, name="Họp phụ huynh", purpose="meeting",
                                starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1)))  # fmt: skip
            touch_inventory(session)
        await wait_until_async(lambda: sink.value(device_id, "projector_left_on") == 0)


@pytest.mark.parametrize("faults", [Faults(garbage=True), Faults(truncated=True), Faults(oversize=True)])
async def test_a_hostile_projector_harms_no_other(start, database, site_id, sink, faults):
    bad, good = door_of(faults=faults), door_of()
    async with PjlinkServer([bad, good]):
        first, second = add(database, site_id, bad), add(database, site_id, good)
        start(**QUIET)
        await wait_until_async(lambda: reason_of(database, second) == "ok")
        await wait_until_async(lambda: reason_of(database, first).startswith("pjlink_"), 15)
        assert sink.value(first, "projector_power") is None


async def test_a_notice_is_a_hint_to_ask(start, database, site_id, sink):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("0.0.0.0", 0))
        port = probe.getsockname()[1]
    door = door_of(power="1", notify=("127.0.0.1", port))
    async with PjlinkServer([door]):
        worker = start(is_ping_on=False, projector_notice_port=port)
        await wait_until_async(lambda: worker._projecting is not None and not worker._projecting._is_first)
        device_id = add(database, site_id, door, interval_s=300)  # a newcomer is read at once, then in 300 s
        await wait_until_async(lambda: sink.value(device_id, "projector_power") == 1)
        door.projector.power = "0"
        assert sink.value(device_id, "projector_power") == 1
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.sendto(b"%2POWR=1\r", ("127.0.0.1", port))  # what it claims is not believed
        await wait_until_async(lambda: sink.value(device_id, "projector_power") == 0)
        assert worker.figures()["projector_notices"] >= 1


async def test_an_order_that_acted_makes_it_look_again(start, database, site_id, sink):
    door, board = door_of(power="1"), pjlink.Switchboard()
    async with PjlinkServer([door]):
        worker = start(Options(switchboard=board), **QUIET)
        await wait_until_async(lambda: worker._projecting is not None and not worker._projecting._is_first)
        device_id = add(database, site_id, door, interval_s=300)  # read at once, then in 300 s
        await wait_until_async(lambda: sink.value(device_id, "projector_power") == 1)
        door.projector.power = "0"
        board.look_again(device_id)
        board.look_again(device_id + 1)  # another shard's, or gone meanwhile
        await wait_until_async(lambda: sink.value(device_id, "projector_power") == 0)
        assert not board.take_to_read()


async def test_warming_up_is_followed_to_its_end(start, database, site_id, sink, monkeypatch):
    monkeypatch.setattr(projecting, "CHANGE_S", 0.3)
    door = door_of(power="3")
    door.projector._until = float("inf")
    async with PjlinkServer([door]):
        worker = start(**QUIET)
        await wait_until_async(lambda: worker._projecting is not None and not worker._projecting._is_first)
        device_id = add(database, site_id, door, interval_s=300)  # read at once, then in 300 s
        await wait_until_async(lambda: sink.value(device_id, "projector_power") == 3)
        door.projector.power = "1"
        await wait_until_async(lambda: sink.value(device_id, "projector_power") == 1)


async def test_a_new_lamp_is_an_event(start, database, site_id, monkeypatch):
    monkeypatch.setattr("collectors.pjlink.reading.HOUR_S", 0.0)
    door = door_of(power="1", fittings=Fittings(lamps=(3990.0,)))
    async with PjlinkServer([door]):
        device_id = add(database, site_id, door)
        start(**QUIET)
        await wait_until_async(lambda: reason_of(database, device_id) == "ok")
        door.projector.fittings.lamps = (1.0,)

        def changed() -> list:
            with database.reading() as session:
                return [one.device_id for one in events(session, EventFilter(kind="lamp_changed"))]

        await wait_until_async(lambda: changed() == [device_id])


async def test_poll_now_explains_the_projector(start, database, site_id):
    door = door_of(power="1")
    async with PjlinkServer([door]):
        device_id = add(database, site_id, door)
        start(**QUIET)
        with database.session() as session:
            asked = request_poll(session, device_id, "somebody", datetime.now(UTC)).id

        def answer():
            with database.reading() as session:
                row = get_poll_request(session, asked)
                return (row.reason, row.result) if row.done_at else None

        reason, result = await wait_until_async(answer)
        found = json.loads(result)
        assert reason == "ok" and found["facts"]["vendor"] == "EduNOC demo"
        assert {"part": "", "metric": "projector_power", "value": 1.0} in found["samples"]
