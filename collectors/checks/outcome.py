"""What goes into a check and what comes out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

Resolve = Callable[[str], Awaitable[tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class CheckTarget:
    """What to look at. `address` is the device's, for a target without a host; `expect` a text the page must hold."""

    kind: str
    target: str
    expect: str = ""
    address: str = ""
    timeout_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Measured:
    """What a probe measured: metric name -> value. `reason` other than "ok" means that the service is not in order."""

    values: Mapping[str, float] = field(default_factory=dict)
    reason: str = "ok"
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CheckReading:
    """A finished check. `values` always hold check_up; times are in seconds. `detail` is text for a person, tamed."""

    is_ok: bool
    reason: str
    detail: str
    seconds: float
    values: Mapping[str, float]
