"""One school's Wi-Fi: its sentence, rooms by busy time, channels by floor, radios, networks. Pure but for one read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from alerts import (
    WifiDiagnosis,
    WifiLimits,
    WifiPicture,
    band_name,
    diagnose_wifi,
    radio_diagnosis,
    wifi_diagnosis,
)
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.charting import Line as ChartLine
from dashboards.listing import Column
from inventory import Room, sort_key

CHART_LINES = 40  # eight are drawn, the rest stands in the table

RADIO_COLUMNS = (
    Column(_l("State"), "state"),
    Column(_l("Access point"), "name"),
    Column(_l("Band"), "band", hide="sm"),
    Column(_l("Channel"), "channel", is_number=True),
    Column(_l("Busy"), "busy"),
    Column(_l("Clients"), "clients", is_number=True),
    Column(_l("Noise, dBm"), "noise", is_number=True, hide="md"),
    Column(_l("Power, dBm"), "power", is_number=True, hide="md"),
    Column(_l("On this channel"), "overlap", is_number=True, hide="lg"),
)


@dataclass(frozen=True, slots=True)
class RadioLine:
    """One radio. Numbers are None when not known; `overlap` counts the points of the site that overlap it."""

    point: str
    device_id: int
    room: str
    name: str
    band: str
    channel: int | None
    busy: float | None
    clients: int | None
    noise: float | None
    power: float | None
    overlap: int
    diagnosis: WifiDiagnosis


@dataclass(frozen=True, slots=True)
class RoomLine:
    """One room, or the points without one."""

    name: str
    floor: str
    points: int
    up: int
    clients: int | None
    busy: float | None
    diagnosis: WifiDiagnosis


@dataclass(frozen=True, slots=True)
class Point:
    """An access point that nobody entered: a controller tells of it."""

    name: str
    part: str
    source: int
    state: str


@dataclass(frozen=True, slots=True)
class Channels:
    """Which channels the points of each floor use: `columns` are (band, channel, points of the site that overlap it),
    `rows` pairs a floor with the number of points on each channel."""

    columns: Sequence[tuple[str, int, int]]
    rows: Sequence[tuple[str, Sequence[int]]]


@dataclass(frozen=True, slots=True)
class SiteWifi:
    """Everything the page shows."""

    diagnosis: WifiDiagnosis
    total: int
    up: int
    clients: float | None
    busiest: RadioLine | None
    rooms: Sequence[RoomLine]
    radios: Sequence[RadioLine]
    channels: Channels
    unplaced: Sequence[Point]
    networks: Sequence[tuple[str, int]]


class SiteView:
    """Reads one site out of the picture."""

    def __init__(
        self, picture: WifiPicture, site_id: int, rooms: Sequence[Room], limits: WifiLimits,
        network_clients: np.ndarray,
    ) -> None:
        self._picture, self._site, self._limits = picture, site_id, limits
        self._rooms: Mapping[int, Room] = {room.id: room for room in rooms}
        self._network_clients = network_clients
        points = picture.index.points
        self._rows = np.flatnonzero(points.site == site_id)
        self._verdicts = diagnose_wifi(picture, np.where(points.site == site_id, 0, -1), 1, limits)
        of_point = picture.index.radios.point
        self._radio_rows = np.flatnonzero(points.site[of_point] == site_id) if len(of_point) else np.empty(0, np.int64)

    def read(self) -> SiteWifi:
        """Put it together."""
        verdicts, radios = self._verdicts, [self._radio(int(row)) for row in self._radio_rows]
        busiest = int(verdicts.busiest[0])
        clients = float(self._picture.clients_at(np.array([self._site]), verdicts.clients)[0])
        return SiteWifi(
            diagnosis=wifi_diagnosis(self._picture, verdicts, 0), total=int(verdicts.total[0]), up=int(verdicts.up[0]),
            clients=None if clients != clients else clients, busiest=self._radio(busiest) if busiest >= 0 else None,
            rooms=list(self._room_lines()), radios=sorted(radios, key=_worst_radio), channels=self._channels(),
            unplaced=list(self._unplaced()), networks=self._networks(),
        )

    def busy_lines(self) -> list[ChartLine]:
        """Busy time of each radio, the busiest first."""
        picture, radios = self._picture, self._picture.index.radios
        rank = np.nan_to_num(picture.busy, nan=-1.0)
        rows = sorted(self._radio_rows.tolist(), key=lambda row: -rank[row])
        series = radios.series["wifi_channel_busy_ratio"]
        return [
            ChartLine(int(series[row]), self._radio_label(row), unit="ratio") for row in rows if series[row] >= 0
        ][:CHART_LINES]

    def client_lines(self) -> list[ChartLine]:
        """Clients of each point, the fullest first."""
        points, rank = self._picture.index.points, np.nan_to_num(self._picture.clients, nan=-1.0)
        rows = sorted(self._rows.tolist(), key=lambda row: -rank[row])
        lines = [
            ChartLine(int(points.clients[row]), points.names[row]) for row in rows if points.clients[row] >= 0
        ]
        series = self._picture.index.radios.series["wifi_clients"]
        silent = {row for row in rows if points.clients[row] < 0}
        of_point = self._picture.index.radios.point
        lines += [
            ChartLine(int(series[row]), self._radio_label(row)) for row in self._radio_rows.tolist()
            if series[row] >= 0 and int(of_point[row]) in silent
        ]
        return lines[:CHART_LINES]

    def device_ids(self) -> list[int]:
        """Devices of the inventory among the points and what tells of them."""
        points = self._picture.index.points
        found = {*points.device[self._rows].tolist(), *points.source[self._rows].tolist()}
        return sorted(found - {0})

    def _radio_label(self, row: int) -> str:
        radios = self._picture.index.radios
        point = self._picture.index.points.names[int(radios.point[row])]
        return " · ".join(filter(None, (point, band_name(int(self._picture.band[row])) or radios.names[row])))

    def _radio(self, row: int) -> RadioLine:
        picture, index = self._picture, self._picture.index
        point = int(index.radios.point[row])
        room = self._rooms.get(int(index.points.room[point]))
        return RadioLine(
            point=index.points.names[point],
            device_id=int(index.points.device[point]) or int(index.points.source[point]),
            room=room.name if room else "", name=_radio_name(index.radios.names[row]),
            band=band_name(int(picture.band[row])),
            channel=_whole(picture.channel[row]), busy=_known(picture.busy[row]),
            clients=_whole(picture.radio_clients[row]), noise=_known(picture.noise[row]),
            power=_known(picture.power[row]), overlap=int(self._verdicts.overlap[row]),
            diagnosis=radio_diagnosis(picture, self._verdicts, row),
        )

    def _room_lines(self) -> Iterator[RoomLine]:
        points = self._picture.index.points
        numbers = np.unique(points.room[self._rows])
        group = np.full(len(points), -1, np.int64)
        group[self._rows] = np.searchsorted(numbers, points.room[self._rows])
        verdicts = diagnose_wifi(self._picture, group, len(numbers), self._limits)
        lines = []
        for place, number in enumerate(numbers.tolist()):
            room, busiest = self._rooms.get(number), int(verdicts.busiest[place])
            clients = float(verdicts.clients[place])
            lines.append((int(verdicts.group[place]), RoomLine(
                name=room.name if room else "", floor=room.floor if room else "", points=int(verdicts.total[place]),
                up=int(verdicts.up[place]), clients=None if clients != clients else int(clients),
                busy=_known(self._picture.busy[busiest]) if busiest >= 0 else None,
                diagnosis=wifi_diagnosis(self._picture, verdicts, place),
            )))
        lines.sort(key=lambda pair: (-(pair[1].busy if pair[1].busy is not None else -1.0), pair[0]))
        yield from (line for _code, line in lines)

    def _channels(self) -> Channels:
        picture, index = self._picture, self._picture.index
        seen: dict[tuple[int, int], dict[str, set[int]]] = {}
        overlap: dict[tuple[int, int], int] = {}
        for row in self._radio_rows.tolist():
            channel = _whole(picture.channel[row])
            point = int(index.radios.point[row])
            room = self._rooms.get(int(index.points.room[point]))
            if channel is not None:
                column = int(picture.band[row]), channel
                overlap[column] = int(self._verdicts.overlap[row])
                floors = seen.setdefault(column, {})
                floors.setdefault(room.floor if room else "", set()).add(point)
        columns = sorted(seen)
        floors = sorted({floor for found in seen.values() for floor in found}, key=lambda one: (not one, sort_key(one)))
        rows = [(floor, [len(seen[column].get(floor, ())) for column in columns]) for floor in floors]
        return Channels([(band_name(column[0]), column[1], overlap[column]) for column in columns], rows)

    def _unplaced(self) -> Iterator[Point]:
        points = self._picture.index.points
        for row in self._rows.tolist():
            if points.device[row] == 0:
                up = self._picture.up[row]
                state = "unknown" if up != up else "good" if up else "down"
                yield Point(points.names[row], points.parts[row], int(points.source[row]), state)

    def _networks(self) -> list[tuple[str, int]]:
        networks, clients = self._picture.index.networks, self._network_clients
        sums: dict[str, float] = {}
        for row in np.flatnonzero((networks.site == self._site) & np.isfinite(clients)).tolist():
            sums[networks.names[row]] = sums.get(networks.names[row], 0.0) + clients[row]
        return sorted(((name, int(n)) for name, n in sums.items()), key=lambda pair: (-pair[1], pair[0]))


def _worst_radio(line: RadioLine) -> tuple[int, float]:
    order = ("down", "attention", "info", "unknown", "good")
    return order.index(line.diagnosis.tone), -(line.busy if line.busy is not None else -1.0)


def _radio_name(name: str) -> str:
    """What devices call a radio; a bare number alone would say nothing."""
    return _("radio %(n)s", n=name) if name.isdecimal() else name


def _known(value: float) -> float | None:
    return None if value != value else float(value)


def _whole(value: float) -> int | None:
    return None if value != value else int(value)


def sorted_radios(radios: Sequence[RadioLine], word: str, is_descending: bool) -> list[RadioLine]:
    """The radios in another order; what is not known stands last."""
    fields: dict[str, Any] = {"name": lambda one: sort_key(one.point), "band": lambda one: one.band}
    fields |= {name: (lambda one, name=name: getattr(one, name)) for name in
               ("channel", "busy", "clients", "noise", "power", "overlap")}
    key = fields.get(word)
    if key is None:
        return list(radios)[::-1] if is_descending else list(radios)
    known = sorted((one for one in radios if key(one) is not None), key=key, reverse=is_descending)
    return known + [one for one in radios if key(one) is None]


EXPORT_HEADS = (
    _l("Access point"), _l("Room"), _l("Radio"), _l("Band"), _l("Channel"), _l("Busy, %"), _l("Clients"),
    _l("Noise, dBm"), _l("Power, dBm"), _l("On this channel"), _l("Diagnosis"), _l("What to do"),
)  # fmt: skip


def export_radios(radios: Sequence[RadioLine]) -> Iterator[tuple[Any, ...]]:
    """The radios as a file holds them."""
    for one in radios:
        yield (
            one.point, one.room, one.name, one.band, one.channel, None if one.busy is None else round(one.busy * 100),
            one.clients, one.noise, one.power, one.overlap, one.diagnosis.line, one.diagnosis.action,
        )

