"""Every way in which watching a device can go wrong, as one word, with a sentence and a next step for a person."""

from __future__ import annotations

from dataclasses import dataclass

from collectors.checks.reasons import REASONS as _CHECKS
from collectors.jitsi.reasons import REASONS as MEETING_REASONS
from collectors.layer2.reasons import REASONS as LAYER2_REASONS
from collectors.snmp.reasons import REASONS as SNMP_REASONS
from core import N_, gettext, pjlink

INTERNAL_ERROR = "internal_error"
NO_CREDENTIAL = "no_credential"
PING_DOWN = "ping_down"
CUT_OFF = "collector_cut_off"
RESTING = "projector_resting"

_PING: dict[str, tuple[str, str]] = {
    "not_asked_yet": (N_("The device has not been asked yet."), N_("Wait a few seconds.")),
    "no_answer": (
        N_("The device does not answer ping."),
        N_("Check its power and its cable, then the switch or line before it."),
    ),
    CUT_OFF: (
        N_("EduNOC's own machine has lost its network: nothing can be said of this device."),
        N_("Check the cable, switch and router of the machine on which EduNOC runs."),
    ),
    "no_route": (
        N_("EduNOC's own machine has no way to this address."),
        N_("Check the address, and the routes (and IPv6) of the machine on which EduNOC runs."),
    ),
    "no_permission": (
        N_("EduNOC may not send ping on this machine."),
        N_(
            'Run as administrator: sysctl -w net.ipv4.ping_group_range="0 2147483647", or give Python the right by'
            " setcap cap_net_raw+ep; then start EduNOC again."
        ),
    ),
    "no_icmp_socket": (
        N_("This machine has no ping of the needed kind."),
        N_("Check that IPv4 and IPv6 are switched on in this machine."),
    ),
}
_POLL: dict[str, tuple[str, str]] = {
    PING_DOWN: (
        N_("The device does not answer ping, so it is not read until it does."),
        N_("Check its power and its cable, then the switch or line before it."),
    ),
    NO_CREDENTIAL: (
        N_("No credential is chosen for this device."),
        N_("Edit the device and choose an SNMP credential, or leave it to ping alone."),
    ),
    "not_watched": (
        N_("This device is not watched."),
        N_("Edit the device: give it an address and switch watching on. A new device is known within seconds."),
    ),
    INTERNAL_ERROR: (
        N_("EduNOC itself failed while reading this device; all others go on."),
        N_("Report this with the log lines that name the device."),
    ),
}
_PROJECTORS: dict[str, tuple[str, str]] = {
    **pjlink.reasons.REASONS,
    RESTING: (
        N_("The projector is silent, as projectors are whose network sleeps in standby."),
        N_("Nothing to do. To reach it at any time, switch network standby on in its menu."),
    ),
}
_DISCOVERY: dict[str, tuple[str, str]] = {
    "cancelled": (N_("The search was cancelled."), ""),
    "bad_targets": (N_("The addresses to search cannot be understood."), N_("Correct what the detail names.")),
    "no_snmp_answer": (
        N_("The address answers ping but no SNMP."),
        N_("Switch SNMP on in the device, or search again with its community. It can be watched by ping alone."),
    ),
    "interrupted": (N_("EduNOC was stopped during the search."), N_("Start the search again.")),
}

REASONS: dict[str, tuple[str, str]] = {
    **SNMP_REASONS, **LAYER2_REASONS, **_PING, **_POLL, **_CHECKS, **_PROJECTORS, **_DISCOVERY,
    **MEETING_REASONS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Explanation:
    """A reason for a person: what happened, and what to do next ("" when nothing)."""

    reason: str
    message: str
    advice: str


def explain(reason: str) -> Explanation:
    """The sentences of a reason in the language of the moment; an unknown word explains itself by its name."""
    message, advice = REASONS.get(reason, (reason, ""))
    return Explanation(reason, gettext(message) if message else "", gettext(advice) if advice else "")
