"""All endpoints of a meeting at once: facts read from tables, arrays and samples; verdicts kept; calls; the loop."""

from __future__ import annotations

import json
from datetime import timedelta

import numpy as np
import pytest

from collectors import DOWN, UP, ReachabilitySnapshot, ReachabilityView
from conference import Bench, Invitation, KioskState, Meeting, Readiness, ReadinessCall
from conference.readiness import (
    Instruments,
    PathReading,
    assess,
    calls_of,
    counts_by_meeting,
    milestones_of,
    note_calls,
    readiness_of,
    run_of,
    save_verdicts,
    send_message,
    undo_call,
    who_gets,
)
from conference.readiness.history import hour_losses
from conference.readiness.step import Judging, rehearse
from conference.readiness.store.ways import ways_to_measure
from core import Settings
from inventory import Device, Endpoint, Link
from telemetry import Batch, Ingest, LiveTable, SeriesKey, SeriesRegistry, TelemetrySettings, open_store
from tests.conference.world import a_meeting, a_system, an_endpoint

WELL = {
    "state": "waiting", "devices": dict.fromkeys(("camera", "mic", "speaker", "display"), "ok"),
    "levels": {"mic_rms_dbfs": -38.2, "seconds_since_sound": 12, "picture_luma": 0.4},
    "host": {"cpu_pct": 30, "on_battery": False, "ntp_offset_ms": 12},
    "net": {"gw_loss_pct": 0, "wan_loss_pct": 0.1, "wan_rtt_ms": 30},
}  # fmt: skip


def heard(session, endpoint, at, **changes) -> None:
    """A heartbeat; changes of its parts by name."""
    payload = {**WELL, **{name: {**WELL.get(name, {}), **part} for name, part in changes.items()}}
    session.add(KioskState(endpoint_id=endpoint.id, at=at, state="waiting", payload=json.dumps(payload)))


@pytest.fixture
def registry(database) -> SeriesRegistry:
    registry = SeriesRegistry(database)
    registry.load()
    return registry


@pytest.fixture
def world(database, now):
    """A meeting in half an hour: four endpoints, each with a router and a UPS; ids by their order."""
    with database.session() as session:
        rooms = [an_endpoint(session, phone="0900", contact="Cán bộ CNTT") for _ in range(4)]
        for room in rooms:
            session.add_all([Device(site_id=room.site_id, name=kind, kind=kind, address="10.0.0.1")
                             for kind in ("router", "ups")])
            session.add(Link(site_id=room.site_id, name="Cáp quang", committed_down_bps=50_000_000))
        session.flush()
        meeting = a_meeting(session, rooms, now + timedelta(minutes=30), now=now - timedelta(days=2),
                            system=a_system(session))
        for one in rooms[:3]:
            heard(session, one, now - timedelta(seconds=20))
        session.flush()
        return meeting.id, [one.id for one in rooms], [one.site_id for one in rooms]


def device_of(database, site_id: int, kind: str) -> int:
    with database.reading() as session:
        return session.query(Device.id).filter_by(site_id=site_id, kind=kind).scalar()


def view_of(states: dict[int, int], now) -> ReachabilityView:
    ids = np.array(sorted(states), np.int64)
    size = len(ids)
    view = ReachabilityView()
    view.publish(ReachabilitySnapshot(
        ids, np.array([states[one] for one in ids.tolist()], np.int8), np.zeros(size, np.int8),
        np.full(size, now.timestamp() - 600), np.full(size, 0.02),
        np.array([float(states[one] == DOWN) for one in ids.tolist()]), now.timestamp()))
    return view


def judged(database, meeting_id: int, instruments: Instruments, now) -> dict[int, tuple[str, str]]:
    with database.reading() as session:
        verdicts = assess(session, instruments, session.get(Meeting, meeting_id), now)
    return {one.endpoint_id: (one.state, one.reason) for one in verdicts}


def test_facts_come_from_tables_and_arrays(database, registry, world, now):
    meeting_id, rooms, sites = world
    routers = [device_of(database, site, "router") for site in sites]
    ups = device_of(database, sites[1], "ups")
    live = LiveTable()
    series = registry.resolve_many({ups: [SeriesKey("", "ups_on_battery")]})[ups]
    live.grow(len(registry))
    live.apply([Batch(series, np.ones(1), now.timestamp())])
    view = view_of({routers[0]: UP, routers[1]: UP, routers[2]: DOWN, routers[3]: UP}, now)
    found = judged(database, meeting_id, Instruments(registry, live, view), now)
    assert found == {
        rooms[0]: ("ready", "fit"), rooms[1]: ("not_ready", "power_cut"), rooms[2]: ("not_ready", "line_down"),
        rooms[3]: ("unknown", "never_seen"),
    }  # fmt: skip


def test_an_old_reading_of_a_ups_says_nothing(database, registry, world, now):
    meeting_id, rooms, sites = world
    ups, live = device_of(database, sites[0], "ups"), LiveTable()
    series = registry.resolve_many({ups: [SeriesKey("", "ups_on_battery")]})[ups]
    live.grow(len(registry))
    live.apply([Batch(series, np.ones(1), now.timestamp() - 3600)])
    assert judged(database, meeting_id, Instruments(registry, live), now)[rooms[0]] == ("ready", "fit")


def test_hostile_heartbeats_are_read_without_harm(database, world, now):
    meeting_id, rooms, _sites = world
    with database.session() as session:
        states = {one.endpoint_id: one for one in session.query(KioskState)}
        states[rooms[0]].payload = "[1, 2"
        states[rooms[1]].payload = json.dumps({"devices": [1], "levels": "x", "host": {"cpu_pct": "NaN"}, "net": None})
        states[rooms[2]].payload = json.dumps({"devices": {"camera": {"a": 1}}, "host": {"cpu_pct": True}})
    assert {state for state, _reason in judged(database, meeting_id, Instruments(), now).values()} == {
        "ready", "unknown"}


def test_the_hour_of_the_day_is_read_from_four_weeks(database, registry, tmp_path, now):
    store = open_store(TelemetrySettings(), tmp_path, registry)
    try:
        series = registry.resolve_many({one: [SeriesKey("", "ping_loss_ratio")] for one in (7, 8)})
        live = LiveTable()
        Ingest(live, registry, store).flush(now.timestamp())
        for day in range(1, 15):
            at = int((now - timedelta(days=day)).timestamp() * 1000)
            bad = 0.2 if day % 5 == 0 else 0.0    # two hours in ten
            store.append(np.concatenate([series[7], series[8]]), np.full(2, at, np.int64), np.array([bad, 0.0]))
            # Another hour of the day was much worse, and is nobody's business
            store.append(series[8], np.full(1, at - 5 * 3_600_000, np.int64), np.ones(1))
        store.flush()
        found = hour_losses(store, registry, frozenset({7, 8, 9}), now + timedelta(minutes=10), now)
    finally:
        store.close()
    assert found == {7: pytest.approx(0.2), 8: 0.0}


def test_only_what_changed_is_written_and_milestones_once(database, world, now):
    meeting_id, rooms, _sites = world

    def turn(at):
        with database.session() as session:
            meeting = session.get(Meeting, meeting_id)
            return save_verdicts(session, meeting, assess(session, Instruments(), meeting, at), at)

    assert turn(now) == 4
    assert turn(now + timedelta(seconds=15)) == 0
    with database.session() as session:
        assert run_of(session, meeting_id).changed_at == now
        session.query(KioskState).filter_by(endpoint_id=rooms[0]).one().payload = json.dumps(
            {**WELL, "devices": {"speaker": "missing"}})
    assert turn(now + timedelta(seconds=30)) == 1
    later = now + timedelta(minutes=15, seconds=20)     # T-15 min
    turn(later)
    turn(later + timedelta(seconds=15))
    with database.reading() as session:
        rows = readiness_of(session, meeting_id)
        assert [one["word"] for one in json.loads(rows[rooms[0]].details)] == [
            "kiosk_gone", "speaker", "no_reply"]
        assert set(milestones_of(session, meeting_id)) == {"t15m"}
        assert sum(milestones_of(session, meeting_id)["t15m"].values()) == 4
        assert sum(counts_by_meeting(session, [meeting_id])[meeting_id].values()) == 4


def test_who_is_no_longer_called_is_forgotten(database, world, now):
    meeting_id, rooms, _sites = world
    with database.session() as session:
        meeting = session.get(Meeting, meeting_id)
        verdicts = assess(session, Instruments(), meeting, now)
        save_verdicts(session, meeting, verdicts, now)
        save_verdicts(session, meeting, verdicts[1:], now)
        assert set(readiness_of(session, meeting_id)) == set(rooms[1:])


def bench_of(database, vault, registry, now) -> Bench:
    return Bench(database, vault, Settings({}, {}), lambda: now, registry, LiveTable(), None, lambda batch: None)


def test_the_loop_judges_each_15_seconds_near_and_each_minute_far(database, vault, registry, world, now):
    meeting_id, _rooms, _sites = world
    judging, bench = Judging(), bench_of(database, vault, registry, now)
    with database.session() as session:
        far = a_meeting(session, [an_endpoint(session)], now + timedelta(hours=5), now=now - timedelta(days=1)).id
        gone = a_meeting(session, [an_endpoint(session)], now + timedelta(days=3), now=now - timedelta(days=1)).id
    for seconds in (0, 15, 30, 45):
        judging(bench, now + timedelta(seconds=seconds))
    with database.reading() as session:
        assert run_of(session, meeting_id).at == now + timedelta(seconds=45)
        assert run_of(session, far).at == now
        assert run_of(session, gone) is None
        assert session.query(Readiness).filter_by(meeting_id=far).one().state == "unknown"


def test_calls_are_kept_and_taken_back(database, world, now):
    meeting_id, rooms, _sites = world
    with database.session() as session:
        note_calls(session, meeting_id, rooms[:1], ("no_answer", ""), "an", now)
        note_calls(session, meeting_id, rooms[:1], ("reached", " cắm lại micro "), "an", now + timedelta(minutes=1))
        last = calls_of(session, meeting_id)[rooms[0]]
        assert (last.outcome, last.note, last.count) == ("reached", "cắm lại micro", 2)
        assert not undo_call(session, meeting_id, rooms[0], "binh", now)
        assert undo_call(session, meeting_id, rooms[0], "an", now)
        assert calls_of(session, meeting_id)[rooms[0]].outcome == "no_answer"
        with pytest.raises(ValueError, match="shouted"):
            note_calls(session, meeting_id, rooms[:1], ("shouted", ""), "an", now)


def test_a_message_goes_to_who_has_an_address(database, world, now):
    meeting_id, rooms, _sites = world
    with database.session() as session:
        meeting = session.get(Meeting, meeting_id)
        session.get(Endpoint, rooms[1]).email = ""
        mailing = who_gets(session, meeting_id, rooms)
        assert [one.endpoint_id for one in mailing.without] == [rooms[1]]
        assert send_message(session, meeting, rooms, (" Chuẩn bị ", "Bật máy tính."), "an", now) == 3
        mails = session.query(Invitation).filter_by(meeting_id=meeting_id, method="NOTE").all()
        assert {(one.subject, one.body, one.state) for one in mails} == {("Chuẩn bị", "Bật máy tính.", "waiting")}
        assert len({one.message_id for one in mails}) == 3
        assert session.query(ReadinessCall).filter_by(outcome="message").count() == 3


def test_ways_of_systems_with_a_meeting_ahead_and_codecs_are_measured(database, vault, world, now):
    meeting_id, rooms, _sites = world
    with database.session() as session:
        system = a_system(session, stun_host="turn.example.edu.vn", turn_tls_host="turn.example.edu.vn",
                          reflector="cau.example.edu.vn:10010")
        a_system(session, stun_host="idle.example.edu.vn")
        session.get(Meeting, meeting_id).system_id = system.id
        codec = session.get(Endpoint, rooms[3])
        codec.kind, codec.sip_uri = "codec", "sip:codec@10.20.1.15"
        session.flush()
        ways = ways_to_measure(session, vault, now)
        assert [way.step for way in ways] == ["stun", "turn_udp", "turn_tcp", "turn_tls", "udp", "sip"]
        assert all(way.secret is None for way in ways)  # none was entered
        session.add(PathReading(key=f"endpoint:{rooms[3]}@department/sip", step="sip", at=now, reason="ok",
                                detail="in_call"))
    assert judged(database, meeting_id, Instruments(), now)[rooms[3]] == ("risk", "codec_busy")


def test_a_loop_without_rehearsals_does_nothing(database, vault, registry, now):
    rehearse(bench_of(database, vault, registry, now), now)
