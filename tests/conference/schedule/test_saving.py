"""Meetings written from drafts and read back: participants, endpoints, agenda, rooms, series."""

from __future__ import annotations

from datetime import timedelta

import pytest

from conference.schedule import (
    ParticipantDraft,
    ScheduleProblem,
    agenda_of,
    endpoints_of,
    mark_began,
    meeting_of_room,
    occurrences_of,
    participants_of,
    running_meetings,
    save_meeting,
    speaking_now,
    submit,
)
from core import Scope
from inventory import RoomUse
from tests.conference.world import (
    MONDAY,
    a_draft,
    a_meeting,
    a_person,
    a_site,
    a_system,
    a_unit,
    an_endpoint,
    an_item,
    endpoints,
)


@pytest.fixture
def session(database):
    with database.session() as session:
        yield session


def test_a_meeting_with_endpoints_and_people(session):
    rooms = endpoints(session, 3)
    chair = a_person("Trưởng phòng", "truong@example.edu.vn", role="chair", mode="speak")
    meeting = a_meeting(session, rooms, people=(chair,), agenda=(an_item("Khai mạc", 15, chair),
                                                                   an_item("Báo cáo", 30, rooms[0])))
    found = endpoints_of(session, meeting.id)
    assert [one.endpoint_id for one in found] == [one.id for one in rooms]
    assert [one.mode for one in found] == ["speak", "listen", "listen"]
    people = participants_of(session, meeting.id)
    assert people[0].subject == f"ep-{rooms[0].code}" and people[3].subject == "person-1"
    assert len({one.invite_code for one in people}) == 4
    agenda = agenda_of(session, meeting.id)
    assert [(one.offset_minutes, one.participant_id) for one in agenda] == [(0, people[3].id), (15, people[0].id)]
    assert speaking_now(agenda, meeting, MONDAY + timedelta(minutes=20)).title == "Báo cáo"
    assert speaking_now(agenda, meeting, MONDAY + timedelta(minutes=50)) is None
    assert session.query(RoomUse).filter_by(source=f"meeting:{meeting.id}").count() == 3


def test_rooms_are_found_however_a_server_names_them(session):
    system = a_system(session)
    meeting = a_meeting(session, title="Họp Đảng uỷ: tổng kết!", system=system)
    assert meeting.room.startswith("hop-dang-uy-tong-ket-20261123-")
    for name in (meeting.room.upper(), f"[so]{meeting.room}", f"{meeting.room}@muc.meet.example.edu.vn"):
        assert meeting_of_room(session, system.id, name) is meeting
    assert meeting_of_room(session, system.id + 1, meeting.room) is None


def test_a_branch_is_all_its_endpoints_once(session):
    commune = a_unit(session, "Xã", kind="commune")
    rooms = endpoints(session, 4, commune)
    an_endpoint(session, commune, is_active=False)
    draft = a_draft(commune, participants=(
        ParticipantDraft("branch", unit_id=commune.id),
        ParticipantDraft("endpoint", endpoint_id=rooms[2].id, mode="speak", role="cohost"),
    ))
    found = endpoints_of(session, save_meeting(session, draft, "tester", MONDAY).id)
    assert {one.endpoint_id for one in found} == {one.id for one in rooms}
    assert [one.role for one in found if one.endpoint_id == rooms[2].id] == ["cohost"]


def test_a_unit_stands_for_its_only_endpoint(session):
    one, many = a_unit(session), a_unit(session)
    room = an_endpoint(session, one)
    site = a_site(session, many)
    an_endpoint(session, site=site)
    an_endpoint(session, site=site)
    people = tuple(ParticipantDraft("unit", unit_id=unit.id) for unit in (one, many))
    meeting = save_meeting(session, a_draft(one, participants=people), "tester", MONDAY)
    found = participants_of(session, meeting.id)
    assert [(one.subject, one.endpoint_id) for one in found] == [
        (f"ep-{room.code}", room.id), (f"unit-{many.id}", None),
    ]


def test_what_lies_outside_the_area_is_unknown(session):
    one, other = a_unit(session), a_unit(session)
    room = an_endpoint(session, other)
    draft = a_draft(one, participants=(ParticipantDraft("endpoint", endpoint_id=room.id),))
    with pytest.raises(ScheduleProblem) as caught:
        save_meeting(session, draft, "tester", MONDAY, Scope(one.path))
    assert caught.value.field == "participants"
    with pytest.raises(ScheduleProblem) as caught:
        save_meeting(session, a_draft(other), "tester", MONDAY, Scope(one.path))
    assert caught.value.field == "unit_id"


def test_a_running_meeting_is_one_whose_room_is_open(session):
    meeting = a_meeting(session, opens_minutes=30, overrun_minutes=60)
    for minutes, is_running in ((-31, False), (-30, True), (180, True), (181, False)):
        assert running_meetings(session, MONDAY + timedelta(minutes=minutes)) == ([meeting] if is_running else [])
    assert mark_began(session, meeting.id, MONDAY) and not mark_began(session, meeting.id, MONDAY)
    session.refresh(meeting)
    assert (meeting.state, meeting.began_at) == ("running", MONDAY)


def test_a_series_is_written_ahead(session):
    rooms = endpoints(session, 2)
    meeting = a_meeting(session, rooms, rule="FREQ=WEEKLY;BYDAY=MO;COUNT=5", agenda=(an_item("Một", 10, rooms[1]),))
    found = occurrences_of(session, meeting.series_id)
    assert [one.starts_at for one in found] == [MONDAY + timedelta(days=7 * week) for week in range(5)]
    assert len({one.room for one in found}) == 5 and {one.state for one in found} == {"scheduled"}
    last = found[-1]
    assert [one.endpoint_id for one in endpoints_of(session, last.id)] == [one.id for one in rooms]
    assert agenda_of(session, last.id)[0].participant_id == participants_of(session, last.id)[1].id


def test_a_large_meeting_waits_for_approval(session):
    rooms = endpoints(session, 3)
    for limit, state in ((4, "scheduled"), (3, "pending"), (0, "pending")):
        meeting = a_meeting(session, rooms, state="draft")
        assert submit(session, meeting, "tester", MONDAY, limit) == state
