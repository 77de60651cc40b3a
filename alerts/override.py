"""Other numbers for a rule on some devices: each rule becomes the variants that are in force, one for every device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from alerts.labels import Labels
from alerts.rule import Rule


@dataclass(frozen=True, slots=True)
class Override:
    """The numbers that differ; None keeps the rule's. All three places None = everywhere."""

    rule_id: str
    device_id: int | None = None
    site_id: int | None = None
    unit_path: str | None = None
    is_enabled: bool = True
    threshold: float | None = None
    clear: float | None = None
    for_s: float | None = None
    severity: str | None = None

    @property
    def narrowness(self) -> tuple[int, int]:
        """Sort key: a device beats a site, a site beats a unit, a lower unit beats a higher one."""
        if self.device_id is not None:
            return (3, 0)
        if self.site_id is not None:
            return (2, 0)
        return (1, len(self.unit_path)) if self.unit_path else (0, 0)

    def covers(self, device_id: int, labels: Labels) -> bool:
        """True when the override speaks of this device."""
        if self.device_id is not None:
            return self.device_id == device_id
        if self.site_id is not None:
            device = labels.named(device_id)
            return device is not None and device.site_id == self.site_id
        return self.unit_path is None or labels.unit_path_of(device_id).startswith(self.unit_path)


def apply(rule: Rule, override: Override) -> Rule:
    """The rule with the override's numbers; the threshold is that of the first term."""
    terms = rule.terms
    if terms and (override.threshold is not None or override.clear is not None):
        first = terms[0]
        threshold = first.threshold if override.threshold is None else override.threshold
        # Without an own clear value, the distance between the two stays as the rule has it.
        clear = override.clear if override.clear is not None else threshold - first.threshold + first.clear
        terms = (replace(first, threshold=threshold, clear=clear), *terms[1:])
    return replace(
        rule, terms=terms, is_enabled=override.is_enabled,
        for_s=rule.for_s if override.for_s is None else override.for_s,
        severity=override.severity or rule.severity,
    )


def variants(
    rule: Rule, overrides: Sequence[Override], labels: Labels, numbers: np.ndarray
) -> list[tuple[Rule, np.ndarray | None]]:
    """(rule as it is in force, bool by row of `numbers` where it is, and a last one for unknown devices; None =
    everywhere). Disabled ones are left out."""
    mine = sorted((one for one in overrides if one.rule_id == rule.id), key=lambda one: one.narrowness)
    if not mine:
        return [(rule, None)] if rule.is_enabled else []
    choice = np.full(len(numbers) + 1, -1, np.int32)
    for number, override in enumerate(mine):
        for row, device_id in enumerate(numbers.tolist()):
            if override.covers(device_id, labels):
                choice[row] = number
    found = [(rule, choice == -1), *((apply(rule, one), choice == number) for number, one in enumerate(mine))]
    return [(variant, where) for variant, where in found if variant.is_enabled and where.any()]


def in_force(rule: Rule, overrides: Sequence[Override], device_id: int | None, labels: Labels) -> Rule:
    """The rule as it stands for one device (or for no device: the override of everywhere)."""
    found = rule
    for one in sorted((one for one in overrides if one.rule_id == rule.id), key=lambda one: one.narrowness):
        is_known = device_id is not None and labels.named(device_id) is not None
        if one.narrowness == (0, 0) or (is_known and one.covers(device_id, labels)):
            found = apply(rule, one)
    return found
