"""The ping plane: who answers, since when, how fast. It decides reachability before any rule speaks."""

from collectors.ping.core import DOWN, REASONS, STATES, SUSPECT, UNKNOWN, UP, PingRules
from collectors.ping.gateway import connected_networks
from collectors.ping.plane import DeviceTransition, PingPlane, PingTarget, PlaneOutlets
from collectors.ping.sockets import PingRefused, sweep
from collectors.ping.view import Reachability, ReachabilitySnapshot, ReachabilityView

__all__ = [
    "DOWN",
    "REASONS",
    "STATES",
    "SUSPECT",
    "UNKNOWN",
    "UP",
    "DeviceTransition",
    "PingPlane",
    "PingRefused",
    "PingRules",
    "PingTarget",
    "PlaneOutlets",
    "Reachability",
    "ReachabilitySnapshot",
    "ReachabilityView",
    "connected_networks",
    "sweep",
]
