"""SNMP: find out what a device is, compile what to ask it, ask it, and turn the answers into batches."""

from collectors.snmp.channel import resolve
from collectors.snmp.interfaces import Interface
from collectors.snmp.keeping import PackedPlan, PlanKeeper, UnknownForm
from collectors.snmp.plan import Dropped, PollPlan, PollResult, TemplateCache, Timing
from collectors.snmp.poller import Poller
from collectors.snmp.reading import DeviceReading, Sample, read_device
from collectors.snmp.reasons import REASONS, Failure, explain
from collectors.snmp.session import Session
from collectors.snmp.survey import Survey, build_plan, compile_plan, interpret, series_keys, survey
from collectors.snmp.target import DeviceState, Patience, Target, community

__all__ = [
    "REASONS", "DeviceReading", "DeviceState", "Dropped", "Failure", "Interface", "PackedPlan", "Patience",
    "PlanKeeper", "PollPlan", "PollResult", "Poller", "Sample", "Session", "Survey", "Target", "TemplateCache",
    "Timing", "UnknownForm", "build_plan", "community", "compile_plan", "explain", "interpret", "read_device",
    "resolve", "series_keys", "survey",
]  # fmt: skip
