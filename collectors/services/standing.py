"""Whether a service works, out of how its checks go. Pure: no clock, no database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Standing:
    """How one check goes: `is_up` is None until it is known, and False only after enough failures in a row."""

    is_up: bool | None = None
    failures: int = 0
    reason: str = ""
    detail: str = ""

    def note(self, is_ok: bool, down_after: int, reason: str = "", detail: str = "") -> None:
        """Take in how the check ended."""
        self.reason, self.detail = reason, detail
        if is_ok:
            self.is_up, self.failures = True, 0
            return
        self.failures += 1
        if self.failures >= down_after:
            self.is_up = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the service is up (None = unknown), and the check that says why not."""

    is_up: bool | None
    check_id: int | None = None
    reason: str = ""
    detail: str = ""


def judge(needed: str, standings: Mapping[int, Standing]) -> Verdict:
    """`needed` is "all" or "any". A check that was not made yet says nothing as long as another one does."""
    known = {key: one for key, one in standings.items() if one.is_up is not None}
    down = [(key, one) for key, one in known.items() if not one.is_up]
    if not known:
        return Verdict(None)
    if needed == "any" and (len(down) < len(known) or len(known) < len(standings)):
        return Verdict(True if len(down) < len(known) else None)
    if not down:
        return Verdict(True)
    key, worst = max(down, key=lambda pair: (pair[1].failures, -pair[0]))
    return Verdict(False, key, worst.reason, worst.detail)


@dataclass(slots=True)
class Services:
    """All services and how their checks go."""

    needed: dict[int, str] = field(default_factory=dict)
    down_after: dict[int, int] = field(default_factory=dict)
    checks: dict[int, dict[int, Standing]] = field(default_factory=dict)

    def apply(self, services: Iterable[tuple[int, str, int]], checks: Collection[tuple[int, int]]) -> None:
        """These services (id, needed, down_after) with these checks (check, service); what is known of them stays."""
        rows = list(services)
        self.needed = {one: needed for one, needed, _down in rows}
        self.down_after = {one: down for one, _needed, down in rows}
        wanted: dict[int, dict[int, Standing]] = {one: {} for one in self.needed}
        for check_id, service_id in checks:
            if service_id in wanted:
                known = self.checks.get(service_id, {}).get(check_id)
                wanted[service_id][check_id] = known or Standing()
        self.checks = wanted

    def note(self, service_id: int, check_id: int, is_ok: bool, reason: str = "", detail: str = "") -> Verdict | None:
        """Take in how a check ended; the service's verdict, None when the service is not known (any more)."""
        standing = self.checks.get(service_id, {}).get(check_id)
        if standing is None:
            return None
        standing.note(is_ok, self.down_after[service_id], reason, detail)
        return self.verdict(service_id)

    def verdict(self, service_id: int) -> Verdict:
        """How the service stands."""
        return judge(self.needed[service_id], self.checks[service_id])
