"""Readiness of 700 endpoints: reading the tables, the live arrays and four weeks of samples, and judging each."""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.result import Result
from collectors import UP, ReachabilitySnapshot, ReachabilityView
from conference import Meeting, Participant, readiness
from core import Database, sqlite_url
from deploy.demo import meetings
from inventory import Device, Link, Site, Unit
from telemetry import Batch, Ingest, LiveTable, SeriesKey, SeriesRegistry, TelemetrySettings, open_store

START = datetime(2026, 11, 23, 0, 45, tzinfo=UTC)
ENDPOINTS, DAYS, TURNS = 700, 28, 5
BUDGET = 2.0


def run(quick: bool = False) -> list[Result]:
    """The figures. `quick` takes a tenth of the endpoints."""
    count = ENDPOINTS // 10 if quick else ENDPOINTS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = Database(sqlite_url(folder))
        database.create_all()
        _fill(database, count)
        registry, live = SeriesRegistry(database), LiveTable()
        registry.load()
        store = open_store(TelemetrySettings(), folder, registry)
        try:
            instruments = readiness.Instruments(registry, live, _measure(database, registry, live, store), store)
            return _judge(database, instruments)
        finally:
            store.close()
            database.close()


def _fill(database: Database, count: int) -> None:
    with database.session() as session:
        session.add(Unit(name="Sở", kind="department", code="SO", path="/1/"))
        session.flush()
        session.add_all([Unit(name=f"Trường số {n}", kind="primary", code=f"T{n}", parent_id=1, path=f"/1/{n + 1}/")
                         for n in range(1, count + 1)])  # fmt: skip
        session.flush()
        session.add_all([Site(unit_id=n + 1, name=f"Trường số {n} – điểm chính", code=f"S{n}")
                         for n in range(1, count + 1)])  # fmt: skip
        session.flush()
        for kind in ("router", "ups", "projector"):
            session.add_all([Device(site_id=n, name=kind, kind=kind, address=f"10.{n // 250}.{n % 250}.1")
                             for n in range(1, count + 1)])  # fmt: skip
        session.add_all([Link(site_id=n, name="Cáp quang", isp="VNPT", committed_down_bps=50_000_000)
                         for n in range(1, count + 1)])  # fmt: skip
        session.flush()
        meetings.fill(session, START)
        meetings.beat(session, START)


def _measure(database: Database, registry: SeriesRegistry, live: LiveTable, store) -> ReachabilityView:  # noqa: ANN001
    """Four weeks of loss for every router, live values of UPS and projectors, a snapshot of the ping plane."""
    with database.reading() as session:
        kinds = dict(session.query(Device.id, Device.kind).all())
    metric = {"router": "ping_loss_ratio", "ups": "ups_on_battery", "projector": "projector_power"}
    series = registry.resolve_many({one: [SeriesKey("", metric[kind])] for one, kind in kinds.items()})
    ingest, now = Ingest(live, registry, store), START.timestamp()
    everything = np.concatenate(list(series.values()))
    ingest.submit(Batch(everything, np.zeros(len(everything)), now))
    ingest.flush(now)
    loss = np.concatenate([series[one] for one, kind in kinds.items() if kind == "router"])
    chance = np.random.default_rng(7)
    for hour in range(1, DAYS * 24 + 24):
        at = int((now - hour * 3600) * 1000)
        store.append(loss, np.full(len(loss), at, np.int64), chance.random(len(loss)) * 0.02)
    store.flush()
    store.compact(START)
    routers = np.array(sorted(one for one, kind in kinds.items() if kind == "router"), np.int64)
    size = len(routers)
    view = ReachabilityView()
    view.publish(ReachabilitySnapshot(
        routers, np.full(size, UP, np.int8), np.zeros(size, np.int8), np.full(size, now - 3600), np.full(size, 0.02),
        np.zeros(size), now,
    ))
    return view


def _judge(database: Database, instruments: readiness.Instruments) -> list[Result]:
    with database.reading() as session:
        invited = Counter(row[0] for row in session.query(Participant.meeting_id).all())
    meeting_id, count = invited.most_common(1)[0]  # the demonstration's largest meeting
    seconds, saving = [], []
    for turn in range(TURNS):
        now = START + timedelta(seconds=15 * turn)
        with database.session() as session:
            meeting = session.get(Meeting, meeting_id)
            before = perf_counter()
            verdicts = readiness.assess(session, instruments, meeting, now)
            seconds.append(perf_counter() - before)
            assert len(verdicts) >= count - 5  # all but the people without a room
            before = perf_counter()
            readiness.save_verdicts(session, meeting, verdicts, now)
            session.flush()
            saving.append(perf_counter() - before)
    cold, warm, kept = seconds[0], float(np.median(seconds[1:])), float(np.median(saving[1:]))
    return [
        Result(f"readiness of {count} endpoints, first look (four weeks read)", cold, "s", budget=f"<= {BUDGET:g} s",
               is_within=cold <= BUDGET),
        Result(f"readiness of {count} endpoints, each further turn", warm, "s", budget=f"<= {BUDGET:g} s",
               is_within=warm <= BUDGET),
        Result("writing what changed of it", kept, "s"),
    ]  # fmt: skip
