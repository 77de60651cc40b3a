"""Heartbeats from somebody who wants to do harm, or from a page gone mad: none breaks anything, none is believed."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from conference.kiosk import Kiosk, KioskState, take_heartbeat
from conference.kiosk.heartbeat import clean_text, read_heartbeat, values_of
from tests.conference import world

HUGE = "1" + "0" * 400  # beyond every float, and a whole number all the same


@pytest.mark.parametrize("body", [
    f'{{"host": {{"cpu_pct": {HUGE}}}}}', f'{{"host": {{"cpu_pct": -{HUGE}}}}}', '{"net": {"gw_rtt_ms": 1e999}}',
    '{"host": {"mem_pct": -0.001}}', '{"levels": {"mic_rms_dbfs": -Infinity}}', f'{{"meeting_id": {HUGE}}}',
    '{"meeting_id": "00000000001999999999999"}', '{"meeting_id": 2147483648}', '{"state": {}, "visitor": []}',
])
def test_numbers_that_cannot_be_are_left_out_and_counted(body: str) -> None:
    beat = read_heartbeat(body.encode())
    assert beat is not None and beat.dropped >= 1
    assert (beat.meeting_id, values_of(beat)) == (None, {"endpoint_in_meeting": 0.0})


def test_what_a_page_keeps_for_undo_is_json_that_everybody_reads() -> None:
    body = f'{{"acks": [{{"id": 7, "state": "done", "before": {{"a": NaN, "b": {HUGE}, "c": 3, "d": true}}}}]}}'
    (ack,) = read_heartbeat(body.encode()).acks
    assert dict(ack.before) == {"c": 3, "d": True}


def test_no_text_turns_the_direction_of_writing() -> None:
    assert clean_text("a\u202egnp.exe\u2066\x1b[31m\ud800", 40) == "a\ufffdgnp.exe\ufffd\ufffd[31m\ufffd"


@pytest.mark.parametrize("signature", ["\u00e9" * 64, "\u0660" * 64, "g" * 64, " " * 64])
def test_a_signature_that_is_none_is_refused_by_name(page, now, signature: str) -> None:
    headers, body, address = page.request(b"{}", now)
    headers["X-EduNOC-Signature"] = signature
    with page.database.reading() as session:
        taken = take_heartbeat(page.inbox, session, page.vault, (headers, body, address), now)
    assert (taken.reason, taken.status) == ("no_headers", 400)


def test_one_endpoint_cannot_speak_for_another(page, pair, database, now) -> None:
    with database.session() as session:
        other = world.an_endpoint(session, code="other-room")
    theirs = pair(other)
    assert page.beat(now, code=theirs.code).reason == "bad_signature"
    assert page.beat(now, secret=theirs.secret).reason == "bad_signature"
    page.inbox.flush()
    with database.reading() as session:
        assert session.get(KioskState, theirs.endpoint_id) is None


def test_a_wild_bunch_is_written_on_the_side_of_good_ones(page, pair, database, now) -> None:
    wild = {
        "state": "in_meeting", "meeting_id": 2**31 - 1, "problem": "=cmd|' /C calc'!A0\u202e<script>\x00\ud800",
        "lists": {"camera": ["<img src=x onerror=alert(1)>", None, {"a": 1}, "\ud800" * 30] * 15, "chosen": []},
        "events": [{"event": "cameraError", "message": "\x00\ud800" * 20}] * 80, "acks": [{"id": 5}] * 90,
        "ts": "2199-01-01T00:00:00+14:00", "host": {"ntp_offset_ms": -1e13},
    }
    page.say(now, wild)
    page.say(now + timedelta(seconds=10), {"state": "waiting"})
    assert page.inbox.counts["failures"] == 0
    with database.reading() as session:
        state = session.get(KioskState, page.endpoint_id)
        assert (state.state, state.sequence, state.meeting_id) == ("waiting", page.number, None)
        devices = json.loads(session.get(Kiosk, page.endpoint_id).devices)
        assert len(devices["camera"]) <= 40 and all(len(label) <= 200 for label in devices["camera"])
