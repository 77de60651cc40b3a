"""Plans of 18,000 devices: compiling them after surveys, and taking them up again at a restart; memory and time.

The devices are switches of 5 to 52 ports with uneven equipment, so that they share some 240 templates.
"""

from __future__ import annotations

import asyncio
import gc
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

from benchmarks.result import Result
from benchmarks.switches import PORTS, switch
from collectors.profiles import ProfileSet, load_profiles
from collectors.snmp import (
    DeviceState,
    PackedPlan,
    Patience,
    PlanKeeper,
    Poller,
    PollPlan,
    Survey,
    Target,
    TemplateCache,
    build_plan,
    community,
    interpret,
    series_keys,
    survey,
)
from collectors.store.plans import StoredPlan, keep_plan, kept_plans
from core import Database, sqlite_url
from deploy.demo.replay import ReplayAgent, ReplayServer
from inventory import Device, Site, Unit
from telemetry import SeriesRegistry

DEVICES, QUICK_DEVICES = 18_000, 1_000
VARIANTS = 240
MOST_SECONDS, MOST_MEGABYTES = 20.0, 500.0
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def run(quick: bool) -> list[Result]:
    """The figures; the folder is temporary."""
    count = QUICK_DEVICES if quick else DEVICES
    with tempfile.TemporaryDirectory() as folder:
        database = Database(sqlite_url(Path(folder)))
        database.create_all()
        variants = asyncio.run(_variants())
        seconds, kept = _compile_and_keep(database, variants, count)
        database.close()
        # A process of its own, as a restart is: this one would hand out again what compiling has freed
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
            plans, outputs, restored, megabytes = apart.submit(_restart, folder).result()
    if plans != count or kept != count:
        raise RuntimeError(f"{plans} plans came back of {kept} kept and {count} made")
    return [
        Result(f"start with {count:,} plans of the last run, {outputs:,} samples a round", restored, "s",
               budget=f"<= {MOST_SECONDS:g} s", is_within=restored <= MOST_SECONDS),
        Result("memory that these plans take", megabytes, "MB", budget=f"<= {MOST_MEGABYTES:g} MB",
               is_within=megabytes <= MOST_MEGABYTES),
        Result("compiling the same plans out of surveys (spread over the surveys' time)", seconds, "s"),
    ]  # fmt: skip


async def _variants() -> list[Survey]:
    """Surveys of like but not equal switches, each read once over UDP."""
    whole = switch("switch")
    found = []
    for number in range(VARIANTS):
        ports = 5 + number % (PORTS - 4)
        lacking = number // (PORTS - 4)
        agent = ReplayAgent([one for one in whole if _has(one.oid, ports, lacking)])
        with ReplayServer({("127.0.0.1", 0): agent}) as server:
            host, port = server.addresses[0]
            poller = Poller(time.time)
            session = await poller.open_session(Target(host, port), community(), DeviceState(), Patience())
            try:
                found.append(await survey(session, load_profiles(), Patience()))
            finally:
                session.close()
    return found


def _has(arcs: Sequence[int], ports: int, lacking: int) -> bool:
    if tuple(arcs[:7]) not in ((1, 3, 6, 1, 2, 1, 2), (1, 3, 6, 1, 2, 1, 31)) or arcs[-1] == 0:
        return True
    # One column of the last ports is missing, as old firmware has it
    return arcs[-1] <= ports and not (arcs[-2] in (13, 14, 19, 20) and arcs[-1] > ports - lacking)


def _compile_and_keep(database: Database, variants: list[Survey], count: int) -> tuple[float, int]:
    registry = SeriesRegistry(database)
    registry.load()
    ids = list(_devices(database, count))
    profiles, cache = load_profiles(), TemplateCache()
    keeper = PlanKeeper(cache)
    spent, kept = 0.0, 0
    for start in range(0, count, 1000):
        part = ids[start : start + 1000]
        began = time.perf_counter()
        found = {one: _interpreted(profiles, variants[one % VARIANTS]) for one in part}
        spent += time.perf_counter() - began
        series = registry.resolve_many({one: series_keys(found[one]) for one in part})
        began = time.perf_counter()
        packed = {one: keeper.pack(build_plan(found[one], series[one], cache)) for one in part}
        spent += time.perf_counter() - began
        with database.session() as session:
            for one, plan in packed.items():
                keep_plan(session, StoredPlan(one, "w" * 64, "p" * 64, NOW, "ok", "", plan.body, plan.pieces))
                kept += 1
    return spent, kept


def _interpreted(profiles: ProfileSet, variant: Survey) -> Survey:
    return interpret(profiles, variant.profile, variant.matched_by, variant.known)


def _devices(database: Database, count: int) -> Iterator[int]:
    with database.session() as session:
        unit = Unit(name="Sở", kind="department", code="SO", path="/1/")
        session.add(unit)
        session.flush()
        site = Site(unit_id=unit.id, name="Trường", code="TR")
        session.add(site)
        session.flush()
        devices = [Device(site_id=site.id, name=f"SW {n}", address=f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}")
                   for n in range(count)]  # fmt: skip
        session.add_all(devices)
        session.flush()
        yield from [device.id for device in devices]


def _restart(folder: str) -> tuple[int, int, float, float]:
    """(plans, samples a round, seconds, megabytes) of taking up what was kept."""
    database = Database(sqlite_url(Path(folder)))
    load_profiles()
    gc.collect()
    before = _rss_megabytes()
    began = time.perf_counter()
    plans = _restore(database)
    restored = time.perf_counter() - began
    gc.collect()
    megabytes = _rss_megabytes() - before
    database.close()
    return len(plans), sum(len(plan.series) for plan in plans), restored, megabytes


def _restore(database: Database) -> list[PollPlan]:
    keeper = PlanKeeper(TemplateCache())
    with database.reading() as session:
        return [keeper.unpack(PackedPlan(one.body, one.pieces)) for one in kept_plans(session)]


def _rss_megabytes() -> float:
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmRSS in /proc/self/status")
