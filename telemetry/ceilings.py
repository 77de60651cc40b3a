"""How fast a port's counters can run, from the port's own speed: what tells a wrap from a reset. Pure arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from telemetry.live import LiveTable
from telemetry.registry import SeriesRegistry

# Virtual ports name 10 Mbit/s and carry gigabits; below this a speed is not believed
BELIEVABLE_BITS = 100e6
_FRAME_BITS = 672  # the shortest Ethernet frame with preamble and gap: 84 bytes
_OCTETS = ("if_in_octets_total", "if_out_octets_total")
_PACKETS = tuple(
    f"if_{way}_{kind}_total"
    for way in ("in", "out")
    for kind in ("ucast_packets", "multicast_packets", "broadcast_packets", "errors", "discards")
)


class Ceilings(NamedTuple):
    """Counters, and the fastest rate of each in its unit per second; 0 where the speed is unknown or not believed."""

    series: np.ndarray
    fastest: np.ndarray


def ceilings(registry: SeriesRegistry, live: LiveTable) -> Ceilings:
    """Ceilings of all ports' counters whose port has a live speed."""
    speeds = registry.of_metric("if_speed_bits_per_second")
    speeds = speeds[speeds < len(live)]
    bits = live.value[speeds]
    bits = np.where(bits >= BELIEVABLE_BITS, bits, 0.0)
    keys = _ports(registry, speeds)
    order = np.argsort(keys)
    keys, bits = keys[order], bits[order]
    found, rates = [], []
    for names, share in ((_OCTETS, 8.0), (_PACKETS, float(_FRAME_BITS))):
        for name in names:
            counters = registry.of_metric(name)
            if not len(counters) or not len(keys):
                continue
            wanted = _ports(registry, counters)
            at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
            has_speed = keys[at] == wanted
            found.append(counters[has_speed])
            rates.append(bits[at[has_speed]] / share)
    if not found:
        return Ceilings(np.empty(0, np.int32), np.empty(0))
    return Ceilings(np.concatenate(found), np.concatenate(rates))


def _ports(registry: SeriesRegistry, series: np.ndarray) -> np.ndarray:
    return (registry.device[series].astype(np.int64) << 32) | registry.part[series]
