"""Which endpoints to upgrade first: a score out of what was measured, with published weights (plans.md row 11)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from core import N_
from core import gettext as _

# What weighs in the score: word -> (what it is, its usual weight, what to upgrade). Each is a share 0..1.
FACTORS: dict[str, tuple[str, float, str]] = {
    "not_ready": (N_("Meetings before which it was not ready"), 3.0, N_("the room's equipment")),
    "risk": (N_("Meetings before which it was at risk"), 1.0, N_("the room's equipment")),
    "weak": (N_("Meetings with a computer at its limit"), 4.0, N_("computer")),
    "computer": (N_("Meetings in which its computer went off or hung"), 3.0, N_("computer")),
    "device": (N_("Meetings with trouble of camera, microphone or loudspeaker"), 3.0, N_("camera and sound")),
    "lan": (N_("Meetings with trouble of the school's own network"), 2.0, N_("the school's network")),
    "line": (N_("Meetings with trouble of the line"), 3.0, N_("the Internet line")),
    "power": (N_("Meetings with trouble of power"), 2.0, N_("UPS")),
    "missed": (N_("Minutes missed of what was planned"), 2.0, N_("the room's equipment")),
    "age": (N_("Age of its devices (eight years and more: 1)"), 2.0, N_("computer")),
    "quality": (N_("Poor quality (estimated MOS under 4)"), 2.0, N_("the Internet line")),
}
# Causes of trouble that are one factor
CAUSES: dict[str, str] = {
    "weak": "weak", "computer": "computer", "unheard": "computer", "device": "device", "silent": "device",
    "dark": "device", "lan": "lan", "wan": "line", "line": "line", "udp": "line", "fallback": "line",
    "throttled": "line", "power": "power",
}  # fmt: skip
OLD_YEARS = 8.0
GOOD_MOS, WORST_MOS = 4.0, 1.0
LEAST_MEETINGS = 2


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one endpoint over a time. `troubled` counts meetings by factor; None: not known."""

    endpoint_id: int
    meetings: int
    judged: int = 0
    not_ready: int = 0
    risk: int = 0
    troubled: Mapping[str, int] = field(default_factory=dict)
    mean_percent: float | None = None
    age_years: float | None = None
    mos: float | None = None


@dataclass(frozen=True, slots=True)
class Rank:
    """An endpoint's score 0..100, and how many points each factor gave."""

    record: Record
    score: float
    points: Mapping[str, float]

    @property
    def worst(self) -> str:
        """The factor that gave most; "" when none gave any."""
        return max(self.points, key=lambda word: self.points[word]) if any(self.points.values()) else ""


def default_weights() -> dict[str, float]:
    """The weights until somebody changes them."""
    return {word: weight for word, (_text, weight, _part) in FACTORS.items()}


def read_weights(content: str) -> dict[str, float]:
    """Kept weights; what is missing is the default's."""
    weights = default_weights()
    try:
        body = json.loads(content)
        weights.update({word: float(body[word]) for word in weights if 0 <= float(body.get(word, -1)) <= 100})
    except (ValueError, TypeError, AttributeError):
        return default_weights()
    return weights


def weights_of_form(form: Mapping[str, str]) -> tuple[dict[str, float], dict[str, str]]:
    """(weights, problems by field) of a form."""
    weights, problems = {}, {}
    for word in FACTORS:
        text = form.get(word, "").strip().replace(",", ".")
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if 0 <= value <= 100:
            weights[word] = value
        else:
            problems[word] = _("Enter a number from 0 to 100.")
    if not problems and not any(weights.values()):
        problems["not_ready"] = _("At least one weight must be above 0.")
    return weights, problems


def shares(record: Record) -> dict[str, float]:
    """Each factor as a share 0..1; what is not known is left out and weighs nothing."""
    found: dict[str, float] = {}
    if record.judged:
        found["not_ready"] = record.not_ready / record.judged
        found["risk"] = record.risk / record.judged
    if record.meetings:
        for word in sorted(set(CAUSES.values())):
            found[word] = min(1.0, record.troubled.get(word, 0) / record.meetings)
    if record.mean_percent is not None:
        found["missed"] = max(0.0, 1 - record.mean_percent / 100)
    if record.age_years is not None:
        found["age"] = min(1.0, record.age_years / OLD_YEARS)
    if record.mos is not None:
        found["quality"] = min(1.0, max(0.0, (GOOD_MOS - record.mos) / (GOOD_MOS - WORST_MOS)))
    return found


def score(record: Record, weights: Mapping[str, float]) -> Rank:
    """The weighted mean of the known factors, 0 (nothing wrong) to 100."""
    known = shares(record)
    total = sum(weights[word] for word in known)
    points = {word: 100 * weights[word] * value / total for word, value in known.items()} if total else {}
    return Rank(record, round(sum(points.values()), 1), points)


def rank(records: list[Record], weights: Mapping[str, float]) -> list[Rank]:
    """The worst first; who met less than twice says too little and is left out."""
    ranks = [score(one, weights) for one in records if one.meetings >= LEAST_MEETINGS]
    return sorted(ranks, key=lambda one: (-one.score, one.record.endpoint_id))
