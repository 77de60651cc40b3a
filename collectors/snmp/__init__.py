"""SNMP: find out what a device is, compile what to ask it, ask it, and turn the answers into batches."""

from collectors.snmp.plan import Dropped, PollPlan, PollResult, TemplateCache, Timing
from collectors.snmp.poller import Poller
from collectors.snmp.reasons import REASONS, Failure, explain
from collectors.snmp.target import DeviceState, Patience, Target, community

__all__ = [
    "REASONS", "DeviceState", "Dropped", "Failure", "Patience", "PollPlan", "PollResult", "Poller", "Target",
    "TemplateCache", "Timing", "community", "explain",
]  # fmt: skip
