"""Heartbeats are read tolerantly, measured values become samples, speech quality follows the vectors."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.kiosk import emodel, read_heartbeat
from conference.kiosk.heartbeat import EVENT_LIMIT, METRICS, NUMBERS, true_time, values_of
from telemetry import METRICS as KNOWN
from tests.conference.payloads import json_payload, payload

PROPOSAL = "edunoc_kiosk_heartbeat_proposal.json"
VECTORS = json_payload("emodel_vectors.json")["vectors"]


def read(**changes):
    return read_heartbeat(json.dumps(json_payload(PROPOSAL) | changes).encode())


def test_the_proposal_is_read_whole():
    beat = read_heartbeat(payload(PROPOSAL).encode())
    assert (beat.state, beat.is_visitor, beat.connection) == ("in_meeting", True, "14f01c40")
    assert beat.room == "giaoban-tinh-20261121" and beat.meeting_id is None  # its number is not one of ours
    assert beat.sent_at == datetime(2026, 11, 21, 1, 30, 5, tzinfo=UTC) and beat.ntp_offset_ms == 12
    values = values_of(beat)
    assert values["endpoint_rtt_seconds"] == pytest.approx(0.048)
    assert values["endpoint_loss_down_ratio"] == pytest.approx(0.063)
    assert values["endpoint_down_bits_per_second"] == 690_000
    assert values["endpoint_wan_loss_ratio"] == pytest.approx(0.059)
    assert values["endpoint_sound_dbfs"] == -38.2 and values["endpoint_in_meeting"] == 1
    assert values["endpoint_on_battery"] == 0 and values["endpoint_devices_ok"] == 1
    assert 3.0 < values["endpoint_mos"] < 4.0  # 6.3 % lost on the way down
    assert beat.dropped == 1


def test_every_metric_is_in_the_table():
    assert set(METRICS) <= set(KNOWN)
    assert all(KNOWN[name].id in range(700, 760) for name in METRICS)


@pytest.mark.parametrize("key", json_payload(PROPOSAL))
def test_no_key_is_needed(key):
    said = json_payload(PROPOSAL)
    del said[key]
    assert read_heartbeat(json.dumps(said).encode()) is not None


@pytest.mark.parametrize(("changes", "dropped"), [
    ({"connection": {"rtt_ms": "48", "quality": 300, "loss_up_pct": True, "down_kbps": 10}}, 3),
    ({"connection": [1]}, 1), ({"devices": {"camera": "melted", "mic": "ok"}}, 1), ({"levels": None}, 0),
    ({"state": "dancing"}, 1), ({"visitor": "yes"}, 1), ({"endpoint_id": "not hex!"}, 1), ({"ts": "yesterday"}, 1),
    ({"host": {"cpu_pct": -1, "on_battery": 1}}, 2), ({"events": "many"}, 1), ({"acks": [{"id": -1}, 7]}, 2),
    ({"meeting_id": 17}, -1), ({"meeting_id": {"a": 1}}, 0), ({"unheard_of": {"x": [1, 2]}}, 0),
    ({"media": {"audio_muted": "no"}}, 1), ({"lists": 5}, 1),
])  # fmt: skip
def test_what_is_wrong_is_left_out_and_counted(changes, dropped):
    beat = read(**changes)
    assert beat.dropped == 1 + dropped  # the proposal's own meeting number
    assert beat.state == ("" if changes.get("state") == "dancing" else "in_meeting")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"null", b"\xff\xfe", b"[" * 5000])
def test_what_is_no_object_is_none(body):
    assert read_heartbeat(body) is None


def test_not_a_number_is_no_sample():
    beat = read_heartbeat(b'{"connection": {"rtt_ms": NaN, "loss_up_pct": Infinity, "quality": 1e400}}')
    assert set(values_of(beat)) == {"endpoint_in_meeting"} and beat.dropped == 3


def test_many_events_and_long_texts_are_cut():
    events = [{"event": "errorOccurred", "message": "x" * 900, "type": f"unknown.{n}"} for n in range(80)]
    beat = read(events=events, lists={"camera": ["c" * 900] * 99, "chosen": {"camera": "\x00a\ud800"}})
    assert len(beat.payload["events"]) == EVENT_LIMIT and beat.payload["events"][-1]["type"] == "unknown.79"
    assert len(beat.payload["events"][0]["message"]) == 200
    assert len(beat.lists["camera"]) == 40 and beat.lists["chosen"]["camera"] == "\ufffda\ufffd"


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["camera", "rtt_ms", "id", "name", "chosen", "on_battery", "x"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from([*json_payload(PROPOSAL), *NUMBERS, "events", "acks", "lists"]), json_values))
def test_nothing_breaks_the_reader(said):
    beat = read_heartbeat(json.dumps(said).encode())
    assert beat is not None and all(value == value for value in values_of(beat).values())


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: f"{v['one_way_ms']} ms {v['loss_pct']} %")
def test_speech_follows_the_vectors(vector):
    r = emodel.rating(vector["one_way_ms"], vector["loss_pct"])
    assert r == pytest.approx(vector["R"], abs=0.006)
    assert emodel.mos(r) == pytest.approx(vector["MOS"], abs=0.0006)


def test_speech_is_graded_by_the_rating():
    r = emodel.rating(150, 3)
    assert emodel.mos(r) > 4.0 and emodel.grade(r) == "attention"
    assert emodel.speech(100, 10, 0) == pytest.approx(emodel.mos(emodel.rating(90, 0)))
    assert emodel.speech(None, 1, 1) is None and emodel.speech(9, 1, None) is None
    assert emodel.speech(600_000, 0, 100) == 1.0


@pytest.mark.parametrize(("sent_s", "offset_ms", "expected_s"), [
    (-2, 0, -2), (88, 90_000, -2), (-3602, -3_600_000, -2), (5, 0, 0), (-900, 0, 0), (-900, None, 0),
])  # fmt: skip
def test_the_senders_clock_is_corrected_as_long_as_that_can_be(sent_s, offset_ms, expected_s, now):
    host = {"ntp_offset_ms": offset_ms} if offset_ms is not None else {}
    beat = read(ts=(now + timedelta(seconds=sent_s)).isoformat(), host=host)
    assert true_time(beat, now) == now + timedelta(seconds=expected_s)
