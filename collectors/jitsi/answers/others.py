"""What Prosody, Jibri, Jigasi and coturn tell. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from collectors.jitsi.answers.exposition import read_metrics, totals
from collectors.jitsi.answers.values import (
    Wanted,
    flag_of,
    mapping_of,
    number_of,
    read_object,
    take,
    text_of,
)

_MILLISECONDS_FROM = 1e11  # as seconds this is the year 5138
_PROSODY: tuple[Wanted, ...] = (
    ("prosody_cpu_seconds_total", ("process_cpu_seconds",), 1),
    ("prosody_memory_bytes", ("process_resident_memory_bytes",), 1),
)
_JIGASI: tuple[Wanted, ...] = (
    ("jigasi_stress_ratio", ("stress_level",), 1),
    ("meeting_conferences", ("conferences",), 1),
    ("meeting_participants", ("participants",), 1),
    ("jigasi_failed_calls_total", ("total_calls_with_connection_failed",), 1),
    ("jigasi_dropped_calls_total", ("total_calls_with_dropped_media",), 1),
    ("jvb_shutting_down", ("graceful_shutdown",), 1),
)
# The second names are those of coturn before 4.6
_TURN: tuple[Wanted, ...] = (
    ("turn_allocations", ("turn_total_allocations", "turn_allocations", "turn_current_allocations"), 1),
    ("turn_received_bytes_total", ("turn_total_traffic_rcvb", "turn_traffic_rcvb"), 1),
    ("turn_sent_bytes_total", ("turn_total_traffic_sentb", "turn_traffic_sentb"), 1),
    ("turn_unauthenticated_total",
     ("turn_unauthenticated_401_requests", "turn_401_requests", "turn_unauthenticated_requests"), 1),
    ("turn_dropped_packets_total", ("turn_packet_dropped", "turn_dropped_packets"), 1),
    ("stun_requests_total", ("stun_binding_request", "stun_requests"), 1),
    ("stun_errors_total", ("stun_binding_error", "stun_errors"), 1),
)
_BUSY = {"IDLE": 0.0, "BUSY": 1.0, "EXPIRED": 2.0}


@dataclass(frozen=True, slots=True)
class CensusRoom:
    """One room of Prosody's census. `participants` leaves the focus out and counts no visitors."""

    jid: str
    participants: int
    created_at: datetime | None
    is_leaked: bool


def read_census(body: bytes) -> list[CensusRoom]:
    """The rooms of /room-census. Raises TryLater("bad_reply")."""
    rows = read_object(body).get("room_census")
    found = []
    for row in map(mapping_of, rows if isinstance(rows, list) else ()):
        jid = text_of(row.get("room_name"), 300)
        if jid:
            people = number_of(row.get("participants"))
            created = moment_of(row.get("created_time"))
            found.append(CensusRoom(jid, int(max(people or 0, 0)), created, flag_of(row.get("leaked")) is True))
    return found


def moment_of(value: object) -> datetime | None:
    """A moment given as a number or numeric text, in seconds or milliseconds (versions differ); None for all else."""
    seconds = number_of(value)
    if isinstance(value, bool) or seconds is None or seconds <= 0:
        return None
    seconds = seconds / 1000 if seconds >= _MILLISECONDS_FROM else seconds
    return datetime.fromtimestamp(seconds, UTC) if seconds < _MILLISECONDS_FROM else None


def census_samples(rooms: Sequence[CensusRoom]) -> dict[str, float]:
    """Metric -> value over all rooms."""
    return {
        "meeting_conferences": float(len(rooms)),
        "meeting_participants": float(sum(room.participants for room in rooms)),
        "prosody_leaked_rooms": float(sum(room.is_leaked for room in rooms)),
    }


def read_prosody_metrics(body: bytes) -> dict[str, float]:
    """Processor time and memory of Prosody: it runs on one core, and a full core is the end of joining."""
    return take(_PROSODY, totals(read_metrics(body)))


def read_jibri(body: bytes) -> tuple[dict[str, float], dict[str, str]]:
    """(metric -> value, facts) of Jibri's health, which always comes with HTTP 200. Raises TryLater("bad_reply")."""
    told = read_object(body)
    status = mapping_of(told.get("status"))
    health = text_of(mapping_of(status.get("health")).get("healthStatus"), 20).upper()
    busy = text_of(status.get("busyStatus"), 20).upper()
    found: dict[str, float] = {}
    if busy in _BUSY:
        found["jibri_state"] = _BUSY[busy]
    if health:
        found["meeting_server_healthy"] = float(health == "HEALTHY")
    if found.keys() >= {"jibri_state", "meeting_server_healthy"}:
        found["jibri_free"] = float(busy == "IDLE" and health == "HEALTHY")
    facts = {"busy": busy, "health": health, "environment": text_of(
        mapping_of(told.get("environmentContext")).get("name"))}
    return found, {name: text for name, text in facts.items() if text}


def read_jigasi(body: bytes) -> dict[str, float]:
    """Metric -> value of /about/stats. Raises TryLater("bad_reply")."""
    return take(_JIGASI, read_object(body))


def read_turn(body: bytes) -> dict[str, float]:
    """Metric -> value of coturn's /metrics, summed over its labels (types, realms, users)."""
    return take(_TURN, totals(read_metrics(body)))


def read_version(body: bytes) -> Mapping[str, str]:
    """Facts of /about/version. Raises TryLater("bad_reply")."""
    told = read_object(body)
    names = {"version": "version", "os": "os", "program": "name"}
    return {name: text for name, key in names.items() if (text := text_of(told.get(key)))}
