"""A measured world for the tests of pages: series, live values and ping states that a test puts in by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import event

from alerts import Incident, IncidentMember
from collectors import DOWN, SUSPECT, UNKNOWN, UP, ReachabilitySnapshot, ReachabilityView
from core import Database
from inventory import fold
from telemetry import LiveTable, SeriesKey, SeriesRegistry

PING = {"up": UP, "down": DOWN, "suspect": SUSPECT, "unknown": UNKNOWN}
RANKS = {"critical": 0, "major": 1, "minor": 2, "info": 3}


class World:
    """What is measured. `now` is the moment of everything put in, unless said otherwise."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.database, self.now = database, now
        self.registry, self.live, self.view = SeriesRegistry(database), LiveTable(), ReachabilityView()
        self.registry.load()

    def measure(self, device_id: int, values: Mapping[tuple[str, str], float], age_s: float = 5.0) -> None:
        """Put in values: (part, metric) -> value."""
        series = self.registry.resolve(device_id, [SeriesKey(part, metric, 64) for part, metric in values])
        self.live.grow(len(self.registry), self.registry.width)
        self.live.value[series] = list(values.values())
        self.live.at[series] = self.now.timestamp() - age_s

    def ping(self, states: Mapping[int, str], age_s: float = 2.0) -> None:
        """Say who answers ping."""
        devices = np.array(sorted(states), np.int64)
        size, moment = len(devices), self.now.timestamp()
        self.view.publish(
            ReachabilitySnapshot(
                device=devices,
                state=np.array([PING[states[one]] for one in devices.tolist()], np.int8),
                reason=np.array([2 if states[one] == "down" else 0 for one in devices.tolist()], np.int8),
                since=np.full(size, moment - 600),
                rtt=np.full(size, 0.002),
                loss=np.zeros(size),
                taken_at=moment - age_s,
            )
        )


def make_incident(now: datetime, title: str = "Trường số 1 mất liên lạc", **values) -> Incident:
    """An open incident, ready to be added."""
    severity = values.pop("severity", "major")
    cause = values.pop("cause", "device:1")
    started = values.pop("started_at", now - timedelta(minutes=30))
    return Incident(
        **{
            "cause": cause,
            "open_cause": None if values.get("closed_at") else cause,
            "rule_id": "device_down",
            "severity": severity,
            "severity_rank": RANKS[severity],
            "titles": {"vi": title, "en": "A school is dark"},
            "messages": {"vi": f"{title}."},
            "next_steps": {"vi": "Gọi nhà trường."},
            "search_text": fold(title),
            "unit_path": "/1/",
            "started_at": started,
            "opened_at": started,
            "state": "open",
            **values,
        }
    )


def make_member(incident: Incident, device_id: int, unit_path: str, now: datetime) -> IncidentMember:
    """A device behind an incident."""
    return IncidentMember(
        incident_id=incident.id,
        key=f"device:{device_id}",
        device_id=device_id,
        unit_path=unit_path,
        name=f"sw{device_id}",
        joined_at=now,
    )


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that run inside the block."""
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def epoch(moment: datetime) -> int:
    """Epoch milliseconds."""
    return int(moment.astimezone(UTC).timestamp() * 1000)
