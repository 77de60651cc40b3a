"""Retention: what is old goes in bunches, only after it was counted; the count, its seal and the young stay."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from collectors import MeetingServerQuestion, RoomSighting, WatchedRoom
from conference import ConferenceSettings
from conference.attendance import GONE, Attendance, MeetingCount, settle
from conference.attendance.store.settling import rows_of, verify
from conference.invitations import Invitation, InvitationReply, Reminder
from conference.jitsi import Desk, RoomEvent, RoomReservation, desk_file
from conference.kiosk import KioskCommand, KioskSpell
from conference.live import LiveNote, LiveSpell
from conference.readiness import Readiness, ReadinessCall
from conference.retention import LOOP, cutoffs_of, prune
from conference.retention.store import KINDS
from conference.schedule import Meeting, MeetingSeries, Participant
from core import load_settings
from inventory import MeetingServer
from playbooks import MeetingOrder
from tests.conference.attendance.rows_of import CREATED, a_sighting, a_spell, a_stay, an_event, end, participants
from tests.conference.world import MONDAY, a_meeting, a_system, endpoints

SETTINGS = load_settings([ConferenceSettings], environ={})[ConferenceSettings]
LATER = MONDAY + timedelta(days=1000)
TABLES = {model for model, _which in KINDS.values()}


def traces(session, meeting: Meeting) -> None:
    """One row of everything that surrounds a meeting."""
    first, second = participants(session, meeting)
    at, one = meeting.starts_at, {"meeting_id": meeting.id, "endpoint_id": first.endpoint_id}
    an_event(session, meeting, CREATED, -20, created_at=1)
    a_stay(session, meeting, first, "aaaaaaaa", (0, 60))
    a_spell(session, meeting, second.endpoint_id, "bbbbbbbb", 30, 75)
    a_sighting(session, meeting, "bbbbbbbb", 30, 75)
    session.add_all([
        RoomReservation(system_id=meeting.system_id, meeting_id=meeting.id, number=f"r{meeting.id}", name="x",
                        opened_at=at),
        LiveSpell(**one, state="lost", began_at=at, ended_at=at), LiveNote(**one, at=at, kind="remark"),
        Readiness(**one, at=at, state="ready", score=90), ReadinessCall(**one, at=at, by="a", outcome="fixed"),
        KioskCommand(**one, verb="reload", asked_by="a", asked_at=at, good_until=at),
        MeetingOrder(system_id=meeting.system_id, meeting_id=meeting.id, verb="start_stream", ordered_by="a",
                     ordered_at=at, not_before=at, state="done"),
        Invitation(meeting_id=meeting.id, uid=meeting.uid, email="a@example.edu.vn", method="REQUEST", sequence=0,
                   content="", subject="", queued_at=at, not_before=at, state="sent"),
        InvitationReply(message_id=f"m{meeting.id}", received_at=at, outcome="taken"),
        Reminder(meeting_id=meeting.id, minutes_before=60, sent_at=at),
    ])  # fmt: skip
    server = MeetingServer(system_id=meeting.system_id, kind="jvb", name=f"jvb-{meeting.id}", url="http://127.0.0.1:1")
    session.add(server)
    session.flush()
    session.add(MeetingServerQuestion(server_id=server.id, kind="test", asked_by="a", asked_at=at))
    session.flush()


def numbers(session) -> dict[str, int]:
    """How many rows each table has."""
    return {model.__name__: session.scalar(select(func.count()).select_from(model)) for model in TABLES}


@pytest.fixture
def held(database):
    """A counted meeting with every kind of trace."""
    with database.session() as session:
        meeting = a_meeting(session, endpoints(session, 2), minutes=90)
        traces(session, meeting)
        assert settle(session, meeting.id, end(meeting, 90)) is not None
        return meeting


def test_every_trace_goes_after_its_time_and_the_count_stays_whole(database, held) -> None:
    with database.reading() as session:
        assert set(numbers(session).values()) - {0}
        assert all(numbers(session).values())
        before = [row.hash for row in rows_of(session, held.id)]
    prune(database, cutoffs_of(SETTINGS, LATER))
    with database.session() as session:
        assert not any(numbers(session).values())
        assert [row.hash for row in rows_of(session, held.id)] == before
        assert verify(session, held.id).is_intact
        count = session.get(MeetingCount, held.id)
        known = (count.version, count.is_streamed, count.troubled, count.ready)
        again = settle(session, held.id, LATER, note="a person asked")
        assert (again.version, again.is_streamed, again.troubled, again.ready) == known
        assert session.scalar(select(func.sum(Attendance.seconds))) > 0


def test_each_kind_has_its_own_time(database, held) -> None:
    prune(database, cutoffs_of(SETTINGS, held.ends_at + timedelta(days=399)))
    with database.reading() as session:
        assert all(numbers(session).values())
        assert session.get(MeetingCount, held.id).evidence != GONE
    gone = prune(database, cutoffs_of(SETTINGS, held.ends_at + timedelta(days=401)))
    assert set(KINDS) - set(gone) == {"live_spells", "live_notes"}
    shorter = cutoffs_of(SETTINGS.model_copy(update={"keep_live_days": 30}), held.ends_at + timedelta(days=401))
    assert prune(database, shorter) == {"live_spells": 1, "live_notes": 1}


def test_what_was_never_counted_keeps_its_evidence_and_what_was_called_off_does_not(database) -> None:
    with database.session() as session:
        rooms = endpoints(session, 2)
        waits, called_off = a_meeting(session, rooms), a_meeting(session, rooms, MONDAY + timedelta(days=1))
        for meeting in (waits, called_off):
            traces(session, meeting)
        an_event(session, waits, CREATED, -10, created_at=2).meeting_id = None  # came before the meeting was known
        stray = an_event(session, waits, CREATED, -9, created_at=3)
        stray.meeting_id, stray.room = None, "nobody-knows-this-room"
        called_off.state = "cancelled"
        for number in (waits.id, called_off.id):
            session.query(Participant).filter(Participant.meeting_id == number).delete()
    prune(database, cutoffs_of(SETTINGS, LATER))
    with database.reading() as session:
        assert {one.room for one in session.scalars(select(RoomEvent))} == {waits.room}
        assert session.scalar(select(func.count()).select_from(RoomEvent)) == 4
        for model in (KioskSpell, RoomReservation, LiveSpell, Readiness):
            assert session.scalars(select(model.meeting_id)).all() == [waits.id]
        assert session.scalars(select(WatchedRoom.room)).all() == [waits.room]
        assert session.scalar(select(func.count()).select_from(RoomSighting)) == 1


def test_a_series_that_goes_on_keeps_what_its_people_were_told(database) -> None:
    with database.session() as session:
        rooms, system = endpoints(session, 2), a_system(session)
        old = a_meeting(session, rooms, system=system)
        coming = a_meeting(session, rooms, LATER, system=system)
        series = MeetingSeries(uid="series@edunoc", rule="FREQ=YEARLY", starts_at=MONDAY, minutes=120)
        session.add(series)
        session.flush()
        old.series_id = coming.series_id = series.id
        traces(session, old)
        old.state = "cancelled"
    assert "invitations" not in prune(database, cutoffs_of(SETTINGS, LATER))
    assert prune(database, cutoffs_of(SETTINGS, LATER + timedelta(days=500))) == {"invitations": 1}


def test_a_turn_is_bounded_and_the_next_goes_on(database, held) -> None:
    with database.session() as session:
        meeting = session.get(Meeting, held.id)
        for number in range(9):
            an_event(session, meeting, CREATED, number, created_at=number)
    cutoffs = cutoffs_of(SETTINGS, LATER)
    assert [prune(database, cutoffs, at_once=3, rounds=2).get("events") for _turn in range(3)] == [6, 6, None]


def test_the_loop_forgets_what_the_database_never_took(database, held, tmp_path) -> None:
    desk = Desk(desk_file(tmp_path))
    desk.spool("event", (LATER - timedelta(days=61)).timestamp(), "{}")
    desk.spool("event", (LATER - timedelta(days=59)).timestamp(), "{}")

    class Settings(dict):
        core = SimpleNamespace(data_dir=tmp_path)

    bench = SimpleNamespace(database=database, settings=Settings({ConferenceSettings: SETTINGS}))
    LOOP.step(bench, LATER)
    assert [at for _id, _kind, at, _text in desk.spooled(9)] == [(LATER - timedelta(days=59)).timestamp()]
    desk.close()
    with database.reading() as session:
        assert not any(numbers(session).values())
