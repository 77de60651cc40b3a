"""A rehearsal's plan in waves, and what an endpoint's measurements in its wave make of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core import N_

# The limits of jitsi.md section 8.1; half a minute in the room is no accident of a click
JOINED_S, LOSS, RTT_S, SILENT_DBFS, BLACK = 30.0, 0.03, 0.3, -60.0, 0.03

REHEARSAL_REASONS: dict[str, str] = {
    "": "",
    "absent": N_("It did not join in its wave."),
    "too_short": N_("It joined only for a moment."),
    "device": N_("A device was missing or broken."),
    "no_sound": N_("No sound came from its microphone."),
    "black": N_("Its picture was black."),
    "line_loss": N_("Its line lost too many packets."),
    "line_slow": N_("Its line answered too slowly."),
    "person": N_("A person decided it."),
}


@dataclass(frozen=True, slots=True)
class Wave:
    """One wave: its number from 1, when, and who."""

    number: int
    starts_at: datetime
    ends_at: datetime
    endpoint_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """One endpoint in its wave: seconds in the room; means and extremes of its samples, None where there were none."""

    seconds: float = 0.0
    loss: float | None = None
    rtt_s: float | None = None
    loudest_dbfs: float | None = None
    brightest: float | None = None
    devices_ok: float | None = None
    is_speaker: bool = False


def plan_waves(endpoint_ids: Sequence[int], starts_at: datetime, size: int, length: timedelta) -> list[Wave]:
    """Waves of `size`, one after the other."""
    parts = [tuple(endpoint_ids[place : place + size]) for place in range(0, len(endpoint_ids), size)]
    return [
        Wave(number, starts_at + (number - 1) * length, starts_at + number * length, part)
        for number, part in enumerate(parts, 1)
    ]


def judge_rehearsal(seen: Measured) -> tuple[str, str]:
    """(passed, failed or absent; a word of REHEARSAL_REASONS). What was not measured fails nobody."""
    if seen.seconds <= 0:
        return "absent", "absent"
    if seen.seconds < JOINED_S:
        return "failed", "too_short"
    if seen.devices_ok is not None and seen.devices_ok < 1:
        return "failed", "device"
    if seen.is_speaker and seen.loudest_dbfs is not None and seen.loudest_dbfs < SILENT_DBFS:
        return "failed", "no_sound"
    if seen.brightest is not None and seen.brightest < BLACK:
        return "failed", "black"
    if seen.loss is not None and seen.loss >= LOSS:
        return "failed", "line_loss"
    if seen.rtt_s is not None and seen.rtt_s > RTT_S:
        return "failed", "line_slow"
    return "passed", ""


def details_of(seen: Measured) -> list[dict[str, Any]]:
    """The figures behind a result, as they are kept."""
    figures = {"seconds": round(seen.seconds), "loss": seen.loss, "rtt_s": seen.rtt_s, "dbfs": seen.loudest_dbfs,
               "luma": seen.brightest}  # fmt: skip
    return [{"word": word, "value": round(value, 4)} for word, value in figures.items() if value is not None]
