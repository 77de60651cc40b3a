"""What the loop writes down of a running meeting, its timeline, and the remedies."""

import json
from datetime import timedelta

import pytest

from alerts import Incident
from conference import Kiosk, KioskCommand, LiveNote, LiveSpell, Meeting, Participant, live
from conference.live.store import remedying
from conference.live.work import LiveWork
from inventory import Endpoint
from playbooks import MeetingOrder, meetings
from telemetry import Event
from tests.conference.live.conftest import build
from tests.conference.world import MONDAY


def steps(hall, tmp_path, *seconds: float):
    """Run the loop at these seconds from now on; returns the work so that it can go on."""
    work, bench = LiveWork(), hall.bench(tmp_path)
    for one in seconds:
        hall.now += timedelta(seconds=one)
        work.step(bench, hall.now)
    return work, bench


def spells(hall) -> list[tuple[int, str, str, bool]]:
    with hall.database.reading() as session:
        return [(hall.endpoint_ids.index(one.endpoint_id), one.state, one.cause, one.ended_at is None)
                for one in session.query(LiveSpell).order_by(LiveSpell.id)]  # fmt: skip


def story(hall) -> list[live.TimelineLine]:
    with hall.database.reading() as session:
        return live.timeline(session, session.get(Meeting, hall.meeting_id))


def test_a_trouble_is_one_spell_from_its_begin_to_its_end(hall, tmp_path):
    hall.beat(range(6))
    work, bench = steps(hall, tmp_path, 0)
    assert spells(hall) == []
    hall.beat([1], net={"wan_loss_pct": 6}, connection={"loss_down_pct": 6})
    work.step(bench, hall.now)
    work.step(bench, hall.now + timedelta(seconds=5))
    assert spells(hall) == [(1, "degraded", "wan", True)]
    hall.now += timedelta(seconds=10)
    hall.beat(range(6))
    work.step(bench, hall.now)
    assert spells(hall) == [(1, "degraded", "wan", False)]
    hall.now += timedelta(seconds=20)   # back within a minute: the same trouble goes on
    hall.beat(range(6))
    hall.beat([1], net={"wan_loss_pct": 6}, connection={"loss_down_pct": 6})
    work.step(bench, hall.now)
    assert spells(hall) == [(1, "degraded", "wan", True)]
    with hall.database.reading() as session:
        kept = session.query(LiveSpell).one()
        assert kept.group == "isp:Nhà mạng X" and json.loads(kept.evidence)["loss"] == 0.06


def test_nothing_is_written_while_nothing_changes_or_nobody_is_heard(database, vault, tmp_path):
    hall = build(database, vault, 12)
    hall.beat(range(12))
    work, bench = steps(hall, tmp_path, 0)
    hall.now += timedelta(seconds=300)   # EduNOC was away for five minutes: nobody is written down as lost
    work.step(bench, hall.now)
    assert spells(hall) == []


def test_ten_lost_within_a_minute_are_one_line_and_their_return_another(database, vault, tmp_path):
    hall = build(database, vault, 14)
    hall.beat(range(14))
    hall.was_in(range(14))
    work, bench = steps(hall, tmp_path, 0)
    hall.now += timedelta(seconds=40)
    hall.beat([12, 13])
    for _again in range(3):
        work.step(bench, hall.now)
    with hall.database.reading() as session:
        (line,) = session.query(LiveNote).filter_by(kind="mass_loss").all()
    assert "12 điểm cầu" in line.text
    hall.now += timedelta(seconds=30)
    hall.beat(range(14))
    work.step(bench, hall.now)
    kinds = [line.kind for line in story(hall)]
    assert kinds.count("mass_loss") == kinds.count("mass_return") == 1
    (lost,) = [line for line in story(hall) if line.kind == "lost"]
    assert lost.count == 12 and not lost.lasts


def test_begin_and_end_are_told_once_and_open_troubles_end_with_the_meeting(hall, tmp_path):
    hall.beat([0])
    work, bench = steps(hall, tmp_path, 0, 5)
    assert any(is_open for *_one, is_open in spells(hall))
    with hall.database.session() as session:
        meeting = session.get(Meeting, hall.meeting_id)
        meeting.state, meeting.ended_at = "ended", hall.now
    work.step(bench, hall.now + timedelta(seconds=5))
    work.step(bench, hall.now + timedelta(seconds=10))
    assert not any(is_open for *_one, is_open in spells(hall))
    kinds = [line.kind for line in story(hall)]
    assert kinds.count("began") == kinds.count("ended") == 1


def test_a_finding_is_one_line_and_one_event_for_the_desk(hall, tmp_path):
    hall.event("joined", "ep-nobody", "aaaaaaaa", 300, "Khách lạ")
    steps(hall, tmp_path, 0, 5, 5)
    with hall.database.reading() as session:
        (event,) = session.query(Event).filter(Event.kind == "meeting_stranger").all()
    assert "Khách lạ" in event.text and json.loads(event.raw)["meeting"] == hall.meeting_id
    assert [line.kind for line in story(hall)].count("security") == 1


def test_a_page_that_moves_to_another_address_is_told(hall, tmp_path):
    hall.beat([0], address="10.0.0.7")
    work, bench = steps(hall, tmp_path, 0)
    hall.beat([0], address="203.0.113.9")
    work.step(bench, hall.now)
    (line,) = [line for line in story(hall) if line.kind == "security"]
    assert "10.0.0.7" in line.text and "203.0.113.9" in line.text


def test_joins_of_a_minute_are_one_line_and_few_are_named(database, vault):
    hall = build(database, vault, 40)
    hall.was_in(range(38))
    hall.event("joined", "unknown", "eeeeeeee", 10)
    with hall.database.reading() as session:
        subject = session.query(Participant).filter_by(endpoint_id=hall.endpoint_ids[39]).one().subject
    hall.event("joined", subject, "dddddddd", 30)
    lines = [line.text for line in story(hall) if line.kind == "joined"]
    assert lines == ["38 điểm cầu vào trong 37 s", "Điểm cầu 39 vào họp"]


def test_incidents_and_orders_stand_in_the_story(hall):
    with hall.database.session() as session:
        site_id = session.get(Endpoint, hall.endpoint_ids[2]).site_id
        session.add(Incident(
            cause="site:2", open_cause="site:2", rule_id="site_down", severity="critical", severity_rank=0,
            titles={"vi": "Trường 2: mất kết nối toàn bộ"}, messages={}, next_steps={}, site_id=site_id, device_id=None,
            series_id=None, value=None, started_at=hall.now, opened_at=hall.now, reopened_at=None, closed_at=None,
            acknowledged_at=None, returned_at=None, announced_at=None, owner_id=None, folded_into_id=None,
        ))  # fmt: skip
        meetings.order(session, meetings.Command("end_meeting", hall.system_id, "thử", hall.meeting_id, hall.room),
                       "ky-thuat", hall.now)  # fmt: skip
    assert hall.row(2).incident_id is not None
    told = {line.kind: line.text for line in story(hall)}
    assert told["incident"] == "Trường 2: mất kết nối toàn bộ" and "Kết thúc cuộc họp (thử)" in told["order"]


# ---- remedies


def ready(hall, places) -> None:
    """Paired kiosks that are in the meeting, with a list of devices."""
    hall.beat(places)
    hall.sight(places)
    lists = json.dumps({"mic": ["Micro bàn", "Webcam"], "camera": [], "speaker": []})
    with hall.database.session() as session:
        session.add_all([Kiosk(endpoint_id=hall.endpoint_ids[one], sealed_secret="x", devices=lists) for one in places])


def apply(hall, word: str, places, reason: str = "mất gói", **arguments) -> remedying.Done:
    rows = [hall.row(place) for place in places]
    with hall.database.session() as session:
        meeting = session.get(Meeting, hall.meeting_id)
        planned = live.plan(session, meeting, live.REMEDIES[word], rows, hall.now)
        return live.carry_out(session, meeting, planned, arguments, live.Person("ky-thuat", reason, hall.now))


def test_a_remedy_for_a_group_reaches_those_it_can_and_names_the_others(hall):
    ready(hall, [0, 1, 2])
    done = apply(hall, "audio_only", range(6))
    assert len(done.commands) == 3 and set(done.refused) == set(hall.endpoint_ids[3:])
    with hall.database.reading() as session:
        (command, *_others) = session.query(KioskCommand).all()
        (note,) = session.query(LiveNote).filter_by(kind="remedy").all()
    assert (command.verb, command.reason, command.asked_by) == ("audio_only_on", "mất gói", "ky-thuat")
    assert "3 điểm cầu" in note.text and "mất gói" in note.text


def test_a_remedy_wants_a_reason_and_is_offered_only_so_often(hall):
    ready(hall, [0])
    with pytest.raises(meetings.OrderProblem):
        apply(hall, "rejoin", [0], reason="   ")
    for number in range(live.REMEDIES["rejoin"].most):
        hall.now += timedelta(minutes=4)      # the command before has expired, so that it is no repeat
        hall.beat([0])
        with hall.database.session() as session:
            session.query(KioskCommand).update({"state": "done"})
        assert apply(hall, "rejoin", [0]).count == 1, number
    assert apply(hall, "rejoin", [0]).count == 0
    with hall.database.reading() as session:
        meeting = session.get(Meeting, hall.meeting_id)
        offers = {one.remedy.word: one for one in live.offers_for(session, meeting, hall.row(0), hall.now)}
    assert offers["rejoin"].refusal == "too_often" and offers["reload"].refusal == ""
    hall.now += timedelta(minutes=31)
    hall.beat([0])
    hall.sight([])
    assert apply(hall, "rejoin", [0]).count == 1


def test_moving_and_removing_go_to_the_servers_with_the_connection_of_the_room(hall):
    ready(hall, [0, 1])
    done = apply(hall, "move", [0, 1, 2])
    assert len(done.orders) == 2 and set(done.refused) == {hall.endpoint_ids[2]}
    with hall.database.reading() as session:
        found = [(one.verb, one.endpoint, one.room, one.meeting_id) for one in session.query(MeetingOrder)]
    assert found == [("move_endpoint", hall.connection(place), hall.room, hall.meeting_id) for place in (0, 1)]


def test_what_a_cause_suggests_comes_first(hall):
    ready(hall, [1])
    hall.beat([1], net={"wan_loss_pct": 9}, connection={"loss_down_pct": 9})
    with hall.database.reading() as session:
        offers = live.offers_for(session, session.get(Meeting, hall.meeting_id), hall.row(1), hall.now)
    assert [one.remedy.word for one in offers if one.is_suggested] == ["small_picture", "audio_only"]
    assert [one.is_suggested for one in offers] == sorted((one.is_suggested for one in offers), reverse=True)


def test_every_remedy_is_whole():
    words = {row.word for row in live.CAUSES} | set(live.TITLES)
    for remedy in live.REMEDIES.values():
        assert set(remedy.causes) <= words and remedy.title and remedy.preview and remedy.icon and remedy.most > 0


def test_the_meeting_day_of_another_meeting_is_not_mixed_in(hall, database, vault):
    other = build(database, vault, 3)
    hall.beat([0])
    other.beat([0])
    assert hall.board().counts["in"] == other.board().counts["in"] == 1
    with database.reading() as session:
        assert {one.id for one in live.meetings_running(session, hall.now)} == {hall.meeting_id, other.meeting_id}
        assert not live.meetings_running(session, MONDAY + timedelta(hours=5))
