"""One thing that planning found out: how bad it is, one sentence about it, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core import N_, LazyText, lazy_gettext

SEVERITIES = ("critical", "warning", "info")  # worst first
SEVERITY_LABELS: dict[str, LazyText] = {
    "critical": lazy_gettext("Will not work"),
    "warning": lazy_gettext("At risk"),
    "info": lazy_gettext("To know"),
}
KINDS: dict[str, str] = {
    "line": N_("School line"),
    "trunk": N_("Line of the servers"),
    "bridge": N_("Bridge"),
    "visitors": N_("Listeners"),
    "recorder": N_("Recorder"),
    "joining": N_("Joining"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """`kind` is a word of KINDS; `text` and `advice` are in the language in which the plan was made."""

    kind: str
    severity: str
    text: str
    advice: str = ""
    endpoint_ids: tuple[int, ...] = ()


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings in the order in which a person should read them."""
    return tuple(sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity)))


def some_of(names: Iterable[str], shown: int = 3) -> str:
    """The first names of many: "THCS A, THCS B, THCS C and 12 more"."""
    listed = list(names)
    text = ", ".join(listed[:shown])
    more = len(listed) - shown
    return text if more <= 0 else str(lazy_gettext("%(names)s and %(count)d more", names=text, count=more))
