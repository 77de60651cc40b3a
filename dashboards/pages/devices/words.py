"""Names of the facts that collectors read, for people."""

from __future__ import annotations

from core import LazyText
from core import lazy_gettext as _l

FACT_NAMES: dict[str, LazyText] = {
    "sysobjectid": _l("Object identifier"),
    "sysname": _l("Name in the device"),
    "sysdescr": _l("Description"),
    "syscontact": _l("Contact"),
    "syslocation": _l("Location"),
    "vendor": _l("Vendor"),
    "model": _l("Model"),
    "serial": _l("Serial number"),
    "version": _l("Firmware"),
    "hardware": _l("Hardware"),
    "os": _l("Operating system"),
    "profile": _l("Profile"),
    "inputs": _l("Inputs"),
    "lamp_model": _l("Part number of the lamp"),
    "filter_model": _l("Part number of the filter"),
    "pjlink_class": _l("PJLink class"),
    "pjlink_authentication": _l("PJLink sign-in"),
}
