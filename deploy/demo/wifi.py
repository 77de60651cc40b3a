"""Invented figures of access points, their radios and networks, and of controllers. Pure; all of it is made up.

One school has bad Wi-Fi on purpose: its points crowd around channel 6, which is busy 78 %.
"""

from __future__ import annotations

import numpy as np

from deploy.demo.script import Cast, school_day
from telemetry import SeriesKey

_RADIO = ("wifi_channel", "wifi_channel_busy_ratio", "wifi_noise_dbm", "wifi_tx_power_dbm", "wifi_clients",
          "wifi_radio_up")
NETWORKS = {"ssid:Nhà trường@wifi0": 0.25, "ssid:Nhà trường@wifi1": 0.5, "ssid:Khách@wifi1": 0.15}
POINT_KEYS = (
    *(SeriesKey(f"radio:{radio}", metric) for radio in ("wifi0", "wifi1") for metric in _RADIO),
    *(SeriesKey(part, "wifi_clients") for part in NETWORKS),
)
# A controller of a large school: one point that the inventory knows by name too, and two that nobody entered
TOLD = ("Điểm phát Wi-Fi 1", "Hội trường", "Sân trường")
CONTROLLER_KEYS = (
    SeriesKey("", "wifi_access_points"), SeriesKey("", "wifi_clients"),
    *(SeriesKey(f"ap:{name}", metric) for name in TOLD for metric in ("wifi_access_point_up", "wifi_clients")),
    *(SeriesKey(f"ap:{name}/radio:{n}", metric) for name in TOLD for n in (0, 1) for metric in _RADIO),
)
_CHANNELS_24, _CHANNELS_5 = np.array([1.0, 6.0, 11.0]), np.array([36.0, 149, 44, 157, 40, 153, 48, 161])
_CROWDED_24 = np.array([6.0, 6, 6, 4, 8])
CROWD = 5  # points of the school with bad Wi-Fi


def bad_school(cast: Cast) -> int:
    """The site with bad Wi-Fi: the first with five points; 0 when there is none."""
    sites, counts = np.unique(cast.site[cast.kind == "ap"], return_counts=True)
    found = sites[counts >= CROWD]
    return int(found[0]) if len(found) else 0


def values(part: str, metric: str, cast: Cast, rows: np.ndarray, now: float) -> np.ndarray:
    """float64[n]: a metric of a part of these devices."""
    is_bad, order = cast.site[rows] == bad_school(cast), _order_at_site(cast, rows)
    turn = sum(map(ord, part)) if part.startswith("ap:") else 0
    noise, busy = smooth(rows + turn, now, 12), school_day(now)
    slow = part.endswith(("wifi0", "radio:0"))
    total = np.floor(38 * noise * busy)
    match metric:
        case "wifi_channel":
            normal = (_CHANNELS_24 if slow else _CHANNELS_5)[(order + turn) % (3 if slow else 8)]
            return np.where(is_bad & slow, _CROWDED_24[order % CROWD], normal)
        case "wifi_channel_busy_ratio":
            normal = 0.06 + (0.34 if slow else 0.2) * noise * busy
            crowded = np.where(order == 0, 0.78, 0.52 + 0.2 * noise)
            return np.where(is_bad & slow, crowded, normal)
        case "wifi_noise_dbm":
            return np.where(rows % 401 == 9, -76.0, -96.0 + 6 * noise)
        case "wifi_tx_power_dbm":
            return np.where(is_bad, 23.0, 17.0) + np.zeros(len(rows))
        case "wifi_clients":
            if part in NETWORKS:
                return np.floor(total * NETWORKS[part])
            share = 0.35 if slow else 0.65
            # A controller tells the sum of its points
            whole = np.where((cast.kind[rows] == "wlan_controller") & (part == ""), total * len(TOLD), total)
            return np.floor(whole * share) if "radio:" in part else whole
        case "wifi_access_points":
            return np.full(len(rows), float(len(TOLD)))
        case "wifi_access_point_up":
            return np.where((part == "ap:Sân trường") & (rows % 3 == 0), 0.0, 1.0)
    return np.ones(len(rows))  # wifi_radio_up


def smooth(rows: np.ndarray, now: float, salt: int) -> np.ndarray:
    """float[n] in 0..1, smooth in time, different for each device, the same in every run."""
    phase = (rows * 2654435761 + salt * 40503) % 6283 / 1000.0
    return 0.5 + 0.25 * np.sin(now / 211.0 + phase) + 0.25 * np.sin(now / 37.0 + phase * 3)


def _order_at_site(cast: Cast, rows: np.ndarray) -> np.ndarray:
    """int[n]: which of its site's points each is. Rows ascend and a site's devices stand together."""
    site = cast.site[rows]
    first = np.ones(len(rows), bool)
    first[1:] = site[1:] != site[:-1]
    starts = np.flatnonzero(first)
    return np.arange(len(rows)) - starts[np.cumsum(first) - 1] if len(rows) else np.zeros(0, np.int64)
