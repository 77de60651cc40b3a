"""Why an endpoint of a running meeting is in trouble: the table of jitsi.md section 9 as data. Pure.

Rows are asked in their order and the first that matches is the cause. What nobody told is None and matches nothing:
a missing figure is no proof of health and no proof of trouble.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from conference.live.limits import Limits

UP, DOWN, UNKNOWN = "up", "down", "unknown"
FELL_BACK = ("relay", "tcp")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one endpoint at one moment. Ratios 0..1, times in ms or s, levels in dBFS; None: not known.

    `is_heard`: its kiosk's heartbeat is fresh. `gateway`: the school's router as the NOC sees it. `error`: words of the
    kiosk's last error, lower case. `is_bad`: quality is poor, `is_low`: fair or poor. `is_speaking`: the agenda (or,
    without one, being a speaker) says that it speaks now.
    """

    is_heard: bool = True
    gateway: str = UNKNOWN
    is_on_battery: bool | None = None
    neighbours_down: int = 0
    place: str = ""
    gateway_loss: float | None = None
    wan_loss: float | None = None
    wan_rtt_ms: float | None = None
    usual_rtt_ms: float | None = None
    isp: str = ""
    bridge: str = ""
    bridge_stress: float | None = None
    bridge_loss: float | None = None
    bridge_bad: int = 0
    is_bad: bool = False
    is_low: bool = False
    has_joined: bool = True
    error: str = ""
    has_token_error: bool = False
    has_ice: bool | None = None
    has_stun: bool | None = None
    has_udp: bool | None = None
    candidate: str = ""
    transport: str = ""
    cpu: float | None = None
    broken_devices: tuple[str, ...] = ()
    is_unmuted: bool | None = None
    is_speaking: bool = False
    sound_dbfs: float | None = None
    silence_s: float | None = None
    is_refused: bool = False
    is_throttled: bool = False
    is_served: bool = True   # hardware codecs and browsers without our page send no heartbeat at all


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause: its word, what several may share ("isp:X"; "" nothing), and the figures its sentence names."""

    word: str
    group: str = ""
    args: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table. `tone` is down, attention or minor; `of` finds the cause in the facts, None: no match."""

    number: int
    word: str
    tone: str
    of: Callable[[Facts, Limits], Cause | None]


def _power(facts: Facts, limits: Limits) -> Cause | None:
    if facts.is_heard or facts.gateway != DOWN:
        return None
    if facts.is_on_battery:
        return Cause("power", args={"by": "ups"})
    if facts.neighbours_down:
        group = f"area:{facts.place}" if facts.place else ""
        return Cause("power", group, {"by": "area", "count": facts.neighbours_down})
    return None


def _computer(facts: Facts, limits: Limits) -> Cause | None:
    is_off = not facts.is_heard and facts.is_served and facts.gateway == UP
    return Cause("computer") if is_off else None


def _lan(facts: Facts, limits: Limits) -> Cause | None:
    if facts.is_heard and facts.gateway_loss is not None and facts.gateway_loss > limits.loss:
        return Cause("lan", args={"loss": facts.gateway_loss})
    return None


def _wan(facts: Facts, limits: Limits) -> Cause | None:
    if not facts.is_heard:
        return None
    group = f"isp:{facts.isp}" if facts.isp else ""
    if facts.wan_loss is not None and facts.wan_loss > limits.loss:
        return Cause("wan", group, {"by": "loss", "loss": facts.wan_loss, "isp": facts.isp})
    usual = facts.usual_rtt_ms
    if facts.wan_rtt_ms is None or not usual or facts.wan_rtt_ms < limits.rtt_floor_ms:
        return None
    if facts.wan_rtt_ms > usual * limits.rtt_jump:
        return Cause("wan", group, {"by": "rtt", "rtt": facts.wan_rtt_ms, "isp": facts.isp})
    return None


def _bridge(facts: Facts, limits: Limits) -> Cause | None:
    if not facts.is_bad or not facts.bridge or facts.bridge_bad < limits.bridge_sites:
        return None
    group = f"bridge:{facts.bridge}"
    if facts.bridge_stress is not None and facts.bridge_stress >= limits.stress:
        return Cause("bridge", group, {"by": "stress", "bridge": facts.bridge, "stress": facts.bridge_stress})
    if facts.bridge_loss is not None and facts.bridge_loss > limits.loss:
        return Cause("bridge", group, {"by": "loss", "bridge": facts.bridge, "loss": facts.bridge_loss})
    return None


def _token(facts: Facts, limits: Limits) -> Cause | None:
    return Cause("token") if facts.has_token_error and not facts.has_joined else None


def _udp(facts: Facts, limits: Limits) -> Cause | None:
    is_blocked = facts.has_ice is False and facts.has_stun is True and facts.has_udp is False
    return Cause("udp", f"isp:{facts.isp}" if facts.isp else "") if is_blocked else None


def _fallback(facts: Facts, limits: Limits) -> Cause | None:
    way = next((word for word in FELL_BACK if word in (facts.candidate, facts.transport)), "")
    return Cause("fallback", args={"way": way.upper()}) if way else None


def _weak(facts: Facts, limits: Limits) -> Cause | None:
    if (facts.is_low or facts.is_bad) and facts.cpu is not None and facts.cpu > limits.cpu:
        return Cause("weak", args={"cpu": facts.cpu})
    return None


def _device(facts: Facts, limits: Limits) -> Cause | None:
    return Cause("device", args={"device": facts.broken_devices[0]}) if facts.broken_devices else None


def _silent(facts: Facts, limits: Limits) -> Cause | None:
    return Cause("silent", args={"minutes": int(facts.silence_s or 0) // 60}) if is_silent(facts, limits) else None


def is_silent(facts: Facts, limits: Limits) -> bool:
    """Unmuted and meant to speak, but nothing is heard for the time of the limits."""
    return (
        facts.is_unmuted is True and facts.is_speaking
        and facts.sound_dbfs is not None and facts.sound_dbfs < limits.silence_dbfs
        and facts.silence_s is not None and facts.silence_s >= limits.silence_s
    )  # fmt: skip


def _full(facts: Facts, limits: Limits) -> Cause | None:
    return Cause("full", "full") if facts.is_refused and not facts.has_joined else None


def _throttled(facts: Facts, limits: Limits) -> Cause | None:
    return Cause("throttled", f"isp:{facts.isp}" if facts.isp else "") if facts.is_throttled else None


def _line(facts: Facts, limits: Limits) -> Cause | None:
    """After the table: the school's router is silent, with the power known to be there or not known."""
    if facts.is_heard or facts.gateway != DOWN:
        return None
    return Cause("line", f"isp:{facts.isp}" if facts.isp else "", {"isp": facts.isp})


def _unheard(facts: Facts, limits: Limits) -> Cause | None:
    return Cause("unheard") if not facts.is_heard and facts.is_served else None


CAUSES: tuple[Row, ...] = (
    Row(1, "power", "down", _power),
    Row(2, "computer", "down", _computer),
    Row(3, "lan", "attention", _lan),
    Row(4, "wan", "attention", _wan),
    Row(5, "bridge", "attention", _bridge),
    Row(6, "token", "down", _token),
    Row(7, "udp", "down", _udp),
    Row(8, "fallback", "minor", _fallback),
    Row(9, "weak", "attention", _weak),
    Row(10, "device", "attention", _device),
    Row(11, "silent", "attention", _silent),
    Row(12, "full", "down", _full),
    Row(13, "throttled", "attention", _throttled),
    # What the table leaves open, so that a red room never stands there without a word
    Row(14, "line", "down", _line),
    Row(15, "unheard", "down", _unheard),
)
ROW_OF = {row.word: row for row in CAUSES}


def cause_of(facts: Facts, limits: Limits = Limits()) -> Cause | None:
    """The first row that matches; None when nothing is wrong, or nothing is known that explains it."""
    return next((cause for row in CAUSES if (cause := row.of(facts, limits)) is not None), None)
