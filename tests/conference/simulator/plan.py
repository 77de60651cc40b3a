"""What a scenario is made of: an installation, rooms, seats, stays, and what goes wrong. Values; nothing happens here.

A *stay* is one connection of a seat to a room, from its joining to its leaving; a seat that reconnects has another stay
with another endpoint id, as in Jitsi. Times are epoch seconds; whole ones, as event_sync tells no finer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

DEVICES = ("camera", "mic", "speaker", "display")


@dataclass(frozen=True, slots=True)
class Installation:
    """One Jitsi installation. `dialects`: bridge -> payload file whose keys its /colibri/stats has."""

    domain: str = "meet.example.edu.vn"
    muc_prefix: str = "muc"
    tenant: str = ""
    bridges: tuple[str, ...] = ("jvb-1", "jvb-2", "jvb-3", "jvb-4")
    vnodes: int = 2
    version: str = "2.3.200-gexample"
    versions: Mapping[str, str] = field(default_factory=dict)  # bridges that run another one
    dialects: Mapping[str, str] = field(default_factory=dict)
    recorders: tuple[str, ...] = ("jibri-1",)
    region: str = "tinh"

    def node(self, room: str) -> str:
        """The MUC node of a room: lower case, the tenant before it."""
        return f"[{self.tenant.lower()}]{room.lower()}" if self.tenant else room.lower()

    def room_jid(self, room: str, vnode: int | None = None) -> str:
        """The address of a room, or of its mirror on a visitor node."""
        node = "" if vnode is None else f"v{vnode}."
        return f"{self.node(room)}@{self.muc_prefix}.{node}{self.domain}"


@dataclass(frozen=True, slots=True)
class KioskKey:
    """How a seat's kiosk page signs, and how often it beats; `skew_s` is what its computer's clock is wrong by."""

    code: str
    secret: str
    beat_s: float = 10.0
    idle_s: float = 60.0
    skew_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Curve:
    """The line of a seat during a time: losses 0..1, round trip in seconds."""

    start: float
    end: float
    loss_down: float = 0.0
    loss_up: float = 0.0
    rtt_s: float = 0.03


@dataclass(slots=True, eq=False)
class Stay:
    """One connection. `breakouts`: (from, until, breakout room id). The day moves `left` when something cuts it."""

    seat: Seat
    joined: float
    left: float
    is_visitor: bool = False
    breakouts: list[tuple[float, float, str]] = field(default_factory=list)
    number: int = 0
    bridge: str = ""
    vnode: int = 0
    is_in: bool = False
    uuid: str = ""       # the XMPP user: random in Jitsi, here of the seat and the number of its connection
    endpoint: str = ""   # the connection's id: the first eight characters of the uuid

    def __post_init__(self) -> None:
        raw = hashlib.sha256(f"{self.seat.room.node}|{self.seat.subject}|{self.number}".encode()).hexdigest()
        self.uuid = f"{raw[:8]}-{raw[8:12]}-4{raw[13:16]}-8{raw[17:20]}-{raw[20:32]}"
        self.endpoint = raw[:8]

    def breakout_at(self, now: float) -> str:
        """The breakout room it is in, "" when in the main one."""
        return next((name for start, end, name in self.breakouts if start <= now < end), "")


@dataclass(slots=True, eq=False)
class Seat:
    """One participant of a room: what its token says, and when it is there."""

    room: Room
    subject: str
    name: str
    email: str = ""
    kiosk: KioskKey | None = None
    stays: list[Stay] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)
    devices: dict[str, str] = field(default_factory=lambda: dict.fromkeys(DEVICES, "ok"))

    def stay(self, joined: float, left: float, is_visitor: bool = False) -> Stay:
        """Be there from `joined` to `left`."""
        found = Stay(self, float(int(joined)), float(int(left)), is_visitor, number=len(self.stays))
        self.stays.append(found)
        return found

    def breakout(self, start: float, end: float, name: str) -> None:
        """Move to a breakout room during a stay, and back."""
        stay = next(one for one in self.stays if one.joined < start and end < one.left)
        stay.breakouts.append((float(int(start)), float(int(end)), name))

    def promote(self, at: float, takes_s: int = 2) -> Stay:
        """A visitor is let speak: it leaves the visitor node and joins the main room under another endpoint id."""
        stay = next(one for one in self.stays if one.is_visitor and one.joined < at < one.left)
        until, stay.left = stay.left, float(int(at))
        return self.stay(stay.left + takes_s, until)

    def line(self, now: float) -> Curve:
        """How its line is now."""
        return next((one for one in self.curves if one.start <= now < one.end), Curve(0.0, 0.0))


@dataclass(slots=True, eq=False)
class Room:
    """One meeting's room. `asked_name` is the name as people typed it, in any case; `node` EduNOC's Meeting.room."""

    node: str
    starts: float
    ends: float
    meeting_id: int | None = None
    asked_name: str = ""
    seats: dict[str, Seat] = field(default_factory=dict)

    def seat(self, subject: str, name: str, email: str = "", kiosk: KioskKey | None = None) -> Seat:
        """Add a participant."""
        self.seats[subject] = Seat(self, subject, name, email, kiosk)
        return self.seats[subject]


@dataclass(frozen=True, slots=True)
class Delivery:
    """How event_sync's calls get through: shares 0..1 of those that come twice, late (out of order) or never."""

    twice: float = 0.0
    late: float = 0.0
    late_s: float = 40.0
    lost: float = 0.0


@dataclass(frozen=True, slots=True)
class Restart:
    """Prosody restarts: everybody is cut, nobody is told of, all come back within `back_s` as other connections."""

    at: float
    back_s: float = 25.0


@dataclass(frozen=True, slots=True)
class BridgeRestart:
    """A bridge is away for a time: its people are moved to the others, its counters begin at 0."""

    bridge: str
    at: float
    until: float


@dataclass(frozen=True, slots=True)
class Outage:
    """A server's interface answers `status` (as the proxy before a dead program does) for a time."""

    server: str
    at: float
    until: float
    status: int = 502


@dataclass(frozen=True, slots=True)
class Stress:
    """A bridge's stress is this for a time, whatever its people."""

    bridge: str
    at: float
    until: float
    value: float


Fault = Restart | BridgeRestart | Outage | Stress
