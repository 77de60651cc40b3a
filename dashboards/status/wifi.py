"""Wi-Fi for the request that is going on: read once a request, out of the application's index."""

from __future__ import annotations

from flask import current_app, g

from alerts import WifiCache, WifiPicture, read_wifi
from dashboards.gate import services


def wifi_now() -> WifiPicture | None:
    """All access points and radios of the province; None in a process that measures nothing. Scope is the caller's
    business: points carry their site."""
    parts = services()
    if parts.registry is None or parts.live is None:
        return None
    if "wifi_picture" not in g:
        cache: WifiCache = current_app.extensions.setdefault("edunoc_wifi", WifiCache())
        g.wifi_picture = read_wifi(cache.get(g.session, parts.registry), parts.live, parts.clock().timestamp())
    return g.wifi_picture
