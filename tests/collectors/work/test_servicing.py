"""Services in the real worker: samples, states, outages, "check now"; a real listener goes away and comes back."""

import asyncio
from datetime import UTC, datetime, timedelta

from collectors import check_answers, outages_between, request_checks, service_part, service_states
from inventory import Check, Service, service_number, touch_inventory
from tests.waiting import wait_until_async


async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"hello\r\n")
    writer.close()


def make_service(database, port: int) -> tuple[int, int]:
    with database.session() as session:
        service = Service(unit_id=1, name="Cổng", down_after=2)
        session.add(service)
        session.flush()
        check = Check(service_id=service.id, kind="tcp", target=f"127.0.0.1:{port}", expect="hello", interval_s=1,
                      timeout_s=0.5)
        session.add(check)
        session.flush()
        touch_inventory(session)
        return service.id, check.id


def is_up(database, service_id: int) -> bool | None:
    with database.reading() as session:
        state = service_states(session, [service_id]).get(service_id)
        return state.is_up if state else None


async def test_a_service_goes_down_and_works_again(database, site_id, sink, start, unused_tcp_port: int):
    server = await asyncio.start_server(greet, "127.0.0.1", unused_tcp_port)
    service_id, check_id = make_service(database, unused_tcp_port)
    start(is_ping_on=False)
    await wait_until_async(lambda: is_up(database, service_id) is True, 20, "up")
    number = service_number(service_id)
    await wait_until_async(lambda: sink.value(number, "service_up", "") == 1, 10, "sampled")
    assert sink.value(number, "check_up", service_part(check_id)) == 1
    await wait_until_async(lambda: bool(answers_of(database, check_id)), 10, "answer written")
    assert answers_of(database, check_id)["greeting"].startswith("hello")

    server.close()
    await server.wait_closed()
    await wait_until_async(lambda: is_up(database, service_id) is False, 20, "down")
    assert sink.value(number, "service_up", "") == 0
    [outage] = outages_of(database, service_id)
    assert (outage.reason, outage.ended_at) == ("refused", None)

    server = await asyncio.start_server(greet, "127.0.0.1", unused_tcp_port)
    await wait_until_async(lambda: is_up(database, service_id) is True, 20, "up again")
    [outage] = outages_of(database, service_id)
    assert outage.ended_at is not None and outage.ended_at > outage.started_at
    server.close()


async def test_check_now_is_taken_up_at_once(database, site_id, sink, start, unused_tcp_port: int):
    service_id, check_id = make_service(database, unused_tcp_port)
    with database.session() as session:
        session.get(Check, check_id).interval_s = 3600
        session.get(Service, service_id).down_after = 1
        touch_inventory(session)
    start(is_ping_on=False)
    await wait_until_async(lambda: bool(sink.registry.part_names) or True, 1, "started")
    with database.session() as session:
        request_checks(session, service_id, "cô giáo", datetime.now(UTC))
    await wait_until_async(lambda: is_up(database, service_id) is False, 20, "made now")


async def test_a_check_without_its_credential_is_not_made(database, site_id, sink, start, unused_tcp_port: int):
    from inventory import Credential

    service_id, check_id = make_service(database, unused_tcp_port)
    with database.session() as session:
        session.add(Credential(id=9, name="lost", kind="http", sealed=""))
        session.flush()
        check = session.get(Check, check_id)
        check.kind, check.credential_id = "imap", 9
        touch_inventory(session)
    start(is_ping_on=False)
    await wait_until_async(lambda: is_up(database, service_id) is False, 20, "down")
    [outage] = outages_of(database, service_id)
    assert outage.reason == "no_sign_in"


def answers_of(database, check_id: int) -> dict[str, str]:
    with database.reading() as session:
        return check_answers(session, [check_id]).get(check_id, {})


def outages_of(database, service_id: int) -> list:
    now = datetime.now(UTC)
    with database.reading() as session:
        return outages_between(session, [service_id], now - timedelta(hours=1), now + timedelta(hours=1))[service_id]
