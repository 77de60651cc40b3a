"""The form of a rules file, as pydantic classes: what may stand where. `alerts.rule_file` makes rules of it."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d)")
_UNIT_S = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def seconds(value: Any) -> float:
    """Seconds of "90s", "10m", "2h", "1d" or of a plain number. Raises ValueError."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0:
        return float(value)
    match = _DURATION.fullmatch(str(value).strip())
    if match is None:
        raise ValueError('write a time such as "30s", "10m", "2h" or "1d"')
    return float(match.group(1)) * _UNIT_S[match.group(2)]


def _words(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Seconds = Annotated[float, BeforeValidator(seconds)]
Words = Annotated[list[str], BeforeValidator(_words)]


class _Spec(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Texts(_Spec):
    """One text in both languages."""

    vi: str = Field(min_length=1, max_length=2000)
    en: str = Field(min_length=1, max_length=2000)


class TermSpec(_Spec):
    """One comparison."""

    metric: str
    times: float = 1.0
    over: str = ""
    change: bool = False
    of_device: bool = False
    above: float | None = None
    below: float | None = None
    equals: float | None = None
    differs: float | None = None
    clear: float | None = None


class WhenSpec(_Spec):
    """The condition: one term, several with `all` or `any`, or an outage seen by the ping plane."""

    metric: str | None = None
    times: float = 1.0
    over: str = ""
    change: bool = False
    of_device: bool = False
    above: float | None = None
    below: float | None = None
    equals: float | None = None
    differs: float | None = None
    clear: float | None = None
    all: list[TermSpec] = []
    any: list[TermSpec] = []
    was_up: bool = False
    outage: Literal["device", "site", "area", "own_network"] | None = None


class SelectSpec(_Spec):
    """Which devices and parts."""

    device_kind: Words = []
    vendor: Words = []
    name: str = ""
    part: Words = []
    part_name: str = ""
    watched: bool = False
    uplink: bool = False


class DeviceSpec(_Spec):
    """The device of a test case."""

    kind: str = "switch"
    vendor: str = ""
    name: str = "device"
    part: str = ""
    watched: bool = True
    uplink: bool = True
    interval: Seconds = 60.0


class SiteSpec(_Spec):
    """A site of an outage test: its line's provider, its unit's path, and who hangs on whom ("" = nobody known)."""

    isp: str = ""
    unit: str = "/1/2/3/"
    devices: dict[str, str]
    kinds: dict[str, str] = {}


class CaseSpec(_Spec):
    """One test of a rule: samples over time, or pings over time, and the states expected at some moments."""

    name: str
    device: DeviceSpec = DeviceSpec()
    every: Seconds = 60.0
    series: dict[str, str] = {}  # metric -> "0.5x5 0.95x10 _x3" (_ = no sample)
    expect: dict[str, Any]  # time -> state, or list of outages
    sites: dict[str, SiteSpec] = {}
    events: dict[str, dict[Literal["down", "up", "suspect", "unknown"], list[str]]] = {}


class RuleSpec(_Spec):
    """One rule of a file."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{1,63}$")
    severity: Literal["critical", "major", "minor", "info"]
    title: Texts
    message: Texts
    next_step: Texts
    select: SelectSpec = SelectSpec()
    when: WhenSpec
    for_: Seconds = Field(0.0, alias="for")
    keep: Seconds = 0.0
    stale: Seconds | None = None
    hours: Literal["always", "teaching"] = "always"
    missing: Literal["hold", "close"] = "hold"
    missing_after: Seconds = 3600.0
    each: Literal["device", "part"] = "device"
    behind: Words = []
    enabled: bool = True
    tests: list[CaseSpec] = []


class FileSpec(_Spec):
    """A rules file."""

    rules: list[RuleSpec] = Field(min_length=1)
