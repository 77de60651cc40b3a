"""What the search box finds among MAC and IP addresses: where the machine is, each hit leading to its page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import ip_address

from flask import url_for

from core import Scope, Session
from core import gettext as _
from dashboards.pages.topology.scene import port_name
from dashboards.registry import Hit
from dashboards.template_tools import seen
from inventory import Location, locate

LEAST_DIGITS = 4
_MAC_PIECE = re.compile(r"[0-9a-fA-F]{1,12}([:.\- ]?[0-9a-fA-F]{1,6})*")
_MARKS = re.compile(r"[:.\- ]")


def is_machine_text(text: str) -> bool:
    """True for an IP address and for at least four digits of a MAC address; a name made of a to f alone is a name."""
    text = text.strip()
    try:
        ip_address(text)
    except ValueError:
        digits = _MARKS.sub("", text)
        is_piece = _MAC_PIECE.fullmatch(text) is not None and LEAST_DIGITS <= len(digits) <= 12
        return is_piece and any(mark in "0123456789:.-" for mark in text)
    return True


def find_machines(session: Session, scope: Scope, text: str, limit: int) -> Sequence[Hit]:
    """Machines whose MAC or IP address is meant, those that are there now first."""
    if not is_machine_text(text):
        return ()
    return [_hit(one) for one in locate(session, scope, text, limit)]


def _hit(one: Location) -> Hit:
    name = one.owner_name or (one.addresses[0] if one.addresses else "")
    label = f"{one.mac} · {seen(name, 60)}" if name else one.mac
    return Hit(label, place_text(one), url_for("find.index", q=one.mac), "device-desktop-search")


def place_text(one: Location) -> str:
    """Where it is, in one line."""
    pieces = [one.site_name, one.device_name, port_name(one.part)]
    if one.vlan:
        pieces.append(_("VLAN %(number)s", number=one.vlan))
    if one.ssid:
        pieces.append(one.ssid)
    if not one.is_current:
        pieces.append(_("not there now"))
    return " · ".join(seen(piece, 80) for piece in pieces if piece)
