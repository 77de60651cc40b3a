"""A full day of a province's meetings as a plan: 40 meetings, one of them with 600 endpoints, and what goes wrong.

People come early, late or never, leave early, lose their line and come back, move to breakout rooms, are let speak;
Prosody and a bridge restart, Jicofo is away for a while, events come twice, late or never. Chance has a fixed seed.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from conference import kiosk
from conference.schedule import Meeting, ParticipantDraft, participants_of
from core import Session, Vault
from inventory import Endpoint, Link, MeetingSystem, save_server, save_system
from tests.conference import world
from tests.conference.simulator import (
    BridgeRestart,
    Curve,
    Day,
    Delivery,
    Installation,
    KioskKey,
    Outage,
    Prosody,
    Restart,
    Room,
    Seat,
    server_rows,
)

MORNING = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)   # 07:30 in Viet Nam
EVENING = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
LARGE_AT, LARGE_MINUTES, LARGE = timedelta(minutes=30), 20, 600
MAIN = 50                                             # of the large one; the rest are visitors
SMALL = 39
BAD_ISP = "Nhà mạng X"
BAD_LINES = 14                                        # endpoints of one provider that lose packets in the large one
SECRETS = {"reservation_secret": "reserve-in-this-test-only", "event_secret": "events-in-this-test-only"}
HOSTILE = "<img src=x onerror=alert(1)>\u202e\u0007 Trường THCS Nguyễn Trãi"
INSTALLATION = Installation(dialects={"jvb-3": "jvb_colibri_stats_real_2026-03.json",
                                      "jvb-4": "jvb_colibri_stats_legacy_2019.json"})


@dataclass(frozen=True, slots=True)
class Plan:
    """What was booked. `bad_lines` are codes of endpoints whose provider loses packets during the large meeting."""

    system_id: int
    large: int
    meetings: tuple[int, ...]
    bad_lines: tuple[str, ...]
    rooms: tuple[Room, ...]

    @property
    def large_start(self) -> float:
        """When the large meeting begins."""
        return self.rooms[0].starts


def book(session: Session, vault: Vault) -> Plan:
    """Write the installation, 660 endpoints with their kiosks, and the day's meetings."""
    chance = random.Random(20261123)
    raw = {"name": "Jitsi của Sở", "public_url": f"https://{INSTALLATION.domain}", "domain": INSTALLATION.domain,
           "muc_prefix": INSTALLATION.muc_prefix, "algorithm": "HS256", "token_key": "h" * 40,
           "has_visitors": "1", "is_enabled": "1", "server_networks": "127.0.0.0/8", **SECRETS}
    system = save_system(session, vault, None, raw)
    rooms = world.endpoints(session, LARGE + 60)
    # Visitors are nobody to Prosody's events: without a kiosk nothing ties them to a school
    skews = _skews(chance)
    keys = {one.id: _pair(session, vault, one, next(skews), 30.0) for one in rooms[MAIN:LARGE]}
    keys |= {one.id: _pair(session, vault, one, next(skews), 20.0) for one in (*rooms[:MAIN], *rooms[LARGE::2])}
    bad = rooms[60 : 60 + 3 * BAD_LINES : 3]
    session.add_all(
        Link(site_id=one.site_id, name="Cáp quang", isp=BAD_ISP if one in bad else "Nhà mạng khác") for one in rooms
    )
    large = _book_large(session, system, rooms[:LARGE])
    small = [_book_small(session, system, rooms, number, chance) for number in range(SMALL)]
    planned = [_plan_large(session, large, keys, chance), *(_plan_small(session, one, keys, chance) for one in small)]
    return Plan(system.id, large.id, tuple(one.id for one in (large, *small)),
                tuple(one.code for one in bad), tuple(planned))


def make_day(plan: Plan) -> Day:
    """The simulated installation with the day's faults."""
    start = MORNING.timestamp()
    large = start + LARGE_AT.total_seconds()
    for seat in plan.rooms[0].seats.values():
        if seat.subject in {f"ep-{one}" for one in plan.bad_lines}:
            seat.curves.append(Curve(large + 240, large + 660, loss_down=0.06, loss_up=0.02, rtt_s=0.18))
    faults = [
        Restart(large + 700), Restart(start + 6 * 3600 + 617),
        BridgeRestart("jvb-2", large + 480, large + 540),
        BridgeRestart("jvb-1", start + 3 * 3600, start + 3 * 3600 + 90),
        Outage("jicofo", large + 900, large + 990), Outage("jicofo", start + 4 * 3600, start + 4 * 3600 + 120, 500),
        Outage("prosody", start + 5 * 3600, start + 5 * 3600 + 60),
    ]  # fmt: skip
    prosody = Prosody(INSTALLATION, **SECRETS)
    return Day(prosody, plan.rooms, start, faults=faults, delivery=Delivery(twice=0.1, late=0.1, lost=0.03), seed=11)


def add_servers(session: Session, system_id: int, day: Day, base: str) -> None:
    """Enter the simulated servers, which answer at `base`."""
    for row in server_rows(day, base):
        save_server(session, system_id, None, {**row, "is_enabled": "1"})


def _skews(chance: random.Random):
    while True:
        yield chance.choice((0.0, 0.0, 0.0, 2.5, -4.0, 75.0, -110.0))


def _pair(session: Session, vault: Vault, endpoint: Endpoint, skew_s: float, beat_s: float) -> KioskKey:
    code = kiosk.make_code(session, endpoint, "tester", MORNING)
    paired = kiosk.redeem(session, vault, code, "Chromium", MORNING)
    assert isinstance(paired, kiosk.Paired)
    return KioskKey(endpoint.code, paired.secret.reveal(), beat_s=beat_s, idle_s=7200.0, skew_s=skew_s)


def _book_large(session: Session, system: MeetingSystem, invited: Sequence[Endpoint]) -> Meeting:
    chair = ParticipantDraft("person", name="Lãnh đạo Sở", email="chutri@example.edu.vn", role="chair", mode="speak")
    starts = MORNING + LARGE_AT
    return world.a_meeting(session, invited, starts, LARGE_MINUTES, system=system, people=(chair,), kind="conference",
                           title="Hội nghị giao ban toàn tỉnh", now=MORNING - timedelta(days=2))


def _book_small(
    session: Session, system: MeetingSystem, rooms: Sequence[Endpoint], number: int, chance: random.Random
) -> Meeting:
    """During the large one only endpoints that are not in it meet; afterwards anybody."""
    starts = MORNING + timedelta(minutes=14 * number)
    is_beside = starts < MORNING + LARGE_AT + timedelta(minutes=LARGE_MINUTES + 30)
    # Each has endpoints of its own, so that nobody is in two rooms at once
    own = rooms[LARGE + 6 * number : LARGE + 6 * number + 6] if is_beside else rooms[12 * number : 12 * number + 9]
    people = [ParticipantDraft("person", name=f"Giáo viên {n}", email=f"gv{number}-{n}@example.edu.vn")
              for n in range(chance.randint(1, 3))]
    return world.a_meeting(
        session, own, starts, chance.choice((20, 25, 30, 40)), system=system, people=people,
        opens_minutes=15,
        kind=("meeting", "training", "observation", "conference")[number % 4], title=f"Họp chuyên môn số {number}",
        now=MORNING - timedelta(days=2),
    )


def _room(meeting: Meeting, session: Session, keys: dict[int, KioskKey]) -> Room:
    room = Room(meeting.room, meeting.starts_at.timestamp(), meeting.ends_at.timestamp(), meeting.id,
                asked_name=meeting.room.title())
    for one in participants_of(session, meeting.id):
        room.seat(one.subject, one.name, one.email, keys.get(one.endpoint_id or 0))
    return room


def _plan_large(session: Session, meeting: Meeting, keys: dict[int, KioskKey], chance: random.Random) -> Room:
    """600 come within a minute, eight minutes before; those after the first fifty only listen."""
    room = _room(meeting, session, keys)
    for number, seat in enumerate(room.seats.values()):
        is_visitor = MAIN <= number < LARGE
        joined = room.starts - 480 + chance.randint(0, 60)
        left = room.ends + (200 if number == LARGE else chance.randint(5, 180))
        way = chance.random() if number != LARGE else 1.0   # the chair, who comes last in the list, stays throughout
        if way < 0.03:
            continue
        if way < 0.09:
            joined = room.starts + chance.randint(120, 600)
        if 0.09 <= way < 0.14:
            left = room.ends - chance.randint(120, 400)
        if 0.14 <= way < 0.17:
            _come_back(seat, joined, left, room.starts + chance.randint(200, 600), chance, is_visitor)
        else:
            seat.stay(joined, left, is_visitor)
    visitors = [seat for seat in room.seats.values() if len(seat.stays) == 1 and seat.stays[0].is_visitor]
    for seat in visitors[:6]:
        if seat.stays[0].joined < room.starts and seat.stays[0].left > room.ends:
            seat.promote(room.starts + chance.randint(300, 600))
    return room


def _plan_small(session: Session, meeting: Meeting, keys: dict[int, KioskKey], chance: random.Random) -> Room:
    room = _room(meeting, session, keys)
    for number, seat in enumerate(room.seats.values()):
        joined, left = room.starts - chance.randint(20, 500), room.ends + chance.randint(5, 200)
        way = chance.random() if number else 1.0
        if way < 0.06:
            continue
        if way < 0.16:
            joined = room.starts + chance.randint(30, 400)
        if 0.16 <= way < 0.26:
            left = room.ends - chance.randint(30, 400)
        if 0.26 <= way < 0.36:
            _come_back(seat, joined, left, room.starts + chance.randint(120, 600), chance, False)
            continue
        seat.stay(joined, left)
        if way > 0.8 and joined < room.starts and left > room.ends:
            seat.breakout(room.starts + 300, room.starts + 600, "nhom-1")
    if meeting.id % 4 == 0:
        guest = room.seat("", HOSTILE)
        guest.stay(room.starts + 60, room.ends - 60)
    return room


def _come_back(
    seat: Seat, joined: float, left: float, cut: float, chance: random.Random, is_visitor: bool
) -> None:
    """The line is lost for 20 seconds, which counts as having been there, or for some minutes."""
    seat.stay(joined, cut, is_visitor)
    seat.stay(cut + chance.choice((20, 130, 300)), left, is_visitor)
