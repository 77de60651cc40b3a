"""What happens in the demonstration province: which device is silent, on battery or slow at a moment. Pure.

Outages come and go by a fixed play over half an hour, so that whoever looks sees each kind within minutes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CYCLE_S = 1800


@dataclass(frozen=True, slots=True)
class Cast:
    """The synthesised devices as arrays of one length, sorted by device id; `site` and `parent` are ids, 0 = none."""

    device: np.ndarray
    site: np.ndarray
    kind: np.ndarray   # words of inventory's DEVICE_KINDS
    parent: np.ndarray
    sites: np.ndarray  # the distinct site ids, sorted

    def of_sites(self, sites: np.ndarray) -> np.ndarray:
        """bool[n]: which devices stand at these sites."""
        return np.isin(self.site, sites)


@dataclass(frozen=True, slots=True)
class Scene:
    """One trouble: what is hit, from which second of the cycle until which."""

    what: str  # site_dark, area_dark, switch_down, ap_down, on_battery, slow_line
    start: int
    end: int
    pick: int  # which of the possible victims


SCENES = (
    Scene("site_dark", 60, 900, 17), Scene("site_dark", 700, 1300, 233), Scene("site_dark", 1100, 1750, 401),
    Scene("area_dark", 400, 1000, 5), Scene("switch_down", 0, 1500, 77), Scene("switch_down", 500, 1700, 311),
    Scene("ap_down", 0, 1780, 901), Scene("ap_down", 120, 1200, 1407), Scene("ap_down", 300, 1600, 555),
    Scene("on_battery", 200, 800, 40), Scene("on_battery", 900, 1500, 211), Scene("slow_line", 100, 1600, 120),
    Scene("slow_line", 600, 1790, 512),
)


def playing(now: float) -> list[Scene]:
    """The scenes that are on at epoch second `now`."""
    second = now % CYCLE_S
    return [scene for scene in SCENES if scene.start <= second < scene.end]


def silent(cast: Cast, now: float) -> np.ndarray:
    """bool[n]: who does not answer now, the children of a dead device included."""
    dark = np.zeros(len(cast.device), bool)
    for scene in playing(now):
        if scene.what in ("site_dark", "area_dark") and len(cast.sites):
            count = 1 if scene.what == "site_dark" else 4
            first = scene.pick % len(cast.sites)
            dark |= cast.of_sites(cast.sites[first:first + count])
        elif scene.what in ("switch_down", "ap_down"):
            dark |= chosen(cast, scene)
    # Two levels hang on a switch at most: access points and projectors
    for _level in range(2):
        dark |= np.isin(cast.parent, cast.device[dark])
    return dark


def chosen(cast: Cast, scene: Scene) -> np.ndarray:
    """bool[n]: the one device that a scene hits."""
    kind = {"switch_down": "switch", "ap_down": "ap", "on_battery": "ups", "slow_line": "router"}[scene.what]
    hit = np.zeros(len(cast.device), bool)
    candidates = np.flatnonzero(cast.kind == kind)
    if len(candidates):
        hit[candidates[scene.pick % len(candidates)]] = True
    return hit


def struck(cast: Cast, what: str, now: float) -> np.ndarray:
    """bool[n]: the devices that scenes of this kind hit now."""
    hit = np.zeros(len(cast.device), bool)
    for scene in playing(now):
        if scene.what == what:
            hit |= chosen(cast, scene)
    return hit


def school_day(now: float, utc_offset_s: int = 7 * 3600) -> float:
    """How busy schools are, 0..1: two humps in the morning and the afternoon, hardly anything at night."""
    hour = (now + utc_offset_s) % 86_400 / 3600
    humps = np.exp(-(((hour - 9.3) / 1.7) ** 2)) + 0.9 * np.exp(-(((hour - 15.0) / 1.6) ** 2))
    return float(min(1.0, 0.05 + humps))
