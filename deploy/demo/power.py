"""Invented figures of UPSes, of switches that feed what hangs on them, of recorders and storage. Pure; all made up.

Some UPS is on battery at every moment, so that the page of power is never only good news.
"""

from __future__ import annotations

import numpy as np

from deploy.demo.script import CYCLE_S, Cast, Scene, chosen, playing
from deploy.demo.wifi import smooth
from telemetry import SeriesKey

UPS_KEYS = (
    *(SeriesKey("", metric) for metric in (
        "ups_runtime_seconds", "ups_seconds_on_battery", "ups_battery_status", "ups_battery_replace",
        "ups_output_source")),
    SeriesKey("input:1", "ups_input_volts"), SeriesKey("output:1", "ups_output_volts"),
    SeriesKey("battery", "ups_battery_celsius"),
)
UPLINK, PORTS, FED, BUDGET_W = "if:Gi0/8", 8, 4, 60.0
SWITCH_KEYS = (
    SeriesKey("", "poe_budget_watts"), *(SeriesKey(f"if:Gi0/{n}", "if_oper_up") for n in range(1, PORTS + 1)),
    *(SeriesKey(f"if:Gi0/{n}", "poe_power_watts") for n in range(1, FED + 1)),
    SeriesKey(UPLINK, "if_speed_bits_per_second"), SeriesKey(UPLINK, "if_in_octets_total", 64),
    SeriesKey(UPLINK, "if_out_octets_total", 64),
)
NAS_KEYS = (
    SeriesKey("", "cpu_used_ratio"), SeriesKey("storage:volume1", "storage_used_ratio"),
    *(SeriesKey(f"disk:{n}", "disk_health") for n in (1, 2, 3, 4)),
    *(SeriesKey(f"disk:{n}", "temperature_celsius") for n in (1, 2, 3, 4)),
)
NVR_KEYS = (SeriesKey("", "cpu_used_ratio"), *(SeriesKey(f"disk:{n}", "disk_health") for n in (1, 2)))
# When none of the play's cuts is on, this one is: what is left of the cycle
_REST = Scene("on_battery", 0, CYCLE_S, 97)


def _cut(cast: Cast, now: float) -> tuple[np.ndarray, float]:
    """(which UPSes run on battery now, for how many seconds)."""
    second = now % CYCLE_S
    scenes = [scene for scene in playing(now) if scene.what == "on_battery"]
    if not scenes:
        ended = max((s for s in (0, 800, 1500) if s <= second), default=0)
        return chosen(cast, _REST), second - ended
    hit = np.zeros(len(cast.device), bool)
    for scene in scenes:
        hit |= chosen(cast, scene)
    return hit, second - max(scene.start for scene in scenes)


def values(part: str, metric: str, cast: Cast, rows: np.ndarray, now: float) -> np.ndarray:
    """float64[n]: a metric of a part of these devices."""
    noise = smooth(rows, now, len(metric) + len(part))
    if metric.startswith("ups_"):
        return _ups(metric, cast, rows, now)
    if metric in ("if_in_octets_total", "if_out_octets_total"):
        share = np.where(rows % 211 == 7, 0.93, 0.02 + 0.2 * noise)
        return 1e9 / 8 * share * (1.0 if metric == "if_in_octets_total" else 0.3)
    port = int(part.rpartition("/")[2]) if "/" in part else 0
    fixed = {
        "poe_budget_watts": np.full(len(rows), BUDGET_W), "if_speed_bits_per_second": np.full(len(rows), 1e9),
        "poe_power_watts": np.where(rows % 173 == 3, 14.2, 4 + 3 * noise) + np.zeros(len(rows)),
        "if_oper_up": np.where((rows * 7 + port * 3) % 5 < 4, 1.0, 0.0) if port != PORTS else np.ones(len(rows)),
        "cpu_used_ratio": 0.1 + 0.3 * noise, "storage_used_ratio": np.where(rows % 5 == 0, 0.93, 0.4 + 0.1 * noise),
        "temperature_celsius": 36 + 5 * noise,
        "disk_health": np.where((rows % 13 == 4) & (part == "disk:2"), 0.0, 1.0),
    }
    return fixed[metric]


def _ups(metric: str, cast: Cast, rows: np.ndarray, now: float) -> np.ndarray:
    hit, elapsed = _cut(cast, now)
    cut, load = hit[rows], 0.2 + 0.3 * smooth(rows, now, 14)
    charge = np.where(cut, max(1.0 - elapsed / 1500.0, 0.36), 1.0)
    worn = rows % 29 == 5
    found = {
        "ups_on_battery": cut.astype(float), "ups_charge_ratio": charge, "ups_load_ratio": load,
        "ups_runtime_seconds": np.floor(charge * np.where(worn, 240.0, 1500.0) * 0.3 / load),
        "ups_seconds_on_battery": np.where(cut, elapsed, 0.0),
        "ups_battery_status": np.where(charge < 0.4, 3.0, 2.0), "ups_battery_replace": worn.astype(float),
        "ups_output_source": np.where(cut, 5.0, 3.0),
        "ups_input_volts": np.where(cut, 0.0, np.where(rows % 41 == 11, 184.0, 221 + 8 * smooth(rows, now, 3))),
        "ups_output_volts": 220 + 2 * smooth(rows, now, 4), "ups_battery_celsius": 27 + 6 * smooth(rows, now, 5),
    }
    return found[metric]
