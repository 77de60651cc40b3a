"""Jitsi Meet: tokens, keys, reservations, room events, behind the provider interface."""

from conference.jitsi.answering import (
    Answer,
    Call,
    Desk,
    EventProblem,
    Snapshot,
    answer_call,
    desk_file,
    make_machine_app,
)
from conference.jitsi.checking import Expected, Verdict, verify_token
from conference.jitsi.configuring import ConfigFile, config_files
from conference.jitsi.models import RoomEvent, RoomReservation
from conference.jitsi.provider import PROVIDERS, Jitsi, Provider, RoomPlace, RoomState, Work
from conference.jitsi.reasons import REASONS, explain
from conference.jitsi.store import (
    is_room_open,
    keep_events,
    last_token_end,
    make_snapshot,
    reservations_of,
    take_event,
)
from conference.jitsi.texts import is_exact_room, plain, room_of
from conference.jitsi.tokens import (
    FEATURES,
    Grant,
    TokenProblem,
    claims_of,
    encode,
    grant_of,
    join_token,
    join_url,
    room_url,
)
from conference.jitsi.turn import TurnCredentials, ice_servers, turn_credentials
from conference.jitsi.work import LOOP, desk_of, drain_desk, ready_desk, refresh_desk

__all__ = [
    "FEATURES", "LOOP", "PROVIDERS", "REASONS", "Answer", "Call", "ConfigFile", "Desk", "EventProblem", "Expected",
    "Grant", "Jitsi", "Provider", "RoomEvent", "RoomPlace", "RoomReservation", "RoomState", "Snapshot",
    "TokenProblem", "TurnCredentials", "Verdict", "Work", "answer_call", "claims_of", "config_files", "desk_file",
    "desk_of", "drain_desk", "encode", "explain", "grant_of", "ice_servers", "is_exact_room", "is_room_open",
    "join_token", "join_url", "keep_events", "last_token_end", "make_machine_app", "make_snapshot", "plain",
    "ready_desk", "refresh_desk", "reservations_of", "room_of", "room_url", "take_event", "turn_credentials",
    "verify_token",
]
