"""One event of event_sync read from its JSON (jitsi.md section 5.1): what it says, when, and the key that makes a
repeated one the same. Order, repetition and unknown fields do not matter. Pure."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conference.jitsi.answering.booking import SystemProof
from conference.jitsi.texts import node_of, plain, room_of

EVENT_NAMES = {
    "room/created": "muc-room-created", "room/destroyed": "muc-room-destroyed",
    "occupant/joined": "muc-occupant-joined", "occupant/left": "muc-occupant-left",
}
_TIMES = {"muc-room-created": "created_at", "muc-room-destroyed": "destroyed_at", "muc-occupant-joined": "joined_at",
          "muc-occupant-left": "left_at"}
_CONNECTION = re.compile(r"(?P<first>[0-9a-f]{8})-")
_OLDEST, _NEWEST = 1_500_000_000, 4_102_444_800  # 2017 to 2100: anything else is no time of a meeting


class EventProblem(ValueError):
    """The event cannot be used; `reason` is a word of reasons.py."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class EventFact:
    """What an event says: the columns of RoomEvent that do not need the database. `happened` is epoch seconds."""

    system_id: int
    key: str
    name: str
    room: str
    occupant_jid: str
    endpoint: str
    subject: str
    display_name: str
    happened: float
    raw: str


def read_event(system_id: int, name: str, payload: object) -> EventFact:
    """The fact of a parsed payload; `name` is the event's word as its address says it. Raises EventProblem."""
    if not isinstance(payload, Mapping):
        raise EventProblem("no_json")
    room_jid = plain(payload.get("room_jid"), 300)
    room = room_of(node_of(room_jid) or plain(payload.get("room_name"), 200))[1][:200]
    if not room:
        raise EventProblem("no_room")
    is_about_somebody = name.startswith("muc-occupant")
    occupant = payload.get("occupant")
    if is_about_somebody and not isinstance(occupant, Mapping):
        raise EventProblem("no_occupant")
    teller = occupant if is_about_somebody and isinstance(occupant, Mapping) else payload
    happened = _moment(teller.get(_TIMES[name]))
    if happened is None:
        raise EventProblem("no_time")
    jid = plain(teller.get("occupant_jid"), 300) if is_about_somebody else ""
    connection = _CONNECTION.match(jid)
    breakout = plain(payload.get("breakout_room_id"), 100)
    told = json.dumps([system_id, room_jid.lower() or room, name, jid, f"{happened:.3f}", breakout])
    return EventFact(
        system_id, hashlib.sha256(told.encode()).hexdigest(), name, room, jid,
        connection["first"] if connection else "",
        plain(teller.get("id"), 100) if is_about_somebody else "",
        plain(teller.get("name"), 300) if is_about_somebody else "",
        happened, json.dumps(payload),
    )


def is_of_system(system: SystemProof, payload: Mapping[str, Any]) -> bool:
    """Whether the room carries this system's tenant or none."""
    tenant = room_of(node_of(str(payload.get("room_jid") or "")))[0]
    return tenant in ("", system.tenant)


def _moment(raw: object) -> float | None:
    """Epoch seconds of a number or numeric text, in seconds or milliseconds; None for anything else."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        return None
    try:
        value = float(raw)
    except (ValueError, OverflowError):
        return None
    if not math.isfinite(value):
        return None
    value = value / 1000 if value > _NEWEST else value
    return value if _OLDEST <= value <= _NEWEST else None
