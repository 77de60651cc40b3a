"""Heartbeats are proven, refused by name, written in bunches; spells in meetings follow them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from conference import KioskSpell, KioskState, Meeting
from conference.kiosk import kiosk_states, unpair
from conference.kiosk.inbox import Inbox
from conference.kiosk.words import REFUSALS
from core import Secret
from inventory import Endpoint, endpoint_number
from telemetry import Event
from tests.conference import world
from tests.conference.payloads import json_payload
from tests.waiting import wait_until


def in_meeting(meeting_id, now, connection="14f01c40", **changes):
    return {"state": "in_meeting", "meeting_id": meeting_id, "endpoint_id": connection, "ts": now.isoformat(),
            "host": {"ntp_offset_ms": 0}, **changes}


def spells(database) -> list[KioskSpell]:
    with database.reading() as session:
        return list(session.scalars(select(KioskSpell).order_by(KioskSpell.id)))


@pytest.fixture
def meeting(database, endpoint, now) -> Meeting:
    with database.session() as session:
        return world.a_meeting(session, [endpoint], now - timedelta(minutes=5))


def test_a_heartbeat_arrives(database, page, meeting, registry, batches, now):
    said = json_payload("edunoc_kiosk_heartbeat_proposal.json") | {"room": meeting.room.upper()}
    answer = page.say(now, said).answer
    assert answer["server_time_ms"] == int(now.timestamp() * 1000) and answer["commands"] == []
    with database.reading() as session:
        kiosk = kiosk_states(session, [page.endpoint_id])[page.endpoint_id]
    assert (kiosk.at, kiosk.state, kiosk.meeting_id, kiosk.connection) == (now, "in_meeting", meeting.id, "14f01c40")
    assert kiosk.is_visitor and kiosk.address == "10.1.2.3" and kiosk.devices["camera"] == "ok"
    series = registry.find(endpoint_number(page.endpoint_id), "", "endpoint_rtt_seconds")
    assert batches[0].value[list(batches[0].series).index(series)] == pytest.approx(0.048)
    assert batches[0].at == now.timestamp()


@pytest.mark.parametrize(("changes", "reason"), [
    ({"code": "no-such"}, "unknown_endpoint"), ({"secret": Secret("other")}, "bad_signature"),
    ({"at_ms": 1}, "stale"), ({"number": 0}, "replayed"),
])  # fmt: skip
def test_refused_by_name(page, now, changes, reason):
    taken = page.beat(now, **changes)
    assert taken.reason == reason and taken.answer["reason"] == reason and taken.status >= 400
    assert taken.answer["server_time_ms"] > 0 and reason in REFUSALS
    assert page.inbox.counts[f"refused:{reason}"] == 1 and page.inbox.flush() == 0


def test_a_copy_is_refused_before_and_after_it_was_written(page, database, registry, now):
    assert page.beat(now, number=5).reason == ""
    assert page.beat(now, number=5).reason == "replayed"
    page.inbox.flush()
    page.inbox = Inbox(database, registry, None, every_s=3600)  # the server was restarted
    assert page.beat(now, number=5).reason == "replayed"
    assert page.beat(now, number=6).reason == ""


def test_changed_large_and_odd_requests_are_refused(page, database, vault, now):
    headers, body, address = page.request(b'{"state": "waiting"}', now)
    from conference.kiosk import take_heartbeat

    with database.reading() as session:
        def ask(headers, body):
            return take_heartbeat(page.inbox, session, vault, (headers, body, address), now).reason

        assert ask(headers, body + b" ") == "bad_signature"
        assert ask(headers, b"x" * 40_000) == "too_large"
        for name in headers:
            assert ask({key: value for key, value in headers.items() if key != name}, body) == "no_headers"
        assert ask(headers | {"X-EduNOC-Time": "²"}, body) == "no_headers"
    assert page.beat(now, b"[]").reason == "not_json"


def test_an_unpaired_page_is_refused(page, database, endpoint, now):
    with database.session() as session:
        assert unpair(session, session.get(Endpoint, endpoint.id), "ky-thuat", now)
        assert not unpair(session, session.get(Endpoint, endpoint.id), "ky-thuat", now)
    assert page.beat(now).reason == "not_paired"


def test_pairing_again_ends_the_old_pages_heartbeats(page, pair, endpoint, now):
    page.say(now, number=10**15)
    second = pair(endpoint)
    assert page.beat(now).reason == "bad_signature"
    assert second.beat(now, number=1).reason == ""


def test_spells_follow_heartbeats(database, page, meeting, now):
    for seconds in (0, 10, 20, 50, 100, 110):
        page.say(now + timedelta(seconds=seconds), in_meeting(meeting.id, now + timedelta(seconds=seconds)))
    found = [(one.first_at - now, one.last_at - now) for one in spells(database)]
    assert found == [(timedelta(0), timedelta(seconds=50)), (timedelta(seconds=100), timedelta(seconds=110))]
    later = now + timedelta(seconds=120)
    page.say(later, in_meeting(meeting.id, later, connection="aabbccdd"))
    page.say(later + timedelta(seconds=9), in_meeting(meeting.id, later, connection="aabbccdd", visitor=True))
    page.say(later + timedelta(seconds=19), {"state": "left", "meeting_id": meeting.id})
    assert [(one.connection, one.is_visitor) for one in spells(database)[2:]] == [
        ("aabbccdd", False), ("aabbccdd", True)]
    with database.reading() as session:
        kept = session.get(Meeting, meeting.id)
        assert kept.state == "running" and kept.began_at == now


def test_spells_use_the_time_of_sending(database, page, meeting, now):
    ahead = now + timedelta(hours=7)  # a clock that takes local time for UTC
    page.say(now, in_meeting(meeting.id, ahead, host={"ntp_offset_ms": 7 * 3600 * 1000 + 800}))
    assert spells(database)[0].first_at == now - timedelta(milliseconds=800)


def test_a_bunch_out_of_order_makes_one_spell(database, page, pair, meeting, now):
    for seconds in (0, 10, 20):
        page.beat(now + timedelta(seconds=seconds), in_meeting(meeting.id, now + timedelta(seconds=seconds)))
    assert page.inbox.flush() == 3 and page.inbox.counts["writes"] == 1
    assert [one.last_at - one.first_at for one in spells(database)] == [timedelta(seconds=20)]


def test_a_meeting_of_others_counts_for_nothing(database, page, now):
    with database.session() as session:
        other = world.a_meeting(session, [world.an_endpoint(session)], now)
    page.say(now, in_meeting(other.id, now))
    page.say(now, in_meeting(10**6, now))
    assert spells(database) == []
    with database.reading() as session:
        assert session.get(KioskState, page.endpoint_id).meeting_id is None
        assert session.get(Meeting, other.id).began_at is None


def test_telling_events_are_kept_among_the_others(database, page, now):
    shapes = json_payload("iframe_events.json")
    events = [{"event": name, "at": now.isoformat(), **values} for name, values in shapes.items()]
    events.append({"event": "someNewEvent"})
    page.say(now, {"state": "waiting", "events": events})
    with database.reading() as session:
        rows = list(session.scalars(select(Event).where(Event.source == "kiosk")))
    assert {row.kind for row in rows} >= {"cameraError", "errorOccurred", "suspendDetected"}
    assert "participantJoined" not in {row.kind for row in rows}
    assert {row.device_id for row in rows} == {endpoint_number(page.endpoint_id)}
    assert json.loads(next(row.raw for row in rows if row.kind == "cameraError"))["type"] == "gum.not_found"


def test_what_the_database_refuses_waits(database, page, registry, now, monkeypatch):
    from sqlite3 import OperationalError as Raw

    from sqlalchemy.exc import OperationalError

    page.beat(now)
    with monkeypatch.context() as patch:
        def full(_session, _beats):
            raise OperationalError("", {}, Raw("database or disk is full"))

        patch.setattr("conference.kiosk.inbox.write_beats", full)
        assert page.inbox.flush() == 0 and page.inbox.counts["failures"] == 1
    assert page.inbox.flush() == 1


def test_one_that_cannot_be_written_takes_no_other_with_it(database, page, pair, now, monkeypatch):
    from conference.kiosk import inbox as module

    with database.session() as session:
        other = world.an_endpoint(session)
    second = pair(other)
    real = module.write_beats

    def touchy(session, beats):
        if any(beat.endpoint_id == page.endpoint_id for beat in beats):
            raise ValueError("nobody foresaw this")
        real(session, beats)

    monkeypatch.setattr(module, "write_beats", touchy)
    page.beat(now)
    second.beat(now)
    page.inbox.flush()
    with database.reading() as session:
        assert set(session.scalars(select(KioskState.endpoint_id))) == {second.endpoint_id}


def test_the_inbox_writes_by_itself(database, page, registry, now):
    page.inbox = Inbox(database, registry, None, every_s=0.05)
    page.beat(now)
    wait_until(lambda: page.inbox.counts["writes"] == 1, 20)
    page.inbox.close()
