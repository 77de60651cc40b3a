""" "Poll now" explained: what was asked, what came, what was left out and why. Reads the JSON of a reading. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from collectors import Explanation, PollRequest, explain
from core import LazyText
from core import lazy_gettext as _l
from dashboards.pages.devices.figures import show
from dashboards.pages.devices.tiles import metric_label

SHOWN = 400  # rows of a table; a chassis has thousands
WAIT_S = 90  # after it the page says that nobody took the request

# Why a value of a reading became no measurement; other words are those of a whole reading
DROPPED: dict[str, LazyText] = {
    "sentinel": _l("The device writes this number to say that it has no value."),
    "unknown_code": _l("This code has no known meaning."),
    "no_size": _l("The size it is a share of is missing or zero."),
    "out_of_range": _l("The number cannot be true."),
    "wrong_type": _l("The value is of another type than the standard says."),
    "unusable": _l("The value cannot be used."),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished reading, ready to show."""

    told: Explanation
    detail: str
    profile: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    interfaces: Sequence[Mapping[str, Any]] = ()
    samples: Sequence[tuple[str, str, str]] = ()
    sample_count: int = 0
    dropped: Sequence[tuple[str, str, str]] = ()
    dropped_count: int = 0
    dropped_reasons: Sequence[tuple[str, int]] = ()
    requests: int = 0
    seconds: float = 0.0
    timeouts: int = 0

    @property
    def is_good(self) -> bool:
        """True when the device was read."""
        return self.told.reason in ("ok", "renamed", "renumbered", "rebooted")


def read_answer(request: PollRequest, language: str) -> Answer:
    """The answer of a finished request. A result that is no JSON is shown as failed, never raised."""
    try:
        found = json.loads(request.result) if request.result else {}
    except ValueError:
        found = {}
    if not isinstance(found, dict):
        found = {}
    timing = _mapping(found.get("timing"))
    samples, dropped = _rows(found.get("samples")), _rows(found.get("dropped"))
    reasons = Counter(str(one.get("reason", "")) for one in dropped)
    return Answer(
        told=explain(request.reason or "internal_error"),
        detail=request.detail,
        profile=str(found.get("profile") or ""),
        facts={
            str(name): str(value) for name, value in _mapping(found.get("facts")).items() if value not in (None, "")
        },
        interfaces=_rows(found.get("interfaces"))[:SHOWN],
        samples=[_sample(one, language) for one in samples[:SHOWN]],
        sample_count=len(samples),
        dropped=[(str(one.get("oid", "")), str(one.get("value", "")), _why(one)) for one in dropped[:SHOWN]],
        dropped_count=len(dropped),
        dropped_reasons=[(_sentence(word), count) for word, count in reasons.most_common(6)],
        requests=int(timing.get("requests") or 0),
        seconds=float(timing.get("seconds") or 0),
        timeouts=int(timing.get("timeouts") or 0),
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _rows(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _sample(one: Mapping[str, Any], language: str) -> tuple[str, str, str]:
    metric, value = str(one.get("metric", "")), one.get("value")
    number = float(value) if isinstance(value, int | float) else None
    if metric.endswith("_total") and number is not None:
        text = f"{number:,.0f}".replace(",", " ")  # the reading holds the running total, not yet a rate
    else:
        text = show(metric, number, language)
    return metric_label(metric), str(one.get("part", "")), text


def _why(one: Mapping[str, Any]) -> str:
    return _sentence(str(one.get("reason", "")))


def _sentence(word: str) -> str:
    return str(DROPPED[word]) if word in DROPPED else explain(word).message
