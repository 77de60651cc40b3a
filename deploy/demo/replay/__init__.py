"""A fake SNMP agent that replays recordings of real devices, for the demonstration, tests and benchmarks."""

from deploy.demo.replay.agent import ReplayAgent
from deploy.demo.replay.faults import NO_FAULTS, Faults
from deploy.demo.replay.live import Motion
from deploy.demo.replay.recording import (
    RecordingError,
    Variable,
    in_order,
    parse_snmprec,
    parse_snmpwalk,
    read_recording,
)
from deploy.demo.replay.server import ReplayServer

__all__ = [
    "NO_FAULTS",
    "Faults",
    "Motion",
    "RecordingError",
    "ReplayAgent",
    "ReplayServer",
    "Variable",
    "in_order",
    "parse_snmprec",
    "parse_snmpwalk",
    "read_recording",
]
