"""A guess at what kind a device is when no profile says: from the standard tables it has and the words it uses."""

from __future__ import annotations

from collections.abc import Mapping

from collectors.snmp.collect import Collected

_PRINTER = "1.3.6.1.2.1.43"
_UPS_BATTERY = "1.3.6.1.2.1.33.1.2.1.0"
_BRIDGE_PORTS = "1.3.6.1.2.1.17.1.4"

# Words of sysDescr and model, the more telling ones first.
_WORDS = (
    ("printer", ("printer", "laserjet", "deskjet", "workcentre", "imagerunner", "jetdirect")),
    ("ups", ("ups", "uninterruptible", "powerware", "smart-ups")),
    ("wlan_controller", ("wlan controller", "wireless controller", "wireless lan controller")),
    ("ap", ("access point", "wireless ap", "unifi ap", "aironet")),
    ("firewall", ("firewall", "fortigate", "pfsense", "opnsense", "palo alto", "sophos")),
    ("router", ("router", "routeros", "vigor", "edgeos")),
    ("nvr", ("video recorder", "nvr", "dvr")),
    ("camera", ("camera",)),
    ("nas", ("synology", "qnap", "nas ")),
    ("projector", ("projector",)),
    ("switch", ("switch", "procurve", "catalyst", "comware")),
    ("server", ("linux", "windows", "freebsd", "esxi", "hardware: ")),
)  # fmt: skip


def guessed_kind(facts: Mapping[str, str], known: Collected) -> str:
    """A kind of inventory.DEVICE_KINDS, "other" when nothing tells. Pure."""
    if known.has(_PRINTER):
        return "printer"
    if _UPS_BATTERY in known.scalars:
        return "ups"
    kind = kind_by_words(f"{facts.get('sysdescr', '')} {facts.get('model', '')}")
    return "switch" if kind == "other" and known.has(_BRIDGE_PORTS) else kind


def kind_by_words(text: str) -> str:
    """A kind that the words of a description tell, "other" when none does."""
    text = f" {text} ".lower()
    return next((kind for kind, words in _WORDS if any(word in text for word in words)), "other")
