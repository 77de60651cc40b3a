"""Wi-Fi for the request that is going on: read once a request, out of the application's index."""

from __future__ import annotations

import numpy as np
from flask import current_app, g

from alerts import (
    AlertsSettings,
    WifiCache,
    WifiDiagnosis,
    WifiPicture,
    diagnose_wifi,
    read_wifi,
    wifi_diagnosis,
    wifi_limits,
)
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


def wifi_at(site_id: int) -> tuple[WifiDiagnosis | None, float | None]:
    """(one site's diagnosis, its clients); None for what is not known."""
    picture = wifi_now()
    if picture is None:
        return None, None
    group = np.where(picture.index.points.site == site_id, 0, -1)
    verdicts = diagnose_wifi(picture, group, 1, wifi_limits(services().settings[AlertsSettings]))
    clients = float(picture.clients_at(np.array([site_id]), verdicts.clients)[0])
    return wifi_diagnosis(picture, verdicts, 0), None if clients != clients else clients
