"""Reads the ping plane's snapshot into the order of the graph."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from alerts.graph import Graph
from alerts.outage import UNKNOWN, Reach

CUT_OFF = 3  # the ping plane's reason "collector_cut_off"; a test compares it with the plane's own table


class Snapshot(Protocol):
    """What is read of collectors' ReachabilitySnapshot: arrays of one length, sorted by device id."""

    @property
    def device(self) -> np.ndarray: ...
    @property
    def state(self) -> np.ndarray: ...
    @property
    def reason(self) -> np.ndarray: ...
    @property
    def since(self) -> np.ndarray: ...


class View(Protocol):
    """What is read of collectors' ReachabilityView."""

    @property
    def snapshot(self) -> Snapshot: ...


def read_reach(snapshot: Snapshot, graph: Graph) -> Reach:
    """The verdicts in the graph's order; devices that are not pinged are unknown."""
    size = len(graph.device)
    if not len(snapshot.device) or not size:
        return Reach(np.zeros(size, np.int8), np.full(size, np.nan), np.zeros(size, bool))
    rows = np.minimum(np.searchsorted(snapshot.device, graph.device), len(snapshot.device) - 1)
    is_known = snapshot.device[rows] == graph.device
    state = np.where(is_known, snapshot.state[rows], UNKNOWN).astype(np.int8)
    since = np.where(is_known, snapshot.since[rows], np.nan)
    return Reach(state, since, is_known & (state == UNKNOWN) & (snapshot.reason[rows] == CUT_OFF))
