"""Every way in which reading a device can end, as one word; a person gets the sentence and the next step."""

from __future__ import annotations

from core import N_, gettext

OK = "ok"
TIMEOUT = "timeout"
UNREACHABLE = "unreachable"
WRONG_CREDENTIAL = "wrong_credential"
BAD_CREDENTIAL = "bad_credential"
NO_ACCESS = "no_access"
MALFORMED = "malformed"
LOOP = "loop"
TOO_LATE = "too_late"
TOO_SLOW = "too_slow"
EMPTY = "empty"
RENAMED = "renamed"
RENUMBERED = "renumbered"
REBOOTED = "rebooted"
CLOCK_JUMP = "clock_jump"
UNKNOWN_HOST = "unknown_host"

# word: (what happened, what to do next)
REASONS: dict[str, tuple[str, str]] = {
    OK: (N_("The device was read."), ""),
    TIMEOUT: (
        N_("No answer. A wrong community looks the same: the device stays silent."),
        N_("Check the community, that SNMP is switched on in the device, and that its access list permits"
           " this machine."),
    ),
    UNREACHABLE: (
        N_("The address answers that nothing listens there."),
        N_("Check the address and the port, and that the SNMP service of the device is started."),
    ),
    WRONG_CREDENTIAL: (
        N_("The device refuses the SNMPv3 user, its password or its level of protection."),
        N_("Compare user name, authentication and privacy kinds and both passwords with the device's settings."),
    ),
    BAD_CREDENTIAL: (
        N_("The credential cannot be used."),
        N_("Open the credential in EduNOC and correct what the detail names."),
    ),
    NO_ACCESS: (
        N_("The device accepts the credential but shows nothing to it."),
        N_("Give the community or user a read view of the whole tree (1.3.6.1)."),
    ),
    MALFORMED: (
        N_("The answer is damaged or is not SNMP."),
        N_("Look for a newer firmware, and for a firewall or VPN on the way that cuts long packets."),
    ),
    LOOP: (
        N_("The device's list of values runs in a circle; reading stopped there and kept what came before."),
        N_("Look for a newer firmware; the table in question is left out until then."),
    ),
    TOO_LATE: (
        N_("The device answers, but long after the time allowed."),
        N_("Raise the timeout of this device, or look why it or the line to it is overloaded."),
    ),
    TOO_SLOW: (
        N_("The device did not finish in the time allowed for one reading; what arrived is kept."),
        N_("Read it less often, or look why it or the line to it is overloaded."),
    ),
    EMPTY: (
        N_("The device answers but holds none of the values asked for."),
        N_("Read it anew (survey): its tables have changed since it was added."),
    ),
    RENAMED: (
        N_("The device calls itself by another name than before."),
        N_("If another device took over the address, correct the inventory; else nothing is to be done."),
    ),
    RENUMBERED: (
        N_("The device numbers its ports anew; they are read again and keep their history by name."),
        "",
    ),
    REBOOTED: (N_("The device or its SNMP agent has started anew."), ""),
    CLOCK_JUMP: (
        N_("A clock jumped: rates of this reading are left out."),
        N_("Check time synchronisation (NTP) of the device and of this machine."),
    ),
    UNKNOWN_HOST: (
        N_("No address is known for this name."),
        N_("Check the spelling, or give the address itself."),
    ),
}  # fmt: skip


class Failure(Exception):
    """Reading stops here. `reason` is a word of REASONS, `detail` holds no secret."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


def explain(reason: str) -> str:
    """What happened and what to do next, in the language of the moment."""
    what, step = REASONS.get(reason, (reason, ""))
    return f"{gettext(what)} {gettext(step)}".strip() if step else gettext(what)
