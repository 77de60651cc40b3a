"""Will it fit: one meeting and all others of its time, against lines, trunk, bridges, visitors and recorders. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conference.capacity.figures import Figures
from conference.capacity.finding import Finding, worst_first
from conference.capacity.joining import JoinPlan, plan_joining, seconds_to_join
from conference.capacity.lines import LineNeed, SiteClass, line_findings, line_needs, proposed_classes
from conference.capacity.load import Line, MeetingLoad, SystemLimits, Weighed, peak, weigh
from conference.capacity.servers import (
    BridgeNeed,
    TrunkNeed,
    VisitorPlan,
    bridge_findings,
    bridge_need,
    recorder_findings,
    trunk_findings,
    trunk_need,
    visitor_findings,
    visitor_plan,
)
from core import gettext as _


@dataclass(frozen=True, slots=True)
class CapacityPlan:
    """What a meeting needs at the worst moment of its time, and what is wrong with that, worst first."""

    findings: tuple[Finding, ...]
    lines: tuple[LineNeed, ...]
    trunk: TrunkNeed
    bridges: BridgeNeed
    visitors: VisitorPlan
    recorders_needed: int
    recorders: int | None
    joining: JoinPlan
    classes: tuple[SiteClass, ...]

    @property
    def severity(self) -> str | None:
        """The worst finding's; None when there is none."""
        return self.findings[0].severity if self.findings else None


def plan_capacity(
    meeting: MeetingLoad, others: Sequence[MeetingLoad], limits: SystemLimits, lines: Mapping[int, Line],
    figures: Figures,
) -> CapacityPlan:
    """The plan of a meeting. `others` are the meetings of the same system that are open at the same time."""
    own = Weighed(meeting, weigh(meeting, figures))
    beside = [Weighed(other, weigh(other, figures)) for other in others]
    needs = line_needs(own, beside, lines, figures)
    trunk, bridges = trunk_need(own, beside, limits), bridge_need(own, beside, limits, figures)
    visitors = visitor_plan(own, limits, figures)
    recorders = peak(own, beside, lambda one: one.weight.recorders)
    joining = plan_joining(meeting.seats, meeting.starts_at, meeting.opens_at, limits, figures)
    findings = (
        *line_findings(needs, meeting.seats),
        *trunk_findings(trunk, figures),
        *bridge_findings(bridges, limits, figures),
        *visitor_findings(own, visitors, limits, figures),
        *(recorder_findings(recorders, limits) if own.weight.recorders else ()),
        *_joining_findings(joining, meeting),
    )
    return CapacityPlan(
        worst_first(findings), needs, trunk, bridges, visitors, recorders, limits.recorders, joining,
        proposed_classes(meeting, needs, figures),
    )


def _joining_findings(joining: JoinPlan, meeting: MeetingLoad) -> list[Finding]:
    if joining.ends_at <= meeting.starts_at:
        return []
    minutes = seconds_to_join(len(joining.joins_at), joining.rate) / 60
    return [Finding("joining", "warning", _(
        "%(count)d endpoints need %(minutes)d minutes to join at %(rate)s a second; people are let in %(lead)d minutes"
        " before the start.", count=len(joining.joins_at), minutes=round(minutes), rate=f"{joining.rate:g}",
        lead=round((meeting.starts_at - meeting.opens_at).total_seconds() / 60)),
        _("Let people in earlier, or raise muc_rate_joins in Prosody and enter it in the meeting system."))]
