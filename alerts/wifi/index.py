"""Which access points and radios there are, and which series tell about them: built once per inventory and registry.

A point is read itself (parts "radio:<name>") or told by its controller ("ap:<name>", "ap:<name>/radio:<n>"); both
become the same row here. It holds no values and knows no database.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from alerts.wifi.joining import Joiner, Place, Told
from telemetry import SeriesRegistry

METRICS = (
    "wifi_access_point_up", "wifi_clients", "wifi_channel", "wifi_channel_busy_ratio", "wifi_noise_dbm",
    "wifi_tx_power_dbm", "wifi_radio_up", "cpu_used_ratio",
)
RADIO_METRICS = METRICS[1:7]
BAND_24, BAND_5, BAND_6 = 2, 5, 6
_TOLD_BY_CONTROLLER = re.compile(r"ap:(.*?)(?:/(radio|ssid):(.*))?", re.DOTALL)
# What people and devices call a band, where the channel alone does not say it
_HINTS = (
    (BAND_6, re.compile(r"\b6 ?e?ghz|\b6e\b|wifi6e|11ax6|6g\b", re.IGNORECASE)),
    (BAND_24, re.compile(r"2[.,]?4|\bng\b|11[bgn]\b|2g\b", re.IGNORECASE)),
    (BAND_5, re.compile(r"\b5 ?ghz|\b5\b|\bna\b|11a|5g\b|\bac\b", re.IGNORECASE)),
)


@dataclass(frozen=True, slots=True)
class Points:
    """Access points as arrays of one length. `device` is the inventory's, 0 when nobody entered it; `source` is the
    device that tells; `room` 0 = not known. Series numbers are -1 where there is none. `interval` in seconds."""

    device: np.ndarray
    source: np.ndarray
    site: np.ndarray
    room: np.ndarray
    interval: np.ndarray
    told_up: np.ndarray
    own_up: np.ndarray
    clients: np.ndarray
    names: tuple[str, ...]
    parts: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.device)


@dataclass(frozen=True, slots=True)
class Radios:
    """Radios as arrays: `point` indexes Points, `band` is what its name hints at (0 = nothing), `series` by metric."""

    point: np.ndarray
    band: np.ndarray
    series: Mapping[str, np.ndarray]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.point)


@dataclass(frozen=True, slots=True)
class Networks:
    """What an SSID's clients are told by: the site, the point (-1 = the whole controller), the network's name, the
    series, how old a value may be."""

    site: np.ndarray
    point: np.ndarray
    series: np.ndarray
    interval: np.ndarray
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WifiIndex:
    """All of it. `totals` are controllers' own sums of clients, one a controller, without a name or point."""

    points: Points
    radios: Radios
    networks: Networks
    totals: Networks


@dataclass(frozen=True, slots=True)
class Node:
    """One part that tells something of Wi-Fi: what it is, and its row among the nodes."""

    row: int
    device: int
    kind: str  # device, ap, radio, ssid
    point: str = ""
    name: str = ""


@dataclass(slots=True)
class _Rows:
    """Points and radios while they are gathered."""

    points: dict[tuple[int, str], dict[str, int]] = field(default_factory=dict)
    radios: list[tuple[tuple[int, str], Node]] = field(default_factory=list)
    ssids: list[Node] = field(default_factory=list)
    wholes: dict[int, int] = field(default_factory=dict)  # device -> row of what it tells of itself as a whole


def split_part(part: str) -> tuple[str, str, str]:
    """(kind, point, name) of a part's key; kind "" when it is none of Wi-Fi."""
    if part == "":
        return "device", "", ""
    if part.startswith("radio:"):
        return "radio", "", part[6:]
    if part.startswith("ssid:"):
        return "ssid", "", part[5:].rpartition("@")[0] or part[5:]
    match = _TOLD_BY_CONTROLLER.fullmatch(part)
    if match is None:
        return "", "", ""
    return match[2] or "ap", match[1], (match[3] or "").rpartition("@")[0] or match[3] or ""


def build_index(
    registry: SeriesRegistry, places: Iterable[Place], told: Mapping[tuple[int, str], Told]
) -> WifiIndex:
    """Put the index together. `places` are all access points, controllers and other devices with Wi-Fi; `told` is what
    devices say of each point and radio beside its key, by (device, part)."""
    by_device = {place.device: place for place in places}
    keys, columns = _columns(registry)
    rows = _gather(registry, keys, by_device)
    told_of = [key for key in rows.points if key[1]]
    joiner = Joiner(by_device.values() if told_of else ())
    joined = {key: joiner.find(by_device[key[0]], key[1], told.get((key[0], f"ap:{key[1]}"))) for key in told_of}
    own_up = _by_device(registry, "device_up")
    table = _Table(rows, by_device, joined, told)
    points = table.points(columns, own_up)
    return WifiIndex(points, table.radios(columns), table.networks(columns), table.totals(columns))


def _columns(registry: SeriesRegistry) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """(device << 32 | part of each node, sorted; metric -> series of each node, -1 where it has none)."""
    found = {}
    for metric in METRICS:
        series = registry.of_metric(metric)
        series = series[registry.device[series] >= 0]
        found[metric] = (registry.device[series].astype(np.int64) << 32 | registry.part[series], series)
    # A processor alone makes no access point
    keys = np.unique(np.concatenate([own for metric, (own, _series) in found.items() if metric != "cpu_used_ratio"]))
    columns = {}
    for metric, (own, series) in found.items():
        column = np.full(len(keys), -1, np.int32)
        if len(keys):
            at = np.minimum(np.searchsorted(keys, own), len(keys) - 1)
            hit = keys[at] == own
            column[at[hit]] = series[hit]
        columns[metric] = column
    return keys, columns


def _gather(registry: SeriesRegistry, keys: np.ndarray, places: Mapping[int, Place]) -> _Rows:
    rows, split = _Rows(), {}
    devices, parts = (keys >> 32).tolist(), (keys & 0xFFFFFFFF).tolist()
    for row, (device, part) in enumerate(zip(devices, parts, strict=True)):
        if part not in split:
            split[part] = split_part(registry.part_names[part])
        kind, point, name = split[part]
        if not kind or device not in places:
            continue
        node = Node(row, device, kind, point, name)
        if kind == "ssid":
            rows.ssids.append(node)
            continue
        if kind == "radio":
            rows.radios.append(((device, point), node))
        if kind == "device":
            rows.wholes[device] = row
        if kind == "radio" or point or places[device].kind == "ap":
            mine = rows.points.setdefault((device, point), {"row": -1})
            if kind != "radio":
                mine["row"] = row
    controllers = {device for device, point in rows.points if point}
    with_radios = {key for key, _node in rows.radios}
    for place in places.values():
        if place.kind == "ap" and place.device not in controllers:
            rows.points.setdefault((place.device, ""), {"row": -1})
    for device in controllers:  # an access point that speaks for its fellows is told among them
        if (device, "") in rows.points and (device, "") not in with_radios:
            del rows.points[device, ""]
    return rows


def _by_device(registry: SeriesRegistry, metric: str) -> dict[int, int]:
    series = registry.of_metric(metric)
    return dict(zip(registry.device[series].tolist(), series.tolist(), strict=True))


class _Table:
    """Turns gathered rows into arrays; a point that both its controller and it itself tell of is one row."""

    def __init__(
        self, rows: _Rows, places: Mapping[int, Place], joined: Mapping[tuple[int, str], Place | None],
        told: Mapping[tuple[int, str], Told],
    ) -> None:
        self._rows, self._places, self._joined, self._told = rows, places, joined, told
        with_radios = {key for key, _node in rows.radios}
        # What a controller tells of a point replaces what the point says itself, unless that says nothing of radios
        self._merged: dict[tuple[int, str], tuple[int, str]] = {}
        for key, place in joined.items():
            own = (place.device, "") if place is not None else None
            if own in rows.points and own != key:
                self._merged[own] = key
        self._keys = [key for key in rows.points if key not in self._merged]
        self._number = {key: number for number, key in enumerate(self._keys)}
        self._silent = {key for key in self._keys if key not in with_radios}

    def points(self, columns: Mapping[str, np.ndarray], own_up: Mapping[int, int]) -> Points:
        """The points' arrays."""
        own_of = {key: own for own, key in self._merged.items()}
        device, source, names, parts, row, own_row, up = [], [], [], [], [], [], []
        for key in self._keys:
            place = self._joined.get(key) if key[1] else self._places[key[0]]
            told = self._told.get((key[0], f"ap:{key[1]}"))
            device.append(place.device if place else 0)
            source.append(key[0])
            names.append(place.name if place else (told.name if told and told.name else key[1]))
            parts.append(f"ap:{key[1]}" if key[1] else "")
            row.append(self._rows.points[key]["row"])
            own_row.append(self._rows.points[own_of[key]]["row"] if key in own_of else -1)
            up.append(own_up.get(place.device, -1) if place else -1)
        homes = [self._places[d or s] for d, s in zip(device, source, strict=True)]
        rows, own_rows = np.array(row, np.int64), np.array(own_row, np.int64)
        clients = _picked(columns["wifi_clients"], rows)
        return Points(
            np.array(device, np.int64), np.array(source, np.int64),
            np.array([home.site for home in homes], np.int64),
            np.array([home.room if d else 0 for home, d in zip(homes, device, strict=True)], np.int64),
            np.array([max(home.interval_s, self._places[s].interval_s) for home, s in zip(homes, source, strict=True)],
                     np.float64),
            _picked(columns["wifi_access_point_up"], rows), np.array(up, np.int64),
            np.where(clients >= 0, clients, _picked(columns["wifi_clients"], own_rows)), tuple(names), tuple(parts),
        )

    def radios(self, columns: Mapping[str, np.ndarray]) -> Radios:
        """The radios' arrays. A point that tells its busy time as a whole counts as one radio of no name."""
        points, rows, names, hints = [], [], [], []
        for key, node in self._rows.radios:
            home = self._home(key)
            if home is not None:
                points.append(home)
                rows.append(node.row)
                names.append(node.name)
                label = self._told.get((node.device, f"ap:{node.point}/radio:{node.name}" if node.point
                                        else f"radio:{node.name}"))
                hints.append(f"{label.name if label else ''} {node.name}")
        whole = columns["wifi_channel_busy_ratio"]
        for key in self._silent:
            row = self._rows.points[key]["row"]
            if row >= 0 and whole[row] >= 0:
                points.append(self._number[key])
                rows.append(row)
                names.append("")
                hints.append("")
        at = np.array(rows, np.int64)
        hint = {word: _hint(word) for word in set(hints)}
        band = np.array([hint[word] for word in hints], np.int8)
        return Radios(np.array(points, np.int64), band, {m: _picked(columns[m], at) for m in RADIO_METRICS},
                      tuple(names))

    def networks(self, columns: Mapping[str, np.ndarray]) -> Networks:
        """The networks' arrays."""
        site, point, rows, interval, names = [], [], [], [], []
        for node in self._rows.ssids:
            place = self._places[node.device]
            if node.point and (joined := self._joined.get((node.device, node.point))) is not None:
                place = joined
            site.append(place.site)
            point.append(self._number.get((node.device, node.point), -1))
            rows.append(node.row)
            interval.append(place.interval_s)
            names.append(node.name)
        series = _picked(columns["wifi_clients"], np.array(rows, np.int64))
        return Networks(np.array(site, np.int64), np.array(point, np.int64), series, np.array(interval, np.float64),
                        tuple(names))

    def totals(self, columns: Mapping[str, np.ndarray]) -> Networks:
        """What controllers tell of all their points together."""
        found = sorted({device for device, point in self._rows.points if point} & self._rows.wholes.keys())
        places = [self._places[device] for device in found]
        rows = np.array([self._rows.wholes[device] for device in found], np.int64)
        return Networks(
            np.array([place.site for place in places], np.int64), np.full(len(found), -1, np.int64),
            _picked(columns["wifi_clients"], rows), np.array([place.interval_s for place in places], np.float64),
            tuple(place.name for place in places),
        )

    def _home(self, key: tuple[int, str]) -> int | None:
        if key in self._number:
            return self._number[key]
        above = self._merged.get(key)
        return self._number[above] if above is not None and above in self._silent else None


def _picked(column: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """int64[n]: the column's series at these rows, -1 for row -1."""
    if not len(column):
        return np.full(len(rows), -1, np.int64)
    return np.where(rows >= 0, column[np.maximum(rows, 0)], -1).astype(np.int64)


def _hint(name: str) -> int:
    return next((band for band, pattern in _HINTS if pattern.search(name)), 0)
