"""Why Wi-Fi is slow: one verdict for each radio, point and group of points (site, room), with its evidence. Pure.

Codes stand worst first; a school whose points are all dark stands behind those where Wi-Fi is on and of no use, as its
outage is told elsewhere. A group takes the worst of its points; what is not known never makes a group good.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alerts.wifi.index import BAND_5, BAND_6, BAND_24
from alerts.wifi.limits import WifiLimits
from alerts.wifi.picture import WifiPicture

CODES = (
    "jam_overlap", "jam_crowded", "jam_outside", "all_down", "point_down", "busy_overlap", "busy_crowded",
    "busy_outside", "crowded", "noisy", "only_24", "overlap", "no_data", "good", "no_points",
)
(JAM_OVERLAP, JAM_CROWDED, JAM_OUTSIDE, ALL_DOWN, POINT_DOWN, BUSY_OVERLAP, BUSY_CROWDED, BUSY_OUTSIDE, CROWDED, NOISY,
 ONLY_24, OVERLAP, NO_DATA, GOOD, NO_POINTS) = range(len(CODES))
TONES = (
    "down", "down", "down", "down", "attention", "attention", "attention", "attention", "attention", "attention",
    "info", "info", "unknown", "good", "unknown",
)
CHANNELS_24 = (1, 6, 11)  # the three of 2.4 GHz that do not overlap
CHANNELS_5 = (36, 40, 44, 48, 149, 153, 157, 161)  # without radar search
_REACH_24 = 4  # IEEE 802.11: channels of 2.4 GHz are 5 MHz apart and some 20 MHz wide
_MOST_CHANNEL = 256


@dataclass(frozen=True, slots=True)
class WifiVerdicts:
    """Codes: `radio` and `point` by row of the picture, `group` by group. `overlap` counts, for each radio, the points
    of its site whose channels overlap its own, itself included; `shared` those on the very same channel."""

    radio: np.ndarray
    point: np.ndarray
    group: np.ndarray
    overlap: np.ndarray
    group_of: np.ndarray
    worst_point: np.ndarray  # by group, -1 = none
    worst_radio: np.ndarray  # by group: the radio that the code speaks of, -1 = none
    busiest: np.ndarray      # by group: the radio with the highest busy time, -1 = none is known
    total: np.ndarray
    up: np.ndarray
    unread: np.ndarray       # points of which nothing is known, the dead ones aside
    clients: np.ndarray      # NaN when no point tells

    def tone(self, code: int) -> str:
        """The tone of a code: down, attention, info, unknown or good."""
        return TONES[code]


def diagnose_wifi(picture: WifiPicture, group: np.ndarray, count: int, limits: WifiLimits) -> WifiVerdicts:
    """Judge everything; `group` int64[points] is each point's group, -1 = in none. Channels overlap within a site."""
    index = picture.index
    overlap = overlaps(picture)
    radio = _radio_codes(picture, overlap, limits)
    of_radio = index.radios.point
    point = _point_codes(picture, limits)
    # A radio that is off says nothing about its point
    np.minimum.at(point, of_radio, np.where(radio == NO_DATA, GOOD, radio).astype(np.int8))
    point = np.where(picture.up == 0, POINT_DOWN, np.where(~picture.is_read, NO_DATA, point)).astype(np.int8)
    inside = group >= 0
    total = np.bincount(group[inside], minlength=count)
    dead = np.bincount(group[inside & (picture.up == 0)], minlength=count)
    alive = np.bincount(group[inside & (picture.up == 1)], minlength=count)
    unread = np.bincount(group[inside & (picture.up != 0) & ~picture.is_read], minlength=count)
    code = np.full(count, NO_POINTS, np.int8)
    np.minimum.at(code, group[inside], point[inside])
    # What is unknown is worth less than a finding, but more than a remark or "good"
    code = np.where((unread > 0) & (code >= ONLY_24), NO_DATA, code)
    code = np.where((total > 0) & (dead == total), ALL_DOWN, code)
    told = inside & np.isfinite(picture.clients)
    clients = np.bincount(group[told], picture.clients[told], minlength=count)
    heard = np.bincount(group[told], minlength=count)
    at = group[of_radio] if len(of_radio) else np.empty(0, np.int64)
    rank = np.nan_to_num(picture.busy, nan=-1.0)
    worst_radio = _first(at, (radio, -rank, -overlap), count)
    busiest = _first(at, (-rank,), count)
    busiest = np.where((busiest >= 0) & (rank[busiest] >= 0), busiest, -1) if len(rank) else busiest
    crowd = np.nan_to_num(picture.clients, nan=-1.0)
    return WifiVerdicts(
        radio, point, code.astype(np.int8), overlap, group, _first(group, (point, -crowd), count), worst_radio, busiest,
        total, alive, unread, np.where(heard > 0, clients, np.nan),
    )


def overlaps(picture: WifiPicture) -> np.ndarray:
    """int64[radios]: points of the same site that send on an overlapping channel, itself included; 0 when the channel
    is not known. Within 4 numbers in 2.4 GHz, the same number elsewhere."""
    radios = picture.index.radios
    result = np.zeros(len(radios), np.int64)
    if not len(radios):
        return result
    site = picture.index.points.site[radios.point]
    sites, site_number = np.unique(site, return_inverse=True)
    channel = np.nan_to_num(picture.channel, nan=0).astype(np.int64)
    channel = np.where((channel > 0) & (channel < _MOST_CHANNEL - _REACH_24), channel, 0)
    for band, reach in ((BAND_24, _REACH_24), (BAND_5, 0), (BAND_6, 0)):
        rows = np.flatnonzero((picture.band == band) & (channel > 0))
        # A point with two radios on one channel counts once
        keys = np.unique(np.stack([site_number[rows], radios.point[rows], channel[rows]]), axis=1)
        flat = keys[0] * _MOST_CHANNEL + keys[2]
        table = np.bincount(flat, minlength=len(sites) * _MOST_CHANNEL).reshape(-1, _MOST_CHANNEL)
        sums = np.cumsum(np.pad(table, ((0, 0), (1, 0))), axis=1)
        low = np.maximum(channel[rows] - reach, 0)
        high = np.minimum(channel[rows] + reach + 1, _MOST_CHANNEL)
        result[rows] = sums[site_number[rows], high] - sums[site_number[rows], low]
    return result


def _radio_codes(picture: WifiPicture, overlap: np.ndarray, limits: WifiLimits) -> np.ndarray:
    busy, clients, noise = picture.busy, picture.radio_clients, picture.noise
    is_busy, is_jammed = busy >= limits.busy, busy >= limits.jammed
    is_shared = overlap >= limits.overlap
    is_full = clients >= limits.crowded
    known = np.isfinite(busy) | np.isfinite(picture.channel)
    return np.select(
        [
            is_jammed & is_shared, is_jammed & is_full, is_jammed, is_busy & is_shared, is_busy & is_full, is_busy,
            (noise > limits.noisy) & (noise < 0), is_shared, known,
        ],
        [JAM_OVERLAP, JAM_CROWDED, JAM_OUTSIDE, BUSY_OVERLAP, BUSY_CROWDED, BUSY_OUTSIDE, NOISY, OVERLAP, GOOD],
        NO_DATA,
    ).astype(np.int8)


def _point_codes(picture: WifiPicture, limits: WifiLimits) -> np.ndarray:
    """What a point is by its clients and bands alone."""
    size, point = len(picture.up), picture.index.radios.point
    low, high = (
        np.bincount(point[mask], minlength=size) for mask in (picture.band == BAND_24, picture.band >= BAND_5)
    )
    is_slow_only = (low > 0) & (high == 0) & (picture.clients >= limits.only_24_clients)
    return np.select([picture.clients >= limits.crowded, is_slow_only], [CROWDED, ONLY_24], GOOD).astype(np.int8)


def _first(group: np.ndarray, keys: tuple[np.ndarray, ...], count: int) -> np.ndarray:
    """int64[count]: for each group the row that comes first by these keys; -1 for an empty group."""
    result = np.full(count, -1, np.int64)
    rows = np.flatnonzero(group >= 0)
    order = rows[np.lexsort((*(key[rows] for key in reversed(keys)), group[rows]))]
    if len(order):
        is_first = np.ones(len(order), bool)
        is_first[1:] = group[order[1:]] != group[order[:-1]]
        result[group[order[is_first]]] = order[is_first]
    return result


def free_channel(picture: WifiPicture, radio: int) -> tuple[int, int]:
    """(the channel of the band that the fewest points of the radio's site disturb, how many do); (0, 0) without one."""
    radios = picture.index.radios
    site = picture.index.points.site
    band = int(picture.band[radio])
    choices, reach = (CHANNELS_24, _REACH_24) if band == BAND_24 else (CHANNELS_5, 0)
    if band not in (BAND_24, BAND_5):
        return 0, 0
    mine = (site[radios.point] == site[radios.point[radio]]) & (picture.band == band) & np.isfinite(picture.channel)
    mine &= radios.point != radios.point[radio]
    used = {
        one: len(np.unique(radios.point[mine & (np.abs(picture.channel - one) <= reach)])) for one in choices
    }
    best = min(choices, key=lambda one: used[one])
    return best, used[best]
