"""How meeting servers are now, out of the live table: one row a server for boards and lists."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from collectors.jitsi.asking import DEFAULT_CAPACITY_BPS
from inventory import meeting_server_number
from telemetry import LiveTable, SeriesRegistry

STALE_S = 90.0  # three rounds of the slower servers
OVERLOADED_RATIO = 0.8  # Jicofo takes a bridge for overloaded from here (jitsi.md section 4.2)


class Server(Protocol):
    """What is read of inventory's MeetingServer."""

    id: int
    kind: str
    name: str
    capacity_bps: int | None


@dataclass(frozen=True, slots=True)
class ServerNow:
    """One server; None where nothing fresh is known. Ratios 0..1, bits a second, seconds; `at` epoch seconds."""

    id: int
    kind: str
    name: str
    is_up: bool | None = None
    is_healthy: bool | None = None
    stress: float | None = None
    conferences: float | None = None
    participants: float | None = None
    visitors: float | None = None
    in_bps: float | None = None
    out_bps: float | None = None
    capacity_bps: float = DEFAULT_CAPACITY_BPS
    used: float | None = None
    in_loss: float | None = None
    out_loss: float | None = None
    rtt_s: float | None = None
    is_draining: bool | None = None
    is_joined: bool | None = None
    versions: float | None = None
    bridges: float | None = None
    recorders: float | None = None
    recorders_free: float | None = None
    recorder_state: float | None = None
    allocations: float | None = None
    at: float | None = None

    @property
    def state(self) -> str:
        """good, attention, down or unknown, as the pages colour it."""
        if self.is_up is None:
            return "unknown"
        if not self.is_up:
            return "down"
        if self.is_healthy is False or self.is_joined is False or (self.stress or 0.0) >= OVERLOADED_RATIO:
            return "down"
        loss = max(self.in_loss or 0.0, self.out_loss or 0.0)
        is_tight = (self.used or 0.0) >= OVERLOADED_RATIO or (self.versions or 0.0) > 1 or loss > 0.02
        return "attention" if is_tight or self.is_draining or self.recorder_state == 2 else "good"


_NUMBERS = {
    "stress": ("jvb_stress_ratio", "jigasi_stress_ratio"), "conferences": ("meeting_conferences",),
    "participants": ("meeting_participants",), "visitors": ("meeting_visitors",),
    "in_bps": ("jvb_in_bits_per_second",), "out_bps": ("jvb_out_bits_per_second",),
    "used": ("meeting_server_used_ratio",), "in_loss": ("jvb_in_loss_ratio",), "out_loss": ("jvb_out_loss_ratio",),
    "rtt_s": ("jvb_rtt_seconds",), "versions": ("jicofo_bridge_versions",), "bridges": ("jicofo_bridges_operational",),
    "recorders": ("jicofo_recorders",), "recorders_free": ("jicofo_recorders_available",),
    "recorder_state": ("jibri_state",), "allocations": ("turn_allocations",),
}
_FLAGS = {
    "is_healthy": ("meeting_server_healthy",), "is_draining": ("jvb_draining",), "is_joined": ("jvb_xmpp_joined",),
}


def servers_now(
    live: LiveTable, registry: SeriesRegistry, servers: Iterable[Server], now: float
) -> list[ServerNow]:
    """The servers in the order given. A server that does not answer has no figures: its last ones are history."""
    return [_now(live, registry, server, now) for server in servers]


def _now(live: LiveTable, registry: SeriesRegistry, server: Server, now: float) -> ServerNow:
    number = meeting_server_number(server.id)

    def fresh(metric: str) -> tuple[float, float] | None:
        series = registry.find(number, "", metric)
        if series is None or series >= len(live):
            return None
        value, at = float(live.value[series]), float(live.at[series])
        return (value, at) if math.isfinite(value) and now - at <= STALE_S else None

    up = fresh("meeting_server_up")
    capacity = float(server.capacity_bps or DEFAULT_CAPACITY_BPS)
    if up is None or not up[0]:
        return ServerNow(server.id, server.kind, server.name, None if up is None else False, capacity_bps=capacity,
                         at=up[1] if up else None)  # fmt: skip
    found: dict[str, float | bool] = {}
    for names, kind in ((_NUMBERS, float), (_FLAGS, bool)):
        for field, metrics in names.items():
            told = next((one for metric in metrics if (one := fresh(metric)) is not None), None)
            if told is not None:
                found[field] = kind(told[0])
    return ServerNow(server.id, server.kind, server.name, True, capacity_bps=capacity, at=up[1],
                     **found)  # type: ignore[arg-type]
