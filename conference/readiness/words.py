"""The closed lists of words of readiness: states, reasons with their weights, actions. Data: judging.py decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from alerts import duration_text
from core import N_
from core import gettext as _

READY, RISK, NOT_READY, UNKNOWN = "ready", "risk", "not_ready", "unknown"
STATES: dict[str, str] = {
    NOT_READY: N_("not ready"),
    RISK: N_("at risk"),
    UNKNOWN: N_("unknown"),
    READY: N_("ready"),
}
NOW, MILESTONES = "now", {"t24h": N_("24 hours before"), "t2h": N_("2 hours before"),
                          "t15m": N_("15 minutes before"), "start": N_("at the start")}  # fmt: skip

# How much a reason weighs: what it makes of the endpoint far from the start and within the last hour
BLOCK, AT_RISK, NOTE, BLIND = "block", "risk", "note", "blind"


@dataclass(frozen=True, slots=True)
class Action:
    """What to do. `is_here`: the centre can do it now (`verb` names how: kiosk:<verb> or projector:<word>)."""

    label: str
    icon: str
    verb: str = ""

    @property
    def is_here(self) -> bool:
        """Whether a click here does it."""
        return bool(self.verb)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an endpoint may fail. `title` heads a group of tiles, `sentence` tells one case with its figures.

    `points` are taken off 100; `far` and `near` are levels (BLOCK, AT_RISK, NOTE, BLIND) before and in the last hour;
    `speaker` replaces both for endpoints that speak, when given.
    """

    title: str
    sentence: str
    points: int
    far: str
    near: str
    action: str
    speaker: str = ""


ACTIONS: dict[str, Action] = {
    "call_school": Action(N_("Telephone the school: is there power, is the network on?"), "phone"),
    "call_open": Action(N_("Telephone: switch the computer on and open the endpoint's page"), "phone"),
    "call_power": Action(N_("Telephone: how long will the power be away, is there a generator?"), "phone"),
    "call_device": Action(N_("Telephone: plug the device in and permit it in the browser"), "phone"),
    "call_projector": Action(N_("Telephone: look at the projector's lamps and what it says"), "phone"),
    "call_lens": Action(N_("Telephone: take the cap off the camera, switch the light on"), "phone"),
    "call_confirm": Action(N_("Telephone: will they come?"), "phone"),
    "call_clock": Action(N_("Telephone: set the computer's clock (synchronise now)"), "phone"),
    "call_plug": Action(N_("Telephone: plug the computer in"), "phone"),
    "call_cable": Action(N_("Telephone: use the cable instead of Wi-Fi, or another socket"), "phone"),
    "call_codec": Action(N_("Telephone: switch the codec on, end its present call"), "phone"),
    "call_provider": Action(N_("Report the line to the provider"), "phone"),
    "open_udp": Action(N_("Let the school's firewall pass UDP to the meeting servers"), "adjustments"),
    "lower_quality": Action(N_("Plan a smaller picture for this line"), "adjustments"),
    "add_contact": Action(N_("Enter whom to telephone at the endpoint"), "phone"),
    "rehearse": Action(N_("Rehearse with this endpoint once more"), "refresh"),
    "watch": Action(N_("Watch it; have a second way in hand (telephone, 4G)"), "eye"),
    "device_check": Action(N_("Check the devices from here"), "checks", "kiosk:run_device_check"),
    "reload": Action(N_("Reload the page from here"), "refresh", "kiosk:reload"),
    "message": Action(N_("Show a message on the room's screen"), "message", "kiosk:show_message"),
    "projector_on": Action(N_("Switch the projector on from here"), "power", "projector:on"),
    "none": Action(N_("Nothing to do"), "check"),
}  # fmt: skip

# The order is the order of "worst": of two with the same level the upper one is told
REASONS: dict[str, Reason] = {
    "line_down": Reason(
        N_("School cannot be reached"), N_("The school's network has not answered for %(since)s."),
        100, BLOCK, BLOCK, "call_school"),
    "power_cut": Reason(
        N_("Power cut"), N_("No power: the UPS runs on battery for another %(left)s."), 60, AT_RISK, BLOCK,
        "call_power"),
    "area_down": Reason(
        N_("Many schools dark"), N_("Together with %(count)s schools around it cannot be reached."),
        100, BLOCK, BLOCK, "watch"),
    "declined": Reason(N_("Declined"), N_("The endpoint answered that it will not come."), 70, BLOCK, BLOCK,
                       "call_confirm"),
    "codec_silent": Reason(N_("Codec does not answer"), N_("The codec does not answer SIP."), 80, AT_RISK, BLOCK,
                           "call_codec"),
    "kiosk_gone": Reason(N_("Page not open"), N_("The endpoint's page was last seen %(since)s ago."), 60, AT_RISK,
                         BLOCK, "call_open"),
    "clock_off": Reason(N_("Clock is wrong"), N_("The computer's clock is %(seconds)s seconds off: its token will be"
                                                 " refused."), 60, BLOCK, BLOCK, "call_clock"),
    "mic": Reason(N_("Microphone"), N_("The microphone is %(condition)s."), 50, NOTE, NOTE, "call_device", BLOCK),
    "camera": Reason(N_("Camera"), N_("The camera is %(condition)s."), 40, AT_RISK, AT_RISK, "call_device", BLOCK),
    "speaker": Reason(N_("Speaker"), N_("The speaker is %(condition)s: the room will hear nothing."), 50, BLOCK, BLOCK,
                      "call_device"),
    "display": Reason(N_("Screen"), N_("The screen is %(condition)s."), 30, AT_RISK, AT_RISK, "call_device"),
    "no_bandwidth": Reason(
        N_("Line too narrow"), N_("The line carries %(have)s, the meeting needs %(need)s."),
        50, AT_RISK, BLOCK, "lower_quality"),
    "udp_blocked": Reason(
        N_("UDP is blocked"), N_("UDP does not get through; over TCP the picture will stutter."),
        35, AT_RISK, AT_RISK, "open_udp"),
    "no_way": Reason(N_("No way to the bridges"), N_("Neither UDP nor TCP reaches the meeting servers."), 90, BLOCK,
                     BLOCK, "open_udp"),
    "line_loss": Reason(
        N_("Line loses packets"), N_("The line loses %(loss)s of the packets now."), 40, AT_RISK, AT_RISK,
        "call_provider"),
    "line_slow": Reason(N_("Line is slow"), N_("The line answers in %(rtt)s ms; 300 is too much."), 25, AT_RISK,
                        AT_RISK, "call_provider"),
    "lan_loss": Reason(
        N_("Room's network or Wi-Fi"), N_("%(loss)s is lost between the computer and the school's router."),
        30, AT_RISK, AT_RISK, "call_cable"),
    "no_sound": Reason(
        N_("No sound heard"), N_("No sound was heard from the microphone for %(since)s."), 30, NOTE, NOTE,
        "device_check", AT_RISK),
    "black_picture": Reason(N_("Picture is black"), N_("The camera gives a black picture."), 30, AT_RISK, AT_RISK,
                            "call_lens"),
    "cpu": Reason(N_("Computer overloaded"), N_("The computer's processor is %(used)s busy."), 25, NOTE, AT_RISK,
                  "reload"),
    "battery": Reason(N_("Computer on battery"), N_("The computer runs on its battery."), 20, NOTE, AT_RISK,
                      "call_plug"),
    "projector_off": Reason(
        N_("Projector is off"), N_("The projector of the room is off."), 15, NOTE, AT_RISK, "projector_on"),
    "projector_error": Reason(N_("Projector has an error"), N_("The projector reports an error."), 20, AT_RISK,
                              AT_RISK, "call_projector"),
    "codec_busy": Reason(N_("Codec in a call"), N_("The codec is in another call."), 15, NOTE, AT_RISK, "call_codec"),
    "incident": Reason(N_("Open incident"), N_("Open incident at the school: %(title)s"), 20, AT_RISK, AT_RISK,
                       "watch"),
    "rehearsal_failed": Reason(
        N_("Rehearsal failed"), N_("It failed in the rehearsal %(since)s ago."), 25, AT_RISK, AT_RISK, "rehearse"),
    "rehearsal_absent": Reason(
        N_("Missed the rehearsal"), N_("It was absent from the rehearsal %(since)s ago."), 20, AT_RISK, AT_RISK,
        "rehearse"),
    "missed_before": Reason(
        N_("Often missing"), N_("It was in %(came)s of its last %(of)s meetings."), 15, AT_RISK, AT_RISK,
        "call_confirm"),
    "bad_hour": Reason(
        N_("Line bad at this hour"), N_("At this hour the line lost %(loss)s in one hour of ten of the last weeks."),
        15, AT_RISK, AT_RISK, "watch"),
    "narrow": Reason(
        N_("Little room on the line"), N_("The line carries %(have)s, the meeting needs %(need)s: little is spare."),
        5, NOTE, NOTE, "lower_quality"),
    "no_reply": Reason(N_("No reply"), N_("The invitation was not answered."), 5, NOTE, NOTE, "call_confirm"),
    "no_contact": Reason(N_("Nobody to telephone"), N_("No telephone number is known."), 5, NOTE, NOTE, "add_contact"),
    "never_seen": Reason(
        N_("Page never seen"), N_("The endpoint's page was never heard of: nobody knows."), 30, BLIND, BLIND,
        "call_open"),
    "not_watched": Reason(
        N_("Not watched"), N_("Nothing measures this endpoint: only people can tell."), 20, BLIND, BLIND,
        "call_confirm"),
    "fit": Reason(N_("Ready"), N_("Nothing stands in the way."), 0, NOTE, NOTE, "none"),
}  # fmt: skip
RANK: Mapping[str, int] = {word: place for place, word in enumerate(REASONS)}

OUTCOMES: dict[str, str] = {
    "reached": N_("reached"),
    "no_answer": N_("no answer"),
    "will_fix": N_("will put it right"),
    "fixed": N_("put right"),
    "message": N_("message sent"),
}
REHEARSAL_STATES: dict[str, str] = {
    "waiting": N_("its wave is still to come"),
    "passed": N_("passed"),
    "failed": N_("failed"),
    "absent": N_("absent"),
}


def _shown(name: str, value: Any, now: datetime) -> Any:
    if name == "condition":
        return _(value)
    if name == "since":  # a moment is kept, a time is told
        return duration_text(now - datetime.fromisoformat(value)) if value else "?"
    if name == "left":
        return duration_text(timedelta(seconds=value)) if value is not None else "?"
    return value


def sentence(word: str, args: Mapping[str, Any], now: datetime) -> str:
    """What a finding says, with its figures, in the language of the moment."""
    reason = REASONS.get(word)
    if reason is None:
        return word
    given = {name: _shown(name, value, now) for name, value in args.items()}
    try:
        return _(reason.sentence) % given if given else _(reason.sentence)
    except (KeyError, ValueError, TypeError):
        return _(reason.title)
