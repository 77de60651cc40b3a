"""Makes evidence of a meeting whose truth is known: who was really there when, and what each witness saw of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from conference.attendance.counting import (
    CREATED,
    DESTROYED,
    JOINED,
    LEFT,
    Evidence,
    Happening,
    Occupant,
    Party,
    Scheduled,
    Sighting,
    Spell,
)

START = 1_795_222_800.0  # 2026-11-21 01:00 UTC, a whole minute
DOMAIN = "meet.example.edu.vn"


def at(minutes: float) -> float:
    """Epoch seconds, minutes after the planned beginning."""
    return START + minutes * 60


def meeting(minutes: float = 90, threshold_s: int = 120) -> Scheduled:
    """A meeting of that length."""
    return Scheduled(START, at(minutes), threshold_s)


def site(number: int, **values) -> Party:
    """The participant of endpoint number n."""
    fields = {
        "id": number, "kind": "endpoint", "name": f"Trường THCS số {number}", "subject": f"ep-{number}",
        "unit_id": 100 + number, "endpoint_id": 500 + number, "expects_client": True, **values,
    }
    return Party(**fields)


@dataclass
class Witnessed:
    """One connection from `joined` to `left` (minutes), and what the witnesses make of it."""

    number: int
    connection: str
    joined: float
    left: float
    breakout: str = ""
    subject: str | None = None
    name: str | None = None
    spoke_seconds: float | None = None
    known: dict = field(default_factory=dict)

    @property
    def jid(self) -> str:
        return f"{self.connection}-5195-4a4d-8efb-f58b49d18741@{DOMAIN}/x"

    def occupant(self, with_left: bool = False, with_joined: bool = True) -> Occupant:
        return Occupant(
            self.jid, self.connection, f"ep-{self.number}" if self.subject is None else self.subject,
            f"Trường THCS số {self.number}" if self.name is None else self.name,
            at(self.joined) if with_joined else None, at(self.left) if with_left else None, self.spoke_seconds,
        )

    def events(self, lost: tuple[str, ...] = (), delay: float = 1.0) -> list[Happening]:
        """joined and left, as event_sync sends them."""
        pair = [
            Happening(JOINED, at(self.joined), at(self.joined) + delay, self.breakout, (self.occupant(),)),
            Happening(LEFT, at(self.left), at(self.left) + delay, self.breakout, (self.occupant(with_left=True),)),
        ]
        return [one for one in pair if one.name not in lost]

    def sighting(self, phase: float = 10.0, **values) -> Sighting:
        """What looks each 30 s saw: from the first look with it to the last. `phase`: seconds of the first look."""
        first = at(self.joined) + (phase - at(self.joined)) % 30.0
        last = at(self.left) - (at(self.left) - phase) % 30.0
        return Sighting(self.connection, first, last, **values)

    def spell(self, phase: float = 3.0) -> Spell:
        """What heartbeats each 10 s tell."""
        return Spell(500 + self.number, self.connection, at(self.joined) + phase,
                     at(self.joined) + phase + ((self.left - self.joined) * 60 - phase) // 10 * 10)


def destroyed(moment: float, *stays: Witnessed, breakout: str = "") -> Happening:
    """The end of the room with its record of all occupants."""
    occupants = tuple(stay.occupant(with_left=True) for stay in stays)
    return Happening(DESTROYED, at(moment), at(moment) + 1, breakout, occupants, created_at=at(-30))


def created(moment: float, breakout: str = "") -> Happening:
    """The beginning of a room."""
    return Happening(CREATED, at(moment), at(moment) + 1, breakout, (), created_at=at(moment))


def evidence(happenings=(), sightings=(), spells=(), until: float = 180, looked_at: float | None = None) -> Evidence:
    """Everything together; `until` and `looked_at` in minutes."""
    looked = at(looked_at) if looked_at is not None else max((one.last for one in sightings), default=None)
    return Evidence(at(until), tuple(happenings), tuple(sightings), tuple(spells), looked)
