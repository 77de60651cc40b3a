"""Who is in a room: Jicofo's /debug/conference/<room>, the only view of main participants and visitors. Pure.

A connection is named by its endpoint id, 8 hex characters; the document holds no names of people.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from collectors.jitsi.answers.values import flag_of, mapping_of, number_of, read_object, text_of

_ENDPOINT = re.compile(r"[0-9a-f]{8}\Z")
_RECORDERS = ("is_jibri", "is_jigasi", "is_transcriber")
_BRIDGE_FLAGS = ("healthy", "operational", "overloaded", "drain", "graceful-shutdown", "shutting-down", "failing-ice")


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection in a room, as Jicofo sees it."""

    endpoint: str
    bridge: str = ""
    is_visitor: bool = False
    is_recorder: bool = False
    audio_muted: bool | None = None
    video_muted: bool | None = None
    stats_id: str = ""


@dataclass(frozen=True, slots=True)
class RoomLook:
    """One look into a room. `bridges` is relay id -> what Jicofo knows of the bridge, words as it writes them."""

    connections: Mapping[str, Connection] = field(default_factory=dict)
    bridges: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    meeting_id: str = ""

    @property
    def main_count(self) -> int:
        """Main participants, recorders not counted."""
        return sum(not one.is_visitor and not one.is_recorder for one in self.connections.values())

    @property
    def visitor_count(self) -> int:
        """Visitors."""
        return sum(one.is_visitor for one in self.connections.values())


def read_room(body: bytes) -> RoomLook:
    """Parse the document; what is missing in it is missing in the look. Raises TryLater("bad_reply")."""
    told = read_object(body)
    chat = mapping_of(told.get("chat_room"))
    members = _by_endpoint(chat.get("members"))
    invited = _by_endpoint(told.get("participants"))
    manager = mapping_of(told.get("colibri_session_manager"))
    placed = _by_endpoint(manager.get("participants"))
    main_domain = _domain(chat.get("room_jid")) or _domain(told.get("name"))
    found = {
        endpoint: _connection(
            endpoint, members.get(endpoint), invited.get(endpoint, {}), placed.get(endpoint, {}), main_domain
        )
        for endpoint in sorted(members.keys() | invited.keys() | placed.keys())
    }
    return RoomLook(found, _bridges(manager.get("sessions")), text_of(told.get("meeting_id"), 64))


def _by_endpoint(value: object) -> dict[str, Mapping[str, Any]]:
    """Rows by endpoint id in lower case; occupants that are no connections ("focus") are left out."""
    return {
        key.lower(): mapping_of(row) for key, row in mapping_of(value).items() if _ENDPOINT.match(key.lower())
    }


def _connection(
    endpoint: str, member: Mapping[str, Any] | None, invited: Mapping[str, Any], placed: Mapping[str, Any], main: str
) -> Connection:
    member_row = member or {}
    return Connection(
        endpoint,
        bridge=text_of(placed.get("bridge"), 100),
        is_visitor=_is_visitor(member is not None, invited, placed, main),
        is_recorder=any(flag_of(member_row.get(key)) for key in _RECORDERS),
        audio_muted=_first_flag(placed.get("audio_muted"), member_row.get("is_audio_muted")),
        video_muted=_first_flag(placed.get("video_muted"), member_row.get("is_video_muted")),
        stats_id=text_of(placed.get("stats_id") or invited.get("stats_id") or member_row.get("stats_id")),
    )


def _is_visitor(is_member: bool, invited: Mapping[str, Any], placed: Mapping[str, Any], main: str) -> bool:
    """By the flag, else by the domain of the room it sits in (a visitor's is that of its vnode), else by membership."""
    flag = flag_of(placed.get("visitor"))
    if flag is not None:
        return flag
    domain = _domain(mapping_of(invited.get("jingle_session")).get("remoteJid"))
    if domain and main:
        return domain != main
    return not is_member


def _first_flag(*values: object) -> bool | None:
    return next((flag for value in values if (flag := flag_of(value)) is not None), None)


def _domain(jid: object) -> str:
    text = jid if isinstance(jid, str) else ""
    return text.partition("/")[0].rpartition("@")[2].lower() if "@" in text else ""


def _bridges(sessions: object) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for key, told in list(mapping_of(sessions).items())[:100]:
        session, row = mapping_of(told), {}
        bridge = mapping_of(session.get("bridge"))
        for name in ("stress", "corrected-stress", "endpoints"):
            value = number_of(bridge.get(name))
            if value is not None:
                row[name.replace("-", "_")] = value
        for name in _BRIDGE_FLAGS:
            flag = flag_of(bridge.get(name))
            if flag is not None:
                row[name.replace("-", "_")] = flag
        for name in ("version", "region"):
            if text := text_of(bridge.get(name), 100):
                row[name] = text
        row["participants"] = len(session.get("participants") or ()) if isinstance(
            session.get("participants"), list) else 0
        found[text_of(bridge.get("relay-id"), 100) or text_of(key, 100)] = row
    return found
