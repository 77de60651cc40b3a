"""The shape of a rule: what is compared with what, for how long, and what is said about it. Values only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import translate
from typing import Literal

Comparison = Literal["above", "below", "equals", "differs"]
OutageKind = Literal["device", "site", "area", "own_network"]
SEVERITY_RANK = {"critical": 0, "major": 1, "minor": 2, "info": 3}

# What a template may name; filled by alerts.message
TEMPLATE_NAMES = frozenset(
    {"device", "kind", "address", "site", "unit", "part", "value", "threshold", "count", "sites", "group", "duration"}
)
_PLACE = re.compile(r"\{([^{}]*)\}")
_GAP = re.compile(" {2,}")


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison. The value is metric * times / over; with `is_change`, minus the sample before it.

    Once firing, the term holds until the value is back past `clear`.
    """

    metric: str
    comparison: Comparison
    threshold: float
    clear: float
    times: float = 1.0
    over: str = ""
    is_change: bool = False
    is_of_device: bool = False  # read the metric of the device as a whole, whatever part the rule looks at


@dataclass(frozen=True, slots=True)
class Selector:
    """Which devices and parts a rule looks at; empty = all."""

    device_kinds: frozenset[str] = frozenset()
    vendors: frozenset[str] = frozenset()  # lower case
    device_name: str = ""  # pattern with * and ?
    parts: frozenset[str] = frozenset()  # the word before ":" of a part's key; "device" = the device as a whole
    part_name: str = ""
    is_watched: bool = False  # only parts that somebody watches
    is_uplink: bool = False  # only ports that carry a line or another device

    def takes_device(self, kind: str, vendor: str, name: str) -> bool:
        """True when a device with these labels is looked at."""
        if self.device_kinds and kind not in self.device_kinds:
            return False
        if self.vendors and vendor.lower() not in self.vendors:
            return False
        return not self.device_name or bool(re.match(translate(self.device_name.lower()), name.lower()))

    def takes_part(self, key: str) -> bool:
        """True when a part with this key is looked at; "" is the device as a whole."""
        if self.parts and (key.split(":", 1)[0] if key else "device") not in self.parts:
            return False
        return not self.part_name or bool(re.match(translate(self.part_name.lower()), key.lower()))


@dataclass(frozen=True, slots=True)
class Rule:
    """What needs a person, as data. A rule with `outage` is fed by the ping plane, any other by its terms."""

    id: str
    severity: str
    titles: Mapping[str, str]  # language -> template
    messages: Mapping[str, str]
    next_steps: Mapping[str, str]
    terms: tuple[Term, ...] = ()
    is_any: bool = False  # one term is enough
    was_up: bool = False  # only after the first term has been seen good
    for_s: float = 0.0
    keep_s: float = 0.0
    stale_s: float | None = None  # None: three intervals of the device
    selector: Selector = field(default_factory=Selector)
    hours: Literal["always", "teaching"] = "always"
    missing: Literal["hold", "close"] = "hold"  # what becomes of a firing rule when its data stops
    missing_after_s: float = 3600.0
    outage: OutageKind | None = None
    each: Literal["device", "part"] = "device"  # one incident for all parts of a device, or one a part
    behind: tuple[str, ...] = ()  # folded into an open incident of these rules on the same device
    is_enabled: bool = True
    place: str = ""  # file and line, for error texts

    @property
    def metrics(self) -> frozenset[str]:
        """Every metric the rule reads."""
        return frozenset(name for term in self.terms for name in (term.metric, term.over) if name)


def template_problems(text: str) -> list[str]:
    """Names in a template that nothing fills."""
    return sorted({name for name in _PLACE.findall(text) if name not in TEMPLATE_NAMES})


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with its {names} filled in; values are never read as templates again, empty ones leave no gap."""
    return _GAP.sub(" ", _PLACE.sub(lambda match: values.get(match.group(1), ""), template))
