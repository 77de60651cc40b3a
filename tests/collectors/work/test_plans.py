"""A restart polls by the plans of the last run; what no longer fits is surveyed again."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import delete, select, update

from collectors import Worker, poll_states
from collectors.models import KeptPlan, PlanPiece
from core import Database
from inventory import Device, touch_inventory
from tests.waiting import wait_until_async

Start = Callable[..., Worker]


def surveyed_at(database: Database, device_id: int) -> datetime | None:
    with database.reading() as session:
        state = poll_states(session, [device_id]).get(device_id)
        return state.last_survey_at if state else None


def kept(database: Database) -> list[int]:
    with database.reading() as session:
        return list(session.scalars(select(KeptPlan.device_id)))


def polled_at(database: Database, device_id: int) -> datetime | None:
    with database.reading() as session:
        state = poll_states(session, [device_id]).get(device_id)
        return state.last_ok_at if state else None


async def first_run(start: Start, database: Database, device_id: int) -> None:
    start()
    await wait_until_async(lambda: kept(database) == [device_id], 40)
    await wait_until_async(lambda: surveyed_at(database, device_id) is not None, 40)


async def next_poll(database: Database, device_id: int) -> None:
    before = polled_at(database, device_id)
    await wait_until_async(lambda: polled_at(database, device_id) != before, 40)


async def test_a_restart_needs_no_survey(start: Start, database, add_device, credential_id, snmpd):
    device_id = add_device("sw1", "127.0.0.1", snmp_port=snmpd, credential_id=credential_id)
    await first_run(start, database, device_id)
    first = surveyed_at(database, device_id)
    again = start()
    await wait_until_async(lambda: again.figures().get("poll_plans") == 1, 30)
    await next_poll(database, device_id)
    assert surveyed_at(database, device_id) == first


async def test_a_device_that_moved_meanwhile_is_surveyed_anew(start: Start, database, add_device, credential_id, snmpd):
    device_id = add_device("sw1", "127.0.0.1", snmp_port=snmpd, credential_id=credential_id)
    await first_run(start, database, device_id)
    first = surveyed_at(database, device_id)
    with database.session() as session:
        session.get(Device, device_id).profile = "generic"
        touch_inventory(session)
    start()
    await wait_until_async(lambda: surveyed_at(database, device_id) != first, 40)


async def test_series_of_another_device_are_never_fed(start: Start, database, add_device, credential_id, snmpd):
    device_id = add_device("sw1", "127.0.0.1", snmp_port=snmpd, credential_id=credential_id)
    await first_run(start, database, device_id)
    first = surveyed_at(database, device_id)
    stranger = add_device("sw2", "127.0.0.1", snmp_port=snmpd)
    with database.session() as session:
        body = session.get(KeptPlan, device_id)
        fields = {name: getattr(body, name) for name in ("wish", "profiles", "surveyed_at", "pieces", "body")}
        session.execute(delete(KeptPlan))
        session.add(KeptPlan(device_id=stranger, **fields))
        device = session.get(Device, stranger)
        device.credential_id, device.profile = credential_id, session.get(Device, device_id).profile
        session.execute(update(Device).where(Device.id == device_id).values(is_monitored=False))
        touch_inventory(session)
    start()
    await wait_until_async(lambda: surveyed_at(database, stranger) is not None, 40)
    assert surveyed_at(database, device_id) == first


async def test_loose_pieces_are_removed_at_the_start(start: Start, database, add_device, credential_id, snmpd):
    device_id = add_device("sw1", "127.0.0.1", snmp_port=snmpd, credential_id=credential_id)
    await first_run(start, database, device_id)
    with database.session() as session:
        session.add(PlanPiece(key="0" * 64, body=b""))
    start()

    def keys() -> list[str]:
        with database.reading() as session:
            return list(session.scalars(select(PlanPiece.key)))

    await wait_until_async(lambda: "0" * 64 not in keys(), 30)
    assert len(keys()) == 2
