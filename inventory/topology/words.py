"""What the graph's reasons say to people."""

from __future__ import annotations

from core import N_
from core import gettext as _
from inventory.topology.shapes import Evidence

EVIDENCE: dict[str, str] = {
    "manual": N_("Entered by hand: “%(lower)s” hangs on “%(upper)s”."),
    "named_by_both": N_("Both ends name each other (%(protocol)s)."),
    "named_by_one": N_("“%(teller)s” names “%(other)s” on %(part)s (%(protocol)s); the other end does not."),
    "mac_on_port": N_("The address of “%(lower)s” was seen on %(part)s of “%(upper)s”, with %(count)s in all."),
    "arp": N_("“%(upper)s” has its address in its ARP table; no switch tells of it."),
    "wifi": N_("It is a Wi-Fi client of “%(upper)s”."),
    "many_macs": N_("%(count)s machines behind %(part)s, and nothing there names itself."),
    "several_neighbours": N_("Several devices name themselves on %(part)s: something passes them on."),
    "name_differs": N_("The neighbour calls itself “%(said)s”, but its MAC address is that of “%(other)s”."),
    "port_differs": N_("It is heard on port %(heard)s, but the other end names port %(said)s."),
    "hand_differs": N_("Entered by hand below “%(upper)s”, but found below “%(found)s”."),
}

HOW_WORDS: dict[str, str] = {
    "manual": N_("entered by hand"),
    "lldp": "LLDP",
    "cdp": "CDP",
    "wifi": "Wi-Fi",
    "fdb": N_("MAC table"),
    "arp": "ARP",
    "inferred": N_("inferred"),
}


def say_evidence(evidence: Evidence) -> str:
    """The sentence in the language of the moment."""
    return _(EVIDENCE[evidence.code], **evidence.about)
