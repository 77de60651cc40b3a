"""The reservation API of mod_reservations (jitsi.md section 3): what is answered to a room that wants to open. Pure.

Prosody fails closed: no answer within 20 s, and nobody can start a meeting. The JWT is the gate, this never is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from conference.jitsi.answering.booking import Booking, Snapshot, SystemProof
from conference.jitsi.reasons import explain
from conference.jitsi.texts import room_of
from core import gettext as _

SCHOOL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_STATES = {"draft": "not_scheduled", "pending": "not_approved", "refused": "not_approved", "cancelled": "cancelled",
           "ended": "over"}


@dataclass(frozen=True, slots=True)
class OpenRoom:
    """A room that Prosody was told it may open. `number` is the id it was told; times are epoch seconds."""

    number: str
    system_id: int
    meeting_id: int
    room: str
    name: str
    mail_owner: str
    opened: float
    closed: float | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """`reason` "ok" opens the room of `booking`; anything else is told as `message`."""

    reason: str
    message: str = ""
    booking: Booking | None = None


def decide(snapshot: Snapshot, system: SystemProof, name: str, now: float) -> Decision:
    """Whether a room may open now."""
    tenant, room = room_of(name)
    booking = snapshot.bookings.get((system.id, room)) if tenant in ("", system.tenant) else None
    if booking is None:
        return _refused("unknown_room")
    if booking.state in _STATES:
        return _refused(_STATES[booking.state])
    if now < booking.opens:
        at = datetime.fromtimestamp(booking.opens, UTC).astimezone(SCHOOL_ZONE)
        day = at.strftime("%d/%m/%Y")
        message = _("This meeting's room opens at %(time)s on %(day)s. Come back then.",
                    time=at.strftime("%H:%M"), day=day)
        return Decision("too_early", message)
    if now >= booking.closes:
        return _refused("over")
    return Decision("ok", "", booking)


def opened_room(booking: Booking, name: str, mail_owner: str, now: float) -> OpenRoom:
    """A room that opens now; its number says which meeting and which opening."""
    number = f"mtg-{booking.meeting_id}-{int(now * 1000):x}"
    return OpenRoom(number, booking.system_id, booking.meeting_id, booking.room, name, mail_owner, now)


def description(room: OpenRoom, booking: Booking) -> dict[str, Any]:
    """The five fields that Prosody asks for and what it may ask for besides: the booked start, not the moment; the
    duration covers the overrun, as the room is destroyed at start + duration."""
    known = {
        "id": room.number, "name": room.name, "mail_owner": room.mail_owner,
        "start_time": datetime.fromtimestamp(booking.starts, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "duration": max(1, int(booking.closes - booking.starts)),
    }
    extra = {name: getattr(booking, name) for name in ("max_occupants", "lobby", "password")}
    return known | {name: value for name, value in extra.items() if value is not None}


def _refused(reason: str) -> Decision:
    return Decision(reason, explain(reason))
