"""What becomes of a finding: a list of stages, each answering with a named reason. Pure: values in, decisions out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from alerts.finding import Finding
from alerts.labels import Labels
from alerts.settings import AlertsSettings


class News(StrEnum):
    """What happened to a cause."""

    FIRED = "fired"        # it is wrong, and no incident is open for it
    STANDS = "stands"      # an incident is open, and nobody has been told
    RETURNED = "returned"  # an incident is open, and the cause is gone


class Act(StrEnum):
    """What a stage says about the rest of the way."""

    GO = "go"        # on to the next stage
    QUIET = "quiet"  # on, but nobody is told
    HOLD = "hold"    # not now; ask again at the next tick
    FOLD = "fold"    # part of another incident
    STOP = "stop"    # nothing more to do


class Action(StrEnum):
    """What the store has to do in the end."""

    NONE = "none"
    OPEN = "open"
    REOPEN = "reopen"
    ANNOUNCE = "announce"
    CLOSE = "close"
    MARK_RETURNED = "mark_returned"  # well, but held open
    FORGET = "forget"                # closed by a person before, now really over


@dataclass(frozen=True, slots=True)
class Known:
    """The newest incident of a cause, as the stages see it."""

    id: int
    cause: str
    rule_id: str
    state: str
    device_id: int | None = None
    site_id: int | None = None
    unit_path: str = "/"
    started_at: datetime | None = None
    is_cause_active: bool = True
    is_flapping: bool = False
    is_unknown: bool = False
    reopen_count: int = 0
    close_reason: str = ""
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    returned_at: datetime | None = None
    announced_at: datetime | None = None
    quiet_reason: str = ""

    @property
    def is_open(self) -> bool:
        """True while the incident is not closed."""
        return self.state != "closed"


@dataclass(frozen=True, slots=True)
class WindowView:
    """A silence or maintenance in force: one target, perhaps one rule."""

    id: int
    reason: str
    device_id: int | None = None
    site_id: int | None = None
    unit_path: str | None = None
    rule_id: str | None = None

    def covers(self, finding: Finding) -> bool:
        """True when all of the finding lies inside the window's target."""
        if self.rule_id is not None and self.rule_id != finding.rule.id:
            return False
        if self.device_id is not None:
            return finding.devices == {self.device_id}
        if self.site_id is not None:
            return finding.site_id == self.site_id and finding.sites <= {self.site_id}
        return self.unit_path is not None and finding.unit_path.startswith(self.unit_path)


@dataclass(frozen=True, slots=True)
class RouteView:
    """Who gets what, ready to compare."""

    id: int
    channel_id: int
    recipient: str
    language: str
    unit_path: str = "/"
    min_rank: int = 2
    device_kinds: frozenset[str] = frozenset()
    rule_ids: frozenset[str] = frozenset()
    hours: str = "always"
    has_recovery: bool = True


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything the stages may look at, read once a tick."""

    now: datetime
    settings: AlertsSettings
    labels: Labels
    state_of: Callable[[int], int] = lambda _device_id: 0  # ping state of a device: alerts.outage's numbers
    outage_of: Mapping[int, str] = field(default_factory=dict)  # device id -> cause of the outage that holds it
    has_lost_own_network: bool = False
    is_teaching: Callable[[str], bool] = lambda _unit_path: True
    is_working: Callable[[str], bool] = lambda _unit_path: True
    maintenances: tuple[WindowView, ...] = ()
    silences: tuple[WindowView, ...] = ()
    routes: tuple[RouteView, ...] = ()
    known: Mapping[str, Known] = field(default_factory=dict)
    explained_at: Mapping[str, datetime] = field(default_factory=dict)  # folded cause -> when that was so last
    open_rules: Mapping[int, Mapping[str, str]] = field(default_factory=dict)  # device id -> rule id -> open cause


@dataclass(frozen=True, slots=True)
class Answer:
    """What one stage said. `detail` names the thing the reason speaks of: a window's reason, a recipient."""

    act: Act
    reason: str
    detail: str = ""


@dataclass(slots=True)
class Case:
    """One finding on its way through the stages; they write their answers and decisions onto it."""

    news: News
    finding: Finding
    known: Known | None = None
    answers: list[tuple[str, Answer]] = field(default_factory=list)
    action: Action = Action.NONE
    folds_into: str = ""
    is_flapping: bool = False
    message: str = ""  # opened | reopened | flapping | recovered; "" = none
    routes: tuple[RouteView, ...] = ()
    quiet_reason: str = ""
    end_reason: str = "returned"

    def answered(self, stage: str) -> str:
        """The reason a stage gave, "" when the case never came that far."""
        return next((answer.reason for name, answer in self.answers if name == stage), "")


Stage = Callable[[Case, Desk], Answer]


def run_pipeline(case: Case, desk: Desk, stages: tuple[Stage, ...]) -> Case:
    """Walk the stages until one stops, holds or folds. The first quiet answer is the reason why nobody was told."""
    for stage in stages:
        answer = stage(case, desk)
        case.answers.append((stage.__name__, answer))
        if answer.act is Act.QUIET and not case.quiet_reason:
            case.quiet_reason = answer.reason
        if answer.act in (Act.HOLD, Act.FOLD, Act.STOP):
            break
    return case
