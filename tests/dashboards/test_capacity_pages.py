"""The page of a meeting's capacity plan: what is too little, the measured lines, the quality that is planned."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from conference import Meeting, capacity
from core import AuditEntry, Role
from inventory import Link, Unit
from telemetry import SeriesKey
from tests.conference.world import a_meeting, a_system, an_endpoint

DAY = timedelta(days=1)


@pytest.fixture
def booked(database, places, now) -> Meeting:
    """A meeting tomorrow of two endpoints; the second has a slow line, measured at its school's switch."""
    with database.session() as session:
        rooms = []
        for number, down in ((1, 100_000_000), (2, 1_000_000)):
            unit = session.get(Unit, getattr(places, f"unit{number}"))
            room = an_endpoint(session, unit, name=f"Phòng họp {number}")
            link = Link(site_id=room.site_id, name="FTTH", isp="VNPT", committed_down_bps=down,
                        committed_up_bps=100_000_000, device_id=getattr(places, f"device{number}"), part_key="if:wan")
            session.add(link)
            session.flush()
            room.link_id = link.id
            rooms.append(room)
        system = a_system(session, ("jvb:jvb-1", "jvb:jvb-2", "jibri:jibri-1"))
        return a_meeting(session, rooms, now + DAY, unit=session.get(Unit, places.top), system=system, now=now)


def plan_of(database, meeting: Meeting) -> capacity.PlannedQuality:
    with database.reading() as session:
        return capacity.proposal_of(session, session.get(Meeting, meeting.id)).quality


def test_the_plan_and_its_proposal(as_role, database, booked):
    technician = as_role(Role.MEETING_TECHNICIAN)
    page = f"/meetings/{booked.id}/capacity"
    text = technician.get(page).text
    assert "1 đường truyền không đủ" in text and "360p, 2 hình" in text and "1,89 Mbit/s" in text
    assert technician.get(f"{page}?state=short").text.count("FTTH</td>") == 1
    assert len(technician.get(f"{page}?format=csv").text.strip().splitlines()) == 3
    assert technician.post(page, {}).status_code == 303
    kept = plan_of(database, booked)
    assert [one.stage for one in (kept.by_endpoint or {}).values()] == ["360p"]
    text = technician.get(page, follow_redirects=True).text  # a list remembers its filters
    assert "1 đường truyền không đủ" not in text and "1 điểm cầu dùng mức thấp hơn" in text
    assert technician.post(page, {"quality": "180p:1"}).status_code == 303
    assert plan_of(database, booked) == capacity.PlannedQuality(capacity.Quality("vp9", "180p", 1))
    assert technician.post(page, {"quality": "4000p:1"}).status_code == 400
    with database.reading() as session:
        deeds = session.query(AuditEntry).filter_by(action="meeting.plan").all()
    assert [one.target_id for one in deeds] == [str(booked.id)] * 2


def test_the_measured_use_of_a_line_counts(as_role, services, places, booked, now):
    """The busiest hour of the weeks before, at the same time, leaves too little of 100 Mbit/s."""
    keys = {name: services.registry.resolve(places.device1, [SeriesKey("if:wan", name, 64)])[0]
            for name in ("if_in_octets_total", "if_out_octets_total")}
    for weeks, rate in ((1, 12_400_000.0), (2, 100.0)):
        start = int((booked.starts_at - timedelta(weeks=weeks)).timestamp() * 1000)
        at = np.arange(start, start + 3_600_000, 60_000, dtype=np.int64)
        for number in keys.values():
            services.store.append(np.full(len(at), number, np.int32), at, np.full(len(at), rate))
    services.store.flush()
    text = as_role(Role.MEETING_TECHNICIAN).get(f"/meetings/{booked.id}/capacity").text
    assert "99,2 Mbit/s" in text
    assert "2 đường truyền không đủ" in text


def test_only_the_area_that_holds_the_meeting_plans(as_role, booked):
    assert as_role(Role.SCHOOL_STAFF).get(f"/meetings/{booked.id}/capacity").status_code == 403
    engineer = as_role(Role.NETWORK_ENGINEER)
    assert engineer.get(f"/meetings/{booked.id}/capacity").status_code == 200
    assert engineer.get("/meetings/4711/capacity").status_code == 404
