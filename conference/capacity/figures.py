"""The figures that meetings are planned with: `figures.yaml`, read once and checked. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

FILE = Path(__file__).with_name("figures.yaml")


@dataclass(frozen=True, slots=True)
class Figures:
    """Bits per second, seconds and counts; `origins` says of each name where it comes from."""

    max_bps: Mapping[str, Mapping[str, int]]
    layered_codecs: tuple[str, ...]
    screen_bps: int
    uplink_cap_bps: int
    audio_bps: int
    audio_streams: int
    overhead: float
    headroom_good: float
    receivers_per_bridge: int
    bridge_limit: int
    bridge_bps: int
    bridge_share: float
    main_limit: int
    room_limit: int
    vnode_limit: int
    vnodes_a_room: int
    joins_per_second: float
    planned_joins_per_second: float
    join_lead_minutes: int
    stress_limit: float
    stress_per_join: float
    burst_seconds: float
    ladder: tuple[tuple[str, int], ...]
    origins: Mapping[str, str]


@cache
def shipped_figures() -> Figures:
    """The figures of the file that ships with EduNOC. ValueError names what the file lacks or has too much."""
    return read_figures(FILE.read_text(encoding="utf-8"))


def read_figures(text: str) -> Figures:
    """Figures from YAML: each name with `value` and `origin`."""
    raw: dict[str, dict[str, Any]] = yaml.safe_load(text)
    wanted = {field.name for field in fields(Figures)} - {"origins"}
    if set(raw) != wanted:
        raise ValueError(f"figures: {sorted(set(raw) ^ wanted)} are missing or unknown")
    nameless = sorted(name for name, entry in raw.items() if not str(entry.get("origin", "")).strip())
    if nameless:
        raise ValueError(f"figures without an origin: {nameless}")
    values = {name: entry["value"] for name, entry in raw.items()}
    values["max_bps"] = MappingProxyType({codec: MappingProxyType(by) for codec, by in values["max_bps"].items()})
    values["layered_codecs"] = tuple(values["layered_codecs"])
    values["ladder"] = tuple((str(stage), int(count)) for stage, count in values["ladder"])
    return Figures(**values, origins=MappingProxyType({name: str(entry["origin"]) for name, entry in raw.items()}))
