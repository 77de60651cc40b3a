"""Events of a server whose clock is years away: kept as they came, but no meeting begins or ends by them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from conference.attendance import over_at
from conference.jitsi import take_event
from conference.schedule import Meeting


def test_a_clock_years_ahead_holds_up_no_counting(world, database, now) -> None:
    wrong = int(datetime(2099, 12, 31, tzinfo=UTC).timestamp())
    jid = "14f01c40-5195-4a4d-8efb-f58b49d18741@meet/x"
    room = f"{world.meeting.room}@muc.meet.example.edu.vn"
    with database.session() as session:
        joined = {"room_jid": room, "occupant": {"occupant_jid": jid, "joined_at": wrong, "name": "A"}}
        assert take_event(session, world.system.id, "muc-occupant-joined", joined, now)
        gone, left = {"room_jid": room, "destroyed_at": wrong}, now + timedelta(minutes=50)
        assert take_event(session, world.system.id, "muc-room-destroyed", gone, left)
    with database.session() as session:
        meeting = session.get(Meeting, world.meeting.id)
        assert (meeting.began_at, meeting.ended_at) == (now, left)
        meeting.state = "ended"
        assert over_at(meeting) < now + timedelta(hours=1)
