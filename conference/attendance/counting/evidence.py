"""What is known of who was in a room: events of the server, looks at Jicofo, spells of heartbeats. Values only.

All moments are epoch seconds. A connection is Jitsi's endpoint id: the first 8 hex of the XMPP user's uuid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

JOINED, LEFT = "muc-occupant-joined", "muc-occupant-left"
CREATED, DESTROYED = "muc-room-created", "muc-room-destroyed"
GRID_S = 30.0       # one look at Jicofo each 30 s (jitsi.md section 4.4)
HEARTBEAT_S = 10.0  # one heartbeat each 10 s in a meeting


@dataclass(frozen=True, slots=True)
class Occupant:
    """One occupant as an event names it. `left_at` None: the event does not tell."""

    jid: str
    connection: str
    subject: str = ""
    name: str = ""
    joined_at: float | None = None
    left_at: float | None = None
    spoke_seconds: float | None = None  # total_dominant_speaker_time
    is_recorder: bool = False


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of event_sync. `breakout` names the breakout room, "" the main one; `occupants` one or all."""

    name: str
    at: float
    received_at: float
    breakout: str = ""
    occupants: tuple[Occupant, ...] = ()
    created_at: float | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """A connection seen by looks at Jicofo, from the first to the last of them."""

    connection: str
    first: float
    last: float
    is_visitor: bool = False
    is_recorder: bool = False


@dataclass(frozen=True, slots=True)
class Spell:
    """Heartbeats of an endpoint's kiosk that said "in the meeting", from the first to the last of them."""

    endpoint_id: int
    connection: str
    first: float
    last: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything known of one meeting. `looked_at` is the last answered look at Jicofo, None: nobody looked.

    `until` ends what is still open: now, or the moment when the room was surely over.
    """

    until: float
    happenings: Sequence[Happening] = ()
    sightings: Sequence[Sighting] = ()
    spells: Sequence[Spell] = ()
    looked_at: float | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """One participant as counting needs it. `endpoint_ids` are those that stand for it; `expects_client` is true when
    it meets by a kiosk, so that missing heartbeats mean something."""

    id: int
    kind: str
    name: str
    subject: str
    unit_id: int | None = None
    endpoint_id: int | None = None
    endpoint_ids: frozenset[int] = frozenset()
    expects_client: bool = False
    excused: bool = False


@dataclass(frozen=True, slots=True)
class AttendanceLine:
    """How long one participant, or somebody not invited (`participant_id` None), was there inside [start, end].

    `intervals` are (from, until, source) with source "both", "server" or "client"; `linked_by` is the weakest word of
    LINKS that was needed, "" when nobody came; `reason` says why the two sources disagree ("" they do not).
    """

    participant_id: int | None
    endpoint_id: int | None
    unit_id: int | None
    name: str
    seconds: int
    server_seconds: int
    client_seconds: int
    scheduled_seconds: int
    first_joined: float | None = None
    last_left: float | None = None
    spoke_seconds: int | None = None
    connections: int = 0
    linked_by: str = ""
    reason: str = ""
    intervals: tuple[tuple[int, int, str], ...] = field(default=())


# From the surest to the weakest (jitsi.md section 5.2)
LINKS: Mapping[str, int] = {"connection": 0, "subject": 1, "name": 2, "unnamed": 3}
