"""Conflicts read from a database: what is told, about whom, how badly, and in how few questions at province size."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from conference.capacity import Attendee, Proposal, address_key, conflicts, plan_meeting, propose
from core import Database
from inventory import CalendarEntry, Endpoint, Link, RoomUse, Site
from tests.conference import world
from tests.conference.world import MONDAY
from tests.dashboards.watched_world import counted as questions_of

HOUR = timedelta(hours=1)


@pytest.fixture
def session(database: Database):
    with database.session() as session:
        yield session


def proposal(endpoints=(), people=(), start=MONDAY, **values) -> Proposal:
    attendees = (*(Attendee(one.name, one.id, speaks=not i) for i, one in enumerate(endpoints)), *people)
    return Proposal(**{"title": "Tập huấn", "starts_at": start, "ends_at": start + HOUR, "attendees": attendees,
                       **values})


def person(name: str, email: str, role: str = "participant") -> Attendee:
    return Attendee(name, email=email, role=role, is_person=True)


def told(found):
    return [(one.kind, one.severity) for one in found]


def test_nothing_is_in_the_way_of_a_free_hour(session):
    rooms = world.endpoints(session, 3)
    other = world.a_meeting(session, rooms, MONDAY - 3 * HOUR)
    assert conflicts(session, proposal(rooms)) == []
    # The meeting that is changed cannot be in its own way
    assert conflicts(session, proposal(rooms, start=other.starts_at, meeting_id=other.id)) == []


@pytest.mark.parametrize("state", ["draft", "cancelled", "refused", "ended"])
def test_meetings_that_take_nothing(session, state):
    rooms = world.endpoints(session, 1)
    world.a_meeting(session, rooms).state = state
    session.flush()
    session.query(RoomUse).delete()  # the schedule's own loop frees the rooms
    assert conflicts(session, proposal(rooms)) == []


def test_endpoints_in_another_meeting_are_one_sentence(session):
    rooms = world.endpoints(session, 8)
    other = world.a_meeting(session, rooms[:5], MONDAY + HOUR / 2, title="Giao ban tháng")
    found = conflicts(session, proposal(rooms))
    assert told(found) == [("endpoint", "critical")]
    assert found[0].meeting_id == other.id
    assert set(found[0].endpoint_ids) == {one.id for one in rooms[:5]}
    assert "Giao ban tháng" in found[0].text and "08:30–10:30 23/11" in found[0].text


def test_meetings_that_follow_at_once_are_a_risk(session):
    rooms = world.endpoints(session, 1)
    world.a_meeting(session, rooms, MONDAY - 2 * HOUR, minutes=115)
    assert told(conflicts(session, proposal(rooms))) == [("endpoint", "warning")]
    world.a_meeting(session, rooms, MONDAY + 2 * HOUR)
    assert told(conflicts(session, proposal(rooms))) == [("endpoint", "warning")]


def test_people_by_address_whatever_case_and_accents(session):
    people = [world.a_person("Cô Lan", "Lan.Nguyen@Example.edu.vn"), world.a_person("Chủ trì", "chu.tri@example.edu.vn",
                                                                                 role="chair")]
    world.a_meeting(session, people=people)
    found = conflicts(session, proposal(people=(person("Lan", " lan.nguyễn@example.edu.vn "),
                                                person("Khác", "khac@example.edu.vn"))))
    assert told(found) == [("person", "warning")]
    assert "Lan" in found[0].text
    chair = conflicts(session, proposal(people=(person("A", "CHU.TRI@example.edu.vn"),)))
    assert told(chair) == [("chair", "critical")]
    also = conflicts(session, proposal(people=(person("Lan", "lan.nguyen@example.edu.vn", "chair"),)))
    assert told(also) == [("chair", "critical")]
    assert address_key("LÊ.Đức @X.vn") == "le.duc@x.vn"


def test_an_address_of_an_endpoint_is_no_person(session):
    rooms = world.endpoints(session, 2)
    world.a_meeting(session, rooms[:1])
    assert conflicts(session, proposal((), (person("Văn thư", rooms[0].email),))) == []


def test_rooms_in_use(session):
    free, lesson, whole_site = world.endpoints(session, 3)
    session.add_all([
        RoomUse(site_id=lesson.site_id, room_id=lesson.room_id, name="Tin học 9A", purpose="lesson",
                starts_at=MONDAY - HOUR, ends_at=MONDAY + HOUR / 4),
        RoomUse(site_id=free.site_id, room_id=free.room_id, name="Sáng sớm", purpose="lesson",
                starts_at=MONDAY - HOUR, ends_at=MONDAY),
        RoomUse(site_id=whole_site.site_id, room_id=None, name="Thi thử", purpose="exam", starts_at=MONDAY,
                ends_at=MONDAY + HOUR),
    ])
    session.flush()
    found = conflicts(session, proposal((free, lesson, whole_site)))
    assert [(one.kind, one.endpoint_ids) for one in found] == [("room", (lesson.id,)), ("exam", (whole_site.id,))]
    assert "Tin học 9A" in found[0].text and "Thi thử" in found[1].text


def test_another_endpoint_of_the_room_that_a_meeting_keeps(session):
    first = world.an_endpoint(session)
    second = world.an_endpoint(session, site=None, room_id=first.room_id)
    second.site_id = first.site_id
    other = world.a_meeting(session, [first])
    session.query(RoomUse).delete()
    session.add(RoomUse(site_id=first.site_id, room_id=first.room_id, name="Giao ban", purpose="meeting",
                        starts_at=MONDAY, ends_at=MONDAY + HOUR, source=f"meeting:{other.id}"))
    session.flush()
    assert [(one.kind, one.meeting_id) for one in conflicts(session, proposal([second]))] == [("room", other.id)]
    # For the endpoint itself the meeting was named already
    assert told(conflicts(session, proposal([first]))) == [("endpoint", "critical")]


def test_examinations_of_the_school_calendar(session):
    department = world.a_unit(session, "Sở", kind="department")
    rooms = world.endpoints(session, 2, department)
    day = MONDAY.date()
    session.add(CalendarEntry(unit_id=department.id, kind="exam", name="Thi học kỳ", starts_on=day, ends_on=day))
    session.flush()
    found = conflicts(session, proposal(rooms))
    assert [(one.kind, one.severity, len(one.endpoint_ids)) for one in found] == [("exam", "warning", 2)]
    assert conflicts(session, proposal(rooms, start=MONDAY + timedelta(days=1))) == []
    assert date(2026, 11, 23) == day


def test_servers_and_lines_stand_among_the_conflicts(session):
    system = world.a_system(session, ("jvb:jvb-1", "jibri:jibri-1", "jicofo:focus"), trunk_bps=100_000_000,
                            bridge_limit=200)
    rooms = world.endpoints(session, 12)
    for one in rooms:
        link = Link(site_id=one.site_id, name="FTTH", isp="VNPT", committed_down_bps=1_000_000)
        session.add(link)
        session.flush()
        if one is not rooms[0]:
            one.link_id = link.id  # the first has the only line of its site
    world.a_meeting(session, world.endpoints(session, 60), system=system, is_recorded=True)
    found = conflicts(session, proposal(rooms, system_id=system.id, is_streamed=True))
    assert {(one.kind, one.severity) for one in found} == {
        ("line", "critical"), ("server", "critical"), ("server", "warning")}
    made = plan_meeting(session, proposal(rooms, system_id=system.id, is_streamed=True))
    assert (made.recorders_needed, made.recorders, made.bridges.receivers) == (2, 1, 74)
    assert made.trunk.limit == 100_000_000
    assert len(made.lines) == 12 and {need.state for need in made.lines} == {"short"}
    # Another system's meetings are no load of this one
    elsewhere = world.a_system(session, ("jvb:jvb-1",))
    assert plan_meeting(session, proposal(rooms, system_id=elsewhere.id)).bridges.receivers == 12


def test_measured_use_of_the_line_counts(session):
    room = world.an_endpoint(session)
    link = Link(site_id=room.site_id, name="FTTH", isp="VNPT", committed_down_bps=10_000_000,
                committed_up_bps=10_000_000)
    session.add(link)
    session.flush()
    room.link_id = link.id
    assert plan_meeting(session, proposal([room])).lines[0].state == "good"
    assert plan_meeting(session, proposal([room]), {link.id: (9_000_000.0, 0.0)}).lines[0].state == "short"


def test_a_form_with_a_branch_becomes_a_proposal(session):
    department = world.a_unit(session, "Sở", kind="department")
    rooms = world.endpoints(session, 4, department)
    world.a_meeting(session, rooms[:1])
    draft = world.a_draft(department, participants=(
        world.ParticipantDraft("branch", unit_id=department.id), world.a_person("Lan", "lan@example.edu.vn")))
    made = propose(session, world.EVERYTHING, draft)
    assert made.endpoint_ids == {one.id for one in rooms}
    assert told(conflicts(session, made)) == [("endpoint", "critical")]


def many_endpoints(session, unit, number: int) -> list[Endpoint]:
    """Endpoints at as many sites, written at once."""
    sites = [Site(code=f"M{i}", name=f"Điểm {i}", unit_id=unit.id) for i in range(number)]
    session.add_all(sites)
    session.flush()
    rooms = [Endpoint(site_id=site.id, name=f"Điểm cầu {i}", code=f"m-{i}") for i, site in enumerate(sites)]
    session.add_all(rooms)
    session.flush()
    return rooms


def test_seven_hundred_endpoints_are_looked_at_in_few_questions(session, database):
    department = world.a_unit(session, "Sở", kind="department")
    system = world.a_system(session, ("jvb:jvb-1", "jvb:jvb-2"))
    rooms = many_endpoints(session, department, 700)
    for number in range(3):
        world.a_meeting(session, rooms[number * 200:(number + 1) * 200], unit=department, system=system)
    session.add(CalendarEntry(unit_id=department.id, kind="exam", name="Thi", starts_on=MONDAY.date(),
                              ends_on=MONDAY.date()))
    session.flush()
    asked = replace(proposal(rooms), system_id=system.id)
    found = conflicts(session, asked)
    assert sum(one.kind == "endpoint" for one in found) == 3
    session.expire_all()
    with questions_of(database) as questions:
        conflicts(session, asked)
    assert len(questions) <= 20
