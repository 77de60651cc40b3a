"""The live board of one meeting now: reads the evidence, asks the live table, and assembles. For pages and the loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np

from conference.live.assembling import Surroundings, assemble
from conference.live.board import Board
from conference.live.causes import DOWN, UNKNOWN, UP
from conference.live.limits import Limits
from conference.live.store.broadcasting import broadcast_now
from conference.live.store.cast import Cast, CastCache
from conference.live.store.reading import Evidence, gather
from conference.live.store.servers import bridges_now
from conference.schedule import Meeting
from core import Session

BATTERY_AGE_S = 900.0  # a school without power cannot tell any more: what its UPS said last counts for a while
UP_AGE_S = 120.0


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the board looks beside the database. `view` is collectors' reachability; each may be None."""

    registry: Any = None
    live: Any = None
    view: Any = None
    limits: Limits = field(default_factory=Limits)
    casts: CastCache = field(default_factory=CastCache)


def live_board(session: Session, sources: Sources, meeting: Meeting, now: datetime) -> Board:
    """Every endpoint of the meeting with its state and cause, groups, bridges, the agenda's moment, the broadcast."""
    cast = sources.casts.get(session, meeting, now)
    board = board_of(session, sources, meeting, cast, gather(session, meeting, cast, now), now)
    return replace(board, broadcast=broadcast_now(session, sources.registry, sources.live, meeting, now))


def board_of(
    session: Session, sources: Sources, meeting: Meeting, cast: Cast, evidence: Evidence, now: datetime
) -> Board:
    """The board out of evidence that was read already."""
    devices = {one for part in cast.parts for one in part.gateway_ids}
    devices |= {part.computer_id for part in cast.parts if part.computer_id is not None}
    ups = {one for part in cast.parts for one in part.ups_ids}
    battery = newest(sources, "ups_on_battery", ups, now, BATTERY_AGE_S)
    around = Surroundings(
        _reach(sources, devices, now), {one: value >= 1.0 for one, value in battery.items()},
        bridges_now(session, sources.registry, sources.live, cast.servers, now), sources.limits,
    )  # fmt: skip
    return assemble(meeting, cast, evidence, around, now)


def _reach(sources: Sources, devices: Iterable[int], now: datetime) -> Callable[[int], str]:
    """Device id to up, down or unknown; where no ping plane runs beside us, by the series device_up."""
    ids = np.array(sorted(devices), np.int64)
    snapshot = getattr(sources.view, "snapshot", None)
    if snapshot is not None and len(snapshot.device):
        words = (UNKNOWN, UP, UP, DOWN)  # collectors' UNKNOWN, UP, SUSPECT, DOWN
        states = {int(one): words[int(state)] for one, state in zip(ids, snapshot.states_of(ids), strict=True)}
    else:
        up = newest(sources, "device_up", set(ids.tolist()), now, UP_AGE_S)
        states = {one: UP if value >= 1.0 else DOWN for one, value in up.items()}
    return lambda device_id: states.get(device_id, UNKNOWN)


def newest(sources: Sources, metric: str, devices: set[int], now: datetime, age_s: float) -> dict[int, float]:
    """Device id to the newest value of a metric, of those that are no older than `age_s`; one pass over its series."""
    registry, live = sources.registry, sources.live
    if registry is None or live is None or not devices:
        return {}
    series = registry.of_metric(metric)
    series = series[series < len(live)]
    owner = registry.device[series]
    fresh = np.isin(owner, np.fromiter(devices, np.int64, len(devices))) & (now.timestamp() - live.at[series] <= age_s)
    fresh &= np.isfinite(live.value[series])
    return dict(zip(owner[fresh].tolist(), live.value[series[fresh]].tolist(), strict=True))
