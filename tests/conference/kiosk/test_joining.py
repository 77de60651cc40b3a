"""When 600 kiosks join a meeting, and with what: by its capacity plan, which is counted once and not by each kiosk."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from conference.capacity import (
    PlannedQuality,
    Quality,
    joining_of,
    keep_plan,
    plan_meeting,
    proposal_of,
)
from conference.kiosk import JoinTimes, coming_of, due_meeting, order_to_join
from conference.schedule import Change, change_meeting, draft_of
from inventory import Endpoint, save_system
from tests.conference import world
from tests.conference.world import EVERYTHING, MONDAY, NEVER_APPROVED

MINUTE = timedelta(minutes=1)


@pytest.fixture
def session(database):
    with database.session() as session:
        yield session


def test_600_kiosks_come_spread_over_the_planned_waves(session, monkeypatch):
    rooms = world.endpoints(session, 600)
    meeting = world.a_meeting(session, rooms)
    planned = plan_meeting(session, proposal_of(session, meeting)).joining
    assert joining_of(session, meeting) == planned
    assert len(planned.waves) > 1
    counted = []
    whole = joining_of

    def count(*given):
        counted.append(given)
        return whole(*given)

    monkeypatch.setattr("conference.kiosk.store.planning.joining_of", count)
    times, asked_at = JoinTimes(), MONDAY - timedelta(minutes=50)
    join_at = {
        one.id: next(iter(coming_of(session, one.id, asked_at + MINUTE / 1200 * number, times))).join_at
        for number, one in enumerate(rooms)
    }
    assert len(counted) == 1, "the plan is counted once, whoever asks"
    assert join_at == planned.joins_at
    assert join_at[rooms[0].id] == min(join_at.values()), "who speaks comes first"
    seconds = Counter(int(moment.timestamp()) for moment in join_at.values())
    assert max(seconds.values()) <= planned.rate + 1
    assert max(join_at.values()) <= MONDAY


def test_a_kiosk_waits_for_its_second_and_a_late_one_joins_at_once(session):
    rooms = world.endpoints(session, 40)
    meeting = world.a_meeting(session, rooms)
    times, last = JoinTimes(), max(rooms, key=lambda one: joining_of(session, meeting).joins_at[one.id])
    second = joining_of(session, meeting).joins_at[last.id]

    def due(now):
        found = due_meeting(coming_of(session, last.id, now, times), now)
        return found.meeting.id if found else None

    assert due(second - timedelta(seconds=1)) is None, "the room is open, others come first"
    assert due(second) == meeting.id
    # Switched on or loaded anew while the meeting runs: nothing to wait for
    assert due(MONDAY + 40 * MINUTE) == meeting.id
    assert due(meeting.ends_at + timedelta(hours=2)) is None


def test_a_changed_meeting_is_planned_anew_at_once(session):
    rooms = world.endpoints(session, 4)
    meeting = world.a_meeting(session, rooms[:3])
    times, now = JoinTimes(), MONDAY - timedelta(minutes=40)
    assert rooms[3].id not in times.of(session, meeting, now)
    people = (*draft_of(session, meeting).participants,
              world.ParticipantDraft("endpoint", endpoint_id=rooms[3].id, role="participant", mode="listen"))
    wanted = replace(draft_of(session, meeting), participants=people)
    change_meeting(session, meeting, Change(wanted, NEVER_APPROVED, scope=EVERYTHING), "tester", now)
    assert rooms[3].id in times.of(session, meeting, now + timedelta(seconds=1))


def test_each_kiosk_joins_with_the_quality_that_is_planned_for_it(session, vault, now):
    values = {"name": "Jitsi", "public_url": "https://meet.example.edu.vn", "domain": "meet.example.edu.vn",
              "algorithm": "HS256", "token_key": "kiosk-joining-" + "0123456789" * 4, "is_enabled": "true"}
    system = save_system(session, vault, None, values)
    rooms = world.endpoints(session, 2)
    meeting = world.a_meeting(session, rooms, system=system)
    narrow = Quality("vp8", "360p", 2)
    keep_plan(session, meeting, PlannedQuality(Quality(), {rooms[1].id: narrow}), "tester", now)

    def joined(room):
        endpoint = session.get(Endpoint, room.id)
        return order_to_join(session, vault, endpoint, meeting.id, MONDAY).options["configOverwrite"]

    def first_codec(options):
        return options["videoQuality"]["codecPreferenceOrder"][0]

    wide, low = joined(rooms[0]), joined(rooms[1])
    assert (wide["resolution"], wide["channelLastN"], first_codec(wide)) == (720, 5, "VP9")
    assert (low["resolution"], low["channelLastN"], first_codec(low)) == (360, 2, "VP8")
    assert low["constraints"]["video"]["height"]["max"] == 360
