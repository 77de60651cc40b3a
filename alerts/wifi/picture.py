"""Wi-Fi as it is now: the live values of every point and radio, as arrays. Unknown and too old is NaN."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alerts.wifi.index import BAND_5, BAND_6, BAND_24, Networks, WifiIndex
from telemetry import LiveTable

STALE_INTERVALS = 3
LEAST_AGE_S = 180.0  # radios are read on a slower timer than ports


@dataclass(frozen=True, slots=True)
class WifiPicture:
    """Values beside the index: `up` 1, 0 or NaN and `clients` by point; the rest by radio. `band` is 0 where neither
    channel nor name tells it; `is_read` says of each point whether anything of its Wi-Fi is known."""

    index: WifiIndex
    up: np.ndarray
    clients: np.ndarray
    is_read: np.ndarray
    channel: np.ndarray
    band: np.ndarray
    busy: np.ndarray
    noise: np.ndarray
    power: np.ndarray
    radio_clients: np.ndarray
    totals: np.ndarray  # beside index.totals: controllers' own sums of clients

    def clients_at(self, sites: np.ndarray, clients: np.ndarray) -> np.ndarray:
        """float64[n]: `clients` of these sites by their points; where no point tells, what controllers there sum."""
        told = np.isfinite(self.totals)
        order = np.argsort(sites, kind="stable")
        if not len(sites) or not told.any():
            return clients
        where = self.index.totals.site[told]
        at = order[np.minimum(np.searchsorted(sites[order], where), len(sites) - 1)]
        hit = sites[at] == where
        sums = np.bincount(at[hit], self.totals[told][hit], minlength=len(sites))
        has = np.bincount(at[hit], minlength=len(sites)) > 0
        return np.where(np.isnan(clients) & has, sums, clients)


def read_wifi(index: WifiIndex, live: LiveTable, now: float) -> WifiPicture:
    """The picture at epoch second `now`, in some milliseconds for a province."""
    points, radios = index.points, index.radios
    limit = np.maximum(STALE_INTERVALS * points.interval, LEAST_AGE_S)

    def fresh(series: np.ndarray, age: np.ndarray) -> np.ndarray:
        return fresh_values(live, series, age, now)

    told, own = fresh(points.told_up, limit), fresh(points.own_up, limit)
    up = np.where(np.isnan(told), own, told)
    age = limit[radios.point] if len(radios) else np.empty(0)
    value = {metric: fresh(series, age) for metric, series in radios.series.items()}
    dead = up == 0
    is_off = (value["wifi_radio_up"] == 0) | (dead[radios.point] if len(radios) else np.zeros(0, bool))
    for metric in value:
        value[metric] = np.where(is_off, np.nan, value[metric])
    channel = np.where(value["wifi_channel"] > 0, value["wifi_channel"], np.nan)
    clients = fresh(points.clients, limit)
    summed, counted = _summed(radios.point, value["wifi_clients"], len(points))
    clients = np.where(np.isnan(clients) & (counted > 0), summed, clients)
    told_of, networks = clients_by_network(index.networks, live, now), index.networks.point
    summed, counted = _summed(networks[networks >= 0], told_of[networks >= 0], len(points))
    clients = np.where(np.isnan(clients) & (counted > 0), summed, clients)
    clients = np.where(dead, np.nan, clients)
    known_radio = np.isfinite(value["wifi_channel_busy_ratio"]) | np.isfinite(channel)
    _sum, known = _summed(radios.point, np.where(known_radio, 1.0, np.nan), len(points))
    is_read = np.isfinite(clients) | (known > 0)
    return WifiPicture(
        index, np.where(np.isnan(up) & is_read, 1.0, up), clients, is_read, channel, bands(channel, radios.band),
        value["wifi_channel_busy_ratio"], value["wifi_noise_dbm"], value["wifi_tx_power_dbm"], value["wifi_clients"],
        clients_by_network(index.totals, live, now),
    )


def fresh_values(live: LiveTable, series: np.ndarray, age_s: np.ndarray, now: float) -> np.ndarray:
    """float64[n]: live values that are not older than `age_s`; NaN elsewhere and for series -1."""
    value, at = live.value, live.at
    inside = (series >= 0) & (series < len(value))
    rows = np.where(inside, series, 0)
    if not len(value):
        return np.full(len(series), np.nan)
    return np.where(inside & (now - at[rows] <= age_s), value[rows], np.nan)


def bands(channel: np.ndarray, hint: np.ndarray) -> np.ndarray:
    """int8[n]: the band of a channel number; 6 GHz has the numbers of both others, so only a name tells it."""
    by_number = np.select([channel <= 14, channel >= 32], [BAND_24, BAND_5], 0)
    return np.where((hint == BAND_6) | (by_number == 0), hint, by_number).astype(np.int8)


def clients_by_network(networks: Networks, live: LiveTable, now: float) -> np.ndarray:
    """float64[n] beside the networks."""
    return fresh_values(live, networks.series, np.maximum(STALE_INTERVALS * networks.interval, LEAST_AGE_S), now)


def _summed(group: np.ndarray, values: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """(sum of the known values, how many there are) of each group."""
    known = np.isfinite(values)
    return (
        np.bincount(group[known], values[known], minlength=count),
        np.bincount(group[known], minlength=count),
    )
