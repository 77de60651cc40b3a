"""Invents the measurements of devices that nobody answers for, as arrays: one batch for the whole province. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from deploy.demo import power, printers, projectors, wifi
from deploy.demo.script import Cast, school_day, silent, struck
from telemetry import METRICS, SeriesKey

EVERYONE = ("device_up", "ping_rtt_seconds", "ping_loss_ratio", "ping_jitter_seconds")
WAN, WAN_SPEED = "if:ether1", 200e6

# What each kind is measured by, beside ping: (part, metric, counter width)
KEYS: Mapping[str, tuple[SeriesKey, ...]] = {
    "router": (
        SeriesKey("", "cpu_used_ratio"), SeriesKey(WAN, "if_oper_up"), SeriesKey(WAN, "if_admin_up"),
        SeriesKey(WAN, "if_speed_bits_per_second"), SeriesKey(WAN, "if_in_octets_total", 64),
        SeriesKey(WAN, "if_out_octets_total", 64),
    ),
    "switch": (SeriesKey("", "cpu_used_ratio"), SeriesKey("", "temperature_celsius"), *power.SWITCH_KEYS),
    "ap": (SeriesKey("", "wifi_clients"), *wifi.POINT_KEYS),
    "ups": (
        SeriesKey("", "ups_on_battery"), SeriesKey("", "ups_charge_ratio"), SeriesKey("", "ups_load_ratio"),
        *power.UPS_KEYS,
    ),
    "wlan_controller": wifi.CONTROLLER_KEYS, "printer": printers.KEYS, "nas": power.NAS_KEYS, "nvr": power.NVR_KEYS,
    "projector": projectors.KEYS,
}
# Kinds whose figures are made in a module of their own, for these metrics or (None) for all beside ping
OWN_VOICES = (
    ("switch", power, {key.metric for key in power.SWITCH_KEYS}), ("ap", wifi, {key.metric for key in wifi.POINT_KEYS}),
    ("ups", power, None), ("wlan_controller", wifi, None), ("printer", printers, None), ("nas", power, None),
    ("nvr", power, None), ("projector", projectors, None),
)


def keys_of(kind: str) -> list[SeriesKey]:
    """All series of a device of this kind."""
    return [SeriesKey("", metric) for metric in EVERYONE] + list(KEYS.get(kind, ()))


def metric_of(voice: str) -> str:
    """The metric of a voice."""
    return voice.partition("@")[0]


def _voice(kind: str, key: SeriesKey) -> str:
    """What series are played together: those of one metric, or of one metric, kind and part."""
    for own, _module, metrics in OWN_VOICES:
        if own == kind and key.metric not in EVERYONE and (metrics is None or (key.metric in metrics)):
            return f"{key.metric}@{kind}@{key.part}"
    return key.metric


@dataclass(frozen=True, slots=True)
class Orchestra:
    """The series by voice: for each, the rows of the cast and the series' numbers, of one length."""

    rows: Mapping[str, np.ndarray]
    series: Mapping[str, np.ndarray]


def arrange(cast: Cast, ids: Mapping[int, np.ndarray]) -> Orchestra:
    """Order the resolved series of each device (in the order of keys_of) by voice."""
    rows: dict[str, list[int]] = {}
    series: dict[str, list[int]] = {}
    for row, (device, kind) in enumerate(zip(cast.device.tolist(), cast.kind.tolist(), strict=True)):
        for key, number in zip(keys_of(kind), ids[device].tolist(), strict=True):
            voice = _voice(kind, key)
            rows.setdefault(voice, []).append(row)
            series.setdefault(voice, []).append(number)
    return Orchestra(
        {voice: np.array(found) for voice, found in rows.items()},
        {voice: np.array(found, np.int32) for voice, found in series.items()},
    )


def pages_only(orchestra: Orchestra) -> Orchestra:
    """The printers' page counters alone; every other voice is silent."""
    kept = [voice for voice in orchestra.series if metric_of(voice) == "printer_pages_total"]
    return Orchestra({v: orchestra.rows[v] for v in kept}, {v: orchestra.series[v] for v in kept})


def measure(cast: Cast, orchestra: Orchestra, now: float, *, is_history: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """(series int32[n], values float64[n]) at epoch second `now`; a silent device gives device_up 0 and full loss only.

    Counters come as rates per second, as stores keep them; `Totals` makes totals of them for the way in.
    """
    dark = np.zeros(len(cast.device), bool) if is_history else silent(cast, now)
    series, values = [], []
    for voice, numbers in orchestra.series.items():
        rows = orchestra.rows[voice]
        found = _values(voice, cast, rows, now, dark)
        keep = slice(None) if voice in ("device_up", "ping_loss_ratio") else ~dark[rows]
        series.append(numbers[keep])
        values.append(found[keep])
    if not series:
        return np.empty(0, np.int32), np.empty(0)
    return np.concatenate(series), np.concatenate(values)


def _noise(rows: np.ndarray, now: float, salt: int) -> np.ndarray:
    """float[n] in 0..1, smooth in time, different for each device, the same in every run."""
    phase = (rows * 2654435761 + salt * 40503) % 6283 / 1000.0
    return 0.5 + 0.25 * np.sin(now / 211.0 + phase) + 0.25 * np.sin(now / 37.0 + phase * 3)


class Totals:
    """Adds rates up to the totals that devices count, so that the live table has something to derive."""

    def __init__(self, orchestra: Orchestra) -> None:
        counters = [
            numbers for voice, numbers in orchestra.series.items() if METRICS[metric_of(voice)].kind == "counter"
        ]
        self._series = np.sort(np.concatenate(counters)) if counters else np.empty(0, np.int32)
        self._total = np.zeros(len(self._series))
        for numbers in pages_only(orchestra).series.values():  # a printer has a life behind it
            self._total[np.searchsorted(self._series, numbers)] = 4_000 + numbers.astype(np.int64) * 7919 % 60_000

    def add(self, series: np.ndarray, values: np.ndarray, seconds: float) -> np.ndarray:
        """The values with rates replaced by totals, `seconds` after the last call."""
        if not len(self._series):
            return values
        at = np.minimum(np.searchsorted(self._series, series), len(self._series) - 1)
        is_counter = self._series[at] == series
        self._total[at[is_counter]] += values[is_counter] * seconds
        return np.where(is_counter, np.floor(self._total[at]), values)


def _values(metric: str, cast: Cast, rows: np.ndarray, now: float, dark: np.ndarray) -> np.ndarray:
    if "@" in metric:
        metric, kind, part = metric.split("@", 2)
        module = next(module for own, module, _metrics in OWN_VOICES if own == kind)
        return module.values(part, metric, cast, rows, now)
    noise, busy = _noise(rows, now, len(metric)), school_day(now)
    slow = struck(cast, "slow_line", now)[rows]
    if metric == "device_up":
        return (~dark[rows]).astype(float)
    if metric == "ping_loss_ratio":
        return np.where(dark[rows], 1.0, np.where(slow, 0.12, 0.0))
    if metric in ("if_in_octets_total", "if_out_octets_total"):
        share = (0.55 if metric == "if_in_octets_total" else 0.12) * (0.3 + 0.7 * noise) * busy
        return WAN_SPEED / 8 * np.where(slow, 0.97, share)
    scale: dict[str, np.ndarray] = {
        "ping_rtt_seconds": 0.004 + 0.012 * noise + np.where(slow, 0.14, 0.0),
        "ping_jitter_seconds": 0.0006 + 0.002 * noise + np.where(slow, 0.03, 0.0),
        "cpu_used_ratio": 0.06 + 0.35 * noise * busy, "temperature_celsius": 33 + 9 * noise,
        "if_oper_up": np.ones(len(rows)), "if_admin_up": np.ones(len(rows)),
        "if_speed_bits_per_second": np.full(len(rows), WAN_SPEED),
    }
    return scale[metric]
