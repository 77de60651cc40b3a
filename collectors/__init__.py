"""How EduNOC measures: SNMP, ping, checks, the poll schedule, discovery. All of it ends in telemetry's one Batch."""

from collectors.checks import CheckReading, CheckTarget, SignIn, forbidden_reason, run_check, service_part
from collectors.discovery import (
    Place,
    TargetError,
    accept_all,
    accept_find,
    expand,
    ignore_find,
    restore_find,
    seal_communities,
)
from collectors.figures import WorkerFigures
from collectors.jitsi import (
    OVERLOADED_RATIO,
    EndpointLook,
    MeetingServerQuestion,
    MeetingServerState,
    RoomSighting,
    ServerNow,
    WatchedRoom,
    ask_meeting_server,
    end_watches,
    latest_question,
    open_sightings,
    room_jid,
    server_states,
    servers_now,
    sightings_of,
    watch_room,
)
from collectors.models import CheckState, DeviceRecording, DiscoveryFind, DiscoveryRun, PollRequest, PollState
from collectors.ping import (
    DOWN,
    STATES,
    SUSPECT,
    UNKNOWN,
    UP,
    PingRefused,
    Reachability,
    ReachabilitySnapshot,
    ReachabilityView,
    connected_networks,
)
from collectors.profiles import ProfileError, ProfileSet, load_profiles
from collectors.reasons import REASONS, Explanation, explain
from collectors.reflector import Reflector, serve_reflector
from collectors.services import (
    HOUR_MS,
    Availability,
    CheckAnswer,
    Hours,
    ServiceOutage,
    ServiceRequest,
    ServiceState,
    availability,
    check_answers,
    covered,
    latest_service_request,
    outages_between,
    request_checks,
    save_answers,
    save_verdict,
    service_states,
    slots_between,
)
from collectors.services import Verdict as ServiceVerdict
from collectors.settings import CollectorSettings
from collectors.snmp import DeviceReading, read_device
from collectors.store import (
    DiscoveryOrder,
    cancel_discovery,
    check_states,
    discovery_runs,
    finds_of,
    forget_secrets,
    get_discovery,
    get_poll_request,
    get_recording,
    latest_poll_request,
    latest_recording,
    network_state,
    poll_states,
    reason_counts,
    request_poll,
    request_recording,
    start_discovery,
)
from collectors.worker import Options, Worker

__all__ = [
    "DOWN", "HOUR_MS", "OVERLOADED_RATIO", "REASONS", "STATES", "SUSPECT", "UNKNOWN", "UP", "Availability",
    "CheckAnswer", "CheckReading", "CheckState", "CheckTarget", "CollectorSettings", "DeviceReading",
    "DeviceRecording", "DiscoveryFind", "DiscoveryOrder", "DiscoveryRun", "EndpointLook", "Explanation", "Hours",
    "MeetingServerQuestion", "MeetingServerState", "Options", "PingRefused", "Place", "PollRequest", "PollState",
    "ProfileError", "ProfileSet", "Reachability", "ReachabilitySnapshot", "ReachabilityView", "Reflector",
    "RoomSighting", "ServerNow", "ServiceOutage", "ServiceRequest", "ServiceState", "ServiceVerdict", "SignIn",
    "TargetError", "WatchedRoom", "Worker", "WorkerFigures", "accept_all", "accept_find", "ask_meeting_server",
    "availability", "cancel_discovery", "check_answers", "check_states", "connected_networks", "covered",
    "discovery_runs", "end_watches", "expand", "explain", "finds_of", "forbidden_reason", "forget_secrets",
    "get_discovery", "get_poll_request", "get_recording", "ignore_find", "latest_poll_request", "latest_question",
    "latest_recording", "latest_service_request", "load_profiles", "network_state", "open_sightings",
    "outages_between", "poll_states", "read_device", "reason_counts", "request_checks", "request_poll",
    "request_recording", "restore_find", "room_jid", "run_check", "save_answers", "save_verdict", "seal_communities",
    "serve_reflector", "server_states", "servers_now", "service_part", "service_states", "sightings_of",
    "slots_between", "start_discovery", "watch_room",
]
