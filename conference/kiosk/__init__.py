"""Endpoints' kiosk pages: pairing, heartbeats, commands, what they join and when."""

from conference.kiosk import emodel
from conference.kiosk.heartbeat import METRICS as KIOSK_METRICS
from conference.kiosk.heartbeat import Heartbeat, read_heartbeat
from conference.kiosk.inbox import Inbox
from conference.kiosk.models import Kiosk, KioskCommand, KioskSpell, KioskState
from conference.kiosk.options import Place, place_of
from conference.kiosk.signing import LARGEST, digest, sign
from conference.kiosk.store.beats import Beat
from conference.kiosk.store.commands import (
    Ask,
    Given,
    before_of,
    cancel_command,
    command_kiosk,
    commands_of,
    has_waiting_commands,
    undo_command,
    undone_ids,
)
from conference.kiosk.store.pairing import (
    CODE_LASTS,
    Paired,
    endpoint_of_cookie,
    forget_secrets,
    make_code,
    redeem,
    unpair,
)
from conference.kiosk.store.planning import (
    Coming,
    JoinOrder,
    JoinProblem,
    JoinTimes,
    coming_of,
    due_meeting,
    order_to_join,
    places,
    relays_of,
)
from conference.kiosk.store.reading import KioskNow, kiosk_states
from conference.kiosk.taking import Taken, take_heartbeat
from conference.kiosk.verbs import HEIGHTS, KIOSK_VERBS, WHY_NOT, Verb, VerbProblem, way_back, why_not
from conference.kiosk.words import BROKEN, CONDITIONS, DEVICES, REFUSALS
from conference.kiosk.words import STATES as KIOSK_STATES
from conference.kiosk.work import LOOP

__all__ = [
    "BROKEN", "CODE_LASTS", "CONDITIONS", "DEVICES", "HEIGHTS", "KIOSK_METRICS", "KIOSK_STATES", "KIOSK_VERBS",
    "LARGEST", "LOOP", "REFUSALS", "WHY_NOT", "Ask", "Beat", "Coming", "Given", "Heartbeat", "Inbox", "JoinOrder",
    "JoinProblem", "JoinTimes", "Kiosk", "KioskCommand", "KioskNow", "KioskSpell", "KioskState", "Paired", "Place",
    "Taken", "Verb", "VerbProblem", "before_of", "cancel_command", "coming_of", "command_kiosk", "commands_of",
    "digest", "due_meeting", "emodel", "endpoint_of_cookie", "forget_secrets", "has_waiting_commands", "kiosk_states",
    "make_code", "order_to_join", "place_of", "places", "read_heartbeat", "redeem", "relays_of", "sign",
    "take_heartbeat", "undo_command", "undone_ids", "unpair", "way_back", "why_not",
]
