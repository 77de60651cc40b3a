"""Bridges as their own interface tells of them: the newest series of meeting servers, in one pass a metric."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np

from conference.live.board import BridgeNow
from conference.live.store.cast import Server
from core import Session
from inventory import meeting_server_number

FRESH_S = 45.0  # bridges are asked each 10 s
METRICS = ("jvb_stress_ratio", "meeting_participants", "jvb_in_loss_ratio", "jvb_out_loss_ratio",
           "meeting_server_healthy", "jvb_draining", "jvb_participant_stress_ratio")  # fmt: skip


def bridges_now(
    session: Session, registry: Any, live: Any, servers: Sequence[Server], now: datetime
) -> dict[str, BridgeNow]:
    """Name to what is known of each bridge; empty where nothing is measured."""
    names = {meeting_server_number(one.id): one.name for one in servers if one.kind == "jvb"}
    if registry is None or live is None or not names:
        return {}
    numbers = np.fromiter(names, np.int64, len(names))
    found: dict[str, dict[str, float]] = {}
    for metric in METRICS:
        series = registry.of_metric(metric)
        series = series[series < len(live)]
        owner = registry.device[series]
        fresh = np.isin(owner, numbers) & (now.timestamp() - live.at[series] <= FRESH_S)
        for number, value in zip(owner[fresh].tolist(), live.value[series[fresh]].tolist(), strict=True):
            if value == value:
                found.setdefault(names[number], {})[metric] = value
    return {name: _bridge(name, values) for name, values in found.items()}


def _bridge(name: str, values: dict[str, float]) -> BridgeNow:
    losses = [values[one] for one in METRICS[2:4] if one in values]
    healthy, endpoints = values.get("meeting_server_healthy"), values.get("meeting_participants")
    return BridgeNow(
        name, values.get("jvb_stress_ratio"), int(endpoints) if endpoints is not None else None,
        sum(losses) if losses else None, None if healthy is None else healthy >= 1.0,
        values.get("jvb_draining") == 1.0, each=values.get("jvb_participant_stress_ratio"),
    )  # fmt: skip
