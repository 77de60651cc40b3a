"""Where an endpoint is, from what its page and the server say; pure, and on the tables."""

import json
from datetime import timedelta

import pytest

from conference import Participant
from conference.live.grading import quality_of
from conference.live.heartbeat import Heartbeat, read_heartbeat
from conference.live.presence import Frame, Sighting, Signs, presences
from inventory import endpoint_number
from telemetry import NewEvent, record_event
from tests.conference.live.conftest import NOW, build
from tests.conference.payloads import payload
from tests.conference.world import MONDAY

FRAME = Frame(7, MONDAY, MONDAY + timedelta(hours=2), NOW)
EARLIER = NOW - timedelta(minutes=5)


def beat(state: str, ago: float = 5, **values) -> Heartbeat:
    return Heartbeat(NOW - timedelta(seconds=ago), state, 7, **values)


@pytest.mark.parametrize(("signs", "state"), [
    (Signs(), "scheduled"),
    (Signs(has_computer=True), "waking"),
    (Signs(beat("waiting", 60)), "kiosk_ready"),
    (Signs(beat("waiting", 151)), "scheduled"),
    (Signs(beat("joining")), "joining"),
    (Signs(beat("in_meeting")), "in_main"),
    (Signs(beat("in_meeting", is_visitor=True)), "in_visitor"),
    (Signs(beat("in_meeting", loss_down=0.2)), "degraded"),
    (Signs(beat("in_meeting", 36), was_in_at=EARLIER), "lost"),
    (Signs(beat("in_meeting", 36), Sighting("0000000a", seen_at=NOW), was_in_at=EARLIER), "in_main"),
    (Signs(None, Sighting("0000000a", is_visitor=True, seen_at=NOW)), "in_visitor"),     # a codec, a browser
    (Signs(None, Sighting("0000000a", seen_at=NOW - timedelta(minutes=3))), "scheduled"),  # Jicofo silent since
    (Signs(None, joined_at=EARLIER), "in_main"),
    (Signs(None, joined_at=EARLIER, left_at=NOW), "lost"),
    (Signs(None, joined_at=NOW, left_at=EARLIER), "in_main"),                              # came back
    (Signs(beat("waiting"), joined_at=EARLIER, was_in_at=EARLIER), "lost"),                # thrown out, page is there
    (Signs(beat("left"), joined_at=EARLIER, was_in_at=EARLIER), "left"),
    (Signs(beat("rejoining"), was_in_at=EARLIER), "joining"),
    (Signs(Heartbeat(NOW, "in_meeting", 8)), "kiosk_ready"),                               # in another meeting
])  # fmt: skip
def test_the_state_follows_from_the_evidence(signs, state):
    assert presences([signs], FRAME)[0].state == state


def test_after_the_end_those_who_are_gone_have_left():
    over = Frame(7, MONDAY - timedelta(hours=3), MONDAY, NOW)
    assert presences([Signs(was_in_at=MONDAY), Signs(beat("waiting"), was_in_at=MONDAY)], over)[0].state == "left"


@pytest.mark.parametrize(("values", "quality"), [
    ({}, ""), ({"rtt_ms": 199, "loss_down": 0.009}, "good"), ({"rtt_ms": 200}, "degraded"), ({"rtt_ms": 300}, "bad"),
    ({"loss_down": 0.01}, "degraded"), ({"loss_down": 0.03}, "bad"), ({"loss_up": 0.03}, "degraded"),
    ({"loss_up": 0.08}, "bad"), ({"rtt_ms": 30, "jitter_ms": 35}, "degraded"),
    ({"rtt_ms": 30, "jitter_ms": 60}, "degraded"), ({"rtt_ms": 220, "jitter_ms": 60}, "bad"),
    ({"quality": 0.2}, "bad"), ({"quality": 0.2, "rtt_ms": 30}, "good"),  # Jitsi's own figure lingers: raw ones count
])  # fmt: skip
def test_quality_is_graded_by_the_raw_figures(values, quality):
    assert quality_of(beat("in_meeting", **values)) == quality


def row_of(text: str) -> dict:
    return {"at": NOW, "address": "", "meeting_id": 7, "connection": "", "state": "", "is_visitor": False,
            "payload": text}  # fmt: skip


def test_the_proposed_heartbeat_is_read_whole():
    found = read_heartbeat(row_of(payload("edunoc_kiosk_heartbeat_proposal.json")))
    assert found.is_in and found.loss_down == pytest.approx(0.063) and found.wan_loss == pytest.approx(0.059)
    assert (found.rtt_ms, found.cpu, found.sound_dbfs, found.candidate) == (48, 0.71, -38.2, "host")
    assert found.estimate_bps == 812_000 and found.is_on_battery is False and found.broken_devices == ()


@pytest.mark.parametrize("text", [
    "", "null", "[]", "not json", '{"connection": 5, "net": [], "levels": null, "devices": "x", "events": 7}',
    '{"connection": {"rtt_ms": "x", "loss_up_pct": true, "quality": NaN, "transport": 5}, "host": {"on_battery": 1}}',
])  # fmt: skip
def test_odd_heartbeats_tell_nothing_and_break_nothing(text):
    found = read_heartbeat(row_of(text))
    assert found.rtt_ms is None and found.loss_up is None and found.is_on_battery is None and found.quality is None
    assert found.transport == "" and found.errors == ""


def test_a_refused_microphone_is_no_refused_token():
    events = [{"event": "micError", "message": "not allowed"}, {"event": "errorOccurred", "name": "x.expired"}]
    found = read_heartbeat(row_of(json.dumps({"events": events})))
    assert "not allowed" not in found.errors and "x.expired" in found.errors


def test_the_board_tells_states_marks_and_causes(hall):
    hall.reach(1)
    hall.beat([0])
    hall.beat([1], net={"wan_loss_pct": 6}, connection={"loss_down_pct": 6.2})
    hall.beat([2], state="waiting")
    hall.beat([3], ago=60)
    hall.was_in([3])
    hall.sight([0], audio_muted=True)
    board = hall.board()
    said = {row.part.name: (row.state, row.cause.word if row.cause else "", row.tone) for row in board.rows}
    assert said == {
        "Điểm cầu 0": ("in_main", "", "good"), "Điểm cầu 1": ("degraded", "wan", "attention"),
        "Điểm cầu 2": ("kiosk_ready", "late", "attention"), "Điểm cầu 3": ("lost", "computer", "down"),
        "Điểm cầu 4": ("scheduled", "computer", "down"), "Điểm cầu 5": ("scheduled", "computer", "down"),
    }  # fmt: skip
    assert board.rows[0].part.name == "Điểm cầu 3" and board.rows[-1].part.name == "Điểm cầu 0"
    assert {row.part.name for row in board.rows if "late" in row.marks} == {f"Điểm cầu {n}" for n in (2, 4, 5)}
    assert "muted" in hall.row(0).marks and board.counts["in"] == 2 and board.counts["lost"] == 1


def test_a_room_that_came_without_its_page_is_not_called(hall):
    """Never paired, but the server saw it come: a telephone call would only disturb it."""
    hall.reach(0)
    with hall.database.reading() as session:
        subject = session.query(Participant).filter_by(endpoint_id=hall.endpoint_ids[0]).one().subject
    hall.event("joined", subject, hall.connection(0), 300)
    hall.beat([1], ago=200)          # this one's page was there, and fell silent
    hall.sight([1])
    assert (hall.row(0).state, hall.row(0).cause, hall.row(0).tone) == ("in_main", None, "good")
    assert (hall.row(1).cause.word, hall.row(2).cause.word) == ("unheard", "unheard")


def test_before_the_start_nobody_is_missed(hall):
    hall.now = MONDAY - timedelta(minutes=15)
    hall.beat([0], state="waiting")
    board = hall.board()
    assert {row.tone for row in board.rows} == {"info", "unknown"} and not board.groups and not board.counts["late"]


def test_the_next_speaker_who_is_not_there_comes_first_and_red(database, vault):
    hall = build(database, vault, 5, speakers=(0, 4, 3))
    hall.beat([0, 1, 2, 3])
    board = hall.board()   # 08:20: the second speaks, until 08:30; the third is next
    assert board.speaking.title == "Mục 4" and board.coming.title == "Mục 3"
    assert hall.row(3).marks == ("next",) and hall.row(3).tone == "good"
    hall.beat([3], state="waiting")
    hall.beat([4])
    first = hall.board().rows[0]
    assert (first.part.name, first.tone) == ("Điểm cầu 3", "down") and "next" in first.marks


def test_silence_counts_for_the_one_whose_turn_it_is(database, vault):
    hall = build(database, vault, 3, speakers=(0, 1))
    quiet = {"mic_rms_dbfs": -72, "seconds_since_sound": 200}
    hall.beat([0, 1], levels=quiet, media={"audio_muted": False})
    assert "silent" in hall.row(1).marks and hall.row(1).cause.word == "silent"
    assert "silent" not in hall.row(0).marks and hall.row(0).cause is None
    hall.beat([1], levels=quiet, media={"audio_muted": True})
    assert "silent" not in hall.row(1).marks and "muted" in hall.row(1).marks


def test_a_black_picture_is_marked_but_not_of_a_camera_that_is_off(hall):
    hall.beat([1], levels={"picture_luma": 0.01})
    assert "dark" in hall.row(1).marks
    hall.beat([1], levels={"picture_luma": 0.01}, media={"video_muted": True})
    assert "dark" not in hall.row(1).marks


def test_three_dark_schools_of_a_commune_are_one_power_cut(hall):
    hall.beat([0, 4, 5])
    hall.reach(3, [1, 2, 3])
    board = hall.board()
    (group,) = [one for one in board.groups if one.cause.word == "power"]
    assert group.count == 3 and "3 điểm cầu" in group.sentence
    hall.reach(3, [1, 2])
    assert {hall.row(place).cause.word for place in (1, 2)} == {"line"}   # two are two lines, until more is known


def test_bad_rooms_of_a_loaded_bridge_have_the_bridge_as_cause(database, vault):
    hall = build(database, vault, 8)
    hall.beat(range(8), connection={"loss_down_pct": 9})
    hall.sight(range(6), "jvb-1", stress=0.92)
    hall.sight([6, 7], "jvb-2", stress=0.95)
    board = hall.board()
    (group,) = [one for one in board.groups if one.cause.word == "bridge"]
    assert group.count == 6 and "jvb-1" in group.sentence and "92 %" in group.sentence
    assert hall.row(7).cause.word == "poor"                               # two of them prove nothing
    bridges = {one.name: one for one in board.bridges}
    assert bridges["jvb-1"].here == 6 and bridges["jvb-1"].stress == 0.92


def test_the_forecast_adds_those_who_are_missing(database, vault):
    hall = build(database, vault, 20)
    hall.beat(range(10))
    hall.sight(range(10), "jvb-1", stress=0.4)
    (one,) = [bridge for bridge in hall.board().bridges if bridge.name == "jvb-1"]
    assert one.forecast == pytest.approx(0.4 + 0.4 / 100 * 10 / 2)        # ten missing, spread over two bridges


def test_an_excused_room_that_is_absent_is_no_trouble(hall):
    with hall.database.session() as session:
        session.query(Participant).filter_by(endpoint_id=hall.endpoint_ids[5]).update({"excused_at": MONDAY})
    assert hall.row(5).tone == "idle" and hall.row(5).cause is None


def test_when_nobody_at_all_is_heard_it_is_we_who_are_deaf(database, vault):
    hall = build(database, vault, 14)
    hall.beat(range(12), ago=50)
    hall.was_in(range(12))
    board = hall.board()
    assert board.deaf_since is not None and board.counts["in"] == 12 and board.counts["lost"] == 0
    hall.beat([0])
    board = hall.board()
    assert board.deaf_since is None and board.counts["lost"] == 11


def test_strangers_doubles_and_refused_tokens_are_findings(hall):
    with hall.database.reading() as session:
        subject = session.query(Participant).filter_by(endpoint_id=hall.endpoint_ids[1]).one().subject
    hall.event("joined", "ep-nobody", "aaaaaaaa", 300, "Khách lạ")
    hall.event("joined", subject, "bbbbbbbb", 300, "Điểm cầu 1")
    hall.event("joined", subject, "cccccccc", 90)
    hall.beat([2], state="joining", events=[{"name": "errorOccurred", "type": "connection.passwordRequired"}])
    found = {(one.word, one.endpoint_id) for one in hall.board().findings}
    assert found == {("stranger", None), ("twice", hall.endpoint_ids[1]), ("token", hall.endpoint_ids[2])}
    hall.beat([2], state="joining")                                      # the newest heartbeat says nothing of it
    with hall.database.session() as session:
        number = endpoint_number(hall.endpoint_ids[2])
        at = hall.now - timedelta(seconds=60)
        record_event(session, NewEvent(at, "kiosk", "join_failed", "Token expired", number))
    assert hall.row(2).cause.word == "token"
    hall.event("left", subject, "bbbbbbbb", 30)                          # its old connection timed out
    assert "twice" not in {one.word for one in hall.board().findings}
    assert hall.row(2).cause.word == "token"
