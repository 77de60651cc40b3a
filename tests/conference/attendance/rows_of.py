"""Writes evidence into the tables, as the servers' events, the looks at Jicofo and the kiosks would have."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta

from sqlalchemy import select

from collectors import RoomSighting, WatchedRoom
from conference.jitsi import RoomEvent
from conference.kiosk import KioskSpell
from conference.schedule import Meeting, Participant
from core import Session
from inventory import Endpoint, Site, Unit

JOINED, LEFT, CREATED, DESTROYED = "occupant-joined", "occupant-left", "room-created", "room-destroyed"


def minute(meeting: Meeting, minutes: float) -> datetime:
    """A moment, minutes after the planned start."""
    return meeting.starts_at + timedelta(minutes=minutes)


def seconds(moment: datetime) -> int:
    """Epoch seconds, as event_sync writes them."""
    return int(moment.timestamp())


def occupant(meeting: Meeting, who: Participant | str, connection: str, joined: float, left: float | None = None,
             **more) -> dict:  # fmt: skip
    """One occupant of an event."""
    body = {
        "occupant_jid": f"{connection}-5195-4a4d-8efb-f58b49d18741@meet.example.edu.vn/r",
        "joined_at": seconds(minute(meeting, joined)),
        "name": who if isinstance(who, str) else who.name, **more,
    }
    if not isinstance(who, str):
        body["id"] = who.subject
    if left is not None:
        body["left_at"] = seconds(minute(meeting, left))
    return body


def an_event(session: Session, meeting: Meeting, name: str, at: float, **body) -> RoomEvent:
    """One event of event_sync in its table."""
    happened = minute(meeting, at)
    raw = json.dumps({"event_name": f"muc-{name}", "room_name": meeting.room, **body}, ensure_ascii=False)
    one = body.get("occupant") or {}
    event = RoomEvent(
        system_id=meeting.system_id, meeting_id=meeting.id, key=hashlib.sha256(f"{at}{raw}".encode()).hexdigest(),
        name=f"muc-{name}", room=meeting.room, happened_at=happened, received_at=happened + timedelta(seconds=1),
        occupant_jid=one.get("occupant_jid", ""), endpoint=one.get("occupant_jid", "")[:8],
        subject=one.get("id", ""), display_name=one.get("name", ""), raw=raw,
    )
    session.add(event)
    return event


def a_stay(
    session: Session, meeting: Meeting, who: Participant | str, connection: str, stay: tuple[float, float], **more
) -> None:
    """joined and left of somebody."""
    joined, left = stay
    an_event(session, meeting, JOINED, joined, occupant=occupant(meeting, who, connection, joined))
    an_event(session, meeting, LEFT, left, occupant=occupant(meeting, who, connection, joined, left, **more))


def a_spell(session: Session, meeting: Meeting, endpoint_id: int, connection: str, first: float, last: float) -> None:
    """Heartbeats from about `first` to about `last`."""
    session.add(KioskSpell(
        meeting_id=meeting.id, endpoint_id=endpoint_id, connection=connection,
        first_at=minute(meeting, first) + timedelta(seconds=4), last_at=minute(meeting, last) - timedelta(seconds=6),
    ))  # fmt: skip


def a_sighting(session: Session, meeting: Meeting, connection: str, first: float, last: float, **values) -> None:
    """A connection that Jicofo showed."""
    room = session.scalar(
        select(WatchedRoom).where(WatchedRoom.system_id == meeting.system_id, WatchedRoom.room == meeting.room)
    )
    if room is None:
        room = WatchedRoom(system_id=meeting.system_id, room=meeting.room, since=minute(meeting, -30),
                           until=minute(meeting, 200), asked_at=minute(meeting, 180))  # fmt: skip
        session.add(room)
        session.flush()
    session.add(RoomSighting(
        watched_id=room.id, endpoint=connection, first_seen=minute(meeting, first) + timedelta(seconds=12),
        last_seen=minute(meeting, last) - timedelta(seconds=18), gone_at=minute(meeting, last), **values,
    ))  # fmt: skip


def many_endpoints(session: Session, parent: Unit, communes: int, schools: int) -> list[Endpoint]:
    """Communes below a unit, schools below each, an endpoint in each school: as rows, in a tenth of the forms' time."""
    def below(above: Unit, code: str, kind: str) -> Unit:
        unit = Unit(parent_id=above.id, code=code, name=f"Đơn vị {code}", kind=kind)
        session.add(unit)
        return unit

    areas = [below(parent, f"X{n}", "commune") for n in range(communes)]
    session.flush()
    own = [below(area, f"{area.code}-{n}", "primary") for area in areas for n in range(schools)]
    session.flush()
    for unit in [*areas, *own]:
        above = session.get(Unit, unit.parent_id)
        unit.path = f"{above.path}{unit.id}/"
    sites = [Site(unit_id=unit.id, code=f"S-{unit.code}", name=f"Điểm {unit.code}") for unit in own]
    session.add_all(sites)
    session.flush()
    found = [Endpoint(site_id=one.id, code=f"dc-{one.code}", name=f"Điểm cầu {one.code}") for one in sites]
    session.add_all(found)
    session.flush()
    return found


def participants(session: Session, meeting: Meeting) -> list[Participant]:
    """Everybody invited, in order."""
    chosen = select(Participant).where(Participant.meeting_id == meeting.id)
    return list(session.scalars(chosen.order_by(Participant.position, Participant.id)))


def end(meeting: Meeting, at: float) -> datetime:
    """The room was left for good; answers a moment when it may be counted."""
    meeting.state, meeting.ended_at = "ended", minute(meeting, at)
    return minute(meeting, at) + timedelta(minutes=4)
