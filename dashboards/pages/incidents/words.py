"""What happened before an incident, in words: kinds of events, and the last words of the audit's actions."""

from __future__ import annotations

from core import LazyText
from core import lazy_gettext as _l

DEEDS: dict[str, LazyText] = {
    "mac_new": _l("a new machine is plugged in"),
    "mac_moved": _l("a machine was plugged in elsewhere"),
    "neighbour_new": _l("a new neighbour names itself"),
    "neighbour_gone": _l("a neighbour names itself no longer"),
    "lamp_changed": _l("a new lamp"),
    "create": _l("entered in the inventory"),
    "update": _l("its record was changed"),
    "delete": _l("deleted from the inventory"),
    "import": _l("imported from a spreadsheet"),
}
