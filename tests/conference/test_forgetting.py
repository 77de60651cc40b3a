"""After the key file was lost: every sealed value of every package is emptied, and what still works goes on working."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from app import FORGET_SEALED
from conference import CalendarFeed, Kiosk, Meeting
from conference.invitations import Links, Sender, feed_token, find_feed, known_feed
from conference.kiosk import endpoint_of_cookie, make_code, redeem
from core import Base
from inventory import Endpoint
from playbooks import meetings
from tests.conference import world
from tests.conference.world import MONDAY

# Tables with a sealed column that a test of their own package empties by its own function
ELSEWHERE = {
    "inventory_credential.sealed", "inventory_meeting_system.sealed", "collectors_discovery_run.sealed",
    "collectors_discovery_find.sealed", "alerts_channel.sealed",
}  # fmt: skip
HERE = {"conference_kiosk.sealed_secret", "conference_meeting.sealed_stream_key",
        "conference_calendar_feed.sealed_token"}  # fmt: skip


@pytest.fixture
def session(database):
    with database.session() as session:
        yield session


def forget(session) -> int:
    return sum(part(session) for part in FORGET_SEALED)


def test_every_sealed_column_is_known_to_somebody_who_empties_it():
    columns = {f"{table.name}.{column.name}" for table in Base.metadata.sorted_tables for column in table.columns
               if column.name.startswith("sealed")}
    assert columns == HERE | ELSEWHERE


def test_a_lost_key_empties_what_meetings_had_sealed(session, vault, now):
    room = world.an_endpoint(session)
    meeting = world.a_meeting(session, [room])
    meeting.sealed_stream_key = vault.seal("test-stream-key")
    address = feed_token(session, vault, now, endpoint_id=room.id)
    paired = redeem(session, vault, make_code(session, room, "ky-thuat", now), "Chromium", now)
    other = world.an_endpoint(session)
    make_code(session, other, "ky-thuat", now)
    assert forget(session) == 3
    for name in HERE:
        table, column = name.split(".")
        cell = Base.metadata.tables[table].c[column]
        assert session.scalar(select(func.count()).where(cell != "")) == 0, name
    assert session.get(Meeting, meeting.id).title == meeting.title
    # The calendar is still read at its address; the page of the room asks for a code again
    assert find_feed(session, address, Sender("noc@example.edu.vn"), Links("https://noc.example.edu.vn"), now)
    assert known_feed(session, vault, endpoint_id=room.id) == ""
    assert session.scalar(select(func.count(CalendarFeed.id))) == 1
    assert endpoint_of_cookie(session, paired.cookie) is None
    assert session.get(Kiosk, other.id).code_hash, "a code that nobody used yet stays good"
    again = redeem(session, vault, make_code(session, session.get(Endpoint, room.id), "ky-thuat", now), "Chromium", now)
    assert endpoint_of_cookie(session, again.cookie).id == room.id
    assert forget(session) == 1, "the page that was paired anew"


def test_broadcasts_that_were_ordered_fail_and_keep_no_key(session, vault):
    system = world.a_system(session, ["prosody", "jibri:jibri-1"])
    order = {"system_id": system.id, "verb": "start_stream", "ordered_by": "ky-thuat", "ordered_at": MONDAY,
             "not_before": MONDAY, "give_up_at": MONDAY + timedelta(minutes=5), "room": "giao-ban"}
    sealed = json.dumps({"sealed_stream": vault.seal("test-stream-key"), "count": 3})
    plain = json.dumps({"count": 3})
    rows = [("waiting", sealed), ("done", sealed), ("waiting", plain)]
    session.execute(insert(meetings.MeetingOrder), [{**order, "state": state, "arguments": arguments}
                                                    for state, arguments in rows])
    assert forget(session) == 2
    session.expire_all()
    found = session.scalars(select(meetings.MeetingOrder).order_by(meetings.MeetingOrder.id)).all()
    assert [(one.state, one.failure, one.arguments) for one in found] == [
        ("failed", "bad_secret", plain), ("done", "", plain), ("waiting", "", plain)]
