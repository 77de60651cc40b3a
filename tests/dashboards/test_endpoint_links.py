"""From the page of an endpoint to its calendar, what was found for its next meeting, and who came to its last ones."""

from datetime import timedelta

from conference import KioskSpell, Readiness
from conference.readiness import ACTIONS, REASONS
from core import Role
from inventory import Site
from tests.conference import world


def test_an_endpoint_leads_to_calendar_readiness_and_attendance(as_role, database, places, now) -> None:
    with database.session() as session:
        room = world.an_endpoint(session, site=session.get(Site, places.site1), name="Điểm cầu một")
        held = world.a_meeting(session, [room], now - timedelta(days=1), state="ended", title="Họp hôm qua")
        coming = world.a_meeting(session, [room], now + timedelta(hours=3), title="Họp chiều nay")
        session.add(KioskSpell(meeting_id=held.id, endpoint_id=room.id, connection="14f01c40",
                               first_at=held.starts_at, last_at=held.starts_at + timedelta(minutes=50)))
        session.add(Readiness(meeting_id=coming.id, endpoint_id=room.id, milestone="now", state="risk", score=70,
                              reason=next(iter(REASONS)), action=next(iter(ACTIONS)),
                              at=now))
        numbers = room.id, held.id, coming.id
    room_id, held_id, coming_id = numbers
    person = as_role(Role.MEETING_TECHNICIAN)
    text = person.get(f"/endpoints/{room_id}").text
    for address in (f"/endpoints/{room_id}/calendar", f"/readiness/{coming_id}/endpoints/{room_id}",
                    f"/meetings/{coming_id}", f"/meetings/{held_id}/attendance"):
        assert f'href="{address}"' in text, address
        assert person.get(address).status_code == 200, address
    # Who may not book meetings is not led to a page that would be refused
    school = as_role(Role.SCHOOL_STAFF)
    assert f'href="/endpoints/{room_id}/calendar"' not in school.get(f"/endpoints/{room_id}").text
