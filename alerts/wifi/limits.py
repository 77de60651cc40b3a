"""From which number on Wi-Fi is bad: data, so that a province can have its own."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.settings import AlertsSettings


@dataclass(frozen=True, slots=True)
class WifiLimits:
    """`busy` and `jammed` are shares of time a channel is busy; `overlap` points on overlapping channels; `crowded`
    clients of one point; `noisy` dBm."""

    busy: float = 0.5
    jammed: float = 0.7
    overlap: int = 3
    crowded: int = 40
    noisy: float = -80.0
    only_24_clients: int = 15  # below it a point without 5 GHz disturbs nobody


def wifi_limits(settings: AlertsSettings) -> WifiLimits:
    """The limits that the settings name."""
    return WifiLimits(
        busy=settings.wifi_busy_ratio, jammed=settings.wifi_jammed_ratio, overlap=settings.wifi_overlap_points,
        crowded=settings.wifi_crowded_clients, noisy=settings.wifi_noisy_dbm,
    )
