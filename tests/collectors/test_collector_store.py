"""The collectors' tables: states in bulk, and the queues that two workers may claim from at once."""

from datetime import datetime, timedelta

import pytest

import collectors.models  # noqa: F401  (its tables must be known before the database fixture makes them)
from collectors import store
from collectors.store import DiscoveryOrder, Found, PollOutcome, Progress, RequestResult
from core import Database, Session
from inventory import Check, Device, Site, Unit


@pytest.fixture
def device_ids(database: Database) -> list[int]:
    with database.session() as session:
        return make_devices(session, 3)


def make_devices(session: Session, number: int) -> list[int]:
    unit = Unit(name="Sở", kind="department", code="S", path="/1/")
    session.add(unit)
    session.flush()
    site = Site(unit_id=unit.id, name="THPT A", code="A")
    session.add(site)
    session.flush()
    devices = [Device(site_id=site.id, name=f"sw{n}", address=f"10.0.0.{n}") for n in range(number)]
    session.add_all(devices)
    session.flush()
    return [device.id for device in devices]


def outcome(device_id: int, now: datetime, reason: str = "ok") -> PollOutcome:
    return PollOutcome(
        device_id=device_id,
        last_poll_at=now,
        last_ok_at=now if reason == "ok" else None,
        last_survey_at=None,
        reason=reason,
        detail="x" * 900,
        since=now,
        repeats=1,
        requests=3,
        seconds=0.2,
        timeouts=0,
        chunk=16,
        missed=0,
    )


def test_poll_states_are_written_in_bulk_and_overwritten(database: Database, device_ids: list[int], now: datetime):
    with database.session() as session:
        store.save_poll_states(session, [outcome(one, now) for one in device_ids[:2]])
    with database.session() as session:
        later = now + timedelta(minutes=1)
        store.save_poll_states(session, [outcome(one, later, "timeout") for one in device_ids[1:]])
    with database.reading() as session:
        states = store.poll_states(session, device_ids)
        assert [states[one].reason for one in device_ids] == ["ok", "timeout", "timeout"]
        assert len(states[device_ids[0]].detail) == 500
        assert store.reason_counts(session) == {"timeout": 2, "ok": 1}
        assert len(store.poll_states(session)) == 3


def test_state_of_a_deleted_device_is_left_out(database: Database, device_ids: list[int], now: datetime):
    with database.session() as session:
        store.save_poll_states(session, [outcome(99999, now), outcome(device_ids[0], now)])
    with database.reading() as session:
        assert list(store.poll_states(session)) == [device_ids[0]]


def test_check_states_are_kept_by_check(database: Database, device_ids: list[int], now: datetime):
    with database.session() as session:
        check = Check(device_id=device_ids[0], kind="tcp", target=":80")
        session.add(check)
        session.flush()
        store.save_check_states(session, [store.CheckOutcome(check.id, now, False, "refused", "", now, 0.1)])
        assert store.check_states(session, device_ids[0])[check.id].reason == "refused"
        assert store.check_states(session, device_ids[1]) == {}


def test_poll_request_is_claimed_once_and_answered_in_its_row(database: Database, device_ids: list[int], now: datetime):
    with database.session() as session:
        request = store.request_poll(session, device_ids[0], "an", now)
        again = store.request_poll(session, device_ids[0], "binh", now)
        assert again.id == request.id
    with database.session() as session:
        assert [one.id for one in store.claim_polls(session, now, 10)] == [request.id]
    with database.session() as session:
        assert store.claim_polls(session, now, 10) == []
        store.finish_poll_request(session, request.id, RequestResult("ok", "", '{"target": "x"}'), now)
    with database.session() as session:
        done = store.latest_poll_request(session, device_ids[0])
        assert (done.reason, done.result, done.done_at) == ("ok", '{"target": "x"}', now)
        assert store.request_poll(session, device_ids[0], "an", now).id != request.id
        assert store.prune_requests(session, now + timedelta(seconds=1)) == 2


def test_request_of_a_worker_that_died_is_claimed_again(database: Database, device_ids: list[int], now: datetime):
    with database.session() as session:
        store.request_poll(session, device_ids[0], "an", now)
        store.claim_polls(session, now, 10)
    with database.session() as session:
        assert len(store.claim_polls(session, now + timedelta(minutes=6), 10)) == 1


def test_discovery_goes_from_waiting_to_done_with_its_progress(database: Database, now: datetime):
    with database.session() as session:
        run = store.start_discovery(session, DiscoveryOrder("10.0.0.0/30", sealed="sealed"), "an", now)
        assert store.claim_discovery(session, now).id == run.id
        assert store.claim_discovery(session, now) is None
        assert store.note_progress(session, run.id, Progress(2, 1, 1, 0)) is False
        store.add_finds(session, run.id, [Found("10.0.0.1", 161, "ok", name="sw", facts={"sysname": "sw"})], now)
        store.end_discovery(session, run.id, now)
    with database.reading() as session:
        run = store.get_discovery(session, run.id)
        assert (run.state, run.total, run.asked, run.sealed) == ("done", 2, 1, "")
        assert [one.address for one in store.finds_of(session, run.id, "found")] == ["10.0.0.1"]
        assert [one.id for one in store.discovery_runs(session)] == [run.id]


def test_waiting_discovery_is_cancelled_at_once_and_running_one_is_told(database: Database, now: datetime):
    with database.session() as session:
        first = store.start_discovery(session, DiscoveryOrder("10.0.0.1"), "an", now)
        assert store.cancel_discovery(session, first.id, now)
        second = store.start_discovery(session, DiscoveryOrder("10.0.0.2"), "an", now)
        assert store.claim_discovery(session, now).id == second.id
        assert store.cancel_discovery(session, second.id, now)
        assert store.note_progress(session, second.id, Progress(1))
        store.end_discovery(session, second.id, now, "cancelled")
        assert not store.cancel_discovery(session, second.id, now)
    with database.reading() as session:
        assert [run.state for run in store.discovery_runs(session)] == ["cancelled", "cancelled"]


def test_discovery_without_a_worker_ends_as_failed(database: Database, now: datetime):
    with database.session() as session:
        run = store.start_discovery(session, DiscoveryOrder("10.0.0.1"), "an", now)
        store.claim_discovery(session, now)
    with database.session() as session:
        store.claim_discovery(session, now + timedelta(hours=3))
        session.expire_all()
        assert (store.get_discovery(session, run.id).state, run.id) == ("failed", run.id)


def test_find_is_marked_by_one_person_only(database: Database, device_ids: list[int], now: datetime):
    with database.session() as session:
        run = store.start_discovery(session, DiscoveryOrder("10.0.0.1"), "an", now)
        (find,) = store.add_finds(session, run.id, [Found("10.0.0.1", 161, "ok", sealed="s")], now)
        assert store.mark_find(session, find.id, "accepted", device_ids[0])
        assert not store.mark_find(session, find.id, "ignored")
        session.expire_all()
        assert (find.state, find.device_id, find.sealed) == ("accepted", device_ids[0], "")


def test_addresses_in_use_name_their_device(database: Database, device_ids: list[int]):
    with database.reading() as session:
        assert store.addresses_in_use(session, ["10.0.0.1", "10.9.9.9"]) == {("10.0.0.1", 161): device_ids[1]}


def test_request_of_another_shards_site_is_left_to_it(database: Database, device_ids: list[int], now: datetime):
    with database.session() as session:
        store.request_poll(session, device_ids[0], "an", now)
        site_id = session.get(Device, device_ids[0]).site_id
        assert store.claim_polls(session, now, 10, ((site_id + 1) % 2, 2)) == []
        assert len(store.claim_polls(session, now, 10, (site_id % 2, 2))) == 1
