"""Whether a planned stream and recording run: each state by its evidence, and the lines of the meeting's story."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from collectors import RoomSighting, WatchedRoom
from conference import Meeting
from conference.live import AIR_NOTES, BROADCAST_STATES, LiveNote, broadcast_of, broadcast_ran
from conference.live.broadcast import SENTENCES, TONES, Order, Recorder, Sight, ran_of
from conference.live.work import LiveWork
from inventory import MeetingServer
from playbooks import MeetingOrder
from tests.conference.world import MONDAY

START, END = MONDAY, MONDAY + timedelta(minutes=90)


def minute(count: float) -> datetime:
    return START + timedelta(minutes=count)


def meeting(streamed: bool = True, recorded: bool = False, state: str = "running") -> SimpleNamespace:
    return SimpleNamespace(is_streamed=streamed, is_recorded=recorded, starts_at=START, ends_at=END, state=state)


def recorder(work: str = "idle", at: float = 20, number: int = 1, **values) -> Recorder:
    given = {"is_up": True, "is_healthy": True, **values}
    return Recorder(number, f"jibri-{number}", given["is_up"], given["is_healthy"], work, minute(at))


def started(
    state: str = "done", reason: str = "recording", at: float = 0, kind: str = "stream", number: int = 1
) -> Order:
    done = minute(at) if state in ("done", "failed") else None
    return Order(number, f"start_{kind}", state, 1, minute(at - 0.5), done, reason)


def stopped(at: float, state: str = "done", kind: str = "stream") -> Order:
    return Order(9, f"stop_{kind}", state, 1, minute(at), minute(at))


UNHEARD = Recorder(1, "jibri-1")
SILENT = Recorder(1, "jibri-1", False, at=minute(20))
IN_ROOM = Sight(minute(1))


@pytest.mark.parametrize(("orders", "recorders", "sightings", "at", "said"), [
    ([], [recorder()], [], -60, ("not_yet", "early", False)),
    ([], [recorder()], [], -10, ("not_yet", "ready", False)),
    ([], [recorder()], [], 1.9, ("not_yet", "ready", False)),
    ([], [recorder()], [], 2, ("failed", "not_started", True)),
    ([], [recorder("busy")], [], -10, ("none_free", "busy", False)),
    ([], [recorder("busy")], [], 20, ("none_free", "busy", True)),
    ([], [], [], -60, ("none_free", "none", False)),
    ([], [recorder("expired")], [], 20, ("unhealthy", "sick", True)),
    ([], [recorder(is_healthy=False)], [], -10, ("unhealthy", "sick", False)),
    ([], [SILENT], [], 20, ("unhealthy", "silent", True)),
    ([], [UNHEARD], [], 20, ("unknown", "unheard", True)),
    ([], [recorder("busy")], [IN_ROOM], 20, ("running", "seen", False)),
    ([], [UNHEARD], [IN_ROOM], 20, ("running", "seen", False)),
    ([], [recorder()], [IN_ROOM], 20, ("failed", "not_started", True)),  # a telephone gateway
    ([], [recorder()], [Sight(minute(1), minute(9))], 20, ("failed", "left", True)),
    ([], [recorder()], [Sight(minute(1), END)], 91, ("stopped", "over", False)),
    ([], [recorder()], [], 91, ("failed", "never", False)),
    ([started("waiting", "")], [recorder()], [], 0.2, ("starting", "", False)),
    ([started("waiting", "")], [recorder()], [], 5, ("starting", "", True)),
    ([started()], [recorder("busy")], [], 20, ("running", "busy", False)),
    ([started()], [recorder("idle", -1)], [], 1, ("running", "busy", False)),  # asked before: the order saw it
    ([started()], [recorder("idle", -1)], [], 20, ("unknown", "order", True)),
    ([started(reason="accepted")], [UNHEARD], [], 1, ("unknown", "order", False)),
    ([started(reason="accepted")], [UNHEARD], [IN_ROOM], 20, ("running", "seen", False)),
    ([started()], [recorder("busy", is_healthy=False)], [], 20, ("unhealthy", "sick", True)),
    ([started()], [SILENT], [], 20, ("unhealthy", "silent", True)),
    ([started()], [SILENT], [IN_ROOM], 20, ("running", "seen", False)),
    ([started()], [recorder()], [], 20, ("failed", "idle", True)),
    ([started()], [recorder(at=95)], [], 95, ("stopped", "over", False)),
    ([started(), stopped(9)], [recorder()], [], 20, ("stopped", "ordered", False)),
    ([started(), stopped(9, "failed")], [recorder("busy")], [], 20, ("running", "busy", False)),
    ([started("failed", "recorder_busy")], [recorder("idle")], [], 20, ("failed", "order", True)),
    ([started("failed", "timeout")], [recorder("busy")], [IN_ROOM], 20, ("running", "seen", False)),
    ([started("cancelled", "")], [recorder()], [], 20, ("failed", "not_started", True)),
    ([started(), stopped(9), started(number=10, at=15)], [recorder("busy")], [], 20, ("running", "busy", False)),
])
def test_each_state_by_its_evidence(orders, recorders, sightings, at, said) -> None:
    found = broadcast_of(meeting(), orders, recorders, sightings, minute(at))
    assert (found.stream.state, found.stream.why, found.stream.is_finding) == said
    assert found.recording.state == "not_planned" and found.shown == [found.stream]
    assert found.stream.sentence and found.stream.word and "%(" not in found.stream.sentence
    is_red = said[0] in ("failed", "none_free", "unhealthy") or (said[2] and said[0] == "starting")
    assert (found.stream.tone == "down") == is_red


def test_one_recorder_in_the_room_is_not_both() -> None:
    both = meeting(recorded=True)
    found = broadcast_of(both, [], [recorder("busy")], [IN_ROOM], minute(20))
    assert (found.stream.state, found.recording.state) == ("unknown", "unknown")
    two = broadcast_of(both, [], [recorder("busy"), recorder("busy", number=2)], [IN_ROOM, IN_ROOM], minute(20))
    assert (two.stream.state, two.recording.state) == ("running", "running")
    ordered = broadcast_of(both, [started()], [recorder("busy"), recorder(number=2)], [IN_ROOM], minute(20))
    assert (ordered.stream.state, ordered.recording.state) == ("running", "failed")
    assert ordered.shown[0].kind == "recording"  # what must be acted on stands first
    early = broadcast_of(both, [], [recorder()], [], minute(-10))
    assert (early.stream.state, early.recording.why) == ("not_yet", "few")
    alone = broadcast_of(both, [started()], [recorder("busy")], [], minute(20))
    assert (alone.stream.state, alone.recording.why) == ("running", "few")
    none = broadcast_of(both, [], [], [], minute(20))
    assert (none.stream.why, none.recording.why) == ("none", "none")


def test_what_was_not_planned_and_not_ordered_is_not_shown() -> None:
    found = broadcast_of(meeting(False), [], [recorder("busy")], [IN_ROOM], minute(20))
    assert found.shown == []
    ordered = broadcast_of(meeting(False), [started(kind="recording")], [recorder("busy")], [], minute(20))
    assert [(one.kind, one.state) for one in ordered.shown] == [("recording", "running")]
    assert ordered.recording.since == minute(0)


def test_every_state_has_its_words_and_colour() -> None:
    assert set(TONES) == set(BROADCAST_STATES) == {state for state, _why in SENTENCES} | {"not_planned"}


def test_what_is_counted_as_streamed_was_measured() -> None:
    seen = Sight(minute(1), minute(80))
    assert ran_of(meeting(), [started()], []) == (True, False)
    assert ran_of(meeting(), [started(reason="accepted")], []) == (False, False)  # nobody saw it run
    assert ran_of(meeting(), [started(reason="accepted")], [seen]) == (True, False)
    assert ran_of(meeting(), [], [seen]) == (True, False)
    assert ran_of(meeting(recorded=True), [], [seen]) == (False, False)
    assert ran_of(meeting(recorded=True), [started()], [seen, seen]) == (True, True)


def kinds(hall) -> list[str]:
    with hall.database.reading() as session:
        return [one.kind for one in session.query(LiveNote).order_by(LiveNote.id) if one.kind in AIR_NOTES]


def test_start_stop_and_failure_are_lines_of_the_story_once_each(hall, tmp_path) -> None:
    with hall.database.session() as session:
        held = session.get(Meeting, hall.meeting_id)
        held.is_streamed = True
        jibri = session.query(MeetingServer).filter_by(system_id=hall.system_id, kind="jibri").one()
        jibri.told_at = hall.now
        jibri.told = '{"status": {"busyStatus": "IDLE", "health": {"healthStatus": "HEALTHY"}}}'
        number = jibri.id
    step, bench = LiveWork().step, hall.bench(tmp_path)
    for _turn in range(2):
        step(bench, hall.now)
    assert kinds(hall) == ["stream_failed"]
    with hall.database.session() as session:
        watched = WatchedRoom(system_id=hall.system_id, room=hall.room, since=MONDAY, until=MONDAY)
        session.add(watched)
        session.flush()
        sighting = RoomSighting(watched_id=watched.id, endpoint="0a0b0c0d", is_recorder=True, first_seen=hall.now,
                                last_seen=hall.now)  # fmt: skip
        session.add(sighting)
        session.add(MeetingOrder(
            system_id=hall.system_id, server_id=number, meeting_id=hall.meeting_id, verb="start_stream", state="done",
            failure="recording", ordered_by="x", ordered_at=hall.now, not_before=hall.now, done_at=hall.now,
        ))  # fmt: skip
    for _turn in range(2):
        step(bench, hall.now)
    assert kinds(hall) == ["stream_failed", "stream_began"]
    with hall.database.session() as session:
        session.add(MeetingOrder(
            system_id=hall.system_id, server_id=number, meeting_id=hall.meeting_id, verb="stop_stream", state="done",
            ordered_by="x", ordered_at=hall.now, not_before=hall.now, done_at=hall.now,
        ))  # fmt: skip
    for _turn in range(2):
        step(bench, hall.now)
    assert kinds(hall) == ["stream_failed", "stream_began", "stream_ended"]
    with hall.database.reading() as session:
        assert broadcast_ran(session, session.get(Meeting, hall.meeting_id)) == (True, False)
