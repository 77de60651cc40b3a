"""Will it fit: bandwidth of lines, trunk and bridges, visitors, joining; conflicts of rooms, endpoints and people."""

from conference.capacity.bandwidth import (
    STANDARD,
    PlannedQuality,
    Quality,
    down_bps,
    plan_text,
    read_plan,
    speed_text,
    up_bps,
    with_overhead,
)
from conference.capacity.conflicts import CONFLICT_KINDS, Attendee, Conflict, Proposal, address_key
from conference.capacity.figures import Figures, shipped_figures
from conference.capacity.finding import KINDS, SEVERITY_LABELS, Finding
from conference.capacity.forecast import Moment, worst
from conference.capacity.joining import JoinPlan, Wave, plan_joining
from conference.capacity.lines import LineNeed, SiteClass, ladder_below
from conference.capacity.load import Line, MeetingLoad, Seat, SystemLimits
from conference.capacity.plan import CapacityPlan, plan_capacity
from conference.capacity.servers import BridgeNeed, VisitorPlan
from conference.capacity.store import (
    conflicts,
    forecast_of,
    joining_of,
    keep_plan,
    lines_of_endpoints,
    loads_between,
    plan_meeting,
    proposal_of,
    propose,
    system_limits,
)
from conference.capacity.usage import Usage, line_usage

__all__ = [
    "CONFLICT_KINDS", "KINDS", "SEVERITY_LABELS", "STANDARD", "Attendee", "BridgeNeed", "CapacityPlan", "Conflict",
    "Figures", "Finding", "JoinPlan", "Line", "LineNeed", "MeetingLoad", "Moment", "PlannedQuality", "Proposal",
    "Quality", "Seat", "SiteClass", "SystemLimits", "Usage", "VisitorPlan", "Wave", "address_key", "conflicts",
    "down_bps", "forecast_of", "joining_of", "keep_plan", "ladder_below", "line_usage", "lines_of_endpoints",
    "loads_between", "plan_capacity", "plan_joining", "plan_meeting", "plan_text", "proposal_of", "propose",
    "read_plan", "shipped_figures", "speed_text", "system_limits", "up_bps", "with_overhead", "worst",
]
