"""Why media does not get from a place to the bridges, out of how the steps of the ladder went. Pure.

The steps (jitsi.md section 8.3): "stun" and "turn_udp" over UDP, "udp" the train to the reflector beside the bridges,
"turn_tcp" and "turn_tls" the ways round a firewall. A reason is that of the check, "ok" when it went well.
"""

from __future__ import annotations

from collections.abc import Mapping

from core import N_

UDP_STEPS = ("stun", "turn_udp", "udp")
TCP_STEPS = ("turn_tcp", "turn_tls")
SILENT = frozenset({"udp_no_answer", "check_timeout", "no_connection", "refused"})
REFUSED = frozenset({"turn_refused", "turn_forbidden"})
FULL = frozenset({"turn_quota", "turn_full"})

PATH_CAUSES: dict[str, str] = {
    "": N_("The way to the bridges is open."),
    "unknown": N_("The way to the bridges was not measured."),
    "no_way": N_("Neither UDP nor TCP reaches the meeting servers: look at the line and the servers."),
    "udp_blocked": N_("UDP is blocked on the way: media falls back to TCP. Let UDP 3478 and 10000 pass."),
    "media_blocked": N_("UDP reaches the STUN server but not the bridges: let UDP port 10000 pass."),
    "turn_credential": N_("The relay refuses us: compare its secret and its clock with ours."),
    "turn_full": N_("The relay has no place left: rooms behind firewalls will not get in."),
    "turn_open": N_("The relay serves everybody: switch on its authentication."),
    "tls": N_("The relay's TLS does not work: rooms behind strict firewalls will not get in."),
    "lossy": N_("The way to the bridges loses packets."),
    "turn_down": N_("The relay does not answer; rooms with open UDP are not affected."),
    "reflector": N_("The reflector beside the bridges does not answer: is it running?"),
    "name": N_("The name of a meeting server is not known: look at DNS."),
}


def diagnose_path(results: Mapping[str, str]) -> str:
    """The cause (a word of PATH_CAUSES) behind these steps: step -> reason. "" when all is well."""
    if not results:
        return "unknown"
    udp = {step: results[step] for step in UDP_STEPS if step in results}
    tcp = {step: results[step] for step in TCP_STEPS if step in results}
    if "name_not_found" in results.values():
        return "name"
    if set(results) == {"udp"} and results["udp"] in SILENT:
        return "reflector"  # one silent server proves nothing about the way to it
    if all(reason in SILENT for reason in results.values()):
        return "udp_blocked" if not tcp else "no_way"
    if udp and all(reason in SILENT for reason in udp.values()) and any(r not in SILENT for r in tcp.values()):
        return "udp_blocked"
    if udp.get("udp") in SILENT and any(udp.get(step, "") not in SILENT | {""} for step in ("stun", "turn_udp")):
        return "media_blocked"
    for words, cause in ((REFUSED, "turn_credential"), (FULL, "turn_full"), ({"turn_open"}, "turn_open"),
                         ({"train_lossy"}, "lossy")):  # fmt: skip
        if any(reason in words for reason in results.values()):
            return cause
    if any(reason.startswith(("certificate_", "tls_")) or reason in SILENT for reason in tcp.values()):
        return "tls"
    return "turn_down" if any(reason != "ok" for reason in results.values()) else ""
