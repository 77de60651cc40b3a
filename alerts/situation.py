"""What the watch knows between ticks: rules, labels, graph, board, and when they must be built anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from alerts.board import Board, Restored, SeriesTable, build_board
from alerts.finding import Firing
from alerts.graph import Graph, build_graph
from alerts.labels import Labels
from alerts.outage import Outage
from alerts.override import Override, in_force
from alerts.rule import Rule
from alerts.rule_file import RuleFileError, load_rule_file, load_shipped_rules
from alerts.store.labels import load_labels
from alerts.store.windows import load_overrides, overrides_stamp
from core import Session
from inventory import CalendarView, calendar_views, inventory_version, topology_version
from telemetry import METRICS

GROWTH_PAUSE_S = 30.0  # while a survey adds series by the thousand, the board is built anew at most this often
TOPOLOGY_PAUSE_S = 15.0  # and while graphs of sites are being drawn, at most this often
WORKING_HOURS = (time(7), time(17, 30))


@cache
def _shipped_rules() -> tuple[Rule, ...]:
    """Read once a process: pages ask for them at each visit."""
    return load_shipped_rules(METRICS)


def load_rules(rules_dir: str) -> tuple[Rule, ...]:
    """The shipped rules and those of the own folder; an own rule replaces a shipped one of the same id.

    Raises RuleFileError with the problems of all files.
    """
    rules = {rule.id: rule for rule in _shipped_rules()}
    problems: list[str] = []
    if rules_dir and not Path(rules_dir).is_dir():
        problems.append(f"{rules_dir}: there is no such folder; correct rules_dir (EDUNOC_ALERTS_RULES_DIR)")
    for path in sorted(Path(rules_dir).glob("*.yaml")) if rules_dir else ():
        try:
            rules.update({rule.id: rule for rule in load_rule_file(path, METRICS).rules})
        except RuleFileError as error:
            problems.extend(error.problems)
    if problems:
        raise RuleFileError(problems)
    return tuple(rules.values())


@dataclass(frozen=True, slots=True)
class Situation:
    """One state of rules and inventory, with what was compiled from it."""

    rules: Mapping[str, Rule]
    labels: Labels
    graph: Graph
    overrides: tuple[Override, ...]
    board: Board
    calendars: Mapping[int, CalendarView] = field(default_factory=dict)
    stamp: tuple[object, ...] = ()
    built_at: float = 0.0
    topology: int = 0

    def is_old(self, session: Session, registry: SeriesTable, now: float) -> bool:
        """True when the inventory, the overrides, the sites' graphs or the registry have moved on."""
        if self.stamp != _stamp(session):
            return True
        if self.topology != topology_version(session) and not 0 <= now - self.built_at < TOPOLOGY_PAUSE_S:
            return True
        has_grown = len(registry) != self.board.series_count
        return has_grown and not 0 <= now - self.built_at < GROWTH_PAUSE_S

    def outage_rule(self, outage: Outage) -> Rule | None:
        """The rule that speaks of an outage, as it is in force there."""
        device = self.labels.devices.get(outage.device_id or 0)
        for rule in self.rules.values():
            if rule.outage != outage.kind:
                continue
            takes = outage.kind != "device" or (
                device is not None and rule.selector.takes_device(device.kind, device.vendor, device.name)
            )
            found = in_force(rule, self.overrides, outage.device_id, self.labels)
            if takes and found.is_enabled:
                return found
        return None

    def firing(self, before: Mapping[tuple[str, int], Firing]) -> dict[tuple[str, int], Firing]:
        """Everything the board holds as firing; what was known of it before stays."""
        found: dict[tuple[str, int], Firing] = {}
        for one in self.board.compiled:
            for row in one.held.nonzero()[0].tolist():
                series = int(one.series[row])
                old = before.get((one.rule.id, series))
                found[one.rule.id, series] = Firing(
                    one.rule, series, int(one.device[row]), old.part if old else "",
                    old.value if old else float("nan"), old.since if old else float(one.since[row]),
                    old.is_unknown if old else True,
                )
        return found

    def is_teaching(self, now: datetime) -> Callable[[str], bool]:
        """A question to one moment: is the unit with this path in lessons? Unknown calendars are always in lessons."""
        return lambda unit_path: (
            (view := self._calendar(unit_path)) is None or not view.is_known or view.is_teaching(now)
        )

    def is_working(self, now: datetime, timezone: str) -> Callable[[str], bool]:
        """A question to one moment: do the offices of the unit work?"""
        local = now.astimezone(ZoneInfo(timezone))
        is_open = local.weekday() < 5 and WORKING_HOURS[0] <= local.time() < WORKING_HOURS[1]
        return lambda unit_path: is_open and not (
            (view := self._calendar(unit_path)) is not None and view.is_holiday(now)
        )

    def _calendar(self, unit_path: str) -> CalendarView | None:
        steps = [step for step in unit_path.split("/") if step.isdigit()]
        return self.calendars.get(int(steps[-1])) if steps else None


def build_situation(
    session: Session, rules: Mapping[str, Rule], registry: SeriesTable, before: Board | Restored,
    moment: tuple[float, str],
) -> Situation:
    """Read the inventory and compile everything anew. `moment` is (epoch seconds, time zone)."""
    now, timezone = moment
    stamp, topology = _stamp(session), topology_version(session)
    labels, overrides = load_labels(session), load_overrides(session)
    return Situation(
        rules=rules, labels=labels, graph=build_graph(labels), overrides=overrides,
        board=build_board(tuple(rules.values()), overrides, labels, registry, before),
        calendars=calendar_views(session, timezone), stamp=stamp, built_at=now, topology=topology,
    )


def _stamp(session: Session) -> tuple[object, ...]:
    return inventory_version(session), *overrides_stamp(session)
