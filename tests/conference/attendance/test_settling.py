"""Settling: evidence out of the tables, the sealed rows, late evidence, signed minutes; size and speed."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta
from types import SimpleNamespace

import numpy as np
import pytest
import typer
from sqlalchemy import func, select, update
from typer.testing import CliRunner

from conference import Bench, ConferenceSettings, LiveNote
from conference.attendance import LOOP, Attendance, MeetingCount, MeetingMinutes, attendance_now, over_at, settle
from conference.attendance.cli import mount
from conference.attendance.kpi.ranking import default_weights, score
from conference.attendance.settling import due
from conference.attendance.store.evidence import read_happening
from conference.attendance.store.ranking import _records
from conference.attendance.store.settling import rows_of, verify
from conference.jitsi import RoomEvent
from core import AuditEntry, load_settings
from inventory import endpoint_number
from playbooks import MeetingOrder
from telemetry import LiveTable, SeriesKey, SeriesRegistry, TelemetrySettings, open_store
from tests.conference.attendance.rows_of import (
    CREATED,
    DESTROYED,
    a_sighting,
    a_spell,
    a_stay,
    an_event,
    end,
    many_endpoints,
    minute,
    occupant,
    participants,
)
from tests.conference.payloads import payload
from tests.conference.world import a_meeting, a_person, a_unit, an_endpoint, endpoints


@pytest.fixture
def session(database):
    with database.session() as session:
        yield session


@pytest.fixture
def held(session):
    """A meeting of three endpoints that was held: the first all the time, the second half, the third not at all."""
    meeting = a_meeting(session, endpoints(session, 3), minutes=90)
    first, second, _third = participants(session, meeting)
    an_event(session, meeting, CREATED, -20, created_at=1)
    a_stay(session, meeting, first, "aaaaaaaa", (-10, 91), total_dominant_speaker_time=61250)
    a_spell(session, meeting, first.endpoint_id, "aaaaaaaa", -10, 91)
    a_spell(session, meeting, second.endpoint_id, "bbbbbbbb", 30, 75)
    a_sighting(session, meeting, "bbbbbbbb", 30, 75, is_visitor=True)
    a_sighting(session, meeting, "ffffffff", -5, 92, is_recorder=True)
    return meeting


def minutes_of(session, meeting) -> list[int]:
    return [round(row.seconds / 60) for row in rows_of(session, meeting.id)]


def test_a_meeting_is_counted_once_it_is_over(session, held) -> None:
    assert settle(session, held.id, minute(held, 60)) is None
    assert settle(session, held.id, minute(held, 90 + held.overrun_minutes + 2)) is None
    now = end(held, 92)
    assert over_at(held) == minute(held, 95)
    found = settle(session, held.id, now)
    assert (found.version, found.is_held, found.endpoints, found.month) == (1, True, 3, "2026-11")
    rows = rows_of(session, held.id)
    assert minutes_of(session, held) == [90, 45, 0]
    assert [(row.linked_by, row.reason, row.connections) for row in rows] == [
        ("connection", "", 1), ("connection", "", 1), ("", "", 0)
    ]
    assert rows[0].spoke_seconds == 61 and rows[0].first_joined_at == minute(held, -10)
    assert {source for _a, _b, source in json.loads(rows[1].intervals)} <= {"both", "client", "server"}


def test_the_chain_is_whole_until_somebody_touches_it(session, held) -> None:
    found = settle(session, held.id, end(held, 92))
    entry = session.scalar(select(AuditEntry).where(AuditEntry.action == "attendance.count"))
    assert json.loads(entry.detail)["head"] == found.head and verify(session, held.id).is_intact
    rows = rows_of(session, held.id)
    rows[1].head_count, rows[1].correction, rows[1].corrected_seconds = 12, "Nhật ký", 5400  # beside the measured
    session.flush()
    assert verify(session, held.id).is_intact
    session.execute(update(Attendance).where(Attendance.id == rows[1].id).values(seconds=5400))
    session.expire_all()
    assert (verify(session, held.id).problem, verify(session, held.id).position) == ("changed_row", 1)


@pytest.mark.parametrize(("position", "problem"), [(0, "missing_row"), (1, "missing_row"), (2, "missing_row")])
def test_a_row_taken_out_is_seen(session, held, position: int, problem: str) -> None:
    settle(session, held.id, end(held, 92))
    session.delete(rows_of(session, held.id)[position])
    session.flush()
    assert verify(session, held.id).problem == problem


def test_a_chain_made_anew_is_told_by_the_audit(session, held) -> None:
    settle(session, held.id, end(held, 92))
    last = rows_of(session, held.id)[-1]
    session.delete(last)
    session.get(MeetingCount, held.id).head = last.previous
    session.flush()
    assert verify(session, held.id).problem == "other_audit"
    assert verify(session, 999_999) is None


def test_late_evidence_is_counted_again_and_hands_keep_their_words(session, held) -> None:
    now = end(held, 92)
    first = settle(session, held.id, now)
    head, third = first.head, participants(session, held)[2]
    assert due(session, now) == []
    row = rows_of(session, held.id)[2]
    row.correction, row.corrected_seconds, row.corrected_by, row.head_count = "Có mặt", 2700, "thuky", 8
    a_stay(session, held, third, "cccccccc", (0, 30))
    session.flush()
    assert due(session, now) == [held.id]
    again = settle(session, held.id, now + timedelta(hours=1))
    assert (again.version, again.started_from, again.note) == (2, head, "late evidence")
    row = rows_of(session, held.id)[2]
    assert (row.seconds, row.corrected_seconds, row.correction, row.head_count) == (1800, 2700, "Có mặt", 8)
    assert verify(session, held.id).is_intact and due(session, now) == []


def test_signed_minutes_hold_the_attendance_fast(session, held) -> None:
    now = end(held, 92)
    before = settle(session, held.id, now).head
    session.add(MeetingMinutes(meeting_id=held.id, updated_at=now, signed_by="chutoa", signed_at=now))
    a_stay(session, held, participants(session, held)[2], "cccccccc", (0, 30))
    session.flush()
    for _again in range(2):
        found = settle(session, held.id, now + timedelta(hours=1))
    assert (found.head, found.late_events, minutes_of(session, held)) == (before, 1, [90, 45, 0])


def test_presence_so_far(session, held) -> None:
    _parties, lines = attendance_now(session, held, minute(held, 45))
    assert [round(line.seconds / 60) for line in lines] == [45, 15, 0]
    assert lines[0].scheduled_seconds == 2700
    _parties, early = attendance_now(session, held, minute(held, -8))
    assert [line.seconds for line in early] == [0, 0, 0] and early[0].first_joined is not None


def test_strangers_and_units_with_many_endpoints(session) -> None:
    one = an_endpoint(session)
    meeting = a_meeting(session, [one], minutes=60, people=(a_person("Người báo cáo"),))
    a_stay(session, meeting, "  NGƯỜI báo cáo ", "dddddddd", (0, 60))
    a_stay(session, meeting, "<script>\x00=1+1", "eeeeeeee", (0, 20))
    settle(session, meeting.id, end(meeting, 61))
    rows = rows_of(session, meeting.id)
    assert [(row.linked_by, row.seconds) for row in rows] == [("", 0), ("name", 3600), ("name", 1200)]
    assert (rows[2].participant_id, rows[2].name) == (None, "<script> =1+1")
    assert session.get(MeetingCount, meeting.id).strangers == 1


def test_what_was_streamed_and_recorded_is_what_was_really_done(session, held) -> None:
    held.is_recorded = held.is_streamed = True
    now = end(held, 92)
    order = MeetingOrder(system_id=held.system_id, meeting_id=held.id, verb="start_stream", state="failed",
                         ordered_by="x", ordered_at=minute(held, 1), not_before=now)  # fmt: skip
    session.add(order)
    session.flush()
    found = settle(session, held.id, now)
    assert not (found.is_recorded or found.is_streamed)  # one recorder was sighted in the room: it is one of both
    order.state, order.failure = "done", "recording"
    found = settle(session, held.id, now)
    assert (found.is_streamed, found.is_recorded) == (True, False)
    order.verb, held.is_recorded = "stop_stream", False
    assert settle(session, held.id, now).is_streamed  # only the stream was planned, and a recorder was there
    session.add(LiveNote(meeting_id=held.id, at=now, kind="stream_failed"))
    session.flush()
    assert not settle(session, held.id, now).is_streamed
    other = a_meeting(session, [an_endpoint(session)], is_recorded=True, is_streamed=True)
    found = settle(session, other.id, end(other, 100))
    assert not (found.is_recorded or found.is_streamed or found.is_held)


@pytest.mark.parametrize("raw", [
    "", "[]", "null", '{"occupant": 7}', '{"occupant": {"occupant_jid": null}}',
    '{"occupant": {"occupant_jid": "x@y/z", "joined_at": "soon", "left_at": [], "name": {"a": 1}}}',
    '{"all_occupants": "none"}', '{"occupant": {"occupant_jid": "x@y/z", "joined_at": 1e400}}',
])
def test_odd_events_are_absorbed(raw: str, now) -> None:
    found = read_happening("muc-occupant-joined", now, now, raw)
    assert all(one.joined_at is None for one in found.occupants)


def test_the_documented_events_are_read(now) -> None:
    left = read_happening("muc-occupant-left", now, now, payload("event_sync_occupant_left_full.json")).occupants[0]
    assert (left.connection, left.subject, left.spoke_seconds) == ("14f01c40", "site-0412", 61.25)
    assert left.left_at - left.joined_at == 5426
    breakout = read_happening("muc-occupant-joined", now, now, payload("event_sync_occupant_joined_breakout.json"))
    assert breakout.breakout.startswith("2b6f5f0e")
    ended = read_happening("muc-room-destroyed", now, now, payload("event_sync_room_destroyed.json"))
    assert [one.left_at - one.joined_at for one in ended.occupants] == [39]


def test_the_loop_counts_what_is_over(database, vault, clock, tmp_path) -> None:
    with database.session() as session:
        meeting = a_meeting(session, endpoints(session, 2), minutes=60)
        a_stay(session, meeting, participants(session, meeting)[0], "aaaaaaaa", (0, 60))
        now = end(meeting, 60)
    settings = load_settings((ConferenceSettings,), environ={"EDUNOC_DATA_DIR": str(tmp_path)})
    registry = SeriesRegistry(database)
    bench = Bench(database, vault, settings, clock, registry, LiveTable(), None, lambda batch: None)
    for _turn in range(2):
        LOOP.step(bench, now)
    with database.session() as session:
        assert minutes_of(session, meeting) == [60, 0]
        assert session.get(MeetingCount, meeting.id).version == 1
        assert [row.quality for row in rows_of(session, meeting.id)] == [None, None]
    assert dataclasses.replace(LOOP).every_s <= 60


def test_quality_is_the_median_of_the_meetings_minutes(database, vault, clock, tmp_path) -> None:
    with database.session() as session:
        meeting = a_meeting(session, endpoints(session, 3), minutes=60)
        people = participants(session, meeting)
        for number, one in enumerate(people):
            a_stay(session, meeting, one, f"{number:08x}", (0, 60))
        now = end(meeting, 60)
    registry = SeriesRegistry(database)
    store = open_store(TelemetrySettings(), tmp_path, registry)
    wanted = {endpoint_number(one.endpoint_id): [SeriesKey("", "endpoint_mos")] for one in people[:2]}
    series = registry.resolve_many({**wanted, 7: [SeriesKey("", "endpoint_mos")]})
    first, second = (series[number] for number in wanted)
    for at, values in {-1: (1.0, 1.0), 5: (4.2, 2.0), 20: (4.2, 3.0), 40: (1.1, 2.5), 61: (1.0, 1.0)}.items():
        when = np.full(2, int(minute(meeting, at).timestamp() * 1000), np.int64)
        store.append(np.concatenate([first, second]), when, np.array(values))
    settings = load_settings((ConferenceSettings,), environ={"EDUNOC_DATA_DIR": str(tmp_path)})
    LOOP.step(Bench(database, vault, settings, clock, registry, LiveTable(), None, lambda batch: None, store), now)
    store.close()
    with database.session() as session:
        # What was heard before and after does not count; who sent nothing has none
        assert [row.quality for row in rows_of(session, meeting.id)] == [4.2, 2.5, None]
        assert verify(session, meeting.id).is_intact
        rank = rank_records(session, meeting)
        assert rank[people[1].endpoint_id] > 0 == rank[people[0].endpoint_id]


def rank_records(session, meeting) -> dict[int, float]:
    """Endpoint to the points that quality gives it, as if it had met twice."""
    month = meeting.starts_at.strftime("%Y-%m")
    found = _records(session, (month, month), {})
    return {one: score(record, {**default_weights(), "quality": 2.0}).points.get("quality", 0.0)
            for one, record in found.items()}  # fmt: skip


def test_six_hundred_endpoints_settle_at_once(session) -> None:
    rooms = many_endpoints(session, a_unit(session, "Sở", kind="department"), 20, 30)
    meeting = a_meeting(session, rooms, minutes=90)
    everybody = participants(session, meeting)
    for number, one in enumerate(everybody):
        connection = f"{number:08x}"
        a_stay(session, meeting, one, connection, (0, 90))
        a_spell(session, meeting, one.endpoint_id, connection, 0, 90)
        a_sighting(session, meeting, connection, 0, 90, is_visitor=number > 50)
    record = [occupant(meeting, one, f"{n:08x}", 0, 90) for n, one in enumerate(everybody)]
    an_event(session, meeting, DESTROYED, 91, all_occupants=record)
    session.flush()
    now = end(meeting, 91)
    assert session.scalar(select(func.count()).select_from(RoomEvent)) == 1201
    assert settle(session, meeting.id, now).endpoints == 600
    assert {row.seconds for row in rows_of(session, meeting.id)} == {5400}
    assert verify(session, meeting.id).is_intact


def test_the_command_names_a_broken_seal(database) -> None:
    own = SimpleNamespace(database=database)
    app = typer.Typer()
    app.callback()(lambda: None)
    mount(app)
    assert CliRunner().invoke(app, ["verify-attendance"], obj=own).exit_code == 0
    with database.session() as session:
        meeting = a_meeting(session, endpoints(session, 2), minutes=60)
        settle(session, meeting.id, end(meeting, 61))
    assert "1 meetings checked, 0 broken" in CliRunner().invoke(app, ["verify-attendance"], obj=own).output
    with database.session() as session:
        rows_of(session, meeting.id)[1].seconds = 3600
    result = CliRunner().invoke(app, ["verify-attendance"], obj=own)
    assert result.exit_code == 1 and f"Meeting {meeting.id}" in result.output and "row 2" in result.output
