"""One tick: reachability, folding, judging, pipeline, writing.

It compares what is wrong now with the incidents that are open, so that a restart, a failed write or a person's click
in between leave nothing doubled and nothing lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import structlog

from alerts.board import UNKNOWN as NO_DATA
from alerts.board import Board, Restored, SeriesTable, remembered_bits
from alerts.finding import Finding, Firing, cause_of, outage_findings, rule_findings
from alerts.judge import Live, Transition, judge
from alerts.labels import Labels
from alerts.models import Maintenance, Silence
from alerts.outage import DOWN, UNKNOWN, Outage, OutagePolicy, Reach, find_outages, settle
from alerts.override import in_force
from alerts.pipeline import Act, Action, Case, Desk, Known, News, run_pipeline
from alerts.reach import View, read_reach
from alerts.rule import Rule
from alerts.settings import AlertsSettings
from alerts.situation import Situation, build_situation
from alerts.stages import PIPELINE, folds_late
from alerts.store.channels import route_views
from alerts.store.membership import add_folded_finding, leave_folded_finding, members_by_cause
from alerts.store.recording import (
    Writer,
    fold_incident,
    known_incidents,
    prune_closed,
    record_case,
    refresh_standing,
)
from alerts.store.windows import load_memory, save_memory, windows_in_force
from core import CoreSettings, Database, Session

log = structlog.get_logger("alerts")

MEMORY_PAUSE = timedelta(minutes=5)
PRUNE_PAUSE = timedelta(hours=6)


@dataclass(slots=True)
class Watch:
    """The memory of alerts between ticks. Not for two threads at once."""

    database: Database
    registry: SeriesTable
    live: Live
    reachability: View
    settings: AlertsSettings
    core: CoreSettings
    rules: Mapping[str, Rule]
    situation: Situation | None = None
    outages: tuple[Outage, ...] = ()
    firing: dict[tuple[str, int], Firing] = field(default_factory=dict)
    last: dict[str, Finding] = field(default_factory=dict)  # the newest finding of every open cause
    written: dict[str, Finding] = field(default_factory=dict)  # the finding its incident was last written from
    folds: dict[str, str] = field(default_factory=dict)  # outage folded into another, not yet written
    folded: dict[str, str] = field(default_factory=dict)  # finding behind another cause's incident, written
    explained_at: dict[str, datetime] = field(default_factory=dict)  # folded finding -> when it was explained last
    end_reasons: dict[str, str] = field(default_factory=dict)
    saved_at: datetime | None = None
    pruned_at: datetime | None = None

    @property
    def policy(self) -> OutagePolicy:
        """How patient folding is, by the settings."""
        s = self.settings
        return OutagePolicy(
            settle=s.settle_s, hold_max=s.hold_max_s, grace=s.grace_s, neighbour_window=s.neighbour_window_s,
            neighbour_sites=s.neighbour_sites, own_share=s.own_share, spoken=self._spoken_outages(),
        )

    def _spoken_outages(self) -> frozenset[str]:
        """Kinds of outages that some rule in force speaks of: nothing is folded into one that nobody would hear of."""
        overrides = self.situation.overrides if self.situation is not None else ()
        labels = self.situation.labels if self.situation is not None else Labels()
        in_words = (in_force(rule, overrides, None, labels) for rule in self.rules.values() if rule.outage is not None)
        return frozenset(rule.outage for rule in in_words if rule.is_enabled and rule.outage is not None)

    def start(self, now: datetime) -> None:
        """Build everything, and take up what the tables say was going on."""
        with self.database.reading() as session:
            known = known_incidents(session, (), now)
            active = [one for one in known.values() if one.is_cause_active]
            members = members_by_cause(session, [one.cause for one in active])
            restored = Restored(_restored_firing(active, members), load_memory(session))
            self.situation = self._build(session, restored, now)
        self.outages = tuple(_restored_outage(one, members, self.situation) for one in active if _is_outage(one))
        self.firing = self._named(self.situation.firing({}))
        for key in restored.firing - self.firing.keys():
            for one in active:
                if one.rule_id == key[0] and f"series:{key[1]}" in members.get(one.cause, ()):
                    self.end_reasons[one.cause] = "no_longer_watched"

    def tick(self, now: datetime) -> int:
        """Look at everything once; how many incidents were opened, closed or changed."""
        with self.database.reading() as session:
            situation = self._refresh(session, now)
            reach = read_reach(self.reachability.snapshot, situation.graph)
            self._fold(situation, reach, now.timestamp())
            self._judge(situation, now.timestamp())
            findings = self._findings(situation, now.timestamp())
            desk = self._desk(session, situation, reach, findings, now)
        self.folds |= _late_folds(findings, desk)
        cases = self._decide(findings, desk)
        changed = self._changed(findings, desk)
        left = self.folded.keys() - findings.keys()
        count = len(cases) + len(changed) + len(self.folds) + len(left)
        if count or self._is_time_to_keep(now):
            with self.database.session() as session:
                self._write(session, cases, changed, desk)
                for cause in left:
                    leave_folded_finding(session, self.folded[cause], cause, now)
            self.folded = {cause: into for cause, into in self.folded.items() if cause not in left}
            self._forget_written(cases, changed)
        return count

    # what is wrong now

    def _build(self, session: Session, before: Board | Restored, now: datetime) -> Situation:
        moment = (now.timestamp(), self.core.timezone)
        return build_situation(session, self.rules, self.registry, before, moment)

    def _refresh(self, session: Session, now: datetime) -> Situation:
        situation = self.situation
        if situation is None:
            raise RuntimeError("start() was not called")
        if situation.is_old(session, self.registry, now.timestamp()):
            situation = self.situation = self._build(session, situation.board, now)
            before, self.firing = self.firing, self._named(situation.firing(self.firing))
            for key in before.keys() - self.firing.keys():
                gone = before[key]
                self.end_reasons[cause_of(gone.rule, gone.device_id, gone.series)] = "no_longer_watched"
        return situation

    def _named(self, firing: dict[tuple[str, int], Firing]) -> dict[tuple[str, int], Firing]:
        """With the names of the parts, which the board does not keep."""
        return {key: replace(one, part=self._part_of(one.series)) for key, one in firing.items()}

    def _part_of(self, series: int) -> str:
        return self.registry.part_names[int(self.registry.part[series])]

    def _fold(self, situation: Situation, reach: Reach, now: float) -> None:
        fresh = find_outages(situation.graph, reach, now, self.policy)
        if not fresh and not self.outages:
            return
        is_gone = ((reach.state == DOWN) | (reach.state == UNKNOWN)) & situation.graph.is_monitored
        down = frozenset(situation.graph.device[is_gone].tolist())
        settled = settle(self.outages, fresh, down, now, self.policy)
        self.outages = settled.standing
        watched = frozenset(situation.graph.device[situation.graph.is_monitored].tolist())
        for one in settled.ended:
            if one.reason == "folded":
                self.folds[one.outage.cause] = one.into
            elif one.outage.members and not one.outage.members & watched:
                self.end_reasons[one.outage.cause] = "no_longer_watched"

    def _judge(self, situation: Situation, now: float) -> None:
        for told in judge(situation.board, self.live, now):
            key = (told.rule.id, told.series)
            if told.is_end:
                self.firing.pop(key, None)
                if told.before == NO_DATA and np.isnan(told.value):
                    self.end_reasons[cause_of(told.rule, told.device_id, told.series)] = "data_lost"
            else:
                self.firing[key] = self._firing(told)

    def _firing(self, told: Transition) -> Firing:
        old = self.firing.get((told.rule.id, told.series))
        return Firing(
            told.rule, told.series, told.device_id, self._part_of(told.series),
            told.value if not np.isnan(told.value) or old is None else old.value,
            old.since if old else told.since, told.after == NO_DATA,
        )

    def _findings(self, situation: Situation, now: float) -> dict[str, Finding]:
        found = outage_findings(self.outages, situation.outage_rule, situation.labels, now)
        return found | rule_findings(self.firing.values(), situation.labels)

    # what becomes of it

    def _desk(
        self, session: Session, situation: Situation, reach: Reach, findings: dict[str, Finding], now: datetime
    ) -> Desk:
        known = known_incidents(session, findings, now - timedelta(seconds=self.settings.reopen_s))
        open_rules: dict[int, dict[str, str]] = {}
        for one in known.values():
            if one.is_open and one.device_id is not None:
                open_rules.setdefault(one.device_id, {})[one.rule_id] = one.cause
        self.explained_at = {cause: at for cause, at in self.explained_at.items() if cause in findings}
        device, state = situation.graph.device, reach.state
        return Desk(
            now=now, settings=self.settings, labels=situation.labels,
            state_of=lambda device_id: _state_of(device_id, device, state),
            outage_of={member: outage.cause for outage in self.outages for member in outage.members},
            has_lost_own_network=any(outage.kind == "own_network" for outage in self.outages),
            is_teaching=situation.is_teaching(now), is_working=situation.is_working(now, self.core.timezone),
            maintenances=windows_in_force(session, Maintenance, now),
            silences=windows_in_force(session, Silence, now), routes=route_views(session),
            known=known, open_rules=open_rules, explained_at=self.explained_at,
        )

    def _decide(self, findings: Mapping[str, Finding], desk: Desk) -> list[Case]:
        """The pipeline over all news; cases that change nothing are left out. Outages first, then the worst."""
        fired: list[Case] = []
        others: list[Case] = []
        for cause, finding in findings.items():
            known = desk.known.get(cause)
            if cause in self.folds:
                continue
            if known is None or not known.is_open:
                if known is None or not (known.is_cause_active and known.close_reason == "person"):
                    fired.append(Case(News.FIRED, finding, known))
            elif known.announced_at is None:
                others.append(Case(News.STANDS, finding, known))
        fired.sort(key=lambda case: (case.finding.rule.outage is None, case.finding.rank, case.finding.since))
        for known in desk.known.values():
            if known.is_cause_active and known.cause not in findings and known.cause not in self.folds:
                finding = self.last.get(known.cause) or _finding_of(known, self.rules)
                case = Case(News.RETURNED, finding, known)
                case.end_reason = self.end_reasons.get(known.cause, "returned")
                others.append(case)
        decided = [run_pipeline(case, desk, PIPELINE) for case in (*fired, *others)]
        self.explained_at |= {case.finding.cause: desk.now for case in decided if case.folds_into}
        decided = [
            case for case in decided
            if not case.folds_into or self.folded.get(case.finding.cause) != case.folds_into
        ]
        opening = [case for case in decided if case.news is News.FIRED and _is_change(case)]
        rest = [case for case in decided if case.news is not News.FIRED and _is_change(case)]
        return opening[: self.settings.max_new_per_tick] + rest

    def _changed(self, findings: Mapping[str, Finding], desk: Desk) -> list[tuple[Finding, Known]]:
        """Open incidents whose finding is not what was last written."""
        changed: list[tuple[Finding, Known]] = []
        for cause, finding in findings.items():
            known = desk.known.get(cause)
            if known is not None and known.is_open and cause not in self.folds:
                old = self.written.get(cause)
                if old is None or known.returned_at is not None or not _is_same(old, finding):
                    changed.append((finding, known))
        self.last = {cause: finding for cause, finding in self.last.items() if cause in desk.known} | dict(findings)
        return changed

    def _write(
        self, session: Session, cases: Iterable[Case], changed: Iterable[tuple[Finding, Known]], desk: Desk
    ) -> None:
        writer = Writer(desk.labels, desk.now, self.core.public_url, self.core.timezone)
        ids = {cause: known.id for cause, known in desk.known.items() if known.is_open}
        for case in cases:
            if case.folds_into:
                add_folded_finding(session, case.folds_into, case.finding, desk.labels, desk.now)
                continue
            incident_id = record_case(session, case, writer)
            if incident_id is not None and case.action in (Action.OPEN, Action.REOPEN):
                ids[case.finding.cause] = incident_id
        for cause, into in self.folds.items():
            if cause in ids and into in ids:
                fold_incident(session, ids[cause], ids[into], desk.now)
        for finding, known in changed:
            old = self.written.get(finding.cause)
            is_larger = old is not None and len(finding.devices) > len(old.devices)
            refresh_standing(session, finding, known, writer, is_larger)
        self._keep(session, desk.now)

    def _forget_written(self, cases: Iterable[Case], changed: Iterable[tuple[Finding, Known]]) -> None:
        """After the commit: what is written need not be written again."""
        self.folds.clear()
        for case in cases:
            if case.folds_into:
                self.folded[case.finding.cause] = case.folds_into
            elif case.action in (Action.OPEN, Action.REOPEN):
                self.folded.pop(case.finding.cause, None)
                self.written[case.finding.cause] = case.finding
            elif case.action in (Action.CLOSE, Action.FORGET):
                for memory in (self.written, self.last, self.end_reasons):
                    memory.pop(case.finding.cause, None)
        for finding, _known in changed:
            self.written[finding.cause] = finding

    def _is_time_to_keep(self, now: datetime) -> bool:
        return self.saved_at is None or not timedelta() <= now - self.saved_at < MEMORY_PAUSE

    def _keep(self, session: Session, now: datetime) -> None:
        if self.situation is not None and self._is_time_to_keep(now):
            save_memory(session, remembered_bits(self.situation.board), now)
            self.saved_at = now
        if self.pruned_at is None or now - self.pruned_at >= PRUNE_PAUSE:
            prune_closed(session, now, self.settings.keep_closed_days)
            self.pruned_at = now


def _late_folds(findings: Mapping[str, Finding], desk: Desk) -> dict[str, str]:
    """Open incident -> the one that opened a little later and explains it."""
    standing = ((finding, desk.known.get(cause)) for cause, finding in findings.items())
    pairs = ((known.cause, folds_late(finding, known, desk)) for finding, known in standing if known is not None)
    return {cause: into for cause, into in pairs if into and into != cause}


def _is_change(case: Case) -> bool:
    """False for a case that leaves everything as it is."""
    last = case.answers[-1][1]
    if last.act is Act.FOLD:
        return True
    if case.action is Action.MARK_RETURNED:
        return case.known is not None and case.known.returned_at is None
    if case.action is Action.ANNOUNCE and case.known is not None:
        return case.quiet_reason != case.known.quiet_reason
    return case.action is not Action.NONE


def _is_same(old: Finding, new: Finding) -> bool:
    """True when nothing differs that an incident's row shows; the value alone is no reason to write."""
    return (old.devices, old.sites, old.parts, old.is_unknown, old.rank) == (
        new.devices, new.sites, new.parts, new.is_unknown, new.rank
    )


def _state_of(device_id: int, device: np.ndarray, state: np.ndarray) -> int:
    row = int(np.searchsorted(device, device_id))
    return int(state[row]) if row < len(device) and device[row] == device_id else UNKNOWN


def _is_outage(known: Known) -> bool:
    return known.cause == "own_network" or known.cause.startswith(("device:", "site:", "area:"))


def _restored_firing(active: Iterable[Known], members: Mapping[str, set[str]]) -> frozenset[tuple[str, int]]:
    return frozenset(
        (one.rule_id, int(key.removeprefix("series:")))
        for one in active for key in members.get(one.cause, ()) if key.startswith("series:")
    )


def _restored_outage(known: Known, members: Mapping[str, set[str]], situation: Situation) -> Outage:
    keys = members.get(known.cause, set())
    devices = {int(key.removeprefix("device:")) for key in keys if key.startswith("device:")}
    sites = {int(key.removeprefix("site:")) for key in keys if key.startswith("site:")}
    devices |= {one.id for one in situation.labels.devices.values() if one.site_id in sites}
    kind, _, rest = known.cause.partition(":")
    if kind == "site":
        sites = {int(rest)}
    started_at = known.started_at or datetime.fromtimestamp(0, UTC)
    return Outage(
        known.cause, kind, started_at.timestamp(), frozenset(devices & situation.labels.devices.keys()),
        frozenset(sites), known.device_id, known.site_id, rest if kind == "area" else "",
    )


def _finding_of(known: Known, rules: Mapping[str, Rule]) -> Finding:
    """What the tables know of a cause, when the finding itself is gone: a restart lies between."""
    rule = rules.get(known.rule_id) or Rule(known.rule_id, "info", {}, {}, {})
    started_at = known.started_at or datetime.fromtimestamp(0, UTC)
    return Finding(
        known.cause, rule, started_at.timestamp(), known.unit_path, known.device_id, known.site_id,
        devices=frozenset({known.device_id} - {None}),  # type: ignore[arg-type]
    )
