"""What a device can do wrong, seen where a person sees it: the reason in its state; its neighbour is not disturbed."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from collectors import REASONS, Worker, poll_states
from collectors.work import polling
from core import Database, Scope
from deploy.demo.replay import NO_FAULTS, Faults, ReplayAgent, ReplayServer, in_order, parse_snmprec
from inventory import facts_of, parts_of
from tests.waiting import wait_until_async

SWITCH = """\
1.3.6.1.2.1.1.1.0|4|Switch of a school
1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999.1
1.3.6.1.2.1.1.3.0|67|{ticks}
1.3.6.1.2.1.1.5.0|4|{name}
1.3.6.1.2.1.2.1.0|2|2
1.3.6.1.2.1.2.2.1.1.{one}|2|{one}
1.3.6.1.2.1.2.2.1.1.{two}|2|{two}
1.3.6.1.2.1.2.2.1.2.{one}|4|port one
1.3.6.1.2.1.2.2.1.2.{two}|4|port two
1.3.6.1.2.1.2.2.1.8.{one}|2|1
1.3.6.1.2.1.2.2.1.8.{two}|2|2
1.3.6.1.2.1.2.2.1.10.{one}|65|1000
1.3.6.1.2.1.2.2.1.10.{two}|65|2000
1.3.6.1.2.1.31.1.1.1.1.{one}|4|ge1
1.3.6.1.2.1.31.1.1.1.1.{two}|4|ge2
1.3.6.1.2.1.31.1.5.0|67|{changed}
"""


def variables(name: str = "sw", one: int = 1, two: int = 2, changed: int = 5, ticks: int = 90_000_000):
    text = SWITCH.format(name=name, one=one, two=two, changed=changed, ticks=ticks)
    return in_order(parse_snmprec(text.encode()))


@pytest.fixture
def agents() -> Iterator[tuple[ReplayAgent, ReplayAgent, ReplayServer]]:
    """(the one that will misbehave, its good neighbour, their server)"""
    bad, good = (ReplayAgent(variables(name), community="school") for name in ("bad", "good"))
    with ReplayServer({("127.0.0.1", 0): bad, ("127.0.0.2", 0): good}) as server:
        yield bad, good, server


@pytest.fixture
async def watched(agents, start: Callable[..., Worker], add_device, credential_id: int, database: Database):
    """Both agents, watched and read well: (bad agent, bad device id, good device id)."""
    bad, _, server = agents
    ids = [
        add_device(name, host, snmp_port=port, credential_id=credential_id, interval_s=1)
        for name, (host, port) in zip(("bad", "good"), server.addresses, strict=True)
    ]
    start()
    for device_id in ids:
        await wait_until_async(lambda one=device_id: reason_of(database, one) == "ok", 40)
    return bad, *ids


def reason_of(database: Database, device_id: int) -> str:
    with database.reading() as session:
        state = poll_states(session, [device_id]).get(device_id)
        return state.reason if state else ""


@pytest.mark.parametrize(
    ("faults", "reason"),
    [
        (Faults(is_silent=True), "timeout"),
        (Faults(late_s=1.2), "too_late"),
        (Faults(is_malformed=True), "malformed"),
        (Faults(truncate_to=30), "malformed"),
    ],
)
async def test_misbehaving_device_has_its_reason_once_in_the_log_and_recovers(
    watched, database: Database, faults: Faults, reason: str
):
    bad, bad_id, good_id = watched
    with capture_logs() as lines:
        bad.faults = faults
        await wait_until_async(lambda: reason_of(database, bad_id) == reason, 40, reason)
        bad.faults = NO_FAULTS
        await wait_until_async(lambda: reason_of(database, bad_id) == "ok", 40, "well again")
    told = [line["reason"] for line in lines if line.get("id") == bad_id]
    assert told.count(reason) == 1
    assert told[-1] == "ok"
    assert not [line for line in lines if line.get("id") == good_id]
    assert reason_of(database, good_id) == "ok"
    assert REASONS[reason][1]


async def test_renamed_device_is_told_and_its_facts_follow(watched, database: Database, monkeypatch):
    bad, bad_id, good_id = watched
    monkeypatch.setattr(polling, "SURVEY_GAP_S", 0.5)
    bad.load(variables("another"))
    await wait_until_async(lambda: reason_of(database, bad_id) == "renamed", 40)

    def name() -> str:
        with database.reading() as session:
            return {f.name: f.value for f in facts_of(session, Scope.everything(), bad_id)}.get("sysname", "")

    with database.reading() as session:
        assert poll_states(session, [bad_id])[bad_id].detail == "bad -> another"
    await wait_until_async(lambda: name() == "another", 40)
    assert reason_of(database, good_id) == "ok"


async def test_renumbered_ports_are_told(watched, database: Database):
    bad, bad_id, _ = watched
    bad.load(variables("bad", one=2, two=1, changed=700))
    await wait_until_async(lambda: reason_of(database, bad_id) == "renumbered", 40)
    with database.reading() as session:
        keys = {part.key for part in parts_of(session, Scope.everything(), bad_id) if part.kind == "port"}
    assert keys == {"if:ge1", "if:ge2"}


async def test_agent_that_runs_in_circles_is_read_as_far_as_it_goes_and_says_so(
    agents, start: Callable[..., Worker], add_device, credential_id: int, database: Database
):
    bad, _, server = agents
    ports = [f"1.3.6.1.2.1.2.2.1.{column}.{n}|4|port {n}" for column in (2, 6) for n in range(1, 13)]
    bad.load(in_order([*variables("loop"), *parse_snmprec("\n".join(ports).encode())]))
    bad.faults = replace(NO_FAULTS, loops_at=15)  # in the middle of ifDescr
    host, port = server.addresses[0]
    device_id = add_device("loop", host, snmp_port=port, credential_id=credential_id, interval_s=1)
    start()
    await wait_until_async(lambda: reason_of(database, device_id) == "loop", 40)
    with database.reading() as session:
        assert poll_states(session, [device_id])[device_id].last_ok_at is not None
