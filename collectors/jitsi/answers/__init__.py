"""What the answers of Jitsi's servers mean: bytes in, values of ours out. Pure; no key is required."""

from collectors.jitsi.answers.bridge import (
    EndpointLook,
    conference_of,
    read_bridge_metrics,
    read_endpoint,
    read_stats,
)
from collectors.jitsi.answers.focus import read_focus_metrics, read_focus_stats
from collectors.jitsi.answers.others import (
    CensusRoom,
    census_samples,
    moment_of,
    read_census,
    read_jibri,
    read_jigasi,
    read_prosody_metrics,
    read_turn,
    read_version,
)
from collectors.jitsi.answers.room import Connection, RoomLook, read_room
from collectors.jitsi.answers.values import text_of

__all__ = [
    "CensusRoom", "Connection", "EndpointLook", "RoomLook", "census_samples", "conference_of", "moment_of",
    "read_bridge_metrics", "read_census", "read_endpoint", "read_focus_metrics", "read_focus_stats", "read_jibri",
    "read_jigasi", "read_prosody_metrics", "read_room", "read_stats", "read_turn", "read_version", "text_of",
]
