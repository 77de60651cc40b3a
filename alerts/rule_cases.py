"""Runs the test cases that stand in a rules file, with the real judge and the real folding over a tiny world."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from alerts.board import STATE_WORDS, UNKNOWN, Board, Restored, build_board
from alerts.graph import build_graph
from alerts.judge import judge
from alerts.labels import DeviceLabel, Labels, SiteLabel
from alerts.outage import DOWN, Outage, OutagePolicy, Reach, find_outages, settle
from alerts.outage import UNKNOWN as UNHEARD
from alerts.rule import Rule
from alerts.rule_spec import CaseSpec, seconds

EPOCH = 1_000_000.0  # any moment: cases speak of seconds after it
MAX_SAMPLES = 100_000
STATES = (*STATE_WORDS, "held", "not_watched")
_STEP = re.compile(r"(?:(_)|([-+0-9.eE]+))(?:x(\d+))?")


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One expectation: what should be and what is."""

    rule_id: str
    case: str
    at: str
    expected: str
    found: str

    @property
    def is_good(self) -> bool:
        """True when both agree."""
        return self.expected == self.found


def run_case(rule: Rule, case: CaseSpec) -> list[CaseResult]:
    """All expectations of one case. Raises ValueError when the case itself cannot be read."""
    return _run_outage_case(rule, case) if rule.outage is not None else _run_series_case(rule, case)


def parse_series(text: str) -> list[float]:
    """"0.5x3 _ 1" -> [0.5, 0.5, 0.5, nan, 1]; nan = no sample. Raises ValueError."""
    values: list[float] = []
    for word in text.split():
        match = _STEP.fullmatch(word)
        if match is None:
            raise ValueError(f"{word!r} is not a value, such as 0.5 or 0.5x10 or _x3")
        count = int((match[3] or "1")[:9])
        if len(values) + count > MAX_SAMPLES:
            raise ValueError(f"more than {MAX_SAMPLES} samples in one case")
        values.extend([float("nan") if match[1] else float(match[2])] * count)
    return values


@dataclass(slots=True)
class _Registry:
    """One device with one series a metric, in the shape of telemetry's registry."""

    metrics: list[str]
    part_names: list[str]
    device: np.ndarray = field(init=False)
    part: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.device = np.ones(len(self.metrics), np.int32)
        self.part = np.zeros(len(self.metrics), np.int32)

    def of_metric(self, name: str) -> np.ndarray:
        return np.array([number for number, metric in enumerate(self.metrics) if metric == name], np.int32)

    def __len__(self) -> int:
        return len(self.metrics)


@dataclass(slots=True)
class _Live:
    value: np.ndarray
    at: np.ndarray


def _run_series_case(rule: Rule, case: CaseSpec) -> list[CaseResult]:
    series = {name: parse_series(text) for name, text in case.series.items()}
    registry = _Registry(list(series), [case.device.part, ""])
    for number, name in enumerate(registry.metrics):
        if any(term.metric == name and term.is_of_device for term in rule.terms) and case.device.part:
            registry.part[number] = 1
    board = build_board([rule], (), _labels_of(case), registry, Restored())
    live = _Live(np.full(len(series), np.nan), np.zeros(len(series)))
    expected = {seconds(at): (at, str(state)) for at, state in case.expect.items()}
    length = max((len(values) for values in series.values()), default=0)
    ticks = sorted({number * case.every for number in range(length)} | expected.keys())
    results: list[CaseResult] = []
    for at in ticks:
        for number, values in enumerate(series.values()):
            step = int(at // case.every)
            if step < len(values) and not np.isnan(values[step]) and at == step * case.every:
                live.value[number], live.at[number] = values[step], EPOCH + at
        judge(board, live, EPOCH + at)
        if at in expected:
            label, state = expected[at]
            results.append(CaseResult(rule.id, case.name, label, state, _state_of(board)))
    return results


def _labels_of(case: CaseSpec) -> Labels:
    device = case.device
    key = (1, device.part)
    return Labels(
        devices={1: DeviceLabel(1, device.name, device.kind, 1, device.vendor, interval_s=device.interval)},
        sites={1: SiteLabel(1, "site", "/1/2/3/")},
        unwatched=frozenset() if device.watched else frozenset({key}),
        uplinks=frozenset({key}) if device.uplink else frozenset(),
    )


def _state_of(board: Board) -> str:
    if not board.compiled:
        return "not_watched"
    one = board.compiled[0]
    state = int(one.state[0])
    return "held" if state == UNKNOWN and one.held[0] else STATE_WORDS[state]


def _run_outage_case(rule: Rule, case: CaseSpec) -> list[CaseResult]:
    labels, names = _outage_labels(case)
    graph, policy = build_graph(labels), OutagePolicy()
    state = np.ones(len(graph.device), np.int8)
    since = np.full(len(graph.device), EPOCH)
    events = {seconds(at): changes for at, changes in case.events.items()}
    expected = {seconds(at): (at, outages) for at, outages in case.expect.items()}
    last = max([*events, *expected], default=0.0)
    if last > MAX_SAMPLES:
        raise ValueError(f"a case lasts {MAX_SAMPLES} seconds at most")
    ticks = sorted({float(at) for at in range(int(last) + 1)} | events.keys() | expected.keys())
    standing: tuple[Outage, ...] = ()
    results: list[CaseResult] = []
    for at in ticks:
        for word, patterns in events.get(at, {}).items():
            rows = [row for row, name in enumerate(names) if any(fnmatch.fnmatch(name, one) for one in patterns)]
            state[rows], since[rows] = ("unknown", "up", "suspect", "down").index(word), EPOCH + at
        reach = Reach(state, since, np.zeros(len(state), bool))
        fresh = find_outages(graph, reach, EPOCH + at, policy)
        down = frozenset(graph.device[(state == DOWN) | (state == UNHEARD)].tolist())
        standing = settle(standing, fresh, down, EPOCH + at, policy).standing
        if at in expected:
            label, wanted = expected[at]
            found = sorted(_named(outage, case, names) for outage in standing)
            results.append(CaseResult(rule.id, case.name, label, _shown(sorted(map(str, wanted))), _shown(found)))
    return results


def _outage_labels(case: CaseSpec) -> tuple[Labels, list[str]]:
    names = [f"{site}.{device}" for site, spec in case.sites.items() for device in spec.devices]
    ids = {name: number for number, name in enumerate(names, start=1)}
    devices: dict[int, DeviceLabel] = {}
    sites: dict[int, SiteLabel] = {}
    for site_id, (site, spec) in enumerate(case.sites.items(), start=1):
        sites[site_id] = SiteLabel(site_id, site, spec.unit, isps=(spec.isp,) if spec.isp else ())
        for device, parent in spec.devices.items():
            parent_id = ids.get(parent if "." in parent else f"{site}.{parent}") if parent else None
            if parent and parent_id is None:
                raise ValueError(f"{site}.{device} hangs on {parent}, which is no device of this case")
            number = ids[f"{site}.{device}"]
            devices[number] = DeviceLabel(
                number, device, spec.kinds.get(device, "switch"), site_id, parent_id=parent_id
            )
    return Labels(devices=devices, sites=sites), names


def _named(outage: Outage, case: CaseSpec, names: Sequence[str]) -> str:
    kind, _, rest = outage.cause.partition(":")
    if kind == "site":
        return f"site:{list(case.sites)[int(rest) - 1]}"
    return f"device:{names[int(rest) - 1]}" if kind == "device" else outage.cause


def _shown(outages: Sequence[str]) -> str:
    return ", ".join(outages) or "nothing"


def check_expectations(rule: Rule, case: CaseSpec) -> list[str]:
    """What is wrong with the case itself: unknown states, series that nothing reads, times that are none."""
    problems: list[str] = []
    for at, state in case.expect.items():
        try:
            seconds(at)
        except ValueError as error:
            problems.append(f"expect {at}: {error}")
        if rule.outage is None and state not in STATES:
            problems.append(f"expect {at}: {state!r} is no state; these are: {', '.join(STATES)}")
        if rule.outage is not None and not isinstance(state, list):
            problems.append(f"expect {at}: write a list of outages, such as [site:a], or []")
    if rule.outage is None:
        problems.extend(f"series {name}: the rule does not read it" for name in case.series if name not in rule.metrics)
        problems.extend(_unreadable(case.series))
    return problems


def _unreadable(series: Mapping[str, str]) -> list[str]:
    problems: list[str] = []
    for name, text in series.items():
        try:
            parse_series(text)
        except ValueError as error:
            problems.append(f"series {name}: {error}")
    return problems


__all__ = ["CaseResult", "check_expectations", "parse_series", "run_case"]
