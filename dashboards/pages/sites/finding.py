"""What the search box finds in the inventory: units, sites, devices, rooms, lines, assets, each leading to its page."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for

from core import Scope, Session
from core import gettext as _
from dashboards.registry import Hit
from inventory import DEVICE_KINDS, UNIT_KINDS, search
from inventory import Hit as Found

_ICONS = {"unit": "sitemap", "site": "school", "device": "server-2", "room": "door", "link": "world", "asset": "tag",
          "endpoint": "video"}
_KIND_ICONS = {
    "router": "router",
    "ap": "access-point",
    "wlan_controller": "wifi",
    "server": "server",
    "computer": "device-desktop",
    "ups": "battery",
    "printer": "printer",
    "projector": "device-projector",
    "camera": "camera",
    "nvr": "device-cctv",
    "switch": "stack-2",
    "firewall": "wall",
    "sensor": "temperature",
    "codec": "video",
}


def find_places(session: Session, scope: Scope, text: str, limit: int) -> Sequence[Hit]:
    """The best hits of all kinds, twice as many as another kind of hit: devices and places share them."""
    return [_hit(found) for found in search(session, scope, text, 2 * limit)]


def _hit(found: Found) -> Hit:
    icon = _KIND_ICONS.get(found.kind, _ICONS["device"]) if found.word == "device" else _ICONS[found.word]
    kind = {"device": DEVICE_KINDS, "unit": UNIT_KINDS}.get(found.word, {}).get(found.kind, "")
    detail = " · ".join(word for word in (_(kind) if kind else "", found.subtitle) if word)
    return Hit(found.title, detail, _address(found), icon)


def _address(found: Found) -> str:
    if found.word == "device":
        return url_for("devices.show", device_id=found.id)
    if found.word == "unit":
        return url_for("units.show", unit_id=found.id)
    if found.word == "endpoint":
        return url_for("endpoints.show", endpoint_id=found.id)
    return url_for("sites.show", site_id=found.id if found.word == "site" else found.site_id)
