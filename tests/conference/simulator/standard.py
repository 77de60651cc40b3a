"""A full day of a province, made of a seed: 40 meetings, one of 600 endpoints in visitors mode, with everything that
goes wrong on such a day. Rooms of meetings that EduNOC knows can be given in place of the invented ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from tests.conference.simulator.calls import Prosody
from tests.conference.simulator.day import Day
from tests.conference.simulator.plan import (
    BridgeRestart,
    Curve,
    Delivery,
    Fault,
    Installation,
    KioskKey,
    Outage,
    Restart,
    Room,
    Seat,
    Stress,
)

HOUR = 3600.0
ODD_NAMES = (
    "Trường TH&THCS “Nguyễn Trãi”", "<script>alert(1)</script>", "=1+1", "ÔNG BÀ\u202e ÀẢÃ", "Điểm cầu " + "x" * 180,
)


def province_day(
    start: float, *, rooms: Sequence[Room] = (), prosody: Prosody | None = None, seed: int = 7, beat_s: float = 10.0,
    faults: Sequence[Fault] | None = None,
) -> Day:
    """The day around `start` (epoch seconds, 08:00). `prosody` holds the installation and the two secrets."""
    draw = random.Random(seed)
    known = list(rooms) or invented_rooms(start, beat_s)
    for room in known:
        fill_room(room, draw)
    happening = default_faults(start) if faults is None else list(faults)
    delivery = Delivery(twice=0.05, late=0.1, late_s=40, lost=0.01)
    caller, begin = prosody or Prosody(Installation()), start - 1.5 * HOUR
    return Day(caller, known, begin, faults=happening, delivery=delivery, seed=seed)


def invented_rooms(start: float, beat_s: float = 10.0) -> list[Room]:
    """One room of 600 seats from 08:00 to 10:00, 39 of 5 to 25 during the day; each endpoint in one room only."""
    large = Room("giaoban-tinh-20261121", start, start + 2 * HOUR, 1, asked_name="GiaoBan-Tinh-20261121")
    large.seat("person-1", "Giám đốc Sở", "vanphong@example.edu.vn")
    for number in range(1, 600):
        code = f"site-{number:04d}"
        kiosk = KioskKey(code, f"test secret {number}", beat_s, max(60.0, beat_s))
        large.seat(f"ep-{code}", _name(number), kiosk=kiosk)
    found = [large]
    for index in range(1, 40):
        begin = start + (index % 7) * HOUR + 2.5 * HOUR * (index % 2)
        room = Room(f"hop-{index:02d}-20261121", begin, begin + (1 + index % 3) * 0.5 * HOUR, 1 + index)
        room.seat(f"person-{index}", f"Chủ trì {index}", f"chutri{index}@example.edu.vn")
        for number in range(4 + index * 7 % 21):
            room.seat(f"ep-phong-{index:02d}-{number:02d}", _name(number))
        found.append(room)
    return found


def _name(number: int) -> str:
    return ODD_NAMES[number % 97] if number % 97 < len(ODD_NAMES) else f"Điểm cầu THCS số {number}"


def fill_room(room: Room, draw: random.Random, main_limit: int = 60) -> None:
    """Give everybody a time: most are there from before the start to after the end; some are late, leave early, drop
    out and come back, change to a breakout room, are promoted, or never come. The first seat is the chair's."""
    seats = list(room.seats.values())
    for position, seat in enumerate(seats):
        _KINDS[0 if position == 0 else draw.choices(range(len(_KINDS)), _WEIGHTS)[0]](seat, draw)
        is_visitor = position >= main_limit
        for stay in seat.stays:
            stay.is_visitor = is_visitor
        if seat.stays and draw.random() < 0.03:
            seat.curves.append(Curve(room.starts + 600, room.starts + 1500, draw.uniform(0.03, 0.15), 0.01, 0.12))
    if len(seats) > 10:
        _breakout(seats[3], draw)
    for seat in seats[main_limit : main_limit + 3]:  # let speak: agenda order
        long = [one for one in seat.stays if one.left - one.joined > 1800]
        if long:
            seat.promote(long[0].joined + 1200)


def _whole(seat: Seat, draw: random.Random) -> None:
    seat.stay(seat.room.starts - draw.randint(30, 1200), seat.room.ends + draw.randint(20, 400))


def _late(seat: Seat, draw: random.Random) -> None:
    seat.stay(seat.room.starts + draw.randint(120, 1500), seat.room.ends + draw.randint(20, 200))


def _early(seat: Seat, draw: random.Random) -> None:
    seat.stay(seat.room.starts - draw.randint(30, 900), seat.room.ends - draw.randint(200, 1200))


def _broken(seat: Seat, draw: random.Random) -> None:
    """Drops out two times: once for less than a minute, once for some minutes."""
    starts, ends = seat.room.starts, seat.room.ends
    first, second = starts + draw.randint(200, 600), starts + draw.randint(800, 1200)
    seat.stay(starts - draw.randint(30, 600), first)
    seat.stay(first + draw.randint(8, 50), second)
    seat.stay(second + draw.randint(130, 290), ends + draw.randint(20, 300))


def _never(seat: Seat, draw: random.Random) -> None:
    """Did not come."""


def _breakout(seat: Seat, draw: random.Random) -> None:
    for stay in seat.stays:
        if stay.left - stay.joined > 1500:
            begin = stay.joined + draw.randint(300, 600)
            seat.breakout(begin, begin + 400, f"breakout-{seat.room.node[:8]}")
            return


_KINDS: tuple[Callable[[Seat, random.Random], None], ...] = (_whole, _late, _early, _broken, _never)
_WEIGHTS = (70, 10, 8, 8, 4)


def default_faults(start: float) -> list[Fault]:
    """What goes wrong on such a day: each kind once."""
    return [
        Stress("jvb-2", start + 900, start + 1500, 0.91),
        BridgeRestart("jvb-3", start + 2400, start + 2460),
        Restart(start + 4200),
        Outage("jicofo", start + 3000, start + 3090),
        Outage("jibri-1", start + 5000, start + 5600),
    ]
