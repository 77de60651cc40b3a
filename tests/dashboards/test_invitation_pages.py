"""The page of a meeting's invitations, the answer on the join page, calendars under a secret address."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from icalendar import Calendar

from conference import CalendarFeed, Invitation, InvitationReply, Meeting, Participant
from conference.invitations.store.queue import queue_for
from core import Role
from inventory import Endpoint, Unit
from tests.conference.invitations.post_office import DESK
from tests.conference.world import a_meeting, a_person, a_system, an_endpoint

DAY = timedelta(days=1)


@pytest.fixture
def technician(as_role):
    return as_role(Role.MEETING_TECHNICIAN)


@pytest.fixture
def booked(database, places, now) -> Meeting:
    """A meeting tomorrow of an endpoint of each school, a person and one without an address; invitations queued."""
    with database.session() as session:
        rooms = [an_endpoint(session, session.get(Unit, unit)) for unit in (places.unit1, places.unit2)]
        people = (a_person("Cô Lan", "lan@example.edu.vn"), a_person("Thầy Minh"))
        meeting = a_meeting(session, rooms, now + DAY, unit=session.get(Unit, places.top), system=a_system(session),
                            people=people, now=now)
        queue_for(session, meeting, DESK, now)
        return meeting


def code_of(database, name: str) -> str:
    with database.reading() as session:
        return session.query(Participant).filter_by(name=name).first().invite_code


def test_who_was_told_what(database, technician, booked, now):
    with database.session() as session:
        first, second, third = session.query(Invitation).order_by(Invitation.id)
        first.state, first.sent_at = "sent", now
        second.state, second.failure = "failed", "refused 550"
        session.add(InvitationReply(message_id="m", received_at=now, sender="ke.la@example.com", meeting_id=booked.id,
                                    reply="accepted", note="<b>", outcome="stranger"))
        assert third.state == "waiting"
    page = technician.get(f"/meetings/{booked.id}/invitations")
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert "Máy chủ thư từ chối địa chỉ này" in text and "(550)" in text
    assert "từ người không được mời" in text and "&lt;b&gt;" in text
    assert "Thầy Minh" in text and "mail_server" in text  # no address; no account yet
    only = technician.get(f"/meetings/{booked.id}/invitations?state=failed").get_data(as_text=True)
    assert "Cô Lan" not in only.partition("<tbody>")[2].partition("</tbody>")[0]
    table = technician.get(f"/meetings/{booked.id}/invitations?format=csv").get_data(as_text=True)
    assert len(table.strip().splitlines()) == 5 and "lan@example.edu.vn" in table
    sent = technician.post(f"/meetings/{booked.id}/invitations/again", {})
    assert sent.status_code == 303
    with database.reading() as session:
        assert session.query(Invitation).filter_by(state="failed").count() == 0


def test_only_the_area_that_holds_the_meeting_sees_and_sends(as_role, booked):
    school = as_role(Role.SCHOOL_STAFF)
    assert school.get(f"/meetings/{booked.id}/invitations").status_code == 403
    assert as_role(Role.MEETING_TECHNICIAN).get("/meetings/4711/invitations").status_code == 404


def test_somebody_answers_on_their_page(database, stranger, booked):
    code = code_of(database, "Cô Lan")
    assert stranger.get(f"/i/{code}").status_code == 200
    form = {"reply": "declined", "note": "Đi\r\ncông tác"}
    assert stranger.post(f"/i/{code}/answer", form).status_code == 303
    with database.reading() as session:
        lan = session.query(Participant).filter_by(name="Cô Lan").one()
        assert (lan.reply, lan.reply_note) == ("declined", "Đi công tác")
    assert stranger.post(f"/i/{code}/answer", {"reply": "x"}).status_code == 400
    assert stranger.post("/i/nobody/answer", form).status_code == 404
    shown = stranger.post(f"/i/{code}/calendar").get_data(as_text=True)
    path = re.search(r"/calendars/[\w-]+\.ics", shown)[0]
    calendar = Calendar.from_ical(stranger.get(path).data)
    assert [str(event["UID"]) for event in calendar.walk("VEVENT")] == [booked.uid]


def test_a_series_leads_on_to_its_next_meeting(database, stranger, places, now):
    with database.session() as session:
        first = a_meeting(session, people=(a_person("Lan", "lan@example.edu.vn"),), starts_at=now + DAY,
                          rule="FREQ=DAILY;COUNT=3", unit=session.get(Unit, places.top), now=now)
        codes = [code for (code,) in session.query(Participant.invite_code).join(
            Meeting, Meeting.id == Participant.meeting_id).order_by(Meeting.starts_at)]
    assert stranger.get(f"/invited/{codes[2]}").headers["Location"].endswith(f"/i/{codes[0]}")
    with database.session() as session:
        session.get(Meeting, first.id).state = "cancelled"
    assert stranger.get(f"/invited/{codes[0]}").headers["Location"].endswith(f"/i/{codes[1]}")
    assert stranger.get("/invited/nobody").status_code == 404


def test_the_calendar_of_an_endpoint(database, technician, stranger, booked):
    with database.reading() as session:
        room = session.query(Endpoint).order_by(Endpoint.id).first().id
    page = f"/endpoints/{room}/calendar"
    assert "/calendars/" not in technician.get(page).get_data(as_text=True)
    assert technician.post(page, {}).status_code == 303
    shown = technician.get(page).get_data(as_text=True)
    path = re.search(r"/calendars/[\w-]+\.ics", shown)[0]
    answer = stranger.get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/calendar")
    calendar = Calendar.from_ical(answer.data)
    assert calendar["METHOD"] == "PUBLISH" and not [name for name in calendar if name.startswith("X-WR")]
    (event,) = calendar.walk("VEVENT")
    assert "ATTENDEE" not in event and "ORGANIZER" in event
    # Asked again with its tag it costs nothing; a change gives another
    tag = answer.headers["ETag"]
    assert stranger.get(path, headers={"If-None-Match": tag}).status_code == 304
    with database.session() as session:
        session.get(Meeting, booked.id).title = "Giao ban mở rộng"
    changed = stranger.get(path, headers={"If-None-Match": tag})
    assert changed.status_code == 200 and changed.headers["ETag"] != tag
    # A new address ends the old one
    technician.post(page, {})
    assert stranger.get(path).status_code == 404
    assert stranger.get("/calendars/guessed.ics").status_code == 404


def test_a_lost_key_asks_for_a_new_calendar_address(database, technician, stranger, booked):
    with database.reading() as session:
        room = session.query(Endpoint).order_by(Endpoint.id).first().id
    page = f"/endpoints/{room}/calendar"
    technician.get(page)
    technician.post(page, {})
    path = re.search(r"/calendars/[\w-]+\.ics", technician.get(page).text)[0]
    with database.session() as session:
        session.query(CalendarFeed).one().sealed_token = "sealed-by-a-key-that-is-lost"
    assert "/calendars/" not in technician.get(page).text
    assert stranger.get(path).status_code == 200
    technician.post(page, {})
    assert "/calendars/" in technician.get(page).text
    assert stranger.get(path).status_code == 404


def test_who_may_open_the_calendar_address_of_an_endpoint(as_role, database, places, booked):
    with database.reading() as session:
        room = session.query(Endpoint).order_by(Endpoint.id.desc()).first().id
    assert as_role(Role.SCHOOL_STAFF).get(f"/endpoints/{room}/calendar").status_code in (403, 404)
