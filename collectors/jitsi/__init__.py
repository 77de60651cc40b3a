"""Jitsi's servers: what bridges, Jicofo, Prosody, Jibri, Jigasi and coturn tell about themselves and their rooms."""

from collectors.jitsi.answers import CensusRoom, Connection, EndpointLook, RoomLook, read_census, read_room
from collectors.jitsi.asking import ASKERS, ServerLook, ServerTarget, ask_endpoint, ask_room, ask_server, room_jid
from collectors.jitsi.fetch import Caller
from collectors.jitsi.models import MeetingServerQuestion, MeetingServerState, RoomSighting, WatchedRoom
from collectors.jitsi.present import OVERLOADED_RATIO, ServerNow, servers_now
from collectors.jitsi.store import (
    RoomTarget,
    answer_question,
    ask_meeting_server,
    end_watches,
    latest_question,
    open_questions,
    open_sightings,
    rooms_to_watch,
    save_failed_look,
    save_look,
    save_looks,
    server_states,
    server_targets,
    sightings_of,
    watch_room,
)

__all__ = [
    "ASKERS", "OVERLOADED_RATIO", "Caller", "CensusRoom", "Connection", "EndpointLook", "MeetingServerQuestion",
    "MeetingServerState", "RoomLook", "RoomSighting", "RoomTarget", "ServerLook", "ServerNow", "ServerTarget",
    "WatchedRoom", "answer_question", "ask_endpoint", "ask_meeting_server", "ask_room", "ask_server", "end_watches",
    "latest_question", "open_questions", "open_sightings", "read_census", "read_room", "room_jid", "rooms_to_watch",
    "save_failed_look", "save_look", "save_looks", "server_states", "server_targets", "servers_now", "sightings_of",
    "watch_room",
]
