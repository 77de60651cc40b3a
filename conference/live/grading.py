"""Grades what an endpoint measured of its connection by the thresholds of jitsi.md section 8.1. Pure."""

from __future__ import annotations

from conference.live.heartbeat import Heartbeat

GOOD, FAIR, BAD = "good", "degraded", "bad"
_ORDER = ("", GOOD, FAIR, BAD)


def grade(value: float | None, good: float, bad: float) -> str:
    """Below `good` it is good, from `bad` on bad, between degraded; "" when not known."""
    if value is None:
        return ""
    return GOOD if value < good else BAD if value >= bad else FAIR


def grades_of(beat: Heartbeat) -> dict[str, str]:
    """Figure -> its grade."""
    # Round trip: Plivo; loss: Pexip, uplink: lib-jitsi-meet; jitter above 40 ms lowers one grade, so it is never "bad"
    return {
        "rtt": grade(beat.rtt_ms, 200.0, 300.0),
        "loss_down": grade(beat.loss_down, 0.01, 0.03),
        "loss_up": grade(beat.loss_up, 0.02, 0.08),
        "jitter": grade(beat.jitter_ms, 30.0, float("inf")),
    }


def quality_of(beat: Heartbeat) -> str:
    """The worst grade of the raw figures: "good", "degraded", "bad", "" when none is known.

    Jitsi's own quality figure rises by at most two points a second and so lingers low; it counts only where nothing
    raw is told.
    """
    worst = max((_ORDER.index(word) for word in grades_of(beat).values()), default=0)
    if beat.jitter_ms is not None and beat.jitter_ms > 40.0 and _ORDER[worst] == FAIR and _others_fair(beat):
        return BAD
    if worst == 0 and beat.quality is not None:
        return GOOD if beat.quality >= 0.5 else FAIR if beat.quality >= 0.3 else BAD
    return _ORDER[worst]


def _others_fair(beat: Heartbeat) -> bool:
    return any(word == FAIR for name, word in grades_of(beat).items() if name != "jitter")
