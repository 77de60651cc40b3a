"""The demonstration's meeting system has real keys: its kiosk pages and join links make real tokens."""

from __future__ import annotations

from conference import Meeting, kiosk
from deploy.demo import meetings
from inventory import Endpoint, Site, Unit


def test_a_room_of_the_demonstration_joins_with_a_real_token(database, vault, now):
    with database.session() as session:
        session.add(Unit(name="Sở", kind="department", code="SO", path="/1/"))
        session.flush()
        session.add_all([Site(unit_id=1, name=f"Trường số {n} – điểm chính", code=f"TR-{n}") for n in range(1, 10)])
        session.flush()
        meetings.fill(session, now)
        assert meetings.give_keys(session, vault, now) == 1
        assert meetings.give_keys(session, vault, now) == 0
        running = session.query(Meeting).filter(Meeting.state == "running").order_by(Meeting.id).first()
        order = kiosk.order_to_join(session, vault, session.get(Endpoint, 5), running.id, now)
    assert order.place.origin == "https://hop.demo.example"
    assert order.token.reveal().count(".") == 2
