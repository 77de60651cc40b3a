"""A finding: something that is wrong now, whether a rule or the ping plane says so. The pipeline decides on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from alerts.labels import Labels
from alerts.outage import Outage
from alerts.rule import SEVERITY_RANK, Rule


@dataclass(frozen=True, slots=True)
class Firing:
    """One (rule, series) that fires; `is_unknown` when its data has stopped since."""

    rule: Rule
    series: int
    device_id: int
    part: str
    value: float
    since: float
    is_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One cause with all that belongs to it. `since` is epoch seconds."""

    cause: str
    rule: Rule
    since: float
    unit_path: str = "/"
    device_id: int | None = None
    site_id: int | None = None
    part: str = ""
    series: int | None = None
    value: float | None = None
    is_unknown: bool = False
    group: str = ""
    devices: frozenset[int] = frozenset()
    sites: frozenset[int] = frozenset()
    parts: tuple[tuple[int, str], ...] = ()  # (series, part) of a rule's finding

    @property
    def rank(self) -> int:
        """Sort key: worst first."""
        return SEVERITY_RANK[self.rule.severity]


def cause_of(rule: Rule, device_id: int, series: int) -> str:
    """The name of a rule's cause: one a device, or one a part where the rule says so."""
    return f"{rule.id}:{device_id}:{series}" if rule.each == "part" else f"{rule.id}:{device_id}"


def rule_findings(firing: Iterable[Firing], labels: Labels) -> dict[str, Finding]:
    """Firing series grouped into findings, the oldest naming the finding's part and value."""
    groups: dict[str, list[Firing]] = {}
    for one in firing:
        groups.setdefault(cause_of(one.rule, one.device_id, one.series), []).append(one)
    found: dict[str, Finding] = {}
    for cause, members in groups.items():
        members.sort(key=lambda one: (one.since, one.series))
        first = members[0]
        device = labels.named(first.device_id)
        found[cause] = Finding(
            cause=cause, rule=first.rule, since=first.since, unit_path=labels.unit_path_of(first.device_id),
            device_id=first.device_id, site_id=(device.site_id or None) if device else None, part=first.part,
            series=first.series, value=None if first.value != first.value else first.value,
            is_unknown=all(one.is_unknown for one in members), devices=frozenset({first.device_id}),
            parts=tuple((one.series, one.part) for one in members),
        )
    return found


def outage_findings(
    outages: Sequence[Outage], rule_of: Callable[[Outage], Rule | None], labels: Labels, now: float
) -> dict[str, Finding]:
    """Standing outages as findings. Those that no rule speaks of, or not yet, are left out."""
    found: dict[str, Finding] = {}
    for outage in outages:
        rule = rule_of(outage)
        if rule is not None and now - outage.since >= rule.for_s:
            found[outage.cause] = Finding(
                cause=outage.cause, rule=rule, since=outage.since, unit_path=_unit_path(outage, labels),
                device_id=outage.device_id, site_id=outage.site_id, group=outage.group,
                devices=outage.members, sites=outage.sites,
            )
    return found


def _unit_path(outage: Outage, labels: Labels) -> str:
    """The lowest unit that holds everything the outage took down."""
    if outage.group.startswith("unit:"):
        return outage.group.removeprefix("unit:")
    if outage.kind == "own_network":
        return "/"
    site_ids = outage.sites | ({outage.site_id} if outage.site_id is not None else set())
    paths = [labels.sites[one].unit_path.split("/") for one in site_ids if one in labels.sites]
    if not paths:
        return "/"
    common: list[str] = []
    for steps in zip(*paths, strict=False):
        if len(set(steps)) > 1:
            break
        common.append(steps[0])
    return "/".join(common).rstrip("/") + "/"
