"""The closed lists of words of kiosks: states, conditions of devices, why a heartbeat was refused."""

from __future__ import annotations

from core import N_

WAITING, CHECKING, JOINING, IN_MEETING, REJOINING, LEFT = (
    "waiting", "checking", "joining", "in_meeting", "rejoining", "left")
STATES: dict[str, str] = {
    WAITING: N_("waits for the next meeting"),
    CHECKING: N_("checks its devices"),
    JOINING: N_("is joining"),
    IN_MEETING: N_("is in the meeting"),
    REJOINING: N_("lost the meeting and comes back"),
    LEFT: N_("left the meeting"),
}

DEVICES: dict[str, str] = {
    "camera": N_("Camera"), "mic": N_("Microphone"), "speaker": N_("Speaker"), "display": N_("Screen"),
}
OK = "ok"
CONDITIONS: dict[str, str] = {
    OK: N_("in order"),
    "missing": N_("not connected"),
    "denied": N_("not allowed by the browser"),
    "failed": N_("does not start"),
    "silent": N_("gives no sound"),
    "black": N_("gives a black picture"),
    "hidden": N_("the page is covered or minimised"),
    "unknown": N_("not known"),
}
# What of these keeps an endpoint from taking part well
BROKEN = frozenset({"missing", "denied", "failed", "silent", "black"})

# Why a heartbeat was not taken, and what is to be done about it
REFUSALS: dict[str, str] = {
    "unknown_endpoint": N_("There is no endpoint with this code. Pair the page again."),
    "not_paired": N_("This page is not paired any more. Ask the centre for a new pairing code."),
    "bad_signature": N_("The signature is wrong: the page was paired elsewhere since. Pair it again."),
    "stale": N_("The time of the heartbeat is too far from the server's. The page corrects its clock and repeats."),
    "replayed": N_("This heartbeat came before."),
    "too_large": N_("The heartbeat is too large."),
    "not_json": N_("The heartbeat is no JSON object."),
    "no_headers": N_("The heartbeat lacks its endpoint, time, number or signature."),
    "busy": N_("Too many heartbeats wait to be written. Try again in a few seconds."),
}
