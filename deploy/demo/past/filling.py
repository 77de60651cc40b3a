"""Writes the demonstration's past meetings: rows in bulk, attendance through the real counting and its chain."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from conference import AgendaItem, KioskSpell, LiveSpell, Meeting, Participant, Readiness, attendance
from core import Session, get_mark, set_mark
from deploy.demo.meetings import trouble_of
from deploy.demo.past.papers import enter_in_person, file_papers
from deploy.demo.past.plan import Held, plan
from deploy.demo.past.presence import Attended, attend, evidence_of
from inventory import Endpoint, Link, MeetingSystem, Site, Unit
from playbooks import MeetingOrder

MARK = "demo_past_meetings"
JUDGED = ("conference", "training")  # what is checked before it begins
NOTE = "demonstration"


@dataclass(frozen=True, slots=True)
class Room:
    """An endpoint as filling needs it. `above` is the unit that holds meetings of its neighbourhood."""

    id: int
    code: str
    name: str
    email: str
    phone: str
    unit_id: int
    above: int
    isp: str


def fill(session: Session, now: datetime) -> None:
    """Two months of meetings, once."""
    system = session.query(MeetingSystem).order_by(MeetingSystem.id).first()
    top = session.query(Unit).filter(Unit.parent_id.is_(None)).order_by(Unit.id).first()
    if get_mark(session, MARK) is not None or system is None or top is None:
        return
    rooms = _rooms(session)
    held = plan(now, len(rooms))
    meetings = _meetings(session, held, rooms, (top.id, system.id))
    done = list(zip(held, meetings, strict=True))
    attended = _participants(session, done, rooms)
    _traces(session, done, rooms, attended)
    for number, (one, meeting) in enumerate(done):
        _count(session, one, meeting, _invited(one, rooms), attended[number])
    file_papers(session, meetings, now)
    enter_in_person(session, top.id, sorted({room.above for room in rooms}), now)
    set_mark(session, MARK, str(len(done)))


def _rooms(session: Session) -> list[Room]:
    isps = dict(session.query(Link.site_id, Link.isp).order_by(Link.id.desc()).all())
    found = (
        session.query(Endpoint, Site.unit_id, Unit.parent_id).join(Site, Site.id == Endpoint.site_id)
        .join(Unit, Unit.id == Site.unit_id).order_by(Endpoint.id)
    )  # fmt: skip
    return [
        Room(one.id, one.code, one.name, one.email, one.phone, unit_id, above or unit_id, isps.get(one.site_id, ""))
        for one, unit_id, above in found
    ]


def _invited(held: Held, rooms: Sequence[Room]) -> Sequence[Room]:
    return rooms[held.first : held.first + held.count]


def _meetings(
    session: Session, held: Sequence[Held], rooms: Sequence[Room], owner: tuple[int, int]
) -> list[Meeting]:
    top, system = owner
    made = []
    for number, one in enumerate(held, start=1):
        first = rooms[one.first]
        local = first.unit_id if one.kind == "observation" else first.above
        before = one.starts_at - timedelta(days=6)
        made.append(Meeting(
            uid=f"demo-past-{number}@edunoc", title=one.title, kind=one.kind, state="ended",
            unit_id=top if one.is_central else local, system_id=system,
            room=f"demo-past-{number:04d}-{number * 7919 % 10007:05d}",
            starts_at=one.starts_at, ends_at=one.starts_at + timedelta(minutes=one.minutes),
            is_recorded=one.is_recorded, is_streamed=one.is_streamed, is_important=one.is_important,
            join_code=f"demo-past-{number}", created_by="demo", created_at=before, updated_at=before,
            began_at=one.starts_at - timedelta(minutes=13),
            ended_at=one.starts_at + timedelta(minutes=one.minutes + 4),
        ))
    session.add_all(made)
    session.flush()
    return made


def _participants(
    session: Session, done: Sequence[tuple[Held, Meeting]], rooms: Sequence[Room]
) -> list[list[Attended]]:
    """Who was invited and what they answered; how they attended, by the meeting's place."""
    attended, rows, items = [], [], []
    for held, meeting in done:
        chance = random.Random(meeting.uid)  # noqa: S311 - no secret
        own = [attend(chance, trouble_of(room.id).word, held.minutes) for room in _invited(held, rooms)]
        asked = held.starts_at - timedelta(days=5)
        for place, (room, one) in enumerate(zip(_invited(held, rooms), own, strict=True)):
            rows.append({
                "meeting_id": meeting.id, "kind": "endpoint", "unit_id": room.unit_id, "endpoint_id": room.id,
                "name": room.name, "email": room.email, "phone": room.phone, "subject": f"ep-{room.code}",
                "role": "chair" if place == 0 else "participant", "position": place,
                "mode": "speak" if held.count < 60 or place < 12 else "listen", "reply": one.reply,
                "invite_code": f"past-{meeting.id}-{room.id}",
                "reply_at": None if one.reply == "needs-action" else asked + timedelta(minutes=chance.randint(5, 5000)),
                "excused_at": held.starts_at - timedelta(days=1) if one.is_excused else None,
                "excuse": "Mất điện theo lịch của điện lực" if one.is_excused else "",
            })  # fmt: skip
        items += [
            {"meeting_id": meeting.id, "position": place, "offset_minutes": held.minutes * place // 3,
             "minutes": held.minutes // 3, "title": title}
            for place, title in enumerate(("Khai mạc, báo cáo", "Trao đổi, thảo luận", "Kết luận"))
        ]  # fmt: skip
        attended.append(own)
    session.bulk_insert_mappings(Participant, rows)
    session.bulk_insert_mappings(AgendaItem, items)
    return attended


def _traces(
    session: Session, done: Sequence[tuple[Held, Meeting]], rooms: Sequence[Room], attended: Sequence[list[Attended]]
) -> None:
    """What the other loops wrote of them then: verdicts before the start, troubles during it, streams that ran."""
    verdicts, spells = [], []
    for (held, meeting), own in zip(done, attended, strict=True):
        starts = meeting.starts_at
        for room, one in zip(_invited(held, rooms), own, strict=True):
            ill = one.ailment
            if held.kind in JUDGED:
                verdicts.append({
                    "meeting_id": meeting.id, "endpoint_id": room.id, "milestone": "start", "at": starts,
                    "state": ill.verdict, "score": {"ready": 100, "risk": 70, "not_ready": 30}[ill.verdict],
                    "reason": ill.reason or "fit", "action": ill.action or "none",
                })  # fmt: skip
            if one.spell is not None:
                shared = f"isp:{room.isp}" if ill.cause == "wan" and room.isp else ""
                spells.append({
                    "meeting_id": meeting.id, "endpoint_id": room.id, "state": ill.state, "cause": ill.cause,
                    "group": shared, "evidence": ill.evidence.replace("%s", room.isp),
                    "began_at": starts + timedelta(minutes=one.spell[0]),
                    "ended_at": starts + timedelta(minutes=one.spell[1]),
                })  # fmt: skip
        for verb, is_done in (("start_stream", held.is_streamed), ("start_recording", held.is_recorded)):
            if is_done:
                session.add(MeetingOrder(
                    system_id=meeting.system_id, meeting_id=meeting.id, room=meeting.room, verb=verb, state="done",
                    failure="recording", ordered_by="demo", ordered_at=starts, not_before=starts, sent_at=starts,
                    done_at=starts,
                ))  # fmt: skip
    session.bulk_insert_mappings(Readiness, verdicts)
    session.bulk_insert_mappings(LiveSpell, spells)
    session.flush()


def _count(
    session: Session, held: Held, meeting: Meeting, invited: Sequence[Room], attended: Sequence[Attended]
) -> None:
    pairs = list(zip(invited, attended, strict=True))
    people = [(room.id, f"ep-{room.code}", room.name, one) for room, one in pairs]
    stranger = "Máy tính khách" if held.count >= 300 else ""
    evidence = evidence_of(meeting.starts_at.timestamp(), held.minutes, people, stranger)
    quality = {room.id: one.mos for room, one in pairs if one.mos is not None and one.stays}
    over = meeting.ends_at + timedelta(minutes=8)
    session.bulk_insert_mappings(KioskSpell, [
        {"meeting_id": meeting.id, "endpoint_id": one.endpoint_id, "connection": one.connection,
         "first_at": datetime.fromtimestamp(one.first, UTC), "last_at": datetime.fromtimestamp(one.last, UTC)}
        for one in evidence.spells
    ])  # fmt: skip
    attendance.count_brought(session, meeting, evidence, quality, over, NOTE)
