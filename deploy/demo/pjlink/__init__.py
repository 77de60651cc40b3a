"""Pretended projectors that speak PJLink, for tests and the demonstration. Nothing here is a real device."""

from deploy.demo.pjlink.projector import Fittings, Projector
from deploy.demo.pjlink.server import Door, Faults, PjlinkServer, answer_searches

__all__ = ["Door", "Faults", "Fittings", "PjlinkServer", "Projector", "answer_searches"]
