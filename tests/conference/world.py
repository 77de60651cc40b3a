"""A small world for the tests of meetings: units with sites, rooms and endpoints, a meeting system, meetings.

Every function takes a session and writes rows; `a_meeting` goes the way that the form goes (save_meeting, submit).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from conference.schedule import AgendaDraft, Meeting, MeetingDraft, ParticipantDraft, save_meeting, submit
from core import Scope, Session
from inventory import Endpoint, MeetingServer, MeetingSystem, Room, Site, Unit, create_record

EVERYTHING = Scope.everything()
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)   # 08:00 in Viet Nam
NEVER_APPROVED = 1_000_000                           # approval_from: no meeting is that large
_numbers = count(1)


def a_unit(session: Session, name: str = "", parent: Unit | None = None, **values: Any) -> Unit:
    """A unit with its path."""
    number = next(_numbers)
    given = {"code": f"U{number}", "name": name or f"Đơn vị {number}", "kind": "lower_secondary",
             "parent_id": parent.id if parent else None, **values}
    return create_record(session, EVERYTHING, Unit, given)


def a_site(session: Session, unit: Unit, **values: Any) -> Site:
    """A site of a unit."""
    number = next(_numbers)
    return create_record(session, EVERYTHING, Site, {"code": f"S{number}", "name": f"Điểm {number}",
                                                     "unit_id": unit.id, **values})


def an_endpoint(session: Session, unit: Unit | None = None, site: Site | None = None, **values: Any) -> Endpoint:
    """An endpoint in a meeting room of its own; without a unit or site it brings a school with it."""
    number = next(_numbers)
    if site is None:
        site = a_site(session, unit or a_unit(session, f"Trường {number}"))
    if "room_id" not in values:
        room = Room(site_id=site.id, name="Phòng họp", code=f"R{number}", kind="meeting")
        session.add(room)
        session.flush()
        values["room_id"] = room.id
    endpoint = Endpoint(site_id=site.id, **{"name": f"Điểm cầu {number}", "code": f"site-{number:04d}",
                                            "email": f"dc{number}@example.edu.vn", **values})
    session.add(endpoint)
    session.flush()
    return endpoint


def endpoints(session: Session, number: int, parent: Unit | None = None) -> list[Endpoint]:
    """Many endpoints, each in a school of its own below one unit."""
    parent = parent or a_unit(session, "Sở", kind="department")
    return [an_endpoint(session, a_unit(session, f"Trường {i}", parent)) for i in range(1, number + 1)]


def a_system(session: Session, servers: Sequence[str] = (), **values: Any) -> MeetingSystem:
    """A meeting system; `servers` are "jvb:jvb-1" and the like. Its secrets are the caller's to seal."""
    number = next(_numbers)
    given = {"name": f"Jitsi {number}", "public_url": "https://meet.example.edu.vn", "domain": "meet.example.edu.vn"}
    system = MeetingSystem(**{**given, **values})
    session.add(system)
    session.flush()
    for word in servers:
        kind, _colon, name = word.partition(":")
        session.add(MeetingServer(system_id=system.id, kind=kind, name=name or kind, url="http://127.0.0.1:1"))
    session.flush()
    return system


def a_draft(unit: Unit, starts_at: datetime = MONDAY, minutes: int = 120, **values: Any) -> MeetingDraft:
    """A draft of a meeting."""
    given = {"title": "Giao ban chuyên môn", "unit_id": unit.id, "starts_at": starts_at,
             "ends_at": starts_at + timedelta(minutes=minutes)}
    return MeetingDraft(**{**given, **values})


def a_meeting(
    session: Session, invited: Iterable[Endpoint] = (), starts_at: datetime = MONDAY, minutes: int = 120,
    now: datetime | None = None, **values: Any,
) -> Meeting:
    """A booked meeting of these endpoints; the first speaks, the others listen. More values are those of the draft
    (`unit`, `system`, `people`, `agenda`, `state="draft"` keeps it from being booked)."""
    now = now or starts_at - timedelta(days=1)
    unit = values.pop("unit", None) or a_unit(session, "Sở", kind="department")
    system = values.pop("system", None) or a_system(session)
    people = values.pop("people", ())
    state = values.pop("state", "scheduled")
    rooms = [
        ParticipantDraft("endpoint", endpoint_id=one.id, role="participant", mode="listen" if position else "speak")
        for position, one in enumerate(invited)
    ]
    draft = a_draft(unit, starts_at, minutes, system_id=system.id, participants=(*rooms, *people), **values)
    meeting = save_meeting(session, draft, "tester", now)
    if state != "draft":
        submit(session, meeting, "tester", now, NEVER_APPROVED)
        meeting.state = state
        session.flush()
    return meeting


def a_person(name: str, email: str = "", **values: Any) -> ParticipantDraft:
    """Somebody who takes part by a link of their own."""
    return ParticipantDraft("person", name=name, email=email, **values)


def an_item(title: str, minutes: int, speaker: Endpoint | ParticipantDraft | None = None) -> AgendaDraft:
    """One item of an agenda."""
    if isinstance(speaker, ParticipantDraft):
        return AgendaDraft(title, minutes, speaker.key)
    return AgendaDraft(title, minutes, f"endpoint:{speaker.id}" if speaker is not None else "")
